//! Tells what the enforcer does as it happens, one step a line.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_controller::{Event, EventStream, Handle};
use leeway_engine::{Entry, Gap, OperationId, Outcome, Purpose, Record, State, Truth};
use leeway_ir::{Policy, Stage};
use owo_colors::OwoColorize as _;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use crate::approver::Approver;
use crate::terminal::{harmless, stdout};
use crate::verdict::{bracketed, coloured, place, verdict_lines};

/// Prints the steps of one blueprint's loop, and lets the person at the terminal answer.
pub(crate) struct Narrator {
    policy: Arc<Policy>,
    /// Times are printed from here; by the clock without one.
    from: Option<Timestamp>,
    /// Where answers go.
    handle: Handle,
    /// Who answers.
    approver: Approver,
    /// The questions that are open.
    asking: RefCell<BTreeMap<OperationId, JoinHandle<()>>>,
}

impl Narrator {
    pub(crate) fn new(policy: Arc<Policy>, from: Option<Timestamp>, handle: Handle, approver: Approver) -> Narrator {
        Narrator { policy, from, handle, approver, asking: RefCell::default() }
    }

    /// Tells until the enforcer stops.
    pub(crate) async fn tell(self, mut events: EventStream) {
        loop {
            match events.recv().await {
                Ok(event) => self.show(&event),
                Err(RecvError::Lagged(missed)) => {
                    stdout(&format!("… {missed} steps not shown; `leeway audit list` has them\n"));
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Tells one step, and asks when it is a question.
    pub(crate) fn show(&self, event: &Event) {
        self.print(event);
        if let Some(question) = Approver::question(event) {
            let (approver, handle) = (self.approver, self.handle.clone());
            let asking = tokio::spawn(async move { approver.ask(question, &handle).await });
            self.asking.borrow_mut().extend(event.entry.operation.map(|operation| (operation, asking)));
        } else if let (Some(operation), Some(_)) = (event.entry.operation, event.entry.record.state()) {
            // Whatever became of the operation, its question is over, and the terminal is free for the next.
            if let Some(asking) = self.asking.borrow_mut().remove(&operation) {
                asking.abort();
            }
        }
    }

    fn print(&self, event: &Event) {
        let time = match self.from {
            Some(from) => format!("{:>5.1}s", event.entry.at.duration_since(from).as_secs_f64()),
            None => event.entry.at.strftime("%H:%M:%S").to_string(),
        };
        let operation = event.entry.operation.map_or_else(String::new, |operation| operation.to_string());
        let lead = format!("{time} {operation:>6} ");
        for (at, line) in self.lines(&event.entry).iter().enumerate() {
            if at == 0 {
                stdout(&format!("{}{line}\n", lead.dimmed()));
            } else {
                stdout(&format!("{:width$}{line}\n", "", width = lead.chars().count()));
            }
        }
    }

    fn lines(&self, entry: &Entry) -> Vec<String> {
        match &entry.record {
            Record::Observed { .. } | Record::Started { .. } => vec![],
            Record::Decided { verdict, .. } => verdict_lines(verdict),
            Record::Verified { stages, outcome, .. } => {
                let mut lines = vec![summary(entry)];
                if *outcome != Outcome::Confirmed {
                    lines.extend(stages.iter().map(|stage| {
                        let said = match stage.passed {
                            Some(Truth::True) => "passed".green().to_string(),
                            Some(Truth::False) => "failed".red().to_string(),
                            Some(Truth::Unknown) => "cannot be judged".yellow().to_string(),
                            None => "open".dimmed().to_string(),
                        };
                        format!("  {} — {said}{}", stage.text, bracketed(&stage.values))
                    }));
                }
                lines
            }
            Record::Intended { intent } if intent.purpose == Purpose::Act => {
                let stages = self.policy.action_named(&intent.call.action).map(|(id, _)| self.policy.stages(id));
                let stages: Vec<String> = stages.unwrap_or_default().iter().map(Stage::text).collect();
                let watched =
                    (!stages.is_empty()).then(|| format!("  verified by: {}", stages.join(", ")).dimmed().to_string());
                std::iter::once(summary(entry)).chain(watched).collect()
            }
            Record::BreakerOpened { .. } => vec![
                summary(entry),
                format!("  nothing more is done until `leeway breaker reset {}`", self.policy.target.name),
            ],
            Record::Unreachable { .. }
            | Record::Reachable { .. }
            | Record::Unseen { .. }
            | Record::Proposed { .. }
            | Record::ApprovalAsked { .. }
            | Record::Approved { .. }
            | Record::Rejected { .. }
            | Record::Intended { .. }
            | Record::Done { .. }
            | Record::NotDone { .. }
            | Record::Moved { .. }
            | Record::BreakerReset { .. } => vec![summary(entry)],
        }
    }
}

/// A record in one line.
pub(crate) fn summary(entry: &Entry) -> String {
    match &entry.record {
        Record::Started { version, target, .. } => {
            let version = version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
            format!("`{}`{version} governs {}(\"{}\")", entry.blueprint, target.kind, harmless(&target.name))
        }
        Record::Observed { facts, metrics, .. } => {
            let known = facts.values().chain(metrics.values()).filter(|value| value.is_ok()).count();
            let all = facts.len() + metrics.len();
            format!("{known} of {all} values known")
        }
        Record::Unreachable { why } => format!("{} {}", "the target cannot be reached:".yellow(), harmless(why)),
        Record::Reachable { .. } => "the target answers again".to_owned(),
        Record::Unseen { unknown } if unknown.is_empty() => "everything can be seen".to_owned(),
        Record::Unseen { unknown } => {
            let why = |gap: &Gap| match gap {
                Gap::Missing => "missing",
                Gap::Invalid => "invalid",
                Gap::Failed => "failed",
            };
            let names: Vec<String> = unknown.iter().map(|(name, gap)| format!("`{name}` ({})", why(gap))).collect();
            format!("{} {}", "cannot be seen:".yellow(), names.join(", "))
        }
        Record::Proposed { proposal } => {
            let because = proposal.because.as_ref().map_or_else(String::new, |why| format!(" — {}", harmless(why)));
            let (actor, call) = (harmless(&proposal.actor()), harmless(&proposal.call.to_string()));
            format!("{} proposes {}{because}", actor.bold(), call.bold())
        }
        Record::Decided { verdict, .. } => match verdict.deciding() {
            Some(voice) => format!("{} by {}", coloured(verdict.tier), place(voice)),
            None => coloured(verdict.tier),
        },
        Record::ApprovalAsked { expires, .. } => {
            format!("waiting for a person until {}", expires.strftime("%H:%M:%S UTC"))
        }
        Record::Approved { approval, stand_in } => {
            format!("{} by {}", "approved".green(), person(approval.by.id(), *stand_in))
        }
        Record::Rejected { by, stand_in } => format!("{} by {}", "rejected".red(), person(by.id(), *stand_in)),
        Record::Intended { intent } => match intent.purpose {
            Purpose::Act => format!("doing {}", harmless(&intent.call.to_string())),
            Purpose::Undo => format!("{} {}", "rolling back with".yellow(), harmless(&intent.call.to_string())),
        },
        Record::Done { purpose, found, .. } => {
            let what = match purpose {
                Purpose::Act => "done",
                Purpose::Undo => "the old state is written back",
            };
            let how = if *found { ", as the target shows: the answer was lost" } else { "" };
            format!("{what}{how}")
        }
        Record::NotDone { purpose, why } => {
            let what = match purpose {
                Purpose::Act => "not done:",
                Purpose::Undo => "the rollback was not done:",
            };
            format!("{} {}", what.red(), harmless(why))
        }
        Record::Verified { purpose, outcome, .. } => match (purpose, outcome) {
            (Purpose::Act, Outcome::Confirmed) => format!("verified: {}", "confirmed".green()),
            (Purpose::Act, Outcome::Partial) => {
                format!("verified: {}, an objective is not met or not known to be", "partial".yellow())
            }
            (Purpose::Act, Outcome::Failed) => format!("verified: {}", "failed".red()),
            (Purpose::Undo, Outcome::Confirmed | Outcome::Partial) => {
                format!("verified: {}", "rolled back".green())
            }
            (Purpose::Undo, Outcome::Failed) => format!("verified: {}", "the rollback failed".red()),
            (_, Outcome::Inconclusive) => {
                format!("verified: {}; every proposal needs a person until evidence decides", "inconclusive".yellow())
            }
        },
        Record::Moved { state, why } => {
            let why = why.as_ref().map_or_else(String::new, |why| format!(": {}", harmless(why)));
            let state = state.name().replace('_', " ");
            let state = if entry.record.state() == Some(State::Failed) { state.red().to_string() } else { state };
            format!("{state}{why}")
        }
        Record::BreakerOpened { failures } => {
            format!("{} after {failures} failures in a row", "the breaker opens".red().bold())
        }
        Record::BreakerReset { by } => format!("the breaker was reset by {}", harmless(by)),
    }
}

fn person(id: &str, stand_in: bool) -> String {
    if stand_in { format!("{}, {}", harmless(id), "a stand-in: no person answered".yellow()) } else { harmless(id) }
}
