//! The admin bearer token: one file, read anew for each request, so that a rotation needs no restart.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use subtle::ConstantTimeEq;
use thiserror::Error;

/// The fewest bytes a token may have: a shorter one, and above all an empty file, opens nothing.
pub const TOKEN_BYTES_MIN: usize = 16;

/// The most bytes read from the file.
pub const TOKEN_BYTES_MAX: u64 = 4 * 1024;

/// Random bytes in a fresh token; it is written in twice as many hexadecimal digits.
const TOKEN_RANDOM_BYTES: usize = 32;

/// Only its owner may read or write the file.
const TOKEN_FILE_MODE: u32 = 0o600;

/// A file that holds the token.
#[derive(Debug, Clone)]
pub struct TokenFile {
    path: PathBuf,
}

/// Why there is no token to compare with.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The file cannot be made.
    #[error("cannot create the admin token file `{path}`: {source}")]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the admin token file `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file holds too little.
    #[error("the admin token file `{path}` holds fewer than 16 bytes; remove it to get a fresh token")]
    TooShort {
        /// The file.
        path: PathBuf,
    },
    /// The file holds too much.
    #[error("the admin token file `{path}` holds more than 4 KiB; is it the right file?")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
}

impl TokenFile {
    /// Takes the file at `path`; where there is none, makes one with a fresh random token that only its owner can read.
    ///
    /// # Errors
    /// When the file cannot be made or read, or holds no usable token.
    pub fn open_or_create(path: &Path) -> Result<Self, TokenError> {
        let file = Self { path: path.to_owned() };
        file.create_if_missing().map_err(|source| TokenError::Create { path: path.to_owned(), source })?;
        file.read()?;
        file.warn_if_shared();
        Ok(file)
    }

    /// Whether `presented` is the token that is in the file now.
    ///
    /// # Errors
    /// When the file cannot be read or holds no usable token.
    pub fn matches(&self, presented: &[u8]) -> Result<bool, TokenError> {
        // The comparison takes the same time wherever the two differ, so that a token cannot be guessed byte by byte.
        Ok(bool::from(self.read()?.as_slice().ct_eq(presented)))
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn create_if_missing(&self) -> io::Result<()> {
        let created = OpenOptions::new().write(true).create_new(true).mode(TOKEN_FILE_MODE).open(&self.path);
        let mut file = match created {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            created => created?,
        };
        let mut random = [0_u8; TOKEN_RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        token.push('\n');
        file.write_all(token.as_bytes())?;
        file.sync_all()
    }

    fn read(&self) -> Result<Vec<u8>, TokenError> {
        let path = || self.path.clone();
        let mut bytes = Vec::new();
        File::open(&self.path)
            .and_then(|file| file.take(TOKEN_BYTES_MAX + 1).read_to_end(&mut bytes))
            .map_err(|source| TokenError::Read { path: path(), source })?;
        let token = bytes.trim_ascii();
        if bytes.len() as u64 > TOKEN_BYTES_MAX {
            Err(TokenError::TooLong { path: path() })
        } else if token.len() < TOKEN_BYTES_MIN {
            Err(TokenError::TooShort { path: path() })
        } else {
            Ok(token.to_owned())
        }
    }

    fn warn_if_shared(&self) {
        let others_may = fs::metadata(&self.path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
        if others_may {
            tracing::warn!(file = %self.path.display(), "the admin token file is open to others; `chmod 600` it");
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;

    #[test]
    fn a_missing_file_is_made_for_its_owner_alone_and_then_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.token");
        let file = TokenFile::open_or_create(&path).unwrap();
        let token = fs::read_to_string(&path).unwrap();
        assert_eq!(token.trim().len(), 2 * TOKEN_RANDOM_BYTES);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, TOKEN_FILE_MODE);
        assert!(file.matches(token.trim().as_bytes()).unwrap());
        TokenFile::open_or_create(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), token);
    }

    #[test]
    fn a_rotated_token_counts_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.token");
        fs::write(&path, "first-token-of-many\n").unwrap();
        let file = TokenFile::open_or_create(&path).unwrap();
        assert!(file.matches(b"first-token-of-many").unwrap());
        fs::write(&path, "second-token-of-many").unwrap();
        assert!(!file.matches(b"first-token-of-many").unwrap());
        assert!(file.matches(b"second-token-of-many").unwrap());
    }

    #[test]
    fn an_empty_or_a_huge_file_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.token");
        fs::write(&path, "\n").unwrap();
        assert!(matches!(TokenFile::open_or_create(&path), Err(TokenError::TooShort { .. })));
        fs::write(&path, "x".repeat(5000)).unwrap();
        assert!(matches!(TokenFile::open_or_create(&path), Err(TokenError::TooLong { .. })));
        let file = TokenFile { path };
        assert!(file.matches(b"").is_err());
    }
}
