//! Parquet: columns as in CSV, row group by row group.

use std::fs::File;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use leeway_engine::Moment;
use parquet::basic::{CompressionCodec, ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use crate::exit::Failure;
use crate::series::arg::Binding;
use crate::series::guarded::guarded;
use crate::series::header::Header;
use crate::series::lane::{Content, Lane};
use crate::series::names::Names;
use crate::series::stream::{Progress, Rows};
use crate::series::time::time;
use crate::series::trouble::{Trouble, unreadable, wrong};

/// So many rows are decoded together.
const BATCH_ROWS: usize = 1_024;

const NS_PER_US: i64 = 1_000;
const NS_PER_MS: i64 = 1_000_000;
const NS_PER_DAY: i64 = 86_400_000_000_000;

/// The compressions that are read, as writers name them.
const CODECS: &str = "uncompressed, snappy, gzip, zstd, brotli, lz4 and lz4_raw";

/// The rows of one file.
pub(crate) struct ParquetRows {
    path: PathBuf,
    file: SerializedFileReader<File>,
    header: Header,
    /// The time first, then the header's columns in their order.
    lanes: Vec<Lane>,
    groups_begun: usize,
    /// Rows of this group that are not decoded yet.
    group_left: usize,
    /// Rows that are decoded and not read yet.
    batch_left: usize,
    rows_read: u64,
    progress: Progress,
}

impl ParquetRows {
    /// Nothing, where all that the file records is of other policies alone.
    pub(crate) fn open(
        known: Names<'_>,
        path: &Path,
        binding: Option<&Binding>,
    ) -> Result<Option<ParquetRows>, Failure> {
        let file = File::open(path).map_err(|error| unreadable(path, error))?;
        let total = file.metadata().map_or(0, |metadata| metadata.len());
        if total == 0 {
            return Err(wrong(path, "is empty"));
        }
        let file = sound(path, || SerializedFileReader::new(file))?;
        let columns = file.metadata().file_metadata().schema_descr().columns();
        let names: Vec<String> = columns.iter().map(|column| column.path().string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(header) = Header::read(known, path, &names, binding)? else { return Ok(None) };
        let places = std::iter::once(header.time).chain(header.columns.iter().map(|(place, _)| *place));
        let lane = |place: usize| {
            let column = columns.get(place).ok_or_else(|| wrong(path, "has fewer columns than it says"))?;
            let content = content(column, place == header.time).map_err(|what| {
                wrong(path, format!("holds {what} in column `{}`, which are no values", column.path().string()))
                    .help("write it as a number, a text or a truth value")
            })?;
            Ok(Lane::new(place, content, column.max_def_level()))
        };
        let lanes = places.clone().map(lane).collect::<Result<_, Failure>>()?;
        let groups = file.metadata().row_groups();
        let mut chunks = groups.iter().flat_map(|group| places.clone().filter_map(|place| group.columns().get(place)));
        if let Some((chunk, codec)) = chunks.find_map(|chunk| Some((chunk, unread(chunk)?))) {
            let message = format!("is compressed with {codec} in column `{}`", chunk.column_path().string());
            return Err(wrong(path, message).help(format!("write it as one of those that are read: {CODECS}")));
        }
        Ok(Some(ParquetRows {
            path: path.to_owned(),
            file,
            header,
            lanes,
            groups_begun: 0,
            group_left: 0,
            batch_left: 0,
            rows_read: 0,
            progress: Progress { done: 0, total },
        }))
    }

    /// Decodes more rows; false at the end.
    fn decode(&mut self) -> Result<bool, Failure> {
        while self.group_left == 0 {
            if self.groups_begun == self.file.num_row_groups() {
                self.progress.done = self.progress.total;
                return Ok(false);
            }
            let group = sound(&self.path, || self.file.get_row_group(self.groups_begun))?;
            let metadata = group.metadata();
            self.group_left = usize::try_from(metadata.num_rows()).unwrap_or_default();
            let bytes = u64::try_from(metadata.compressed_size()).unwrap_or_default();
            self.progress.done = self.progress.done.saturating_add(bytes).min(self.progress.total);
            for lane in &mut self.lanes {
                sound(&self.path, || lane.begin(group.as_ref()))?;
            }
            self.groups_begun += 1;
        }
        let rows = self.group_left.min(BATCH_ROWS);
        for lane in &mut self.lanes {
            let decoded = sound(&self.path, || lane.decode(rows))?;
            if decoded != rows {
                return Err(wrong(&self.path, format!("ends in the middle of row group {}", self.groups_begun)));
            }
        }
        self.group_left -= rows;
        self.batch_left = rows;
        Ok(true)
    }
}

impl Rows for ParquetRows {
    fn read(&mut self, row: &mut Moment) -> Result<bool, Trouble> {
        if self.batch_left == 0 && !self.decode()? {
            return Ok(false);
        }
        self.batch_left -= 1;
        self.rows_read += 1;
        // Every lane goes on by one row, whatever is wrong with it.
        self.lanes.iter_mut().for_each(Lane::advance);
        let mut lanes = self.lanes.iter();
        let at =
            lanes.next().map_or(Ok(Timestamp::UNIX_EPOCH), |lane| lane.time().unwrap_or_else(|| time(lane.cell())));
        row.begin(at.map_err(|message| Trouble::cell("time", &message))?);
        for (lane, (_, column)) in lanes.zip(&mut self.header.columns) {
            let seen = column.read(lane.cell()).map_err(|message| Trouble::cell(&column.name, &message))?;
            column.slot.put(row, seen);
        }
        Ok(true)
    }

    fn place(&self) -> String {
        format!("`{}`, row {}", self.path.display(), self.rows_read)
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.header.columns.iter().flat_map(|(_, column)| column.warnings());
        warnings.map(|warning| format!("`{}`: {warning}", self.path.display())).collect()
    }
}

/// What the library reads of the file, or why it cannot.
fn sound<T>(path: &Path, read: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, Failure> {
    let broken = |why: String| wrong(path, format!("cannot be read as Parquet: {why}"));
    match guarded(read) {
        Some(read) => read.map_err(|error| broken(error.to_string())),
        None => Err(broken("it is damaged".to_owned())),
    }
}

/// The compression of a part of a column, where it is one that is not read.
fn unread(chunk: &ColumnChunkMetaData) -> Option<&'static str> {
    match chunk.compression_codec() {
        CompressionCodec::LZO => Some("lzo"),
        CompressionCodec::UNCOMPRESSED
        | CompressionCodec::SNAPPY
        | CompressionCodec::GZIP
        | CompressionCodec::ZSTD
        | CompressionCodec::BROTLI
        | CompressionCodec::LZ4
        | CompressionCodec::LZ4_RAW => None,
    }
}

/// What the column holds, which may be times if it is `of_times`, or in words what that is instead of values.
fn content(column: &ColumnDescriptor, of_times: bool) -> Result<Content, &'static str> {
    if column.max_rep_level() > 0 {
        return Err("lists");
    }
    let time = |unit_ns| if of_times { Ok(Content::Time { unit_ns }) } else { Err("times") };
    let (logical, converted) = (column.logical_type_ref(), column.converted_type());
    match column.physical_type() {
        Physical::BOOLEAN => Ok(Content::Bool),
        Physical::FLOAT | Physical::DOUBLE => Ok(Content::Number),
        Physical::INT96 => time(1),
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY
            if matches!(logical, Some(LogicalType::Decimal(_))) || converted == ConvertedType::DECIMAL =>
        {
            Err("decimals")
        }
        Physical::BYTE_ARRAY => Ok(Content::Text),
        Physical::FIXED_LEN_BYTE_ARRAY => Err("bytes of a fixed length"),
        Physical::INT32 | Physical::INT64 => match (logical, converted) {
            (Some(LogicalType::Timestamp(of)), _) => time(match of.unit {
                TimeUnit::MILLIS => NS_PER_MS,
                TimeUnit::MICROS => NS_PER_US,
                TimeUnit::NANOS => 1,
            }),
            (_, ConvertedType::TIMESTAMP_MILLIS) => time(NS_PER_MS),
            (_, ConvertedType::TIMESTAMP_MICROS) => time(NS_PER_US),
            (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => time(NS_PER_DAY),
            (Some(LogicalType::Integer(of)), _) if !of.is_signed => Ok(Content::Unsigned),
            (_, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64) => {
                Ok(Content::Unsigned)
            }
            (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => Err("decimals"),
            (Some(LogicalType::Time(_)), _) | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => {
                Err("times of day")
            }
            _ => Ok(Content::Number),
        },
    }
}
