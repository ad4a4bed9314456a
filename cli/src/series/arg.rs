//! What `--series` names: a file, or one column of a foreign file bound to a metric or fact.

use std::path::PathBuf;
use std::str::FromStr;

/// One `--series`: `FILE`, or `NAME=FILE[:COLUMN][@UNIT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeriesArg {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    /// `None` when the columns are named after what they record.
    pub(crate) binding: Option<Binding>,
}

/// One column of a foreign file, and what it records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The metric or fact.
    pub(crate) name: String,
    pub(crate) column: Option<String>,
    /// What one of its bare numbers is, where it is not the unit of a sample.
    pub(crate) unit: Option<String>,
}

/// How a file writes its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
    Parquet,
}

/// How their names end.
const ENDS: [(&str, Format); 3] = [(".csv", Format::Csv), (".jsonl", Format::JsonLines), (".parquet", Format::Parquet)];

/// What may be written.
const WRITTEN: &str =
    "`FILE.csv`, `FILE.jsonl`, `FILE.parquet`, or `NAME=FILE[:COLUMN][@UNIT]` for a column of a foreign file";

impl FromStr for SeriesArg {
    type Err = String;

    fn from_str(text: &str) -> Result<SeriesArg, String> {
        let (name, rest) = match text.split_once('=') {
            Some((name, rest)) if is_name(name) => (Some(name), rest),
            Some(_) | None => (None, text),
        };
        let (path, format, behind) = split_file(rest)?;
        let binding = match (name, behind) {
            (None, "") => None,
            (None, behind) => {
                return Err(format!("`{behind}` says nothing of which metric; write `NAME={path}{behind}`"));
            }
            (Some(name), behind) => Some(bound(name, behind, text)?),
        };
        if binding.is_some() && format == Format::JsonLines {
            return Err(format!("`{path}` is JSON lines, which name what they record; leave out `NAME=`"));
        }
        Ok(SeriesArg { path: path.into(), format, binding })
    }
}

/// `cpu`, `checkout.good`; what a path rather begins with, such as `./a`, is none.
fn is_name(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.split('.').all(word)
}

/// The file, how it is written, and what stands behind its name.
fn split_file(text: &str) -> Result<(&str, Format, &str), String> {
    let lower = text.to_ascii_lowercase();
    let ends = ENDS.iter().flat_map(|(end, format)| {
        lower.match_indices(end).map(|(at, _)| (at + end.len(), *format)).filter(|(end, _)| {
            let behind = lower.get(*end..).unwrap_or_default();
            behind.is_empty() || behind.starts_with([':', '@'])
        })
    });
    if let Some((end, format)) = ends.min_by_key(|(end, _)| *end)
        && let Some((path, behind)) = text.split_at_checked(end)
    {
        return Ok((path, format, behind));
    }
    if lower.ends_with(".gz") || lower.ends_with(".zst") {
        return Err(format!("`{text}` is compressed; unpack it first"));
    }
    Err(format!("`{text}` is no file of a known kind; expected {WRITTEN}"))
}

/// The binding of `name` to what `[:COLUMN][@UNIT]` says.
fn bound(name: &str, behind: &str, text: &str) -> Result<Binding, String> {
    let (column, unit) = match behind.rsplit_once('@') {
        Some((column, unit)) => (column, Some(unit.to_owned())),
        None => (behind, None),
    };
    let named = column.is_empty() || column.starts_with(':');
    let column = column.strip_prefix(':').map(str::to_owned);
    if !named || column.as_deref() == Some("") || unit.as_deref() == Some("") {
        return Err(format!("`{text}` names no column behind `:`, or no unit behind `@`; expected {WRITTEN}"));
    }
    Ok(Binding { name: name.to_owned(), column, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_alone_or_are_bound_to_a_name() {
        let bound = |name: &str, column: Option<&str>, unit: Option<&str>| {
            let (column, unit) = (column.map(str::to_owned), unit.map(str::to_owned));
            Some(Binding { name: name.to_owned(), column, unit })
        };
        for (text, path, format, binding) in [
            ("h.csv", "h.csv", Format::Csv, None),
            ("a/H.JSONL", "a/H.JSONL", Format::JsonLines, None),
            ("h.parquet", "h.parquet", Format::Parquet, None),
            ("./run=1.csv", "./run=1.csv", Format::Csv, None),
            ("a.csv.d/h.csv", "a.csv.d/h.csv", Format::Csv, None),
            ("cpu=h.csv", "h.csv", Format::Csv, bound("cpu", None, None)),
            ("cpu=h.csv:value@%", "h.csv", Format::Csv, bound("cpu", Some("value"), Some("%"))),
            ("cpu=h.csv@%", "h.csv", Format::Csv, bound("cpu", None, Some("%"))),
            ("web.good=a@b.parquet:x:y@/s", "a@b.parquet", Format::Parquet, bound("web.good", Some("x:y"), Some("/s"))),
        ] {
            assert_eq!(text.parse(), Ok(SeriesArg { path: path.into(), format, binding }), "{text}");
        }
    }

    #[test]
    fn what_is_no_series_is_refused_with_what_may_be_written() {
        for (text, part) in [
            ("h.txt", "expected `FILE.csv`"),
            ("", "expected `FILE.csv`"),
            ("h.csv.gz", "unpack it first"),
            ("h.csv:value", "write `NAME=h.csv:value`"),
            ("cpu=h.csv:", "names no column"),
            ("cpu=h.csv:value@", "no unit behind `@`"),
            ("cpu=h.csv@value@%", "names no column"),
            ("cpu=h.jsonl", "leave out `NAME=`"),
        ] {
            let message = text.parse::<SeriesArg>().err().unwrap_or_default();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
