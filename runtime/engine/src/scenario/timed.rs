//! Plays a test that gives series: every sample is seen as an enforcer would have seen it, and what it would have done is done.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Expected, ExpectedKind, GivenSeries, MetricId, Policy, RuleId, Scenario, SeriesOf, When};
use leeway_units::{Call, Quantity, Value};

use super::{ExpectationOutcome, Played, history, proposal, snapshot, tier_outcome};
use crate::compiled::Decider;
use crate::evidence::Gap;
use crate::expression::Scope;
use crate::moment::Moment;
use crate::operation::{IllegalMove, OperationId};
use crate::proposal::Principal;
use crate::record::Record;
use crate::rules::propose;
use crate::series::{ms_after, ms_between};
use crate::simulation::{Assumed, Happening, People, Simulation};
use crate::suggest::call;
use crate::truth::Truth;
use crate::verdict::Verdict;

/// What one expectation has come to so far.
#[derive(Clone, Debug)]
struct Answer {
    met: bool,
    /// What came, told when it was asked last, or when it first was what it must never be.
    came: String,
    verdict: Option<Verdict>,
    /// When that was.
    at: Timestamp,
}

/// Plays the series of a test; `coverage` as that of [`Played`].
pub(super) fn play(policy: &Policy, scenario: &Scenario) -> Played {
    let played = Course::new(policy, scenario).play();
    played.unwrap_or_else(|error| {
        let lost = |expected: &Expected| ExpectationOutcome {
            met: false,
            expected: expected.written.to_string(),
            came: error.to_string(),
            verdict: None,
        };
        Played {
            outcomes: scenario.expect.iter().map(lost).collect(),
            coverage: vec![BTreeSet::new(); policy.clauses.len()],
        }
    })
}

struct Course<'a> {
    scenario: &'a Scenario,
    policy: Arc<Policy>,
    simulation: Simulation,
    decider: Decider,
    answers: Vec<Answer>,
    coverage: Vec<BTreeSet<Truth>>,
}

impl<'a> Course<'a> {
    fn new(policy: &Policy, scenario: &'a Scenario) -> Course<'a> {
        let of_series = |of: &dyn Fn(SeriesOf) -> bool| scenario.series.iter().any(|series| of(series.of));
        let facts = (0..policy.facts.len()).filter_map(|slot| Some(leeway_ir::FactId(u16::try_from(slot).ok()?)));
        let facts = facts.filter(|id| of_series(&|of| of == SeriesOf::Fact(*id))).collect();
        let given = scenario.metrics.iter().map(|given| given.metric);
        let metrics: BTreeSet<MetricId> = given
            .chain(scenario.series.iter().filter_map(|series| match series.of {
                SeriesOf::Metric(id) => Some(id),
                SeriesOf::Fact(_) => None,
            }))
            .collect();
        let policy = Arc::new(Assumed::of(policy, &facts, &metrics).policy);
        let before = snapshot(&policy, scenario);
        let simulation = Simulation::after(policy.clone(), before, history(scenario), People::Silent);
        let decider = Decider::new(simulation.compiled());
        let coverage = vec![BTreeSet::new(); policy.clauses.len()];
        let unasked = Answer { met: false, came: String::new(), verdict: None, at: scenario.at };
        let answers = vec![unasked; scenario.expect.len()];
        Course { scenario, policy, simulation, decider, answers, coverage }
    }

    fn play(mut self) -> Result<Played, IllegalMove> {
        let times = times(self.scenario);
        for (number, at) in times.iter().enumerate() {
            let moment = self.moment(*at);
            self.simulation.record(&moment)?;
            self.cover();
            let next = times.get(number + 1).copied();
            let expected = self.scenario.expect.iter().enumerate();
            let asked: Vec<(usize, &Expected, Option<Call>)> = expected
                .filter(|(_, expected)| self.asks(expected, *at, next))
                .map(|(place, expected)| (place, expected, self.wanted(expected)))
                .collect();
            let about_tier = asked.iter().any(|(_, expected, _)| matches!(expected.kind, ExpectedKind::Tier { .. }));
            let judged = if about_tier { self.judged() } else { None };
            self.simulation.evaluate(*at)?;
            let happened = self.simulation.happened();
            for (place, expected, wanted) in asked {
                self.ask(place, expected, wanted.as_ref(), &happened, judged.as_ref(), *at);
            }
        }
        let answers = std::mem::take(&mut self.answers);
        let outcomes = self.scenario.expect.iter().zip(answers).map(|(expected, answer)| {
            let Answer { met, came, verdict, at } = answer;
            let came = format!("{came} at {}", Quantity::milliseconds(self.passed_ms(at)));
            // What must never come has come when it was met.
            let met = if expected.when == Some(When::Never) { !met } else { met };
            ExpectationOutcome { met, expected: expected.written.to_string(), came, verdict }
        });
        let outcomes = outcomes.collect();
        Ok(Played { outcomes, coverage: self.coverage })
    }

    /// What is measured at that time.
    fn moment(&self, at: Timestamp) -> Moment {
        let mut moment = Moment::empty(&self.policy, at);
        for given in &self.scenario.metrics {
            if let Some(metric) = moment.metrics.get_mut(usize::from(given.metric.0)) {
                *metric = Some(Ok(Value::Quantity(given.value)));
            }
        }
        for series in &self.scenario.series {
            let slot = match series.of {
                SeriesOf::Fact(id) => moment.facts.get_mut(usize::from(id.0)),
                SeriesOf::Metric(id) => moment.metrics.get_mut(usize::from(id.0)),
            };
            if let Some(slot) = slot {
                *slot = sample(series, self.scenario.at, at);
            }
        }
        moment
    }

    /// The call that is expected, with its arguments as of now.
    fn wanted(&self, expected: &Expected) -> Option<Call> {
        match &expected.kind {
            ExpectedKind::Proposes { call: wanted, .. } => call(&self.policy, self.scope(), wanted),
            ExpectedKind::Tier { .. } | ExpectedKind::Silent { .. } => None,
        }
    }

    /// The verdict on what the test itself proposes, as of now.
    fn judged(&mut self) -> Option<Result<Verdict, &'static str>> {
        self.scenario.propose.as_ref()?;
        let proposal = proposal(self.scenario, &self.policy, self.scope());
        let (snapshot, history) = (self.simulation.snapshot(), self.simulation.history());
        Some(proposal.map(|proposal| {
            let decision = self.decider.decide(snapshot, history, &Arc::new(proposal));
            self.simulation.compiled().explain(snapshot, history, decision)
        }))
    }

    /// Whether the expectation is looked at now.
    fn asks(&self, expected: &Expected, at: Timestamp, next: Option<Timestamp>) -> bool {
        match expected.when {
            None => next.is_none(),
            Some(When::At(ms)) => self.passed_ms(at) <= ms && next.is_none_or(|next| self.passed_ms(next) > ms),
            Some(When::Within(ms)) => self.passed_ms(at) <= ms,
            Some(When::Never) => true,
        }
    }

    fn ask(
        &mut self,
        place: usize,
        expected: &Expected,
        wanted: Option<&Call>,
        happened: &[Happening],
        judged: Option<&Result<Verdict, &'static str>>,
        at: Timestamp,
    ) {
        // The first time that it was met is the one to tell of.
        if self.answers.get(place).is_none_or(|answer| answer.met) {
            return;
        }
        let answer = match &expected.kind {
            ExpectedKind::Proposes { rule, .. } => {
                let (came, verdict) = self.proposed(*rule, happened);
                let met = came.is_some() && came.as_ref() == wanted;
                Answer { met, came: told(came.as_ref()), verdict, at }
            }
            ExpectedKind::Silent { rule } => {
                let (came, verdict) = self.proposed(*rule, happened);
                Answer { met: came.is_none(), came: told(came.as_ref()), verdict, at }
            }
            ExpectedKind::Tier { tier, by } => {
                let (verdict, at) = match judged {
                    Some(judged) => (judged.clone(), at),
                    None => self.of_rule_before(place).unwrap_or((Err("nothing was proposed"), at)),
                };
                match verdict {
                    Ok(verdict) => {
                        let (met, came) = tier_outcome(&verdict, *tier, by.as_ref());
                        Answer { met, came, verdict: Some(verdict), at }
                    }
                    Err(why) => Answer { met: false, came: why.to_owned(), verdict: None, at },
                }
            }
        };
        if let Some(known) = self.answers.get_mut(place) {
            *known = answer;
        }
    }

    /// How that was decided, and when, which a rule proposed as the nearest expectation before had it.
    fn of_rule_before(&self, place: usize) -> Option<(Result<Verdict, &'static str>, Timestamp)> {
        let before = self.scenario.expect.iter().zip(&self.answers).take(place);
        let mut of_rules = before.rev().filter(|(expected, _)| match expected.kind {
            ExpectedKind::Proposes { .. } => expected.when != Some(When::Never),
            ExpectedKind::Silent { .. } | ExpectedKind::Tier { .. } => false,
        });
        let (_, answer) = of_rules.next()?;
        Some((Ok(answer.verdict.clone()?), answer.at))
    }

    /// What a rule proposed in this round, and how that was decided.
    fn proposed(&self, rule: RuleId, happened: &[Happening]) -> (Option<Call>, Option<Verdict>) {
        let Some(rule) = self.policy.rules.get(usize::from(rule.0)) else { return (None, None) };
        let by_rule = |happening: &Happening| {
            let Record::Proposed { proposal } = &happening.record else { return None };
            let by_it = proposal.actors.contains(&Principal::rule(&rule.name));
            Some((happening.operation.filter(|_| by_it)?, proposal.call.clone()))
        };
        let Some((operation, call)) = happened.iter().find_map(by_rule) else { return (None, None) };
        (Some(call), verdict_on(operation, happened))
    }

    /// Notes which truth values the clauses have for what the rules propose now.
    fn cover(&mut self) {
        let (snapshot, history) = (self.simulation.snapshot(), self.simulation.history());
        let by_rules = propose(&self.policy, snapshot, history).into_iter().filter_map(|said| said.proposal);
        for proposal in by_rules.chain(proposal(self.scenario, &self.policy, self.scope()).ok()) {
            let proposal = Arc::new(proposal);
            let decision = self.decider.decide(snapshot, history, &proposal);
            super::cover(&self.policy, decision, &proposal.call, &mut self.coverage);
        }
    }

    fn passed_ms(&self, at: Timestamp) -> u64 {
        u64::try_from(ms_between(self.scenario.at, at)).unwrap_or_default()
    }

    fn scope(&self) -> Scope<'_> {
        Scope::bare(&self.policy, self.simulation.snapshot(), Some(self.simulation.history()))
    }
}

fn verdict_on(operation: OperationId, happened: &[Happening]) -> Option<Verdict> {
    happened.iter().filter(|happening| happening.operation == Some(operation)).find_map(|happening| {
        let Record::Decided { verdict, .. } = &happening.record else { return None };
        Some(verdict.as_ref().clone())
    })
}

fn told(call: Option<&Call>) -> String {
    call.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}

/// The sample that the series has at that time: `None` where it has none then.
fn sample(series: &GivenSeries, start: Timestamp, at: Timestamp) -> Option<Result<Value, Gap>> {
    let passed_ms = u64::try_from(ms_between(start, at)).ok()?;
    if series.every_ms == 0 || passed_ms % series.every_ms != 0 {
        return None;
    }
    let number = usize::try_from(passed_ms / series.every_ms).ok()?;
    let sample = series.samples.get(number)?;
    Some(sample.map(Value::Quantity).ok_or(Gap::Missing))
}

/// When something is measured, in order.
fn times(scenario: &Scenario) -> Vec<Timestamp> {
    let of = |series: &GivenSeries| {
        let (start, every_ms) = (scenario.at, series.every_ms);
        (0_u64..).take(series.samples.len()).map(move |number| ms_after(start, every_ms.saturating_mul(number)))
    };
    let times: BTreeSet<Timestamp> = scenario.series.iter().flat_map(of).collect();
    times.into_iter().collect()
}
