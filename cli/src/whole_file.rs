//! Writes a file whole or not at all: who reads it meanwhile sees the old text or the new one.

use std::fs::{Permissions, canonicalize, metadata};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::exit::Failure;

/// What a new file may be read and written by, before the user's mask.
const MODE: u32 = 0o666;

/// Writes `text` to `path`. A link is written through, not replaced, and a file keeps its permissions.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot write `{}`: {error}", path.display()));
    let target = canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = Builder::new().permissions(Permissions::from_mode(MODE)).tempfile_in(folder).map_err(cannot)?;
    if let Ok(known) = metadata(&target) {
        file.as_file().set_permissions(known.permissions()).map_err(cannot)?;
    }
    file.write_all(text.as_bytes()).map_err(cannot)?;
    file.persist(&target).map_err(|error| cannot(error.error)).map(drop)
}
