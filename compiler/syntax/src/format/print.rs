//! Pieces to text: a group stands on one line if it fits, and each of its lines ends where it can if it does not.

use super::doc::{Doc, Node};

/// The longest line, in characters, where there is a place to end it.
const WIDTH: usize = 100;

/// One step to the right.
const STEP: &str = "  ";

/// What stands before a comment behind something.
const BEFORE_COMMENT: usize = 2;

/// Whether lines may end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    Broken,
}

/// What has been printed. White space is put off until something follows it, so that none ends a line.
#[derive(Default)]
pub(super) struct Printer {
    text: String,
    /// Characters on the last line.
    column: usize,
    spaces: usize,
    /// Whether a line ends here, and how far to the right the next begins.
    newline: Option<usize>,
    /// Whether an empty line follows.
    blank: bool,
}

impl Printer {
    pub(super) fn print(&mut self, doc: &Doc<'_>, steps: usize) {
        self.doc(doc, Mode::Broken, steps, 0);
    }

    /// Whether what follows begins a line anyway.
    pub(super) const fn is_line_ended(&self) -> bool {
        self.newline.is_some()
    }

    /// What was printed, as a file.
    pub(super) fn finish(mut self) -> String {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text
    }

    /// Prints `doc`; `behind` is the room that what follows takes on its last line.
    fn doc(&mut self, doc: &Doc<'_>, mode: Mode, steps: usize, behind: usize) {
        match doc {
            Doc::Token(text) => self.token(text),
            Doc::Space => self.spaces = 1,
            Doc::Line { spaces, .. } if mode == Mode::Flat => self.spaces = *spaces,
            Doc::Line { blank, .. } | Doc::Break { blank } => {
                self.newline = Some(steps);
                self.blank |= blank;
            }
            Doc::Comment(text) => {
                let steps = *self.newline.get_or_insert(steps + 1);
                self.token(text);
                self.newline = Some(steps);
            }
            Doc::Trailing(text) => {
                self.spaces = BEFORE_COMMENT;
                self.token(text);
                self.newline = Some(steps + 1);
            }
            Doc::Many(node) => self.node(node, mode, steps, behind),
            Doc::Indent(by, node) => self.node(node, mode, steps + by, behind),
            Doc::Group(node) => {
                let size = node.size();
                let fits = !size.forced && self.column() + size.flat + behind <= WIDTH;
                let mode = if mode == Mode::Flat || fits { Mode::Flat } else { Mode::Broken };
                self.node(node, mode, steps, behind);
            }
            Doc::Fill(by, node) => self.fill(node, mode, steps, *by, behind),
        }
    }

    fn node(&mut self, node: &Node<'_>, mode: Mode, steps: usize, behind: usize) {
        // From the last to the first, so that each is looked at once.
        let mut room = behind;
        let mut rooms: Vec<usize> = Vec::with_capacity(node.docs.len());
        for doc in node.docs.iter().rev() {
            rooms.push(room);
            let size = doc.size();
            room = if size.open { size.head } else { size.flat.saturating_add(room) };
        }
        for (doc, room) in node.docs.iter().zip(rooms.into_iter().rev()) {
            self.doc(doc, mode, steps, room);
        }
    }

    fn fill(&mut self, node: &Node<'_>, mode: Mode, steps: usize, by: usize, behind: usize) {
        let last = node.docs.len().saturating_sub(1);
        let mut now = steps;
        for (number, doc) in node.docs.iter().enumerate() {
            let room = if number == last { behind } else { 0 };
            if number > 0 {
                let size = doc.size();
                let fits = !size.forced && self.column() + 1 + size.flat + room <= WIDTH;
                if mode == Mode::Flat || fits && self.newline.is_none() {
                    self.spaces = 1;
                } else {
                    now = steps + by;
                    self.newline = Some(now);
                }
            }
            self.doc(doc, mode, now, room);
        }
    }

    /// Where the next token would begin.
    fn column(&self) -> usize {
        self.newline.map_or(self.column + self.spaces, |steps| steps * STEP.len())
    }

    fn token(&mut self, text: &str) {
        if let Some(steps) = self.newline.take() {
            if !self.text.is_empty() {
                self.text.push_str(if self.blank { "\n\n" } else { "\n" });
            }
            self.column = 0;
            self.spaces = steps * STEP.len();
        }
        self.text.extend(std::iter::repeat_n(' ', self.spaces));
        self.column += self.spaces;
        self.spaces = 0;
        self.blank = false;
        match text.rfind('\n') {
            None => {
                self.text.push_str(text);
                self.column += text.chars().count();
            }
            Some(end) => {
                self.text.push_str(&text.replace("\r\n", "\n"));
                self.column = text.get(end + 1..).unwrap_or_default().chars().count();
            }
        }
    }
}
