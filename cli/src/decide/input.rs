//! Documents from files and from standard input, with bounds.

use std::io::Read as _;
use std::path::Path;

use crate::decide::document::{DocumentError, Node};
use crate::exit::Failure;
use crate::terminal::harmless;

/// Documents, and lines of a batch, are at most this long.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// Reads a JSON document; `-` is standard input.
pub(crate) fn read_document(path: &Path) -> Result<Node, Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    let limit = DOCUMENT_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    } else {
        std::fs::File::open(path).map_err(cannot)?.take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    }
    parse(&bytes).map_err(|error| refused(path, &error))
}

/// A document of these bytes.
pub(crate) fn parse(bytes: &[u8]) -> Result<Node, DocumentError> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(too_long());
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DocumentError::new("$", format!("not UTF-8 from byte {} on", error.valid_up_to())))?;
    Node::parse(text)
}

/// The error of a document that is too long.
pub(crate) fn too_long() -> DocumentError {
    DocumentError::new("$", format!("over {DOCUMENT_BYTES_MAX} bytes long"))
}

/// Why the document at `path` is refused, in words.
pub(crate) fn refused(path: &Path, error: &DocumentError) -> Failure {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", path.display()) };
    Failure::errors(harmless(&format!("{name}: {error}")))
}
