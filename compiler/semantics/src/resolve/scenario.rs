//! Tests: what they give, propose and expect, with every name in them resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_diagnostics::{Code, Diagnostic, Span, Spanned};
use leeway_ir as ir;
use leeway_ir::{FactId, MetricId, RuleId};
use leeway_syntax::ast;

use super::Resolver;
use super::blueprint::Here;
use crate::closest::unknown;
use crate::hir::{
    Blueprint, Call, Claim, Expected, ExpectedKind, GivenFact, GivenMetric, GivenOperation, GivenSeries, GivenValue,
    Scenario, When, slot,
};

/// Voices that are no clause and no limit.
const PSEUDO_VOICES: [&str; 7] = ["arguments", "conflict", "default", "held", "irreversible", "kill", "owner"];

/// The kinds of actors.
const ACTORS: [&str; 3] = ["rule", "human", "agent"];

/// The longest identity of an actor, in bytes, with its kind.
const ACTOR_LENGTH_MAX: usize = 256;

/// What a name in a `given` stands for.
enum Thing {
    Fact(FactId),
    Metric(MetricId),
}

/// What has been given so far, with its places.
type Seen = BTreeMap<String, Span>;

impl Resolver<'_> {
    /// The tests of a blueprint's own members; all else of it is resolved.
    pub(super) fn scenarios(&mut self, here: &Here<'_>, blueprint: &Blueprint) -> Vec<Scenario> {
        let voices = super::ids::voices(blueprint);
        let mut scenarios = Vec::new();
        let mut names: Vec<&ast::Text> = Vec::new();
        for member in here.plan.members {
            let ast::MemberKind::Test(test) = &member.kind else { continue };
            if let Some(first) = names.iter().find(|first| first.node == test.name.node) {
                let message = format!("the test `{}` is stated twice", test.name.node);
                let finding = Diagnostic::new(Code::E0208, test.name.span, message);
                self.diagnostics.push(finding.label(first.span, "first here").help("give it another name"));
            }
            names.push(&test.name);
            scenarios.push(self.scenario(here, test, member.span, (blueprint, &voices)));
        }
        scenarios
    }

    fn scenario(
        &mut self,
        here: &Here<'_>,
        test: &ast::Test,
        span: Span,
        (blueprint, voices): (&Blueprint, &[Arc<str>]),
    ) -> Scenario {
        let mut found = Scenario {
            name: test.name.node.clone(),
            at: None,
            facts: Vec::new(),
            metrics: Vec::new(),
            series: Vec::new(),
            history: Some(Vec::new()),
            actor: None,
            claims: Vec::new(),
            breaker_open: false,
            held: false,
            killed: false,
            owner: None,
            propose: None,
            expect: Vec::new(),
            span,
        };
        let mut seen = Seen::new();
        for given in &test.given {
            self.given(here, given, &mut found, &mut seen);
        }
        let scope = here.scope();
        found.propose = test.propose.as_ref().and_then(|call| self.call(&scope, call, &here.target.actions));
        // What is judged: the proposal of the test, or that of a rule.
        let mut proposed = test.propose.is_some();
        for expectation in &test.expect {
            let claims = found.claims.len();
            let when = expectation.when.as_ref().map(|when| {
                let moment = match &when.node {
                    ast::When::At(time) => When::At(self.expression(&scope, time)),
                    ast::When::Within(time) => When::Within(self.expression(&scope, time)),
                    ast::When::Never => When::Never,
                };
                Spanned::new(moment, when.span)
            });
            let kind = match &expectation.what {
                ast::Expectation::Tier { tier, by } => {
                    if !proposed {
                        let message = format!("`expect {}` judges a proposal, and there is none", tier.node.word());
                        let finding = Diagnostic::new(Code::E0214, expectation.span, message);
                        let help = "write `propose CALL` before it, or `expect rule NAME proposes CALL`";
                        self.diagnostics.push(finding.help(help));
                    }
                    // A member that was lost in parsing is likely the voice, and counts for the number of others.
                    if let Some(by) = by
                        && !here.plan.broken
                        && !blueprint.lost
                    {
                        self.voice(by, (&blueprint.name.node, voices), claims);
                    }
                    let by = by.as_ref().map(|by| by.node.clone());
                    Some(ExpectedKind::Tier { tier: tier.node, by })
                }
                ast::Expectation::Proposes { rule, call } => {
                    proposed = true;
                    let rule = self.rule_named(rule, blueprint);
                    let call = self.call(&scope, call, &here.target.actions);
                    rule.zip(call).map(|(rule, call)| ExpectedKind::Proposes { rule, call })
                }
                ast::Expectation::Silent { rule, .. } => {
                    self.rule_named(rule, blueprint).map(|rule| ExpectedKind::Silent { rule })
                }
            };
            found.expect.extend(kind.map(|kind| Expected { when, kind, span: expectation.span }));
        }
        found
    }

    fn given(&mut self, here: &Here<'_>, given: &Spanned<ast::Given>, found: &mut Scenario, seen: &mut Seen) {
        let scope = here.scope();
        let span = given.span;
        match &given.node {
            ast::Given::Value { name, value, held } => {
                self.given_once(name.text(), name.span, seen);
                let held = self.amount(&scope, held.as_ref());
                let thing = self.thing(here, name);
                if let ast::GivenValue::Series { values, every } = value {
                    let every = self.expression(&scope, every);
                    let of = thing.map(|thing| match thing {
                        Thing::Fact(fact) => ir::SeriesOf::Fact(fact),
                        Thing::Metric(metric) => ir::SeriesOf::Metric(metric),
                    });
                    let series = of.map(|of| GivenSeries { of, values: values.clone(), every, samples: Vec::new() });
                    found.series.extend(series);
                    return;
                }
                match thing {
                    Some(Thing::Fact(fact)) => {
                        let ty = here.target.facts.get(usize::from(fact.0)).and_then(|fact| fact.ty.as_ref());
                        let value = match value {
                            ast::GivenValue::One(value) => GivenValue::One(self.wanted(&scope, value, ty)),
                            ast::GivenValue::Records(records) => {
                                GivenValue::Records(Spanned::new(self.records(here, records, ty), span))
                            }
                            ast::GivenValue::Series { .. } => return,
                        };
                        found.facts.push(GivenFact { fact, value, held });
                    }
                    Some(Thing::Metric(metric)) => match value {
                        ast::GivenValue::One(value) => {
                            let value = self.expression(&scope, value);
                            found.metrics.push(GivenMetric { metric, value, held });
                        }
                        ast::GivenValue::Records(_) => {
                            let message = format!("`{}` is a metric and has no records", name.text());
                            let finding = Diagnostic::new(Code::E0301, span, message);
                            self.diagnostics.push(finding.help("give it one value"));
                        }
                        ast::GivenValue::Series { .. } => {}
                    },
                    None => {}
                }
            }
            ast::Given::Missing(name) if name.text() == "history" => {
                self.given_once("history".to_owned(), span, seen);
                found.history = None;
            }
            ast::Given::Missing(name) => {
                self.given_once(name.text(), name.span, seen);
                let _ = self.thing(here, name);
            }
            ast::Given::Past(past) => self.past(here, past, span, found, seen),
            ast::Given::Actor { kind, name, roles } => {
                self.given_once("actor".to_owned(), span, seen);
                found.actor = self.actor(kind, name, roles);
            }
            ast::Given::At(text) => {
                self.given_once("at".to_owned(), span, seen);
                found.at = text.node.parse::<Timestamp>().ok();
                if found.at.is_none() {
                    let finding = Diagnostic::new(Code::E0501, text.span, format!("`{}` is no moment", text.node));
                    self.diagnostics.push(finding.help("write it as in `at \"2026-01-02T03:04:05Z\"`"));
                }
            }
            ast::Given::Claim(claim) => {
                if let Some(metric) = self.claimed(here, &claim.metric) {
                    found.claims.push(Claim {
                        metric,
                        comparison: claim.comparison.node,
                        value: self.expression(&scope, &claim.value),
                        held: self.amount(&scope, claim.held.as_ref()),
                    });
                }
            }
            ast::Given::BreakerOpen => {
                self.given_once("breaker".to_owned(), span, seen);
                found.breaker_open = true;
            }
            ast::Given::Held => {
                self.given_once("held".to_owned(), span, seen);
                found.held = true;
            }
            ast::Given::Killed => {
                self.given_once("killed".to_owned(), span, seen);
                found.killed = true;
            }
            ast::Given::Owner(name) => {
                self.given_once("owner".to_owned(), span, seen);
                found.owner = Some(name.node.clone());
            }
        }
    }

    /// Reports what is given twice.
    fn given_once(&mut self, what: String, span: Span, seen: &mut Seen) {
        match seen.get(&what) {
            Some(first) => {
                let finding = Diagnostic::new(Code::E0208, span, format!("`{what}` is given twice"));
                self.diagnostics.push(finding.label(*first, "first here").help("remove one"));
            }
            None => drop(seen.insert(what, span)),
        }
    }

    /// The fact or metric of that name.
    fn thing(&mut self, here: &Here<'_>, name: &ast::Path) -> Option<Thing> {
        let text = name.text();
        if let Some(at) = here.target.facts.iter().position(|fact| fact.name.node.as_ref() == text) {
            return Some(Thing::Fact(FactId(slot(at))));
        }
        if let Some(id) = here.slots.metric(&text) {
            return Some(Thing::Metric(id));
        }
        if !here.scope().gaps.cover(&text) {
            let facts = here.target.facts.iter().map(|fact| fact.name.node.as_ref());
            let known = facts.chain(here.slots.metric_names());
            self.diagnostics.push(unknown_path(name, "fact or metric", known));
        }
        None
    }

    fn claimed(&mut self, here: &Here<'_>, name: &ast::Path) -> Option<MetricId> {
        let text = name.text();
        let found = here.slots.metric(&text);
        if found.is_none() && !here.scope().gaps.cover(&text) {
            let known = here.slots.metric_names();
            self.diagnostics.push(unknown_path(name, "metric", known));
        }
        found
    }

    /// The records of a collection; which fields there are, the checker says.
    fn records(
        &mut self,
        here: &Here<'_>,
        records: &[Spanned<Vec<ast::Argument>>],
        ty: Option<&leeway_units::Type>,
    ) -> crate::hir::Records {
        let scope = here.scope();
        let of = |name: &str| match ty {
            Some(leeway_units::Type::Records(fields)) => {
                fields.iter().find(|field| field.name.as_ref() == name).map(|field| &field.ty)
            }
            Some(_) | None => None,
        };
        let mut found = Vec::new();
        for record in records {
            let fields = record.node.iter();
            let fields = fields.map(|(name, value)| (name.clone(), self.wanted(&scope, value, of(&name.node))));
            found.push(fields.collect());
        }
        found
    }

    fn past(&mut self, here: &Here<'_>, past: &ast::Past, span: Span, found: &mut Scenario, seen: &mut Seen) {
        let scope = here.scope();
        let ago = self.expression(&scope, &past.ago);
        let arguments: Option<Call> = match &past.arguments {
            None => None,
            Some(arguments) => {
                let call = ast::Call { action: past.action.clone(), arguments: arguments.clone(), span };
                let Some(call) = self.call(&scope, &call, &here.target.actions) else { return };
                Some(call)
            }
        };
        let Some(action) = self.action_named(&past.action, &here.target.actions, &[]) else { return };
        if let Some(history) = &mut found.history {
            history.push(GivenOperation { action, arguments, succeeded: past.succeeded, ago });
            seen.entry("history".to_owned()).or_insert(span);
        } else {
            let message = format!("`{}` was done, and the history is missing", past.action.node);
            self.diagnostics.push(Diagnostic::new(Code::E0208, span, message).help("remove one of the two"));
        }
    }

    fn actor(&mut self, kind: &ast::Ident, name: &ast::Text, roles: &[ast::Text]) -> Option<ir::GivenActor> {
        if !ACTORS.contains(&kind.node.as_ref()) {
            self.diagnostics.push(unknown(Code::E0201, kind.span, "kind of actor", &kind.node, ACTORS));
            return None;
        }
        let id = format!("{}:{}", kind.node, name.node);
        if name.node.is_empty() || id.len() > ACTOR_LENGTH_MAX || name.node.chars().any(char::is_control) {
            let finding = Diagnostic::new(Code::E0305, name.span, "this is not the name of an actor");
            self.diagnostics.push(finding.help("write a name on one line, such as `\"atlas\"`"));
            return None;
        }
        let mut sorted: Vec<Arc<str>> = roles.iter().map(|role| role.node.clone()).collect();
        sorted.sort();
        sorted.dedup();
        Some(ir::GivenActor { id: id.into(), roles: sorted })
    }

    fn rule_named(&mut self, path: &ast::Path, blueprint: &Blueprint) -> Option<RuleId> {
        let text = path.text();
        let found = blueprint.rules.iter().position(|rule| rule.name.as_ref() == text);
        if found.is_none() && !blueprint.lost {
            let known = blueprint.rules.iter().map(|rule| rule.name.as_ref());
            self.diagnostics.push(unknown_path(path, "rule", known));
        }
        found.map(|at| RuleId(slot(at)))
    }

    /// The id of a voice must be one that the blueprint has.
    fn voice(&mut self, by: &ast::Text, (name, voices): (&str, &[Arc<str>]), claims: usize) {
        let mut known: Vec<String> = voices.iter().map(ToString::to_string).collect();
        known.extend(PSEUDO_VOICES.map(str::to_owned));
        known.extend((1..=claims).map(|claim| format!("claim/{claim}")));
        known.push(format!("{name}/breaker"));
        known.push(format!("{name}/autonomy"));
        if !known.iter().any(|known| *known == *by.node) {
            let known = known.iter().map(String::as_str);
            let mut finding = unknown(Code::E0201, by.span, "voice", &by.node, known);
            for edit in finding.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
                edit.replacement = format!("\"{}\"", edit.replacement);
            }
            self.diagnostics.push(finding);
        }
    }
}

/// A name that is unknown; that of a member of an included policy is likely meant with what stands before it.
fn unknown_path<'a>(path: &ast::Path, what: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let text = path.text();
    let known: Vec<&str> = known.into_iter().collect();
    let behind = |known: &&&str| known.strip_suffix(text.as_str()).is_some_and(|before| before.ends_with('.'));
    match known.iter().find(behind) {
        Some(whole) => {
            let message = format!("unknown {what} `{text}`; did you mean `{whole}`?");
            Diagnostic::new(Code::E0201, path.span, message).fix(format!("write `{whole}`"), path.span, *whole)
        }
        None => unknown(Code::E0201, path.span, what, &text, known),
    }
}
