//! The journal: every change of a tenant is on disk before it is acknowledged, and is there again after a restart.
//!
//! A file of lines, each `<crc32> <record as JSON>`. A last line without its end was never acknowledged and is cut off;
//! any other line that does not fit its checksum is damage, and nothing is guessed from a damaged file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::tenant::TenantState;

/// The first line of every journal.
const HEADER: &str = "leeway-rate-limiter journal 1";

/// From so many lines on, and four times as many as are needed, the file is written anew.
const LINES_MIN: usize = 1_000;
const LINES_PER_RECORD_MAX: usize = 4;

/// Tenants that were made and deleted while it ran need no record to stay away, and so many of them are remembered.
const DELETES_MAX: usize = 1_000;

/// A larger file was not written by this program: with 1000 tenants of 16 patterns the bounds above come to less, even if
/// each letter is written as six.
const JOURNAL_BYTES_MAX: u64 = 256 << 20;

/// Only its owner may read or write the file.
const JOURNAL_MODE: u32 = 0o600;

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Record {
    /// This is how the tenant is now.
    Set(TenantState),
    /// The tenant is no more; this was its version.
    Delete { tenant: String, version: u64 },
}

/// An open journal. Nobody else can open it at the same time.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    bytes: u64,
    lines: usize,
    /// The last record of each tenant.
    last: BTreeMap<String, Record>,
    /// The tenants of the configuration: without its record a deleted one would be there again.
    configured: BTreeSet<String>,
    /// After a failure nobody knows what is on disk: then nothing more is written.
    is_broken: bool,
}

/// Why a journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be opened, read or written.
    #[error("cannot {what} the journal `{path}`: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has it.
    #[error("the journal `{0}` is in use by another rate limiter; give each its own with `--journal`")]
    InUse(PathBuf),
    /// The file is no journal.
    #[error("`{0}` is not a journal of the rate limiter; choose another file with `--journal`")]
    NotAJournal(PathBuf),
    /// A line in the middle is damaged.
    #[error(
        "the journal `{path}` is damaged at line {line}: {why}; restore it from a backup, or move it away to begin with \
         the configured tenants"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// An earlier write failed.
    #[error("an earlier write to the journal `{0}` failed; free space on its disk and restart")]
    Broken(PathBuf),
}

impl Journal {
    /// Opens the journal at `path`, makes one where there is none, and cuts off a last line that was never finished.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |what| move |source| JournalError::Io { what, path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(JOURNAL_MODE);
        let mut file = options.open(path).map_err(failed("open"))?;
        lock(&file, path)?;
        let found = file.metadata().map_err(failed("read"))?;
        if !found.is_file() || found.len() > JOURNAL_BYTES_MAX {
            return Err(JournalError::NotAJournal(path.to_owned()));
        }
        if !is_at(&file, path).map_err(failed("read"))? {
            // Whoever had it has put a shorter one in its place meanwhile.
            return Err(JournalError::InUse(path.to_owned()));
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(failed("read"))?;
        let finished = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (content, torn) = content.split_at(finished);
        if content.is_empty() && !HEADER.as_bytes().starts_with(torn) {
            return Err(JournalError::NotAJournal(path.to_owned()));
        }
        let (last, lines) = read(content, path)?;
        let (path_kept, bytes, configured) = (path.to_owned(), content.len() as u64, BTreeSet::new());
        let mut journal = Self { path: path_kept, file, bytes, lines, last, configured, is_broken: false };
        if !torn.is_empty() {
            tracing::warn!(journal = %path.display(), bytes = torn.len(), "the journal's last line was never finished");
            journal.cut().map_err(failed("shorten"))?;
        }
        if content.is_empty() {
            journal.append_text(&format!("{HEADER}\n")).map_err(failed("write"))?;
            sync_folder(path).map_err(failed("write"))?;
        }
        Ok(journal)
    }

    /// Keeps the deletion of each of these tenants, however many others are deleted.
    pub(crate) fn keep_deletes_of(&mut self, configured: BTreeSet<String>) {
        self.configured = configured;
    }

    /// What the tenants were changed to, the last record of each.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.last.values()
    }

    /// Writes `record`; when this returns it is on disk.
    pub(crate) fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        if self.is_broken {
            return Err(JournalError::Broken(self.path.clone()));
        }
        let written = line(record).and_then(|line| self.append_text(&line));
        if let Err(source) = written {
            // What is left of the line must not stand before the next one. Should that fail too, there is no next one.
            self.is_broken = self.cut().is_err();
            return Err(JournalError::Io { what: "write", path: self.path.clone(), source });
        }
        self.lines += 1;
        self.last.insert(record.tenant().to_owned(), record.clone());
        self.forget_old_deletes();
        if self.lines > LINES_MIN.max(LINES_PER_RECORD_MAX * self.last.len())
            && let Err(error) = self.compact()
        {
            // The record is safe in the long file, which goes on being written.
            tracing::warn!(%error, journal = %self.path.display(), "the journal could not be shortened");
        }
        Ok(())
    }

    /// Forgets the deletes of the lowest versions, which are the oldest.
    fn forget_old_deletes(&mut self) {
        let mut deletes: Vec<(u64, String)> = Vec::new();
        for record in self.last.values() {
            match record {
                Record::Delete { tenant, version } if !self.configured.contains(tenant) => {
                    deletes.push((*version, tenant.clone()));
                }
                Record::Delete { .. } | Record::Set(_) => {}
            }
        }
        let surplus = deletes.len().saturating_sub(DELETES_MAX);
        deletes.sort_unstable();
        for (_, tenant) in deletes.iter().take(surplus) {
            self.last.remove(tenant);
        }
    }

    /// Writes the last record of each tenant to a new file and puts that in the place of the old one.
    fn compact(&mut self) -> io::Result<()> {
        // Beside it, and under a name that no other journal's successor has.
        let mut fresh = self.path.clone().into_os_string();
        fresh.push(".new");
        let fresh = PathBuf::from(fresh);
        let mut text = format!("{HEADER}\n");
        for record in self.last.values() {
            text.push_str(&line(record)?);
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(JOURNAL_MODE).open(&fresh)?;
        file.try_lock()?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, &self.path)?;
        (self.file, self.bytes, self.lines) = (file, text.len() as u64, self.last.len());
        sync_folder(&self.path)
    }

    fn append_text(&mut self, text: &str) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.bytes))?;
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    fn cut(&self) -> io::Result<()> {
        self.file.set_len(self.bytes)?;
        self.file.sync_all()
    }
}

impl Record {
    fn tenant(&self) -> &str {
        match self {
            Self::Set(state) => &state.tenant,
            Self::Delete { tenant, .. } => tenant,
        }
    }
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => JournalError::InUse(path.to_owned()),
        TryLockError::Error(source) => JournalError::Io { what: "lock", path: path.to_owned(), source },
    })
}

/// Whether `path` still names this very file.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (held, named) = (file.metadata()?, fs::metadata(path)?);
    Ok((held.dev(), held.ino()) == (named.dev(), named.ino()))
}

fn line(record: &Record) -> io::Result<String> {
    let json = serde_json::to_string(record)?;
    Ok(format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes())))
}

fn read(content: &[u8], path: &Path) -> Result<(BTreeMap<String, Record>, usize), JournalError> {
    let mut last = BTreeMap::new();
    let mut lines = 0;
    let ended = content.strip_suffix(b"\n").unwrap_or(content);
    for (text, number) in ended.split(|byte| *byte == b'\n').zip(1..).filter(|_| !content.is_empty()) {
        if number == 1 {
            if text != HEADER.as_bytes() {
                return Err(JournalError::NotAJournal(path.to_owned()));
            }
            continue;
        }
        let record = parse(text).map_err(|why| JournalError::Damaged { path: path.to_owned(), line: number, why })?;
        last.insert(record.tenant().to_owned(), record);
        lines += 1;
    }
    Ok((last, lines))
}

fn parse(text: &[u8]) -> Result<Record, String> {
    let (sum, json) = text.split_at_checked(9).ok_or("it is too short")?;
    if sum != format!("{:08x} ", crc32fast::hash(json)).as_bytes() {
        return Err("it does not fit its checksum".to_owned());
    }
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

/// A new name is on disk only when the folder it stands in is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
