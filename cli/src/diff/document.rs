//! What differs, as JSON.

use leeway_engine::{Summary, Verdict};
use leeway_ir::{Fingerprint, Policy};
use serde::Serialize;

use crate::diff::differences::Differences;
use crate::exit::Failure;
use crate::report::{Change, Difference};

#[derive(Serialize)]
struct Document<'a> {
    /// What a reader must know before believing the rest.
    warnings: &'a [String],
    old: Side<'a>,
    new: Side<'a>,
    newly_permitted: Kind<'a>,
    newly_restricted: Kind<'a>,
    newly_proposed: Kind<'a>,
    no_longer_proposed: Kind<'a>,
}

/// One of the two: which blueprint it is, as a verdict names it, and what it came to.
#[derive(Serialize)]
struct Side<'a> {
    blueprint: &'a str,
    version: Option<&'a str>,
    fingerprint: &'a Fingerprint,
    target: &'a str,
    #[serde(flatten)]
    summary: &'a Summary,
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
    [old, new]: [(&Policy, &Summary); 2],
    differences: &Differences,
) -> Result<String, Failure> {
    let kind = |change| Kind {
        count: differences.counts().of(change),
        examples: differences.examples(change).filter_map(example).collect(),
    };
    let document = Document {
        warnings,
        old: side(old),
        new: side(new),
        newly_permitted: kind(Change::NewlyPermitted),
        newly_restricted: kind(Change::NewlyRestricted),
        newly_proposed: kind(Change::NewlyProposed),
        no_longer_proposed: kind(Change::NoLongerProposed),
    };
    serde_json::to_string(&document).map(|text| text + "\n").map_err(Failure::usage)
}

fn side<'a>((policy, summary): (&'a Policy, &'a Summary)) -> Side<'a> {
    Side {
        blueprint: &policy.blueprint,
        version: policy.version.as_deref(),
        fingerprint: &policy.fingerprint,
        target: &policy.target.name,
        summary,
    }
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
