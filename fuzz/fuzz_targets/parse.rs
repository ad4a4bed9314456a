//! Any bytes: the parser answers, and what it reads without a word is formatted once and for all, with its meaning.

#![no_main]

use leeway_diagnostics::{FileId, SourceMap};
use leeway_syntax::{format, parse};
use libfuzzer_sys::fuzz_target;

/// The tree of `text` without places, in which `a(..)` is `a`.
fn meaning(file: FileId, text: &str) -> String {
    let tree = format!("{:?}", parse(file, text).tree);
    let mut pieces = tree.split("Span {");
    let first = pieces.next().unwrap_or_default().to_owned();
    let rest = pieces.map(|piece| piece.split_once('}').map_or(piece, |(_, rest)| rest));
    (first + &rest.collect::<String>()).replace("parameters: [], rest: true", "parameters: [], rest: false")
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let file = SourceMap::default().add("fuzz.leeway", "");
    if let Ok(formatted) = format(file, &text) {
        assert_eq!(meaning(file, &formatted), meaning(file, &text), "{formatted}");
        assert_eq!(format(file, &formatted).as_deref(), Ok(formatted.as_str()));
    }
});
