//! One column of a Parquet file, decoded so many rows at a time.

use jiff::Timestamp;
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, Int96};
use parquet::errors::Result;
use parquet::file::reader::RowGroupReader;

use crate::series::cell::Cell;

/// What the numbers, bits and bytes of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Bool,
    Number,
    Unsigned,
    Text,
    /// Whole units of time since 1970.
    Time {
        unit_ns: i64,
    },
}

/// A column.
pub(crate) struct Lane {
    /// Its place in the schema.
    place: usize,
    content: Content,
    /// How deep its values lie. Above 0 each row has a level, and only those of this level have a value.
    depth: i16,
    reader: Option<ColumnReader>,
    levels: Vec<i16>,
    values: Values,
    rows_taken: usize,
    values_taken: usize,
    /// Whether the row that was advanced to has a value, the last that was taken.
    is_null: bool,
}

enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
}

impl Lane {
    pub(crate) fn new(place: usize, content: Content, depth: i16) -> Lane {
        let (levels, values) = (Vec::new(), Values::Bool(Vec::new()));
        Lane { place, content, depth, reader: None, levels, values, rows_taken: 0, values_taken: 0, is_null: true }
    }

    /// Goes on with this row group.
    pub(crate) fn begin(&mut self, group: &dyn RowGroupReader) -> Result<()> {
        self.reader = Some(group.get_column_reader(self.place)?);
        Ok(())
    }

    /// Decodes so many rows, or as many as there are, in place of those before.
    pub(crate) fn decode(&mut self, rows: usize) -> Result<usize> {
        (self.rows_taken, self.values_taken) = (0, 0);
        self.levels.clear();
        let levels = &mut self.levels;
        let depth = self.depth;
        macro_rules! decode {
            ($reader:expr, $kind:path) => {{
                let mut values = match std::mem::replace(&mut self.values, Values::Bool(Vec::new())) {
                    $kind(mut values) => {
                        values.clear();
                        values
                    }
                    _ => Vec::new(),
                };
                let mut read = 0;
                while read < rows {
                    let levels = (depth > 0).then_some(&mut *levels);
                    let (records, ..) = $reader.read_records(rows - read, levels, None, &mut values)?;
                    if records == 0 {
                        break;
                    }
                    read += records;
                }
                self.values = $kind(values);
                Ok(read)
            }};
        }
        match &mut self.reader {
            None => Ok(0),
            Some(ColumnReader::BoolColumnReader(reader)) => decode!(reader, Values::Bool),
            Some(ColumnReader::Int32ColumnReader(reader)) => decode!(reader, Values::Int32),
            Some(ColumnReader::Int64ColumnReader(reader)) => decode!(reader, Values::Int64),
            Some(ColumnReader::Int96ColumnReader(reader)) => decode!(reader, Values::Int96),
            Some(ColumnReader::FloatColumnReader(reader)) => decode!(reader, Values::Float),
            Some(ColumnReader::DoubleColumnReader(reader)) => decode!(reader, Values::Double),
            Some(ColumnReader::ByteArrayColumnReader(reader)) => decode!(reader, Values::Bytes),
            Some(ColumnReader::FixedLenByteArrayColumnReader(_)) => Ok(0),
        }
    }

    /// Goes on to the next row.
    pub(crate) fn advance(&mut self) {
        self.is_null = self.depth > 0 && self.levels.get(self.rows_taken).is_none_or(|level| *level < self.depth);
        self.rows_taken += 1;
        self.values_taken += usize::from(!self.is_null);
    }

    /// The value of this row.
    pub(crate) fn cell(&self) -> Cell<'_> {
        let at = self.values_taken.checked_sub(1).filter(|_| !self.is_null);
        at.and_then(|at| self.value(at)).unwrap_or(Cell::Empty)
    }

    /// The time of this row, if the column holds times.
    pub(crate) fn time(&self) -> Option<std::result::Result<Timestamp, String>> {
        let Content::Time { unit_ns } = self.content else { return None };
        let at = self.values_taken.checked_sub(1).filter(|_| !self.is_null);
        let since = at.and_then(|at| match &self.values {
            Values::Int64(values) => values.get(at).copied(),
            Values::Int32(values) => values.get(at).map(|value| i64::from(*value)),
            Values::Int96(values) => values.get(at).map(Int96::to_nanos),
            Values::Bool(_) | Values::Float(_) | Values::Double(_) | Values::Bytes(_) => None,
        });
        let since = since.map(|since| {
            Timestamp::from_nanosecond(i128::from(since) * i128::from(unit_ns))
                .map_err(|_| format!("{since} is no time: its year has more than four digits"))
        });
        Some(since.unwrap_or_else(|| Err("it is null".to_owned())))
    }

    #[expect(clippy::cast_precision_loss, reason = "a double holds no more of them")]
    fn value(&self, at: usize) -> Option<Cell<'_>> {
        let number = |number| Some(Cell::Number(number));
        match (&self.values, self.content) {
            (Values::Bool(values), _) => values.get(at).map(|value| Cell::Bool(*value)),
            (Values::Int32(values), Content::Unsigned) => number(f64::from(values.get(at)?.cast_unsigned())),
            (Values::Int64(values), Content::Unsigned) => number(values.get(at)?.cast_unsigned() as f64),
            (Values::Int32(values), _) => number(f64::from(*values.get(at)?)),
            (Values::Int64(values), _) => number(*values.get(at)? as f64),
            (Values::Int96(_), _) => None,
            // 0.1 of four bytes is meant as 0.1, not as the double next to it, 0.10000000149011612.
            (Values::Float(values), _) => number(values.get(at)?.to_string().parse().ok()?),
            (Values::Double(values), _) => number(*values.get(at)?),
            (Values::Bytes(values), _) => {
                let text = std::str::from_utf8(values.get(at)?.data()).ok()?.trim();
                Some(if text.is_empty() { Cell::Empty } else { Cell::Text(text) })
            }
        }
    }
}
