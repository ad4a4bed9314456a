//! A proposal as the report tells it: how it was decided, why, and what came of it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use leeway_engine::{Requirement, State, Tier, Truth, Unknown, Verdict};
use serde::{Serialize, Serializer};

/// One proposal, how it was decided, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Decision {
    /// When it was made.
    #[serde(rename = "t", with = "millisecond::required")]
    pub(crate) at: Timestamp,
    /// The rule that made it.
    pub(crate) rule: String,
    /// Why it was made, as the rule says with its values filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) because: Option<Arc<str>>,
    /// How it was decided, and why.
    #[serde(serialize_with = "explanation")]
    pub(crate) verdict: Verdict,
    /// Where its operation ended, or stands.
    pub(crate) outcome: Option<Outcome>,
}

/// What came of an operation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outcome {
    /// Its last state.
    pub(crate) state: State,
    /// Since when.
    #[serde(with = "millisecond::required")]
    pub(crate) at: Timestamp,
    /// Why, where something is to be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

/// Of a verdict what the page shows: what is the same for all of a run stands there once, and values are rounded for people.
fn explanation<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Voice<'a> {
        tier: Tier,
        by: &'a str,
        truth: Truth,
        at: Option<String>,
        because: Option<&'a str>,
        values: Vec<(&'a str, String)>,
        text: &'a str,
    }
    #[derive(Serialize)]
    struct Explanation<'a> {
        tier: Tier,
        proposal: &'a str,
        actor: &'a str,
        voices: Vec<Voice<'a>>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        unknown: &'a [Unknown],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        suggest: &'a [String],
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        approval: &'a [Requirement],
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<f64>,
    }
    let voices = verdict.voices.iter().map(|voice| Voice {
        tier: voice.tier,
        by: &voice.by,
        truth: voice.truth,
        at: voice.at.as_ref().map(|at| format!("{}:{}", at.path, at.line)),
        because: voice.because.as_deref(),
        values: voice.values.iter().map(|(name, value)| (name.as_ref(), crate::verdict::plain(value))).collect(),
        text: &voice.text,
    });
    Explanation {
        tier: verdict.tier,
        proposal: &verdict.proposal,
        actor: &verdict.actor,
        voices: voices.collect(),
        unknown: &verdict.unknown,
        suggest: &verdict.suggest,
        approval: &verdict.approval,
        retry_after_s: verdict.retry_after_s,
    }
    .serialize(serializer)
}
