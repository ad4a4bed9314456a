//! The same history in every format gives the same moments, and what is written reads back.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_engine::{Line, Moment};
use leeway_ir::Policy;
use proptest::prelude::*;

use super::{folder, policy, read};
use crate::series::slot::Seen;
use crate::series::written;

/// What is recorded of a moment, before anybody wrote it down.
#[derive(Clone, Debug)]
struct Row {
    at_ms: i64,
    cpu: Option<f64>,
    p95: Option<f64>,
    burst: Option<i64>,
    enabled: Option<bool>,
    note: Option<String>,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = || {
        let measured = prop_oneof![
            (0..2_000_u32, 1..60_u32).prop_map(|(n, d)| f64::from(n) / f64::from(d)),
            (-90_000..90_000_i32).prop_map(|n| f64::from(n) / 1_000.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
        ];
        prop::option::of(measured)
    };
    let row = (
        (1..600_000_i64, number(), number()),
        prop::option::of(0..1_000_i64),
        prop::option::of(any::<bool>()),
        prop::option::of("[a-ln-z,;\"'\n][a-ln-z ,;\"'\né]{0,6}[a-ln-z,;\"']"),
    );
    prop::collection::vec(row, 1..12).prop_map(|rows| {
        let mut now_ms = 1_767_225_600_000;
        let row = |((step_ms, cpu, p95), burst, enabled, note): ((i64, _, _), _, _, Option<String>)| {
            now_ms += step_ms;
            let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
            Row { at_ms: now_ms, cpu, p95, burst, enabled, note }
        };
        rows.into_iter().map(row).collect()
    })
}

fn csv(rows: &[Row]) -> Vec<u8> {
    fn text<T: ToString>(cell: Option<&T>) -> String {
        cell.map(T::to_string).unwrap_or_default()
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["time", "cpu", "p95", "burst", "enabled", "note"]).unwrap();
    for row in rows {
        let time = jiff::Timestamp::from_millisecond(row.at_ms).unwrap().to_string();
        let (cpu, p95) = (text(row.cpu.as_ref()), text(row.p95.as_ref()));
        let (burst, enabled, note) = (text(row.burst.as_ref()), text(row.enabled.as_ref()), text(row.note.as_ref()));
        writer.write_record([time, cpu, p95, burst, enabled, note]).unwrap();
    }
    writer.into_inner().unwrap()
}

fn json_lines(policy: &Policy, moments: &[Moment]) -> String {
    let line = |moment: &Moment| Line {
        at: moment.at,
        facts: named(policy.facts.iter().map(|fact| &fact.name), &moment.facts),
        metrics: named(policy.metrics.iter().map(|metric| &metric.name), &moment.metrics),
        turn: None,
    };
    moments.iter().map(|moment| written(&line(moment), None) + "\n").collect()
}

fn named<'a>(names: impl Iterator<Item = &'a Arc<str>>, seen: &[Option<Seen>]) -> BTreeMap<Arc<str>, Seen> {
    names.zip(seen).filter_map(|(name, seen)| Some((name.clone(), seen.clone()?))).collect()
}

fn moments(policy: &Policy, name: &str, bytes: &[u8]) -> Vec<Moment> {
    read(policy, &folder(&[(name, bytes)]), &[name], false).unwrap().0
}

proptest! {
    #[test]
    fn what_is_written_reads_back(rows in rows()) {
        let policy = policy();
        let from_csv = moments(&policy, "h.csv", &csv(&rows));
        prop_assert_eq!(from_csv.len(), rows.len());
        let lines = json_lines(&policy, &from_csv);
        prop_assert_eq!(&moments(&policy, "h.jsonl", lines.as_bytes()), &from_csv, "{}", lines);
    }
}

#[cfg(feature = "parquet")]
mod columnar {
    use std::sync::Arc;

    use parquet::basic::{BrotliLevel, Compression, ZstdLevel};
    use parquet::data_type::{
        BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type, Int96, Int96Type,
    };
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// How times are written, and how many rows a group has.
    #[derive(Clone, Copy, Debug)]
    struct Style {
        time: &'static str,
        compression: Compression,
        group_rows: usize,
    }

    const TIMES: [&str; 9] = [
        "INT64 time (TIMESTAMP(MILLIS,true))",
        "INT64 time (TIMESTAMP(MICROS,false))",
        "INT64 time (TIMESTAMP(NANOS,true))",
        "INT64 time (TIMESTAMP_MILLIS)",
        "INT96 time",
        "INT64 time",
        "DOUBLE time",
        "BYTE_ARRAY time (UTF8)",
        "INT32 time (DATE)",
    ];

    fn styles() -> impl Strategy<Value = Style> {
        (prop::sample::select(&TIMES), prop::sample::select(compressions().to_vec()), 1..8_usize)
            .prop_map(|(time, compression, group_rows)| Style { time, compression, group_rows })
    }

    /// All that pandas, Polars, Spark and DuckDB write.
    fn compressions() -> [Compression; 7] {
        [
            Compression::UNCOMPRESSED,
            Compression::SNAPPY,
            Compression::GZIP(Default::default()),
            Compression::ZSTD(ZstdLevel::default()),
            Compression::BROTLI(BrotliLevel::default()),
            Compression::LZ4,
            Compression::LZ4_RAW,
        ]
    }

    fn column<T: DataType>(group: &mut SerializedRowGroupWriter<'_, Vec<u8>>, cells: Vec<Option<T::T>>) {
        let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
        let values: Vec<T::T> = cells.into_iter().flatten().collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<T>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
    }

    fn file(rows: &[Row], style: Style) -> Vec<u8> {
        let schema = format!(
            "message h {{ OPTIONAL {}; OPTIONAL DOUBLE cpu; OPTIONAL DOUBLE p95; OPTIONAL INT64 burst; \
             OPTIONAL BOOLEAN enabled; OPTIONAL BYTE_ARRAY note (UTF8); }}",
            style.time
        );
        let schema = Arc::new(parse_message_type(&schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().set_compression(style.compression).build());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
        for rows in rows.chunks(style.group_rows) {
            let mut group = writer.next_row_group().unwrap();
            let whole = |per_ms: i64, per_s: i64| rows.iter().map(|row| Some(row.at_ms * per_ms / per_s)).collect();
            match style.time {
                "INT64 time" => column::<Int64Type>(&mut group, whole(1, 1_000)),
                "DOUBLE time" => {
                    let seconds = rows.iter().map(|row| Some(row.at_ms as f64 / 1e3));
                    column::<DoubleType>(&mut group, seconds.collect());
                }
                "INT96 time" => {
                    let julian = |row: &Row| {
                        let (day, ns) = (row.at_ms / 86_400_000, row.at_ms % 86_400_000 * 1_000_000);
                        let mut at = Int96::new();
                        let half = |bits: i64| u32::try_from(bits & 0xffff_ffff).unwrap();
                        at.set_data(half(ns), half(ns >> 32), half(day + 2_440_588));
                        Some(at)
                    };
                    column::<Int96Type>(&mut group, rows.iter().map(julian).collect());
                }
                "BYTE_ARRAY time (UTF8)" => {
                    let text = |row: &Row| jiff::Timestamp::from_millisecond(row.at_ms).unwrap().to_string();
                    let text = rows.iter().map(|row| Some(ByteArray::from(text(row).as_str())));
                    column::<ByteArrayType>(&mut group, text.collect());
                }
                "INT32 time (DATE)" => {
                    let day = |row: &Row| Some(i32::try_from(row.at_ms / 86_400_000).unwrap());
                    column::<Int32Type>(&mut group, rows.iter().map(day).collect());
                }
                time if time.contains("MICROS") => column::<Int64Type>(&mut group, whole(1_000, 1)),
                time if time.contains("NANOS") => column::<Int64Type>(&mut group, whole(1_000_000, 1)),
                _ => column::<Int64Type>(&mut group, whole(1, 1)),
            }
            column::<DoubleType>(&mut group, rows.iter().map(|row| row.cpu).collect());
            column::<DoubleType>(&mut group, rows.iter().map(|row| row.p95).collect());
            column::<Int64Type>(&mut group, rows.iter().map(|row| row.burst).collect());
            column::<BoolType>(&mut group, rows.iter().map(|row| row.enabled).collect());
            let notes = rows.iter().map(|row| row.note.as_deref().map(ByteArray::from));
            column::<ByteArrayType>(&mut group, notes.collect());
            group.close().unwrap();
        }
        writer.into_inner().unwrap()
    }

    proptest! {
        #[test]
        fn csv_json_lines_and_parquet_agree(rows in rows(), style in styles()) {
            let policy = policy();
            let every = |ms| rows.iter().enumerate().map(|(n, row)| Row { at_ms: n as i64 * ms, ..row.clone() }).collect();
            let rows: Vec<Row> = match style.time {
                "INT64 time" => every(1_000),
                "INT32 time (DATE)" => every(86_400_000),
                _ => rows,
            };
            let from_csv = moments(&policy, "h.csv", &csv(&rows));
            prop_assert_eq!(&moments(&policy, "h.parquet", &file(&rows, style)), &from_csv);
            let lines = json_lines(&policy, &from_csv);
            prop_assert_eq!(&moments(&policy, "h.jsonl", lines.as_bytes()), &from_csv);
        }

        #[test]
        fn damaged_files_are_answered(rows in rows(), style in styles(), at in any::<prop::sample::Index>(), bits in 1..=255_u8, cut in any::<bool>()) {
            let mut bytes = file(&rows, style);
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
            if cut {
                bytes.remove(at);
            }
            let _ = read(&policy(), &folder(&[("h.parquet", &bytes)]), &["h.parquet"], true);
        }
    }

    /// The same cpu for a while, which every codec makes smaller.
    fn steady(compression: Compression) -> Vec<u8> {
        let row = |n: i64| Row { at_ms: n * 15_000, cpu: Some(0.5), p95: None, burst: None, enabled: None, note: None };
        file(
            &(0..500).map(row).collect::<Vec<_>>(),
            Style { time: "INT64 time (TIMESTAMP(MILLIS,true))", compression, group_rows: 500 },
        )
    }

    #[test]
    fn every_compression_that_writers_offer_is_read() {
        let policy = policy();
        let plain = moments(&policy, "h.parquet", &steady(Compression::UNCOMPRESSED));
        assert_eq!(plain.len(), 500);
        for compression in compressions() {
            assert_eq!(moments(&policy, "h.parquet", &steady(compression)), plain, "{compression:?}");
        }
    }

    #[test]
    fn a_compression_that_is_not_read_is_named() {
        // In the footer, the codec of a column follows its name: 3 is LZO, and twice that is how it is written.
        let uncompressed = b"\x03cpu\x15\x00";
        let mut bytes = steady(Compression::UNCOMPRESSED);
        let at = bytes.windows(uncompressed.len()).position(|window| window == uncompressed).unwrap();
        bytes[at + uncompressed.len() - 1] = 6;
        let message = read(&policy(), &folder(&[("h.parquet", &bytes)]), &["h.parquet"], false).err().unwrap();
        let named = "`h.parquet` is compressed with lzo in column `cpu`\", help: Some(\"write it as one of those that are read: \
             uncompressed, snappy, gzip, zstd, brotli, lz4 and lz4_raw";
        assert!(message.contains(named), "{message}");
        let others = read(&policy(), &folder(&[("h.parquet", &bytes)]), &["p95=h.parquet"], false);
        assert_eq!(others.unwrap().0.len(), 500);
    }

    #[test]
    fn columns_that_hold_no_values_are_named() {
        for (column, what) in [
            ("INT32 cpu (DECIMAL(5,2))", "decimals"),
            ("FIXED_LEN_BYTE_ARRAY (5) cpu (DECIMAL(10,2))", "decimals"),
            ("FIXED_LEN_BYTE_ARRAY (5) cpu", "bytes of a fixed length"),
            ("INT32 cpu (DATE)", "times"),
            ("INT64 cpu (TIMESTAMP(MILLIS,true))", "times"),
        ] {
            let schema = format!("message h {{ REQUIRED INT64 time; REQUIRED {column}; }}");
            let schema = Arc::new(parse_message_type(&schema).unwrap());
            let bytes = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap().into_inner().unwrap();
            let message = read(&policy(), &folder(&[("h.parquet", &bytes)]), &["h.parquet"], false).err().unwrap();
            assert!(message.contains(&format!("`h.parquet` holds {what} in column `cpu`")), "{column}: {message}");
        }
    }
}
