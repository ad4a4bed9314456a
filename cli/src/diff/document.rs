//! What differs, as JSON.

use leeway_engine::{Summary, Verdict};
use serde::Serialize;

use crate::diff::differences::Differences;
use crate::exit::Failure;
use crate::report::{Change, Difference};

#[derive(Serialize)]
struct Document<'a> {
    /// What a reader must know before believing the rest.
    warnings: &'a [String],
    old: &'a Summary,
    new: &'a Summary,
    newly_permitted: Kind<'a>,
    newly_restricted: Kind<'a>,
    newly_proposed: Kind<'a>,
    no_longer_proposed: Kind<'a>,
}

#[derive(Serialize)]
struct Kind<'a> {
    count: u64,
    examples: Vec<Example<'a>>,
}

#[derive(Serialize)]
struct Example<'a> {
    t: jiff::Timestamp,
    rule: &'a str,
    proposal: &'a str,
    /// The verdict of the old policy; nothing where its rules did not propose this.
    old: Option<&'a Verdict>,
    /// The same of the new one.
    new: Option<&'a Verdict>,
}

/// One document, on one line.
pub(crate) fn document(
    warnings: &[String],
    [old, new]: &[Summary; 2],
    differences: &Differences,
) -> Result<String, Failure> {
    let kind = |change| Kind {
        count: differences.counts().of(change),
        examples: differences.examples(change).filter_map(example).collect(),
    };
    let document = Document {
        warnings,
        old,
        new,
        newly_permitted: kind(Change::NewlyPermitted),
        newly_restricted: kind(Change::NewlyRestricted),
        newly_proposed: kind(Change::NewlyProposed),
        no_longer_proposed: kind(Change::NoLongerProposed),
    };
    serde_json::to_string(&document).map(|text| text + "\n").map_err(Failure::usage)
}

fn example(difference: &Difference) -> Option<Example<'_>> {
    let (old, new) = (difference.before.as_ref(), difference.after.as_ref());
    let either = new.or(old)?;
    Some(Example {
        t: either.at,
        rule: &either.rule,
        proposal: &either.verdict.proposal,
        old: old.map(|decision| &decision.verdict),
        new: new.map(|decision| &decision.verdict),
    })
}
