//! What can be wrong while a history is read: one row, or all of it.

use std::fmt::Display;
use std::path::Path;

use crate::exit::Failure;
use crate::terminal::harmless;

/// A message is at most so many characters long: cells may hold anything.
const MESSAGE_LENGTH_MAX: usize = 400;

/// Why reading stopped.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// This row cannot be used; the next one can be read.
    Row(String),
    /// Nothing more can be read.
    End(Failure),
}

impl Trouble {
    /// A cell that cannot be used.
    pub(crate) fn cell(column: &str, message: &str) -> Trouble {
        Trouble::Row(format!("column `{column}`: {message}"))
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::End(failure)
    }
}

/// Text that may quote a file, as it is shown: nothing that moves a cursor, and not without end.
pub(crate) fn shown(message: &str) -> String {
    let mut text = harmless(message);
    if let Some((end, _)) = text.char_indices().nth(MESSAGE_LENGTH_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// What is wrong with the file as a whole.
pub(crate) fn wrong(path: &Path, message: impl Display) -> Failure {
    Failure::errors(shown(&format!("`{}` {message}", path.display())))
}

/// The file cannot be read.
pub(crate) fn unreadable(path: &Path, error: impl Display) -> Failure {
    Failure::usage(shown(&format!("cannot read `{}`: {error}", path.display())))
}
