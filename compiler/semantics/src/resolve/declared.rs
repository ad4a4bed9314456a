//! Names of one scope: each is declared once, and no two differ only by `_`.

use std::collections::BTreeMap;

use leeway_diagnostics::{Code, Diagnostic};
use leeway_syntax::ast::Ident;

/// Declarations of one kind in one scope; their places are ids of 16 bits.
pub(super) const DECLARATIONS_MAX: usize = 10_000;

/// Words that are built in where names stand.
pub(super) const BUILT_IN: [&str; 6] = ["current", "actor", "action", "proposal", "any", "disruptive"];

/// `a fact`, `an action`.
fn article(what: &str) -> String {
    let vowel = what.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {what}", if vowel { "an" } else { "a" })
}

/// Reports names that are declared twice or are the language's own. Each comes with what it names (`fact`).
pub(super) fn distinct<'a>(
    names: impl IntoIterator<Item = (&'a Ident, &'static str)>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    // Keyed without `_`: `max_surge` and `maxsurge` would be misread for each other.
    let mut seen: BTreeMap<String, (&Ident, &'static str)> = BTreeMap::new();
    for (count, (name, what)) in names.into_iter().enumerate() {
        if count == DECLARATIONS_MAX {
            let message = format!("more than {DECLARATIONS_MAX} declarations in one place");
            diagnostics.push(Diagnostic::new(Code::E0106, name.span, message));
            return;
        }
        let written = name.node.as_ref();
        if BUILT_IN.contains(&written) {
            let message = format!("`{written}` is a word of the language and cannot be declared");
            diagnostics.push(Diagnostic::new(Code::E0202, name.span, message).help("choose another name"));
        }
        if let Some((first, first_what)) = seen.get(&written.replace('_', "")) {
            diagnostics.push(if first.node == name.node {
                Diagnostic::new(Code::E0202, name.span, format!("the name `{written}` is declared twice"))
                    .label(first.span, format!("first here, as {}", article(first_what)))
                    .help("choose another name")
            } else {
                let message = format!("{what} `{written}` differs only by `_` from {first_what} `{}`", first.node);
                Diagnostic::new(Code::E0202, name.span, message)
                    .label(first.span, "declared here")
                    .help("choose names that cannot be misread for each other")
            });
        } else {
            seen.insert(written.replace('_', ""), (name, what));
        }
    }
}
