//! A file that is read as a stream of rows: how far, and no row without end.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read};
use std::path::Path;

use crate::exit::Failure;
use crate::series::stream::Progress;
use crate::series::trouble::{unreadable, wrong};

/// So much of a file tells what it is.
const PROBE_BYTES: u64 = 4;

/// A file whose rows are bounded.
pub(crate) struct RowFile {
    input: BufReader<io::Chain<Cursor<Vec<u8>>, File>>,
    progress: Progress,
    /// The lines that were given, in whole or in part.
    lines: u64,
    is_within_line: bool,
    row_bytes_max: usize,
    /// How much may still be read before the next row begins.
    left: usize,
}

impl RowFile {
    /// Opens a file of text. One that is empty, packed or no UTF-8 says so at once.
    pub(crate) fn open(path: &Path, row_bytes_max: usize) -> Result<RowFile, Failure> {
        let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
        let total = file.metadata().map_or(0, |metadata| if metadata.is_file() { metadata.len() } else { 0 });
        let mut first = Vec::new();
        (&mut file).take(PROBE_BYTES).read_to_end(&mut first).map_err(|error| unreadable(path, error))?;
        match first.as_slice() {
            [] => return Err(wrong(path, "is empty")),
            [0x1f, 0x8b, ..] => return Err(wrong(path, "is packed with gzip").help("unpack it first, with `gunzip`")),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(wrong(path, "is UTF-16").help("save it as UTF-8")),
            b"PAR1" => return Err(wrong(path, "is a Parquet file").help("let its name end in `.parquet`")),
            _ => {}
        }
        let progress = Progress { done: 0, total };
        let input = BufReader::new(Cursor::new(first).chain(file));
        Ok(RowFile { input, progress, lines: 0, is_within_line: false, row_bytes_max, left: row_bytes_max })
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// The line that was given last, as an editor counts; 0 before the first.
    pub(crate) fn line(&self) -> u64 {
        self.lines
    }

    /// The next row begins here; what was given ahead of it counts for the one before.
    pub(crate) fn begin_row(&mut self) {
        self.left = self.row_bytes_max;
    }

    /// Whether the row grew over its bound.
    pub(crate) fn is_over(&self) -> bool {
        self.left == 0
    }
}

impl Read for RowFile {
    /// Gives no more than the rest of one line, so that whoever has taken in a row knows on which line it ends.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("the row is too long"));
        }
        let ready = self.input.fill_buf()?;
        let room = buffer.len().min(self.left).min(ready.len());
        let line = ready.get(..room).unwrap_or_default().split_inclusive(|byte| *byte == b'\n').next();
        let Some(line) = line else { return Ok(0) };
        let (read, ends) = (line.len(), line.ends_with(b"\n"));
        buffer.get_mut(..read).unwrap_or_default().copy_from_slice(line);
        self.input.consume(read);
        self.lines += u64::from(!self.is_within_line);
        self.is_within_line = !ends;
        self.left -= read;
        self.progress.done += read as u64;
        Ok(read)
    }
}
