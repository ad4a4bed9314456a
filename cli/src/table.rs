//! Every operation in one table: who, what, verdict, deciding clause, outcome.

use std::collections::BTreeMap;

use leeway_engine::{Entry, OperationId, Record, State, Tier, Verdict};

use crate::terminal::{self, harmless};

/// What the table shows of one operation.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Who asked.
    pub(crate) actor: String,
    /// What for.
    pub(crate) proposal: String,
    /// How it was decided.
    pub(crate) tier: Option<Tier>,
    /// The clause that decided, with its place.
    pub(crate) by: String,
    /// Where the operation stands.
    pub(crate) state: Option<State>,
    /// Why, where something is to be said.
    pub(crate) why: Option<String>,
}

/// The operations of a ledger, in the order they were proposed.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    rows: BTreeMap<OperationId, Row>,
}

impl Operations {
    /// Takes one more record in.
    pub(crate) fn note(&mut self, entry: &Entry) {
        let Some(operation) = entry.operation else { return };
        let row = self.rows.entry(operation).or_default();
        match &entry.record {
            Record::Proposed { proposal } => {
                row.actor = harmless(&proposal.actor());
                row.proposal = harmless(&proposal.call.to_string());
            }
            Record::Decided { verdict, .. } => {
                row.tier = Some(verdict.tier);
                row.by = deciding(verdict);
            }
            Record::NotDone { why, .. } | Record::Moved { why: Some(why), .. } => row.why = Some(harmless(why)),
            Record::Approved { approval, stand_in } => {
                let who = if *stand_in { "a stand-in" } else { approval.by.id().as_ref() };
                row.why = Some(format!("approved by {}", harmless(who)));
            }
            Record::Started { .. }
            | Record::Observed { .. }
            | Record::Unreachable { .. }
            | Record::Reachable { .. }
            | Record::Unseen { .. }
            | Record::ApprovalAsked { .. }
            | Record::Rejected { .. }
            | Record::Intended { .. }
            | Record::Done { .. }
            | Record::Verified { .. }
            | Record::Moved { .. }
            | Record::BreakerOpened { .. }
            | Record::BreakerReset { .. } => {}
        }
        row.state = entry.record.state().or(row.state);
    }

    /// The table as text.
    pub(crate) fn table(&self) -> String {
        let mut table = terminal::table();
        table.set_header(["", "who proposed what", "verdict", "deciding clause", "outcome"]);
        for (id, row) in &self.rows {
            let outcome = row.state.map_or_else(String::new, |state| state.name().replace('_', " "));
            let outcome = match &row.why {
                Some(why) => format!("{outcome}\n{}", shortened(why)),
                None => outcome,
            };
            let verdict = row.tier.map_or_else(|| "not decided".to_owned(), |tier| tier.to_string());
            let proposed = format!("{}\n{}", row.actor, row.proposal);
            table.add_row([id.to_string(), proposed, verdict, row.by.clone(), outcome]);
        }
        format!("{table}\n")
    }
}

/// The clause that decided, and where it stands.
fn deciding(verdict: &Verdict) -> String {
    match verdict.deciding() {
        Some(voice) => match &voice.at {
            Some(at) => format!("{}\n{}:{}", voice.by, at.path, at.line),
            None => format!("{}\n{}", voice.by, harmless(&voice.text)),
        },
        None => String::new(),
    }
}

/// How much of a reason a cell shows; `audit show` has all of it.
const REASON_LENGTH_MAX: usize = 45;

fn shortened(text: &str) -> String {
    if text.chars().count() <= REASON_LENGTH_MAX {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(REASON_LENGTH_MAX).collect::<String>())
    }
}
