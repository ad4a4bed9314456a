//! The columns of a table: which one is the time, and what the others record.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use leeway_driver::closest;
use leeway_units::{Type, Unit};

use crate::decide::reading::cut;
use crate::exit::Failure;
use crate::series::arg::Binding;
use crate::series::cell::Column;
use crate::series::names::{Named, Names};
use crate::series::trouble::{shown, wrong};

/// What a column of times is called.
const TIMES: [&str; 2] = ["time", "timestamp"];

/// What a lone column of values is often called.
const VALUE: &str = "value";

/// How many names a message lists.
const LISTED_MAX: usize = 12;

/// The columns that are read, by their place in the table.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) time: usize,
    pub(crate) columns: Vec<(usize, Column)>,
}

impl Header {
    /// Finds the time and what is recorded among the names of all columns. With a binding, only its column counts. Nothing, where
    /// all that is recorded is of other policies alone.
    pub(crate) fn read(
        known: Names<'_>,
        path: &Path,
        names: &[&str],
        binding: Option<&Binding>,
    ) -> Result<Option<Header>, Failure> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
            return Err(wrong(path, format!("has the column `{}` twice", cut(twice))).help("leave one of them out"));
        }
        let time = time_column(path, names)?;
        let columns = match binding {
            Some(binding) => bound_column(known, path, names, time, binding)?.into_iter().collect(),
            None => named_columns(known, path, names, time)?,
        };
        Ok((!columns.is_empty()).then_some(Header { time, columns }))
    }
}

fn time_column(path: &Path, names: &[&str]) -> Result<usize, Failure> {
    let mut times = names.iter().enumerate().filter(|(_, name)| TIMES.contains(name));
    match (times.next(), times.next()) {
        (Some((at, _)), None) => Ok(at),
        (Some(_), Some(_)) => Err(wrong(path, "has both a column `time` and a column `timestamp`")
            .help("only one can say when a row was: rename the other")),
        (None, _) => {
            let meant = names.iter().find(|name| closest(&name.to_lowercase(), TIMES).is_some());
            let failure = wrong(path, format!("has no column `time` or `timestamp`; it has {}", listed(names)));
            Err(match meant {
                Some(meant) => failure.help(shown(&format!("rename `{}` to `time`", cut(meant)))),
                None => failure.help("name the column of times `time`; of CSV, in a header on the first line"),
            })
        }
    }
}

/// Every column but the time records what it is named after.
fn named_columns(known: Names<'_>, path: &Path, names: &[&str], time: usize) -> Result<Vec<(usize, Column)>, Failure> {
    let mut columns = Vec::new();
    for (at, name) in names.iter().enumerate().filter(|(at, _)| *at != time) {
        match known.named(name) {
            Named::Own(slot, ty) => columns.push((at, Column::new(Arc::from(*name), slot, ty, None))),
            Named::Beside => {}
            Named::Unknown => return Err(unknown(known, path, name)),
        }
    }
    if names.len() == 1 {
        return Err(wrong(path, "records nothing beside the time").help(told(known)));
    }
    Ok(columns)
}

fn unknown(known: Names<'_>, path: &Path, name: &str) -> Failure {
    let name = cut(name);
    let of = known.blueprints();
    let meant = meant(known, &name);
    let failure = wrong(path, format!("has the column `{name}`, which is no metric or fact of {of}{meant}"));
    let bind = format!("or bind columns of a foreign file: `--series NAME={}:{name}`", path.display());
    failure.help(shown(&format!("{}; {bind}", told(known))))
}

fn meant(known: Names<'_>, name: &str) -> String {
    closest(name, known.all()).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"))
}

/// The one column that the binding means, unless it is of another policy.
fn bound_column(
    known: Names<'_>,
    path: &Path,
    names: &[&str],
    time: usize,
    binding: &Binding,
) -> Result<Option<(usize, Column)>, Failure> {
    let (slot, ty) = match known.named(&binding.name) {
        Named::Own(slot, ty) => (slot, ty),
        Named::Beside => return Ok(None),
        Named::Unknown => {
            let (name, of) = (cut(&binding.name), known.blueprints());
            let meant = meant(known, &binding.name);
            return Err(Failure::usage(format!("`{name}` is no metric or fact of {of}{meant}")).help(told(known)));
        }
    };
    let place = |wanted: &str| names.iter().position(|name| *name == wanted).filter(|at| *at != time);
    let at = match &binding.column {
        Some(column) => place(column),
        None => place(&binding.name).or_else(|| place(VALUE)).or((names.len() == 2).then_some(1 - time.min(1))),
    };
    let Some((at, name)) = at.and_then(|at| Some((at, *names.get(at)?))) else {
        let wanted = binding.column.as_deref().unwrap_or(&binding.name);
        let meant = closest(wanted, names.iter().copied())
            .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        let failure = wrong(path, format!("has no column `{}`{meant}", cut(wanted)));
        let write = format!("it has {}; write `--series {}={}:COLUMN`", listed(names), binding.name, path.display());
        return Err(failure.help(shown(&write)));
    };
    let named = binding.unit.as_ref().map(|unit| Ok((unit.clone(), factor(binding, &ty, unit)?))).transpose()?;
    Ok(Some((at, Column::new(Arc::from(name), slot, ty, named))))
}

/// Base units in one of the unit that bare numbers have.
fn factor(binding: &Binding, ty: &Type, unit: &str) -> Result<f64, Failure> {
    let wrong = |message: String, help: String| Failure::usage(format!("`@{}`: {message}", cut(unit))).help(help);
    let Some(of) = ty.unit() else {
        return Err(wrong(format!("`{}` is a `{ty}`, which has no unit", binding.name), "leave it out".to_owned()));
    };
    let bare = if of.has_dollar() { unit.strip_prefix('$') } else { Some(unit) };
    let found = match bare {
        Some("") if of == Unit::Money => Some(of.sample_factor()),
        Some(bare) => of.suffixes().iter().find(|suffix| suffix.text == bare).map(|suffix| suffix.factor),
        None => None,
    };
    found.ok_or_else(|| {
        let dollar = if of.has_dollar() { "$" } else { "" };
        let mut written: Vec<String> =
            of.suffixes().iter().map(|suffix| format!("`@{dollar}{}`", suffix.text)).collect();
        if of == Unit::Money {
            written.push("`@$`".to_owned());
        }
        let help = if written.is_empty() {
            "leave it out: such numbers are written bare".to_owned()
        } else {
            format!("one of {}", written.join(", "))
        };
        wrong(format!("no unit of `{}`, which is a `{ty}`", binding.name), help)
    })
}

/// What columns may be named.
pub(crate) fn told(known: Names<'_>) -> String {
    let names = known.all();
    if names.is_empty() {
        return format!("there are no metrics or facts in {}", known.blueprints());
    }
    format!("known are {}", listed(&names))
}

fn listed(names: &[&str]) -> String {
    let mut listed: Vec<String> = names.iter().take(LISTED_MAX).map(|name| format!("`{}`", cut(name))).collect();
    if names.len() > LISTED_MAX {
        listed.push("…".to_owned());
    }
    listed.join(", ")
}
