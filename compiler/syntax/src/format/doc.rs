//! What is to be printed: pieces of text, and the places where a line may end.

/// A piece of the output.
#[derive(Debug)]
pub(super) enum Doc<'a> {
    /// A token, as it was written.
    Token(&'a str),
    /// A space that never becomes the end of a line.
    Space,
    /// A place where the line ends if what it stands in does not fit; otherwise `spaces`.
    Line {
        /// How many spaces stand here on one line.
        spaces: usize,
        /// Whether an empty line stands here otherwise.
        blank: bool,
    },
    /// The end of a line, whatever fits.
    Break {
        /// Whether an empty line follows.
        blank: bool,
    },
    /// A comment on a line of its own.
    Comment(&'a str),
    /// A comment behind what stands on its line.
    Trailing(&'a str),
    /// Several pieces.
    Many(Node<'a>),
    /// Pieces whose lines begin further to the right, by so many steps.
    Indent(usize, Node<'a>),
    /// Pieces that stand on one line if they fit.
    Group(Node<'a>),
    /// Pieces of which as many as fit stand on each line; later lines begin further to the right, by so many steps.
    Fill(usize, Node<'a>),
}

/// Pieces, and how much room they take.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub(super) docs: Vec<Doc<'a>>,
    size: Size,
}

/// How much room something takes on one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// All of it, in characters.
    pub(super) flat: usize,
    /// Up to the first place where its line may end.
    pub(super) head: usize,
    /// Whether there is such a place.
    pub(super) open: bool,
    /// Whether it cannot stand on one line.
    pub(super) forced: bool,
}

impl Size {
    fn then(self, next: Size) -> Size {
        Size {
            flat: self.flat.saturating_add(next.flat),
            head: if self.open { self.head } else { self.flat.saturating_add(next.head) },
            open: self.open || next.open,
            forced: self.forced || next.forced,
        }
    }
}

impl<'a> Node<'a> {
    pub(super) fn new(docs: Vec<Doc<'a>>) -> Node<'a> {
        let size = docs.iter().map(Doc::size).fold(Size::default(), Size::then);
        Node { docs, size }
    }

    /// A list of which as many as fit stand on each line.
    fn filled(docs: Vec<Doc<'a>>) -> Node<'a> {
        let line = Doc::Line { spaces: 1, blank: false }.size();
        let all = docs.iter().map(Doc::size).reduce(|all, next| all.then(line).then(next));
        Node { docs, size: all.unwrap_or_default() }
    }

    pub(super) const fn size(&self) -> Size {
        self.size
    }
}

impl<'a> Doc<'a> {
    pub(super) fn line() -> Doc<'a> {
        Doc::Line { spaces: 1, blank: false }
    }

    /// A place where the line may end, with nothing there otherwise.
    pub(super) fn joint() -> Doc<'a> {
        Doc::Line { spaces: 0, blank: false }
    }

    pub(super) fn many(docs: Vec<Doc<'a>>) -> Doc<'a> {
        Doc::Many(Node::new(docs))
    }

    pub(super) fn indent(docs: Vec<Doc<'a>>) -> Doc<'a> {
        Doc::Indent(1, Node::new(docs))
    }

    pub(super) fn group(docs: Vec<Doc<'a>>) -> Doc<'a> {
        Doc::Group(Node::new(docs))
    }

    pub(super) fn fill(steps: usize, docs: Vec<Doc<'a>>) -> Doc<'a> {
        Doc::Fill(steps, Node::filled(docs))
    }

    pub(super) fn size(&self) -> Size {
        match self {
            Doc::Token(text) => {
                let flat = text.chars().count();
                Size { flat, head: flat, open: false, forced: text.contains('\n') }
            }
            Doc::Space => Size { flat: 1, head: 1, ..Size::default() },
            Doc::Line { spaces, .. } => Size { flat: *spaces, head: 0, open: true, forced: false },
            Doc::Break { .. } | Doc::Comment(_) | Doc::Trailing(_) => {
                Size { flat: 0, head: 0, open: true, forced: true }
            }
            Doc::Many(node) | Doc::Indent(_, node) | Doc::Group(node) | Doc::Fill(_, node) => node.size(),
        }
    }
}
