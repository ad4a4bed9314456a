//! What the language has but this version does not: recognised, named and dropped whole.

use leeway_diagnostics::{Code, Diagnostic};

use crate::boundary::Block;
use crate::token::Tokens;

/// What is said of the member that begins at `start`, if it belongs to a later version.
pub(crate) fn find(tokens: &Tokens<'_>, block: Block, start: usize) -> Option<Diagnostic> {
    let word = tokens.word(start);
    block.words_later().contains(&word).then(|| {
        let message = format!("`{word}` is not in this version of the language yet");
        Diagnostic::new(Code::E0108, tokens.span(start), message)
            .help("take it out; the rest of the file is read without it")
    })
}
