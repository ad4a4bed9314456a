//! JSON lines: `{ "at", "facts": {}, "metrics": {} }`, with values as a state has them; read, and written.
//!
//! A value is `"95%"`, or `{ "value": "95%" }` as metrics of a state have it; `"missing"` is none; why there is none otherwise is
//! `{ "unknown": "invalid" }` or `{ "unknown": "failed" }`. A line of an enforcer's recording has `turn` beside them, the `run` of
//! records that reached the enforcer then, the `object_version` that it saw, and which `line` of the export it is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leeway_engine::{Gap, Line, Moment, Turn, TurnKind};
use leeway_ir::Policy;
use leeway_units::Type;
use serde_json::{Map, Value as Json, json};

use crate::decide::reading::{DocumentError, Members, Node, Read, is_missing, next_line, parse, time, value, wanted};
use crate::exit::Failure;
use crate::series::exported::{Exported, Place};
use crate::series::file::RowFile;
use crate::series::names::Names;
use crate::series::slot::Seen;
use crate::series::stream::{Progress, Rows};
use crate::series::trouble::{Trouble, unreadable};

/// [`next_line`] passes over the rest of a line that is too long.
const LINES_BOUND_THEMSELVES: usize = usize::MAX;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The rows of one file.
pub(crate) struct JsonRows {
    policy: Policy,
    /// The facts, and the metrics, that only other policies have.
    of_others: [BTreeSet<Arc<str>>; 2],
    path: PathBuf,
    input: BufReader<RowFile>,
    line: Vec<u8>,
    lines: u64,
    exported: Exported,
}

impl JsonRows {
    pub(crate) fn open(known: Names<'_>, path: &Path) -> Result<JsonRows, Failure> {
        let input = BufReader::new(RowFile::open(path, LINES_BOUND_THEMSELVES)?);
        let (policy, of_others) = (known.policy.clone(), known.of_others());
        let (path, exported) = (path.to_owned(), Exported::default());
        Ok(JsonRows { policy, of_others, path, input, line: Vec::new(), lines: 0, exported })
    }
}

impl Rows for JsonRows {
    fn read(&mut self, row: &mut Moment) -> Result<bool, Trouble> {
        loop {
            if !next_line(&mut self.input, &mut self.line).map_err(|error| unreadable(&self.path, error))? {
                self.exported.end(self.lines);
                return Ok(false);
            }
            self.lines += 1;
            let line = self.line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.line);
            if line.trim_ascii().is_empty() {
                continue;
            }
            match parse(line).and_then(|document| read(&self.policy, &self.of_others, &document, row)) {
                Ok((is_own, place)) => {
                    place.into_iter().for_each(|place| self.exported.hear(self.lines, place));
                    if is_own {
                        return Ok(true);
                    }
                }
                Err(error) => {
                    self.exported.skip();
                    return Err(Trouble::Row(error.to_string()));
                }
            }
        }
    }

    fn place(&self) -> String {
        format!("`{}`, line {}", self.path.display(), self.lines)
    }

    fn progress(&self) -> Progress {
        self.input.get_ref().progress()
    }

    fn warnings(&self) -> Vec<String> {
        let missing = self.exported.missing().map(|missing| {
            format!(
                "`{}` is not all of an export, and a replay of it may decide otherwise: {missing}",
                self.path.display()
            )
        });
        missing.into_iter().collect()
    }
}

/// Reads a line into `row`; false where all that it records is of other policies alone. Lines of an export say where they stand in it.
fn read(
    policy: &Policy,
    of_others: &[BTreeSet<Arc<str>>; 2],
    document: &Node,
    row: &mut Moment,
) -> Read<(bool, Option<Place>)> {
    let [other_facts, other_metrics] = of_others;
    let mut is_of_others = false;
    let mut members = Members::of("$", document)?;
    row.begin(time(&members.path("at"), members.required("at")?)?);
    if let Some(node) = members.take("facts") {
        let mut facts = Members::of(&members.path("facts"), node)?;
        for (fact, place) in policy.facts.iter().zip(&mut row.facts) {
            if let Some(node) = facts.take(&fact.name) {
                *place = Some(seen(&facts.path(&fact.name), node, &fact.ty)?);
            }
        }
        other_facts.iter().for_each(|name| is_of_others |= facts.take(name).is_some());
        facts.done("fact")?;
    }
    if let Some(node) = members.take("metrics") {
        let mut metrics = Members::of(&members.path("metrics"), node)?;
        for (metric, place) in policy.metrics.iter().zip(&mut row.metrics) {
            if let Some(node) = metrics.take(&metric.name) {
                *place = Some(seen(&metrics.path(&metric.name), node, &Type::Quantity(metric.unit))?);
            }
        }
        other_metrics.iter().for_each(|name| is_of_others |= metrics.take(name).is_some());
        metrics.done("metric")?;
    }
    row.turn = turn(&mut members)?;
    let place = place(&mut members)?;
    members.done("member")?;
    let is_own = row.facts.iter().chain(&row.metrics).any(Option::is_some);
    Ok((is_own || !is_of_others, place))
}

/// What an enforcer did, if one recorded the line.
fn turn(members: &mut Members<'_>) -> Read<Option<Turn>> {
    let (Some(kind), path) = (members.take("turn"), members.path("turn")) else { return Ok(None) };
    let kind: TurnKind =
        serde_json::from_str(&kind.json()).map_err(|_| wanted(&path, "\"seen\", \"blind\" or \"told\"", kind))?;
    let path = members.path("object_version");
    let version = members.take("object_version").map(|node| match node.text() {
        Some(text) => Ok(Arc::from(text)),
        None => Err(wanted(&path, "a text", node)),
    });
    let path = members.path("run");
    let run = members.take("run").map_or_else(|| Ok(Vec::new()), |node| serde_json::from_str(&node.json()));
    let run = run.map_err(|error| DocumentError::new(path, format!("no records of a ledger: {error}")))?;
    Ok(Some(Turn { kind, object_version: version.transpose()?, run }))
}

/// Which line of an export it is, if it says so.
fn place(members: &mut Members<'_>) -> Read<Option<Place>> {
    let Some(node) = members.take("line") else { return Ok(None) };
    let number = node.json().parse().ok().filter(|number| *number > 0);
    let number = number.ok_or_else(|| wanted(&members.path("line"), "a whole number above zero", node))?;
    let is_last = members
        .take("last")
        .map_or(Ok(false), |node| node.bool().ok_or_else(|| wanted(&members.path("last"), "true or false", node)));
    Ok(Some(Place { number, is_last: is_last? }))
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

/// The line, without its end, that reads back as the same; of an export, with its place in it.
pub(crate) fn written(line: &Line, place: Option<Place>) -> String {
    let named = |seen: &BTreeMap<Arc<str>, Seen>| -> Map<String, Json> {
        seen.iter().map(|(name, seen)| (name.to_string(), json_of(seen))).collect()
    };
    let mut members = Map::from_iter([("at".to_owned(), Json::from(line.at.to_string()))]);
    for (member, seen) in [("facts", &line.facts), ("metrics", &line.metrics)] {
        if !seen.is_empty() {
            members.insert(member.to_owned(), named(seen).into());
        }
    }
    if let Some(Turn { kind, object_version, run }) = &line.turn {
        members.insert("turn".to_owned(), json!(kind));
        members.extend(object_version.as_ref().map(|version| ("object_version".to_owned(), json!(version))));
        if !run.is_empty() {
            members.insert("run".to_owned(), json!(run));
        }
    }
    if let Some(Place { number, is_last }) = place {
        members.insert("line".to_owned(), number.into());
        members.extend(is_last.then(|| ("last".to_owned(), true.into())));
    }
    Json::from(members).to_string()
}

fn json_of(seen: &Seen) -> Json {
    match seen {
        Ok(value) => match value.to_json() {
            // A text that says so is none the less there.
            json if json == "missing" => json!({ "value": json }),
            json => json,
        },
        Err(Gap::Missing) => "missing".into(),
        Err(Gap::Invalid) => json!({ "unknown": "invalid" }),
        Err(Gap::Failed) => json!({ "unknown": "failed" }),
    }
}
