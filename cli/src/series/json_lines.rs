//! JSON lines: `{ "at", "facts": {}, "metrics": {} }`, with values as a state has them; read, and written.
//!
//! A value is `"95%"`, or `{ "value": "95%" }` as metrics of a state have it; `"missing"` is none; why there is none otherwise is
//! `{ "unknown": "invalid" }` or `{ "unknown": "failed" }`.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use leeway_engine::{Gap, Moment};
use leeway_ir::Policy;
use leeway_units::Type;
use serde_json::{Map, Value as Json, json};

use crate::decide::reading::{DocumentError, Members, Node, Read, is_missing, next_line, parse, time, value, wanted};
use crate::exit::Failure;
use crate::series::file::RowFile;
use crate::series::slot::Seen;
use crate::series::stream::{Progress, Rows};
use crate::series::trouble::{Trouble, unreadable};

/// [`next_line`] passes over the rest of a line that is too long.
const LINES_BOUND_THEMSELVES: usize = usize::MAX;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of one file.
pub(crate) struct JsonRows {
    policy: Policy,
    path: PathBuf,
    input: BufReader<RowFile>,
    line: Vec<u8>,
    lines: u64,
}

impl JsonRows {
    pub(crate) fn open(policy: &Policy, path: &Path) -> Result<JsonRows, Failure> {
        let input = BufReader::new(RowFile::open(path, LINES_BOUND_THEMSELVES)?);
        Ok(JsonRows { policy: policy.clone(), path: path.to_owned(), input, line: Vec::new(), lines: 0 })
    }
}

impl Rows for JsonRows {
    fn read(&mut self, row: &mut Moment) -> Result<bool, Trouble> {
        loop {
            if !next_line(&mut self.input, &mut self.line).map_err(|error| unreadable(&self.path, error))? {
                return Ok(false);
            }
            self.lines += 1;
            let line = self.line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.line);
            if line.trim_ascii().is_empty() {
                continue;
            }
            let read = parse(line).and_then(|document| read(&self.policy, &document, row));
            return read.map(|()| true).map_err(|error| Trouble::Row(error.to_string()));
        }
    }

    fn place(&self) -> String {
        format!("`{}`, row {}", self.path.display(), self.lines)
    }

    fn progress(&self) -> Progress {
        self.input.get_ref().progress()
    }

    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

fn read(policy: &Policy, document: &Node, row: &mut Moment) -> Read<()> {
    let mut members = Members::of("$", document)?;
    row.begin(time(&members.path("at"), members.required("at")?)?);
    if let Some(node) = members.take("facts") {
        let mut facts = Members::of(&members.path("facts"), node)?;
        for (fact, place) in policy.facts.iter().zip(&mut row.facts) {
            if let Some(node) = facts.take(&fact.name) {
                *place = Some(seen(&facts.path(&fact.name), node, &fact.ty)?);
            }
        }
        facts.done("fact")?;
    }
    if let Some(node) = members.take("metrics") {
        let mut metrics = Members::of(&members.path("metrics"), node)?;
        for (metric, place) in policy.metrics.iter().zip(&mut row.metrics) {
            if let Some(node) = metrics.take(&metric.name) {
                *place = Some(seen(&metrics.path(&metric.name), node, &Type::Quantity(metric.unit))?);
            }
        }
        metrics.done("metric")?;
    }
    members.done("member")
}

/// What was seen, or why nothing was.
fn seen(path: &str, node: &Node, ty: &Type) -> Read<Seen> {
    if is_missing(node) {
        return Ok(Err(Gap::Missing));
    }
    let Node::Map(_) = node else { return value(path, node, ty).map(Ok) };
    let mut members = Members::of(path, node)?;
    let seen = match (members.take("value"), members.take("unknown")) {
        (Some(node), None) => Ok(value(&members.path("value"), node, ty)?),
        (None, Some(node)) => Err(match node.text() {
            Some("missing") => Gap::Missing,
            Some("invalid") => Gap::Invalid,
            Some("failed") => Gap::Failed,
            Some(_) | None => {
                return Err(wanted(&members.path("unknown"), "\"missing\", \"invalid\" or \"failed\"", node));
            }
        }),
        (Some(_), Some(_)) | (None, None) => {
            members.done("member; a recorded value is of its own moment, so there is no")?;
            return Err(DocumentError::new(path, "expected a value, `{ \"value\": … }` or the text \"missing\""));
        }
    };
    members.done("member")?;
    Ok(seen)
}

/// The line, without its end, that reads back as this moment. What it has no sample of is left out.
pub(crate) fn written(policy: &Policy, moment: &Moment) -> String {
    let members = |names: Vec<&str>, seen: &[Option<Seen>]| -> Map<String, Json> {
        let known =
            names.into_iter().zip(seen).filter_map(|(name, seen)| Some((name.to_owned(), json_of(seen.as_ref()?))));
        known.collect()
    };
    let facts = members(policy.facts.iter().map(|fact| fact.name.as_ref()).collect(), &moment.facts);
    let metrics = members(policy.metrics.iter().map(|metric| metric.name.as_ref()).collect(), &moment.metrics);
    json!({ "at": moment.at.to_string(), "facts": facts, "metrics": metrics }).to_string()
}

fn json_of(seen: &Seen) -> Json {
    match seen {
        Ok(value) => value.to_json(),
        Err(Gap::Missing) => "missing".into(),
        Err(Gap::Invalid) => json!({ "unknown": "invalid" }),
        Err(Gap::Failed) => json!({ "unknown": "failed" }),
    }
}
