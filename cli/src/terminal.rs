//! Colours where a terminal shows them, plain text elsewhere; `NO_COLOR` and pipes are respected.

use std::io::{IsTerminal as _, Write as _};

use leeway_units::is_bidirectional;

/// Prints text that may hold colours to standard error.
pub(crate) fn stderr(text: &str) {
    // A reader that went away is no error of ours.
    let _ = write!(anstream::stderr(), "{text}");
}

/// Prints text that may hold colours to standard output.
pub(crate) fn stdout(text: &str) {
    let mut out = anstream::stdout();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Whether a person may be there to answer.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Text from outside with everything that could move the cursor, change the terminal or reorder what is read shown as text.
pub(crate) fn harmless(text: &str) -> String {
    let hides = |c: char| c.is_control() || is_bidirectional(c);
    text.chars().flat_map(|c| if hides(c) { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// How many of something: `1 error`, `2 errors`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
