//! The ledger of an enforcer as a history that can be played again: what reached it, turn by turn, and nothing that it made of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_units::Value;
use serde::{Deserialize, Serialize};

use crate::evidence::Gap;
use crate::intent::Purpose;
use crate::operation::OperationId;
use crate::proposal::{ActorKind, Proposal};
use crate::record::{Entry, Record, RecordId};
use crate::simulation::Happening;

/// The least time between two turns.
const NEXT: SignedDuration = SignedDuration::from_nanos(1);

/// One line of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// When; after the line before.
    pub at: Timestamp,
    /// What was seen of facts, by name.
    pub facts: BTreeMap<Arc<str>, Result<Value, Gap>>,
    /// What was seen of metrics, by name.
    pub metrics: BTreeMap<Arc<str>, Result<Value, Gap>>,
    /// What an enforcer did then, if one recorded it.
    pub turn: Option<Turn>,
}

/// What an enforcer did at one time: a round, or what somebody asked of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Which of these.
    pub kind: TurnKind,
    /// The provider's version of the target, where that was seen.
    pub object_version: Option<Arc<str>>,
    /// The records of what reached it: that it began, what others proposed and answered, a breaker that was reset, what calls came to.
    /// What a rule proposed is among them for the number that it was given.
    pub run: Vec<Happening>,
}

impl Turn {
    /// What people and agents proposed in it.
    pub fn proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.run.iter().filter_map(|happening| {
            let Record::Proposed { proposal } = &happening.record else { return None };
            (!is_of_rule(proposal)).then_some(proposal)
        })
    }
}

/// What began a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnKind {
    /// A round that saw the target.
    Seen,
    /// A round in which the target could not be reached.
    Blind,
    /// Somebody proposed or answered, or the enforcer began: no round.
    Told,
}

/// Makes lines of the records of one blueprint on one target.
#[derive(Debug, Default)]
pub struct Transcript {
    line: Option<Line>,
    /// When the record before was written.
    here: Timestamp,
    last: Option<Timestamp>,
    /// The last round in which the target could not be reached, while it cannot.
    blind: Option<Timestamp>,
    /// Calls that were made in this turn and are not answered.
    calls: Vec<(Option<OperationId>, Purpose)>,
    /// What another process wrote: it is heard in the next turn.
    resets: Vec<Happening>,
}

impl Transcript {
    /// Takes in the next record; gives the line that it ends.
    pub fn hear(&mut self, id: RecordId, entry: Entry) -> Option<Line> {
        let Entry { at, operation, record, .. } = entry;
        match record {
            Record::Observed { facts, metrics, object_version } => {
                self.blind = None;
                self.begin(at, facts, metrics, Turn { kind: TurnKind::Seen, object_version, run: Vec::new() })
            }
            Record::Unreachable { .. } => self.begin_blind(at),
            Record::BreakerReset { .. } => {
                self.resets.push(Happening { at, id, operation, record });
                None
            }
            Record::Started { .. } | Record::Approved { .. } | Record::Rejected { .. } => {
                if matches!(record, Record::Started { .. }) {
                    self.blind = None;
                }
                let ended = self.begin_without_sight(at, TurnKind::Told);
                self.add(Happening { at, id, operation, record });
                ended
            }
            Record::Proposed { ref proposal } => {
                let kind = if is_of_rule(proposal) { None } else { Some(TurnKind::Told) };
                let ended = match kind {
                    Some(kind) => self.begin_without_sight(at, kind),
                    None => self.go_on(at),
                };
                self.add(Happening { at, id, operation: Some(OperationId(id.0)), record });
                ended
            }
            Record::Intended { ref intent } => {
                let ended = self.go_on(at);
                self.calls.push((operation, intent.purpose));
                ended
            }
            Record::Done { purpose, .. } | Record::NotDone { purpose, .. } => {
                let Some(call) = self.calls.iter().position(|call| *call == (operation, purpose)) else {
                    // Found out by looking at the target, which a replay does by itself.
                    return self.go_on(at);
                };
                self.calls.remove(call);
                self.here = at;
                self.add(Happening { at, id, operation, record });
                None
            }
            Record::Decided { .. }
            | Record::ApprovalAsked { .. }
            | Record::Verified { .. }
            | Record::Moved { .. }
            | Record::BreakerOpened { .. } => self.go_on(at),
            Record::Reachable { blind: Some(last) } if last > self.here => self.begin_blind(last),
            Record::Reachable { .. } | Record::Unseen { .. } => None,
        }
    }

    /// The last line.
    pub fn finish(mut self) -> Option<Line> {
        if let Some(at) = self.resets.last().map(|reset| reset.at)
            && self.line.is_none()
        {
            self.begin_without_sight(at, TurnKind::Told);
        }
        self.line
    }

    /// A record that belongs to the turn under way. While the target cannot be seen rounds leave no record of their own: there,
    /// another time is another round.
    fn go_on(&mut self, at: Timestamp) -> Option<Line> {
        if self.blind.is_some() && at != self.here { self.begin_blind(at) } else { None }
    }

    fn begin_blind(&mut self, at: Timestamp) -> Option<Line> {
        self.blind = Some(at);
        self.begin_without_sight(at, TurnKind::Blind)
    }

    fn begin_without_sight(&mut self, at: Timestamp, kind: TurnKind) -> Option<Line> {
        self.begin(at, BTreeMap::new(), BTreeMap::new(), Turn { kind, object_version: None, run: Vec::new() })
    }

    fn begin(
        &mut self,
        at: Timestamp,
        facts: BTreeMap<Arc<str>, Result<Value, Gap>>,
        metrics: BTreeMap<Arc<str>, Result<Value, Gap>>,
        mut turn: Turn,
    ) -> Option<Line> {
        self.here = at;
        self.calls.clear();
        turn.run.extend(self.resets.extract_if(.., |reset| reset.at <= at));
        // A clock that was set back cannot be told by a history, whose times only grow.
        let after = self.last.map_or(at, |last| at.max(last.checked_add(NEXT).unwrap_or(Timestamp::MAX)));
        self.last = Some(after);
        self.line.replace(Line { at: after, facts, metrics, turn: Some(turn) })
    }

    fn add(&mut self, happening: Happening) {
        if let Some(Line { turn: Some(turn), .. }) = &mut self.line {
            turn.run.push(happening);
        }
    }
}

/// Whether a rule proposed it, and so a replay does.
pub(crate) fn is_of_rule(proposal: &Proposal) -> bool {
    proposal.actors.iter().any(|actor| actor.kind() == ActorKind::Rule)
}
