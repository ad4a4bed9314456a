//! Colours where a terminal shows them, plain text elsewhere; `NO_COLOR` and pipes are respected.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use comfy_table::{ContentArrangement, Table, presets};
use leeway_units::is_bidirectional;
use terminal_size::{Width, terminal_size_of};

/// Prints text that may hold colours to standard error.
pub(crate) fn stderr(text: &str) {
    // A reader that went away is no error of ours.
    let _ = write!(anstream::stderr(), "{text}");
}

/// Why standard output could not be written to, if it could not.
static UNWRITTEN: OnceLock<String> = OnceLock::new();

/// Prints text that may hold colours to standard output. What cannot be written makes the command fail at its end, unless its reader
/// went away.
pub(crate) fn stdout(text: &str) {
    let mut out = anstream::stdout();
    if let Err(error) = write!(out, "{text}").and_then(|()| out.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = UNWRITTEN.set(error.to_string());
    }
}

/// Why something is missing on standard output, if it is.
pub(crate) fn unwritten() -> Option<&'static str> {
    UNWRITTEN.get().map(String::as_str)
}

/// Whether a person may be there to answer.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// A table whose cells wrap where standard output is a terminal; what goes into a file or another program stays on its lines.
pub(crate) fn table() -> Table {
    let mut table = Table::new();
    *table.style_mut() = presets::UTF8_BORDERS_ONLY;
    table.set_content_arrangement(ContentArrangement::Disabled);
    if let Some((Width(width), _)) = terminal_size_of(std::io::stdout()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
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
