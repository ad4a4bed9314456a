//! Where something is wrong, what it is and what to do next; and how that is shown.

mod code;
mod diagnostic;
mod line_index;
mod nearest;
pub mod render;
mod source_map;
mod span;
mod view;

pub use code::{Code, CodeInfo, Severity};
pub use diagnostic::{Diagnostic, Edit, Fix, Label};
pub use line_index::{LineIndex, Position};
pub use nearest::nearest;
pub use source_map::{SourceFile, SourceMap};
pub use span::{FileId, Span, Spanned};
pub use view::{Copied, Piece, View};
