//! Bundles and keys on disk. What stands here reads policies without the compiler.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use leeway_ir::Policy;
use leeway_ir::bundle::{self, BUNDLE_BYTES_MAX, KeyError, PublicKey, SecretKey};

use crate::config::Config;
use crate::exit::Failure;
use crate::terminal;

/// How the name of a bundle ends.
const ENDING: &str = ".bundle";

/// No file with a key is longer.
const KEY_BYTES_MAX: usize = 64 * 1024;

/// What others than the owner may do to a secret key, of a file's mode: nothing.
const OTHERS: u32 = 0o077;

/// Whether the file is a bundle: it is known by its name.
pub(crate) fn is_bundle(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ENDING))
}

/// The policy of the bundle at `path`; with trusted keys, only if one of them has signed it.
pub(crate) fn read(path: &Path, trusted: &[PublicKey]) -> Result<Policy, Failure> {
    let bytes = bytes(path, BUNDLE_BYTES_MAX)?;
    bundle::read(&bytes, trusted)
        .map_err(|error| Failure::errors(format!("`{}` is refused: {error}", path.display())).help(error.help()))
}

/// The keys whose signature a bundle needs: those of the command line, and those of `leeway.toml`. Without any it needs none.
pub(crate) fn trusted(flags: &[PathBuf], config: &Config) -> Result<Vec<PublicKey>, Failure> {
    let files = flags.iter().cloned().chain(config.trusted());
    files.map(|path| key(&path, PublicKey::from_pem)).collect()
}

/// The key that signs, from its file.
pub(crate) fn secret_key(path: &Path) -> Result<SecretKey, Failure> {
    let read = key(path, SecretKey::from_pem)?;
    let open = std::fs::metadata(path).is_ok_and(|known| known.permissions().mode() & OTHERS != 0);
    if open {
        let shown = path.display();
        terminal::stderr(&format!("others than you can read the secret key `{shown}`: `chmod 600 {shown}`\n"));
    }
    Ok(read)
}

fn key<T>(path: &Path, read: impl Fn(&str) -> Result<T, KeyError>) -> Result<T, Failure> {
    let bytes = bytes(path, KEY_BYTES_MAX)?;
    // What is no text holds no key in PEM.
    read(&String::from_utf8_lossy(&bytes))
        .map_err(|error| Failure::errors(format!("`{}` is no key: {error}", path.display())).help(error.help()))
}

/// The file's bytes; of one that is too long as many as show that.
fn bytes(path: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    let mut bytes = Vec::new();
    let most = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(cannot)?.take(most).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}
