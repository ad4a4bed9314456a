//! Writes a file whole or not at all: who reads it meanwhile sees the old text or the new one.

use std::fs::{Permissions, canonicalize, metadata};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::exit::Failure;

/// What a new file may be read and written by, before the user's mask.
const MODE: u32 = 0o666;

/// Whether a file can be written there, as far as its folder says, and is none of those that are read.
pub(crate) fn has_place<'a>(path: &Path, mut read: impl Iterator<Item = &'a Path>) -> Result<(), Failure> {
    let folder = folder(path);
    if canonicalize(path).is_ok_and(|target| read.any(|read| canonicalize(read).is_ok_and(|read| read == target))) {
        let failure = Failure::usage(format!("cannot write `{}`: it is what is read here", path.display()));
        return Err(failure.help("give the report a name of its own"));
    }
    if path.is_dir() {
        return Err(Failure::usage(format!("cannot write `{}`: it is a folder", path.display())));
    }
    if !folder.is_dir() {
        let failure =
            Failure::usage(format!("cannot write `{}`: there is no folder `{}`", path.display(), folder.display()));
        return Err(failure.help(format!("`mkdir -p {}` makes it", folder.display())));
    }
    Ok(())
}

/// Writes `text` to `path`. A link is written through, not replaced, a file keeps its permissions, and a
/// device or a pipe is written to.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot write `{}`: {error}", path.display()));
    let target = canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
    // A device or a pipe is written to: a file in its place would be the end of it.
    if metadata(&target).is_ok_and(|known| !known.is_file()) {
        return std::fs::write(&target, text).map_err(cannot);
    }
    let permissions = Permissions::from_mode(MODE);
    let mut file = Builder::new().permissions(permissions).tempfile_in(folder(&target)).map_err(cannot)?;
    if let Ok(known) = metadata(&target) {
        file.as_file().set_permissions(known.permissions()).map_err(cannot)?;
    }
    file.write_all(text.as_bytes()).map_err(cannot)?;
    file.persist(&target).map_err(|error| cannot(error.error)).map(drop)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
