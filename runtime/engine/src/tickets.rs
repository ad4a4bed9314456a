//! What people have to look at: objectives that burn their error budget too fast, and invariants that do not hold.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Burn, Policy, Severity, Slo};
use serde::Serialize;

use crate::error_budget;
use crate::expression::Scope;
use crate::history::History;
use crate::series::ms_between;
use crate::snapshot::Snapshot;
use crate::truth::Truth;

/// What a ticket is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's")]
pub enum TicketKind {
    Slo,
    Invariant,
}

/// Something that people have to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ticket {
    /// When it was opened.
    #[serde(rename = "t")]
    pub opened: Timestamp,
    /// What it is about.
    pub kind: TicketKind,
    /// The objective or the invariant.
    pub name: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// The windows that burn, `1h/5m`; of an invariant nothing.
    pub pair: Option<Arc<str>>,
    /// When it was over, if it is.
    pub closed: Option<Timestamp>,
}

/// The tickets of one policy: which are open, and what each waits for.
pub struct Tickets {
    burning: Vec<Watch>,
    broken: Vec<Watch>,
}

/// What one ticket would be about.
#[derive(Clone, Debug, Default)]
struct Watch {
    open: Option<Ticket>,
    unknown_since: Option<Timestamp>,
    /// How often it was looked at without evidence.
    undecided: u64,
}

impl Ticket {
    /// The one of these that is closed by `self`, if `self` was closed.
    pub fn closes<'a>(&self, opened: &'a mut [Ticket]) -> Option<&'a mut Ticket> {
        self.closed?;
        let open = Ticket { closed: None, ..self.clone() };
        opened.iter_mut().rev().find(|known| **known == open)
    }
}

impl Tickets {
    /// None is open.
    pub fn new(policy: &Policy) -> Tickets {
        let pairs = policy.slos.iter().map(|slo| slo.burns.len()).sum();
        Tickets { burning: vec![Watch::default(); pairs], broken: vec![Watch::default(); policy.invariants.len()] }
    }

    /// Looks at the evidence of `snapshot`; tickets that were opened or closed by it are added to `changes`.
    pub fn look(&mut self, policy: &Policy, snapshot: &Snapshot, history: &History, changes: &mut Vec<Ticket>) {
        let scope = Scope::bare(policy, snapshot, Some(history));
        for ((slo, burn), watch) in pairs(policy).zip(&mut self.burning) {
            let ticket = || Ticket {
                opened: scope.at,
                kind: TicketKind::Slo,
                name: slo.name.clone(),
                severity: burn.severity,
                pair: Some(pair(burn)),
                closed: None,
            };
            // Without evidence a ticket stays as it is.
            let burns = burns(scope, slo, burn);
            watch.undecided += u64::from(burns == Truth::Unknown);
            watch.turn(burns, scope.at, ticket, changes);
        }
        for (invariant, watch) in policy.invariants.iter().zip(&mut self.broken) {
            let holds = scope.truth(&invariant.condition.expr);
            let broken = !watch.settled(holds, scope.at, invariant.unknown_max_ms);
            let ticket = || Ticket {
                opened: scope.at,
                kind: TicketKind::Invariant,
                name: invariant.name.clone(),
                severity: Severity::High,
                pair: None,
                closed: None,
            };
            watch.turn(broken, scope.at, ticket, changes);
        }
    }

    /// How often each pair of windows was looked at without evidence.
    pub(crate) fn undecided<'a>(&'a self, policy: &'a Policy) -> impl Iterator<Item = (&'a Slo, Arc<str>, u64)> {
        pairs(policy).zip(&self.burning).map(|((slo, burn), watch)| (slo, pair(burn), watch.undecided))
    }

    /// Those that are open.
    pub fn open(&self) -> impl Iterator<Item = &Ticket> {
        self.burning.iter().chain(&self.broken).filter_map(|watch| watch.open.as_ref())
    }
}

impl Watch {
    /// What was unknown for longer than admitted counts as false.
    fn settled(&mut self, truth: Truth, at: Timestamp, unknown_max_ms: u64) -> Truth {
        match truth {
            Truth::True | Truth::False => {
                self.unknown_since = None;
                truth
            }
            Truth::Unknown => {
                let since = *self.unknown_since.get_or_insert(at);
                let unknown_ms = u64::try_from(ms_between(since, at)).unwrap_or_default();
                if unknown_ms > unknown_max_ms { Truth::False } else { Truth::Unknown }
            }
        }
    }

    fn turn(&mut self, bad: Truth, at: Timestamp, ticket: impl FnOnce() -> Ticket, changes: &mut Vec<Ticket>) {
        match (bad, &self.open) {
            (Truth::True, None) => {
                let opened = ticket();
                changes.push(opened.clone());
                self.open = Some(opened);
            }
            (Truth::False, Some(_)) => {
                changes.extend(self.open.take().map(|open| Ticket { closed: Some(at), ..open }));
            }
            (Truth::True, Some(_)) | (Truth::False, None) | (Truth::Unknown, _) => {}
        }
    }
}

/// Whether a pair of windows burns: both exceed the factor, strictly. Fewer than `min events` in the long window are no
/// evidence. Source: Google SRE workbook, chapter 5, multi-window multi-burn-rate alerts.
fn burns(scope: Scope<'_>, slo: &Slo, burn: &Burn) -> Truth {
    let exceeds = |window_ms, events_min| error_budget::burns(scope, slo, burn.factor, window_ms, events_min);
    // Both are asked only where the first does not say no.
    match exceeds(burn.short_ms, 0.0) {
        Truth::False => Truth::False,
        short @ (Truth::True | Truth::Unknown) => Truth::all([exceeds(burn.long_ms, slo.min_events), short]),
    }
}

fn pairs(policy: &Policy) -> impl Iterator<Item = (&Slo, &Burn)> {
    policy.slos.iter().flat_map(|slo| slo.burns.iter().map(move |burn| (slo, burn)))
}

fn pair(burn: &Burn) -> Arc<str> {
    let span = |ms: u64| leeway_units::Quantity::milliseconds(ms).to_string();
    format!("{}/{}", span(burn.long_ms), span(burn.short_ms)).into()
}
