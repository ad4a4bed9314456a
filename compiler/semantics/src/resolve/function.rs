//! Functions by name, and how many arguments each takes.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_ir::{ActionId, Function, Given, SloId, WindowFunction};
use leeway_syntax::ast;

use super::Resolver;
use super::scope::View;
use crate::closest::unknown;
use crate::hir::{Expr, ExprKind, Meaning, slot};

/// What a function is, beyond its name.
#[derive(Clone, Copy)]
enum Kind {
    /// Of values, and of how many.
    Values(Function, usize),
    /// Over the samples of a metric: `max(cpu, 10m)`.
    Window(WindowFunction),
    Quantile,
    Known,
    Count,
    Since,
    Change,
    During,
    Budget,
    Model(Model),
}

/// What only a response can ask.
#[derive(Clone, Copy)]
pub(super) enum Model {
    Recorded,
    Shared,
    Queueing,
}

/// Every function.
const FUNCTIONS: [(&str, Kind); 22] = [
    ("abs", Kind::Values(Function::Abs, 1)),
    ("least", Kind::Values(Function::Least, 2)),
    ("greatest", Kind::Values(Function::Greatest, 2)),
    ("clamp", Kind::Values(Function::Clamp, 3)),
    ("round", Kind::Values(Function::Round, 1)),
    ("ceil", Kind::Values(Function::Ceil, 1)),
    ("floor", Kind::Values(Function::Floor, 1)),
    ("avg", Kind::Window(WindowFunction::Average)),
    ("min", Kind::Window(WindowFunction::Minimum)),
    ("max", Kind::Window(WindowFunction::Maximum)),
    ("delta", Kind::Window(WindowFunction::Delta)),
    ("forecast", Kind::Window(WindowFunction::Forecast)),
    ("quantile", Kind::Quantile),
    ("known", Kind::Known),
    ("count", Kind::Count),
    ("since", Kind::Since),
    ("change", Kind::Change),
    ("during", Kind::During),
    ("budget", Kind::Budget),
    ("recorded", Kind::Model(Model::Recorded)),
    ("shared", Kind::Model(Model::Shared)),
    ("queueing", Kind::Model(Model::Queueing)),
];

impl Resolver<'_> {
    /// Resolves the call of a function.
    pub(super) fn function(&mut self, view: View<'_>, name: &ast::Ident, arguments: &[ast::Expr]) -> ExprKind {
        let Some((_, kind)) = FUNCTIONS.iter().find(|(known, _)| *known == name.node.as_ref()) else {
            return self.unknown_function(view, name, arguments);
        };
        let given = arguments.len();
        match kind {
            Kind::Values(function, wanted) => {
                let arguments = self.all(view, arguments, None);
                if given != *wanted {
                    return self.wrong_number(name, *wanted, given);
                }
                ExprKind::Function(*function, name.clone(), arguments)
            }
            Kind::Known => {
                let [only] = arguments else { return self.wrong_number(name, 1, given) };
                ExprKind::Known(Box::new(self.expression_at(view, only, None)))
            }
            Kind::Window(function) => {
                let [of, window] = arguments else { return self.wrong_number(name, 2, given) };
                let (of, window) = (self.expression_at(view, of, None), self.expression_at(view, window, None));
                match self.metric_of(name, &of) {
                    Some(metric) => ExprKind::Window(*function, metric, Box::new(of), Box::new(window)),
                    None => ExprKind::Broken,
                }
            }
            Kind::Quantile => {
                let [q, of, window] = arguments else { return self.wrong_number(name, 3, given) };
                let q = Box::new(self.expression_at(view, q, None));
                let (of, window) = (self.expression_at(view, of, None), self.expression_at(view, window, None));
                match self.metric_of(name, &of) {
                    Some(metric) => ExprKind::Quantile(q, metric, Box::new(of), Box::new(window)),
                    None => ExprKind::Broken,
                }
            }
            Kind::Count => {
                let [actions, window] = arguments else { return self.wrong_number(name, 2, given) };
                let actions = self.history_of(view, name, actions);
                let window = Box::new(self.expression_at(view, window, None));
                actions.map_or(ExprKind::Broken, |actions| ExprKind::Began(actions, window))
            }
            Kind::Since => {
                let [actions] = arguments else { return self.wrong_number(name, 1, given) };
                self.history_of(view, name, actions).map_or(ExprKind::Broken, ExprKind::Since)
            }
            Kind::Change => {
                let [of, window] = arguments else { return self.wrong_number(name, 2, given) };
                let (of, window) = (self.expression_at(view, of, None), self.expression_at(view, window, None));
                self.change(view, name, of, window)
            }
            Kind::During => {
                let [text, zone] = arguments else { return self.wrong_number(name, 2, given) };
                let text = Box::new(self.expression_at(view, text, None));
                ExprKind::During(text, Box::new(self.expression_at(view, zone, None)))
            }
            Kind::Budget => {
                let [slo] = arguments else { return self.wrong_number(name, 1, given) };
                self.budget(view, slo)
            }
            Kind::Model(model) => self.model(view, *model, name, arguments),
        }
    }

    fn unknown_function(&mut self, view: View<'_>, name: &ast::Ident, arguments: &[ast::Expr]) -> ExprKind {
        self.all(view, arguments, None);
        let written = name.node.as_ref();
        let finding = match written {
            "sum" => Diagnostic::new(Code::E0201, name.span, "unknown function `sum`")
                .help("a collection is summed with `sum X in COLLECTION: X.FIELD`"),
            _ => unknown(Code::E0201, name.span, "function", written, FUNCTIONS.iter().map(|(known, _)| *known)),
        };
        self.diagnostics.push(finding);
        ExprKind::Broken
    }

    pub(super) fn wrong_number(&mut self, name: &ast::Ident, wanted: usize, given: usize) -> ExprKind {
        let plural = if wanted == 1 { "" } else { "s" };
        let message = format!("`{}` takes {wanted} argument{plural}, not {given}", name.node);
        self.diagnostics.push(Diagnostic::new(Code::E0305, name.span, message).help(usage(&name.node)));
        ExprKind::Broken
    }

    /// The metric that `of` names; what else it is, is reported.
    fn metric_of(&mut self, name: &ast::Ident, of: &Expr) -> Option<leeway_ir::MetricId> {
        if let Some((_, Meaning::Metric(metric))) = of.name() {
            return Some(*metric);
        }
        // A response cannot look back at all, which is said of the whole of it.
        if let (Some((_, Meaning::Parameter(..))), Some(Given::Metric(own))) = (of.name(), self.given.first()) {
            return Some(*own);
        }
        if !of.is_broken() {
            let other = match name.node.as_ref() {
                "min" => "; the smaller of two values is `least(a, b)`",
                "max" => "; the larger of two values is `greatest(a, b)`",
                _ => "",
            };
            let message = format!("`{}` looks back over a metric, and this is none", name.node);
            let finding = Diagnostic::new(Code::E0502, of.span, message);
            self.diagnostics.push(finding.help(format!("{}{other}", usage(&name.node))));
        }
        None
    }

    /// The actions whose history is asked about: one by its name, `any` or `disruptive`.
    fn history_of(&mut self, view: View<'_>, function: &ast::Ident, of: &ast::Expr) -> Option<Vec<ActionId>> {
        let ast::ExprKind::Name(name) = &of.kind else {
            let written = self.sources.text(of.span);
            let message = format!("`{}` asks about an action, and `{written}` names none", function.node);
            self.diagnostics.push(Diagnostic::new(Code::E0205, of.span, message).help(usage(&function.node)));
            return None;
        };
        let Some(actions) = view.scope.actions else {
            let message = format!("`{}` asks what was done before, which only a blueprint can", function.node);
            self.diagnostics.push(Diagnostic::new(Code::E0303, function.span, message));
            return None;
        };
        let all = actions.iter().enumerate().map(|(at, action)| (ActionId(slot(at)), action));
        match name.as_ref() {
            "any" => Some(all.map(|(id, _)| id).collect()),
            "disruptive" => Some(all.filter(|(_, action)| action.disruptive).map(|(id, _)| id).collect()),
            _ => {
                let name = leeway_diagnostics::Spanned::new(name.clone(), of.span);
                self.action_named(&name, actions, &["any", "disruptive"]).map(|id| vec![id])
            }
        }
    }

    /// `change(FACT, D)`.
    fn change(&mut self, view: View<'_>, function: &ast::Ident, of: Expr, window: Expr) -> ExprKind {
        if of.is_broken() {
            return ExprKind::Broken;
        }
        if let Some((_, Meaning::Fact(fact))) = of.name() {
            return ExprKind::Change(*fact, Box::new(of), Box::new(window));
        }
        let written = self.sources.text(of.span);
        let finding =
            Diagnostic::new(Code::E0502, of.span, format!("`{}` asks about a fact, and this is none", function.node));
        self.diagnostics.push(match of.name() {
            Some((name, Meaning::Parameter(..))) if view.fact(name).is_some() => finding
                .help(format!("`{name}` is the parameter here; the fact is `current.{name}`"))
                .fix("ask about the fact", of.span, format!("current.{name}")),
            Some((_, Meaning::Metric(_))) => finding
                .help(format!("how far a metric has moved is `delta({written}, D)`"))
                .fix("ask about the metric", function.span, "delta"),
            Some(_) | None => finding.help(usage(&function.node)),
        });
        ExprKind::Broken
    }

    /// `budget(SLO)`.
    fn budget(&mut self, view: View<'_>, of: &ast::Expr) -> ExprKind {
        let slos = view.scope.slos;
        let written = self.sources.text(of.span);
        let named = if let ast::ExprKind::Name(name) = &of.kind { Some(name) } else { None };
        if let Some(at) = named.and_then(|name| slos.iter().position(|slo| slo == name)) {
            return ExprKind::Budget(SloId(slot(at)));
        }
        if named.is_some_and(|name| view.scope.gaps.cover(name)) {
            return ExprKind::Broken;
        }
        let what = "service level objective";
        let finding = unknown(Code::E0201, of.span, what, written, slos.iter().map(AsRef::as_ref));
        self.diagnostics.push(if slos.is_empty() { finding.help("no `slo` is declared here") } else { finding });
        ExprKind::Broken
    }
}

/// How a function is called.
pub(super) fn usage(name: &str) -> String {
    let call = match name {
        "avg" | "min" | "max" | "delta" | "forecast" => format!("{name}(METRIC, 10m)"),
        "quantile" => "quantile(0.95, METRIC, 10m)".to_owned(),
        "count" => "count(ACTION, 1h)".to_owned(),
        "since" => "since(ACTION)".to_owned(),
        "change" => "change(FACT, 1h)".to_owned(),
        "during" => "during(\"Mon-Fri 09:00-17:00\", \"Europe/Berlin\")".to_owned(),
        "budget" => "budget(SLO)".to_owned(),
        "recorded" => "recorded(NAME)".to_owned(),
        "shared" => "shared(FACT)".to_owned(),
        "queueing" => "queueing(UTILISATION_METRIC, SERVERS_FACT)".to_owned(),
        "known" | "abs" | "round" | "ceil" | "floor" => format!("{name}(a)"),
        "clamp" => "clamp(a, low, high)".to_owned(),
        _ => format!("{name}(a, b)"),
    };
    format!("write `{call}`")
}
