//! Comma-separated rows: a header, a time and what was seen then.

use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};
use leeway_engine::Moment;

use crate::exit::Failure;
use crate::series::arg::Binding;
use crate::series::cell::Cell;
use crate::series::file::RowFile;
use crate::series::header::Header;
use crate::series::names::Names;
use crate::series::stream::{Progress, Rows};
use crate::series::time::time;
use crate::series::trouble::{Trouble, unreadable, wrong};

/// The longest row that is read.
const ROW_BYTES_MAX: usize = 1 << 20;

/// How much is read at once.
const BUFFER_BYTES: usize = 1 << 16;

/// A table may have so many columns.
const COLUMNS_MAX: usize = 10_000;

/// The rows of one file.
pub(crate) struct CsvRows {
    path: PathBuf,
    reader: Reader<RowFile>,
    record: ByteRecord,
    header: Header,
    width: usize,
    /// No row that is read next begins before it.
    line: u64,
}

impl CsvRows {
    /// Nothing, where all that the file records is of other policies alone.
    pub(crate) fn open(known: Names<'_>, path: &Path, binding: Option<&Binding>) -> Result<Option<CsvRows>, Failure> {
        let file = RowFile::open(path, ROW_BYTES_MAX)?;
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(BUFFER_BYTES).from_reader(file);
        let mut record = ByteRecord::new();
        next(&mut reader, &mut record, path)?;
        let names = record.iter().map(|name| std::str::from_utf8(name.trim_ascii()));
        let names: Vec<&str> =
            names.collect::<Result<_, _>>().map_err(|_| wrong(path, "is not UTF-8 in its header"))?;
        if let [one] = names.as_slice()
            && let Some(separator) = [(';', "semicolons"), ('\t', "tabs")].iter().find(|(c, _)| one.contains(*c))
        {
            return Err(wrong(path, format!("is separated by {}", separator.1)).help("write it with commas"));
        }
        if names.len() > COLUMNS_MAX {
            return Err(wrong(path, format!("has over {COLUMNS_MAX} columns")));
        }
        let width = names.len();
        let header = Header::read(known, path, &names, binding)?;
        Ok(header.map(|header| CsvRows { path: path.to_owned(), reader, record, header, width, line: 1 }))
    }
}

impl Rows for CsvRows {
    fn read(&mut self, row: &mut Moment) -> Result<bool, Trouble> {
        self.line = self.reader.get_ref().line() + 1;
        if !next(&mut self.reader, &mut self.record, &self.path)? {
            return Ok(false);
        }
        if self.record.len() != self.width {
            let cells = if self.record.len() == 1 { "cell" } else { "cells" };
            let message = format!("it has {} {cells}, and the header has {}", self.record.len(), self.width);
            return Err(Trouble::Row(message));
        }
        let at = cell(&self.record, self.header.time).and_then(time);
        row.begin(at.map_err(|message| Trouble::cell("time", &message))?);
        for (place, column) in &mut self.header.columns {
            let seen = cell(&self.record, *place).and_then(|cell| column.read(cell));
            column.slot.put(row, seen.map_err(|message| Trouble::cell(&column.name, &message))?);
        }
        Ok(true)
    }

    fn place(&self) -> String {
        // A row is named by the line on which it begins, before those that its cells span.
        let spanned = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let last = self.reader.get_ref().line();
        let line = last.saturating_sub(u64::try_from(spanned).unwrap_or(u64::MAX)).max(self.line);
        format!("`{}`, line {line}", self.path.display())
    }

    fn progress(&self) -> Progress {
        self.reader.get_ref().progress()
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.header.columns.iter().flat_map(|(_, column)| column.warnings());
        warnings.map(|warning| format!("`{}`: {warning}", self.path.display())).collect()
    }
}

/// Reads the next record; false at the end.
fn next(reader: &mut Reader<RowFile>, record: &mut ByteRecord, path: &Path) -> Result<bool, Failure> {
    let line = reader.get_ref().line() + 1;
    reader.get_mut().begin_row();
    reader.read_byte_record(record).map_err(|error| {
        if reader.get_ref().is_over() {
            let message = format!("has a row of over {ROW_BYTES_MAX} bytes from line {line} on");
            wrong(path, message).help("is a quote `\"` never closed?")
        } else {
            unreadable(path, error)
        }
    })
}

fn cell(record: &ByteRecord, place: usize) -> Result<Cell<'_>, String> {
    let bytes = record.get(place).unwrap_or_default().trim_ascii();
    if bytes.is_empty() {
        return Ok(Cell::Empty);
    }
    std::str::from_utf8(bytes).map(Cell::Text).map_err(|_| "it is not UTF-8".to_owned())
}
