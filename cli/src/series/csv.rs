//! Comma-separated rows: a header, a time and what was seen then.

use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};
use leeway_engine::Moment;
use leeway_ir::Policy;

use crate::exit::Failure;
use crate::series::arg::Binding;
use crate::series::cell::Cell;
use crate::series::file::RowFile;
use crate::series::header::Header;
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
    /// As a spreadsheet counts them, the header first; lines are no rows where cells span several.
    rows_read: u64,
}

impl CsvRows {
    pub(crate) fn open(policy: &Policy, path: &Path, binding: Option<&Binding>) -> Result<CsvRows, Failure> {
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
        let header = Header::read(policy, path, &names, binding)?;
        let width = names.len();
        Ok(CsvRows { path: path.to_owned(), reader, record, header, width, rows_read: 1 })
    }
}

impl Rows for CsvRows {
    fn read(&mut self, row: &mut Moment) -> Result<bool, Trouble> {
        if !next(&mut self.reader, &mut self.record, &self.path)? {
            return Ok(false);
        }
        self.rows_read += 1;
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
        format!("`{}`, row {}", self.path.display(), self.rows_read)
    }

    fn progress(&self) -> Progress {
        self.reader.get_ref().progress()
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.header.columns.iter().filter_map(|(_, column)| column.warning());
        warnings.map(|warning| format!("`{}`: {warning}", self.path.display())).collect()
    }
}

/// Reads the next record; false at the end.
fn next(reader: &mut Reader<RowFile>, record: &mut ByteRecord, path: &Path) -> Result<bool, Failure> {
    reader.get_mut().begin_row();
    reader.read_byte_record(record).map_err(|error| {
        if reader.get_ref().is_over() {
            let line = reader.position().line();
            let message = format!("has a row of over {ROW_BYTES_MAX} bytes around line {line}");
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
