//! What the compiler found: one value, from which every rendering is made.

use crate::code::{Code, Severity};
use crate::span::Span;

/// A finding with its place, its reason and what to do next.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Which finding it is; the code fixes its severity.
    pub code: Code,
    /// What is wrong, in one lower-case sentence with the user's words in backticks.
    pub message: String,
    /// The place, with what to see there (may be empty).
    pub primary: Label,
    /// Other places that matter.
    pub labels: Vec<Label>,
    /// What else there is to know, of places that are in no source here.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Option<String>,
    /// Changes that would mend it.
    pub fixes: Vec<Fix>,
}

/// A place and what to see there.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to see there; empty marks the place alone.
    pub message: String,
}

/// A change that would mend the finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What the change does.
    pub title: String,
    /// Whether this is what was meant for certain; a name that is merely near is a guess, for people to take.
    pub certain: bool,
    /// Its edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// A replacement of one run of bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

impl Diagnostic {
    /// A finding of kind `code` at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            primary: Label { span, message: String::new() },
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// Says what to see at the place.
    #[must_use]
    pub fn marked(mut self, message: impl Into<String>) -> Diagnostic {
        self.primary.message = message.into();
        self
    }

    /// Shows another place.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Tells something that no place here shows.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Offers to replace `span`.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.fixes.push(Fix { title: title.into(), certain: true, edits });
        self
    }

    /// Offers to replace `span` by what was likely meant.
    #[must_use]
    pub fn guess(mut self, title: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.fixes.push(Fix { title: title.into(), certain: false, edits });
        self
    }

    /// Whether it stops compilation.
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }
}
