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
    let bytes = read_bytes(path, DOCUMENT_BYTES_MAX)?;
    parse(&bytes).map_err(|error| refused(path, &error))
}

/// Reads a file, or standard input as `-`, and no more of it than shows that it is longer than it may be.
pub(crate) fn read_bytes(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    let limit = bytes_max as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    } else {
        std::fs::File::open(path).map_err(cannot)?.take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    }
    Ok(bytes)
}

/// A document of these bytes.
pub(crate) fn parse(bytes: &[u8]) -> Result<Node, DocumentError> {
    Node::parse(text(bytes, DOCUMENT_BYTES_MAX)?)
}

/// These bytes as text, if they are no more than there may be.
pub(crate) fn text(bytes: &[u8], bytes_max: usize) -> Result<&str, DocumentError> {
    if bytes.len() > bytes_max {
        return Err(too_long(bytes_max));
    }
    std::str::from_utf8(bytes)
        .map_err(|error| DocumentError::new("$", format!("not UTF-8 from byte {} on", error.valid_up_to())))
}

/// The error of a document that is too long.
pub(crate) fn too_long(bytes_max: usize) -> DocumentError {
    DocumentError::new("$", format!("over {bytes_max} bytes long"))
}

/// Why the document at `path` is refused, in words.
pub(crate) fn refused(path: &Path, error: &DocumentError) -> Failure {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", path.display()) };
    Failure::errors(harmless(&format!("{name}: {error}")))
}
