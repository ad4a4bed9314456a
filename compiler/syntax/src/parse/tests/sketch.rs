//! Trees as short texts.

use leeway_diagnostics::Spanned;

use crate::ast::*;

/// An expression with its operators in front.
pub(super) fn expr(e: &Expr) -> String {
    let list = |of: &[Expr]| of.iter().map(expr).collect::<Vec<_>>().join(" ");
    match &e.kind {
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::Quantity(q) => q.to_string(),
        ExprKind::Text(t) => format!("{t:?}"),
        ExprKind::List(of) => format!("[{}]", list(of)),
        ExprKind::Name(n) => n.to_string(),
        ExprKind::Field(of, name) => format!("{}.{}", expr(of), name.node),
        ExprKind::Function(name, of) => format!("{}({})", name.node, list(of)),
        ExprKind::Not(of) => format!("(not {})", expr(of)),
        ExprKind::Negate(of) => format!("(neg {})", expr(of)),
        ExprKind::And(of) => format!("(and {})", list(of)),
        ExprKind::Or(of) => format!("(or {})", list(of)),
        ExprKind::For(of, d) => format!("(for {} {})", expr(of), expr(d)),
        ExprKind::Compare(a, op, b) => format!("({:?} {} {})", op.node, expr(a), expr(b)),
        ExprKind::InRange { value, low, high, negated } => {
            format!("({}range {} {} {})", not(*negated), expr(value), expr(low), expr(high))
        }
        ExprKind::InList { value, list, negated } => format!("({}in {} {})", not(*negated), expr(value), expr(list)),
        ExprKind::Within { value, percent, of } => format!("(within {} {} {})", expr(value), expr(percent), expr(of)),
        ExprKind::TextTest(a, op, b) => format!("({:?} {} {})", op.node, expr(a), expr(b)),
        ExprKind::Quantified { quantifier, element, over, body } => {
            format!("({:?} {} {} {})", quantifier.node, element.node, expr(over), expr(body))
        }
        ExprKind::Coalesce(a, b) => format!("(?? {} {})", expr(a), expr(b)),
        ExprKind::Arithmetic(a, op, b) => format!("({:?} {} {})", op.node, expr(a), expr(b)),
        ExprKind::If(a, b, c) => format!("(if {} {} {})", expr(a), expr(b), expr(c)),
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "not-" } else { "" }
}

/// The expressions directly in `e`.
pub(super) fn inner(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Bool(_) | ExprKind::Quantity(_) | ExprKind::Text(_) | ExprKind::Name(_) => Vec::new(),
        ExprKind::List(of) | ExprKind::Function(_, of) | ExprKind::And(of) | ExprKind::Or(of) => of.iter().collect(),
        ExprKind::Field(of, _) | ExprKind::Not(of) | ExprKind::Negate(of) => vec![of],
        ExprKind::For(a, b)
        | ExprKind::Compare(a, _, b)
        | ExprKind::TextTest(a, _, b)
        | ExprKind::Coalesce(a, b)
        | ExprKind::Arithmetic(a, _, b) => vec![a, b],
        ExprKind::InRange { value, low, high, .. } => vec![value, low, high],
        ExprKind::InList { value, list, .. } => vec![value, list],
        ExprKind::Within { value, percent, of } => vec![value, percent, of],
        ExprKind::Quantified { over, body, .. } => vec![over, body],
        ExprKind::If(a, b, c) => vec![a, b, c],
    }
}

fn arguments(of: &[Argument]) -> String {
    of.iter().map(|(name, e)| format!("{}: {}", name.node, expr(e))).collect::<Vec<_>>().join(", ")
}

pub(super) fn call(call: &Call) -> String {
    format!("{}({})", call.action.node, arguments(&call.arguments))
}

fn action(action: &ActionRef) -> String {
    let mut of: Vec<&str> = action.parameters.iter().map(|name| name.node.as_ref()).collect();
    of.extend(action.rest.then_some(".."));
    format!("{}({})", action.name.node, of.join(", "))
}

fn actions(of: &[ActionRef]) -> String {
    of.iter().map(action).collect::<Vec<_>>().join(", ")
}

pub(super) fn stages(of: &[Stage]) -> String {
    let stage = |s: &Stage| format!("{:?} {} {}", s.kind, expr(&s.duration), expr(&s.condition));
    of.iter().map(stage).collect::<Vec<_>>().join("; ")
}

fn scrape(of: &Scrape) -> String {
    match of {
        Scrape::Gauge(s) => format!("{:?}", s.node),
        Scrape::Sum(s) => format!("sum({:?})", s.node),
        Scrape::Rate(s, d) => format!("rate({:?}, {})", s.node, expr(d)),
        Scrape::Quantile(q, s, d) => format!("quantile({}, {:?}, {})", q.node, s.node, expr(d)),
        Scrape::Mean(s, d) => format!("mean({:?}, {})", s.node, expr(d)),
    }
}

fn sampled(of: &Sampled) -> String {
    source(&of.source) + &part("every", of.every.as_ref(), expr) + &part("stale", of.stale.as_ref(), expr)
}

fn source(of: &Source) -> String {
    match &of.kind {
        SourceKind::Prometheus(query) => format!("prometheus {:?}", query.node),
        SourceKind::Scrape(of, None) => scrape(of),
        SourceKind::Scrape(of, Some(by)) => format!("{} / {}", scrape(of), scrape(by)),
        SourceKind::HttpJson { path, pointer } => format!("http_json {:?} {:?}", path.node, pointer.node),
        SourceKind::Constant(e) => format!("constant {}", expr(e)),
    }
}

/// A part that need not be there, behind its word.
fn part<T>(word: &str, of: Option<&T>, show: impl Fn(&T) -> String) -> String {
    of.map(|of| format!(" {word} {}", show(of))).unwrap_or_default()
}

fn quoted(of: &Text) -> String {
    format!("{:?}", of.node)
}

fn plain(of: &Ident) -> String {
    of.node.to_string()
}

fn clause(c: &Clause) -> String {
    let mut line = format!("{} {}", c.kind.node.word(), actions(&c.actions));
    line += &part("when", c.when.as_ref(), expr);
    line += &part("else", c.otherwise.as_ref(), |kind| kind.node.word().to_owned());
    line += &part("because", c.because.as_ref(), quoted);
    line += &part("suggest", c.suggest.as_ref(), call);
    line += &c.by.iter().map(|words| format!(" by {}", expr(words))).collect::<String>();
    line + &part("as", c.name.as_ref(), plain)
}

fn limit(of: &Limit) -> String {
    match of {
        Limit::Cooldown { duration, after } => format!("cooldown {} after {}", expr(duration), actions(after)),
        Limit::Breaker { failures } => format!("breaker {}", expr(failures)),
        Limit::AtMost { count, of, per } => format!("at most {} of {} per {}", expr(count), actions(of), expr(per)),
        Limit::Pace { count, of, per } => format!("pace {} of {} per {}", expr(count), actions(of), expr(per)),
        Limit::Drift { fact, by, per } => format!("drift {} {} per {}", fact.node, expr(by), expr(per)),
        Limit::Budget { metric, spend, percent } => {
            format!("budget {} of {} at {}", metric.node, expr(spend), expr(percent))
        }
        Limit::Freeze { from, until, zone, except } => {
            format!("freeze {}..{} in {} except [{}]", expr(from), expr(until), expr(zone), actions(except))
        }
    }
}

fn approval(a: &Approval) -> String {
    let mut line = a.by.iter().map(|words| format!(" by {}", expr(words))).collect::<String>();
    line += &part("quorum", a.quorum.as_ref(), expr);
    line += &part("timeout", a.timeout.as_ref(), expr);
    line += &part("escalate", a.escalate.as_ref(), |(to, after)| format!("{} after {}", expr(to), expr(after)));
    line + &a.notify.iter().map(|text| format!(" notify {:?}", text.node)).collect::<String>()
}

fn slo(s: &Slo) -> String {
    let mut line = format!("{} {} over {}", s.name.node, expr(&s.objective), expr(&s.over));
    line += &format!(" good {} total {}", sampled(&s.good), sampled(&s.total));
    line += &part("min events", s.min_events.as_ref(), expr);
    let burn = |b: &Burn| format!(" burn {} {} {} {}", expr(&b.factor), expr(&b.long), expr(&b.short), b.severity.node);
    line + &s.burns.iter().map(burn).collect::<String>()
}

fn given(of: &Given) -> String {
    match of {
        Given::Value { name, value: GivenValue::One(e), held } => {
            format!("{} = {}{}", name.text(), expr(e), part("for", held.as_ref(), expr))
        }
        Given::Value { name, value: GivenValue::Records(records), held } => {
            let records: Vec<_> = records.iter().map(|record| format!("{{{}}}", arguments(&record.node))).collect();
            format!("{} = [{}]{}", name.text(), records.join(", "), part("for", held.as_ref(), expr))
        }
        Given::Value { name, value: GivenValue::Series { values, every }, .. } => {
            format!("{} = series {:?} every {}", name.text(), values.node, expr(every))
        }
        Given::Missing(name) => format!("{} missing", name.text()),
        Given::Past(past) => {
            let with = past.arguments.as_ref().map(|of| format!("({})", arguments(of))).unwrap_or_default();
            let outcome = if past.succeeded { "succeeded" } else { "failed" };
            format!("{}{with} {outcome} {}", past.action.node, expr(&past.ago))
        }
        Given::Actor { kind, name, roles } => {
            format!("actor {} {:?} {:?}", kind.node, name.node, roles.iter().map(quoted).collect::<Vec<_>>())
        }
        Given::At(at) => format!("at {:?}", at.node),
        Given::Claim(c) => {
            let held = part("for", c.held.as_ref(), expr);
            format!("claim {} {:?} {}{held}", c.metric.text(), c.comparison.node, expr(&c.value))
        }
        Given::Owner(name) => format!("owner {:?}", name.node),
        other @ (Given::BreakerOpen | Given::Held | Given::Killed) => format!("{other:?}"),
    }
}

fn expectation(of: &Expectation) -> String {
    match of {
        Expectation::Tier { tier, by } => format!("{}{}", tier.node.word(), part("by", by.as_ref(), quoted)),
        Expectation::Proposes { rule, call: of } => format!("rule {} proposes {}", rule.text(), call(of)),
        Expectation::Silent { rule, .. } => format!("rule {} silent", rule.text()),
    }
}

fn when(of: &Expect) -> String {
    match of.when.as_ref().map(|when| &when.node) {
        None => String::new(),
        Some(When::At(time)) => format!("at {} ", expr(time)),
        Some(When::Within(time)) => format!("within {} ", expr(time)),
        Some(When::Never) => "never ".to_owned(),
    }
}

fn test(t: &Test) -> String {
    let mut line = format!("test {:?}", t.name.node);
    line += &t.given.iter().map(|of| format!("\n  given {}", given(&of.node))).collect::<String>();
    line += &t.propose.iter().map(|of| format!("\n  propose {}", call(of))).collect::<String>();
    line + &t.expect.iter().map(|of| format!("\n  {}expect {}", when(of), expectation(&of.what))).collect::<String>()
}

/// A member in a line; a test in several.
pub(super) fn member(of: &Member) -> String {
    match &of.kind {
        MemberKind::Version(t) => format!("version {:?}", t.node),
        MemberKind::Owner(t) => format!("owner {:?}", t.node),
        MemberKind::Label(key, value) => format!("label {:?} = {:?}", key.node, value.node),
        MemberKind::Include(i) => {
            format!("include {}({}){}", i.path.text(), arguments(&i.arguments), part("as", i.alias.as_ref(), plain))
        }
        MemberKind::Needs(t) => format!("needs metric {}: {}", t.name.node, t.ty.node),
        MemberKind::Let(l) => format!("let {} = {}", l.name.node, expr(&l.value)),
        MemberKind::Metric(m) => {
            let mut line = format!("metric {}: {} = {}", m.typed.name.node, m.typed.ty.node, sampled(&m.sampled));
            line += if m.untrusted.is_some() { " untrusted" } else { "" };
            line + &part("responds", m.responds.as_ref(), expr)
        }
        MemberKind::Objective(e) => format!("objective {}", expr(e)),
        MemberKind::Rule(r) => {
            let because = part("because", r.because.as_ref(), quoted);
            format!("rule {} when {} propose {}{because}", r.name.node, expr(&r.when), call(&r.propose))
        }
        MemberKind::Clause(c) => clause(c),
        MemberKind::Limit(l) => format!("limit {}", limit(l)),
        MemberKind::Approval(a) => format!("approval{}", approval(a)),
        MemberKind::Autonomy(a) => format!("autonomy {:?}", a.node),
        MemberKind::Audit(d) => format!("audit {}", expr(d)),
        MemberKind::Verify(v) => {
            format!("verify {} [{}] else {:?}", actions(&v.actions), stages(&v.stages), v.otherwise.node)
        }
        MemberKind::Slo(s) => format!("slo {}", slo(s)),
        MemberKind::Invariant(i) => {
            format!("invariant {}: {}{}", i.name.node, expr(&i.condition), part("because", i.because.as_ref(), quoted))
        }
        MemberKind::Test(t) => test(t),
    }
}

/// Members, a line each.
pub(super) fn all(of: &[Member]) -> String {
    of.iter().map(|of| member(of) + "\n").collect()
}

/// What a target declares, a line each.
pub(super) fn target(of: &Target) -> String {
    let typed =
        |of: &[Typed]| of.iter().map(|of| format!("{}: {}", of.name.node, of.ty.node)).collect::<Vec<_>>().join(", ");
    let stale = |of: &Option<Spanned<leeway_units::Quantity>>| part("stale", of.as_ref(), |of| of.node.to_string());
    let mut lines = format!("target {}({})\n", of.kind.text(), typed(&of.parameters));
    for fact in &of.facts {
        lines += &format!("fact {}: {}{}\n", fact.typed.name.node, fact.typed.ty.node, stale(&fact.stale));
    }
    for found in &of.enums {
        lines += &format!("enum {} {:?}\n", found.name.node, found.words.iter().map(plain).collect::<Vec<_>>());
    }
    for found in &of.collections {
        lines += &format!("collection {} {}{}\n", found.name.node, typed(&found.fields), stale(&found.stale));
    }
    for action in &of.actions {
        lines += &format!("action {}({}): {}\n", action.name.node, typed(&action.parameters), parts(action));
    }
    lines
}

fn parts(action: &Action) -> String {
    let part = |part: &Spanned<ActionPart>| match &part.node {
        ActionPart::Effect { fact, value } => format!("effect {} = {}", fact.node, expr(value)),
        ActionPart::UndoCall(of) => format!("undo {}", call(of)),
        ActionPart::Risk(word) => format!("risk {}", word.node),
        ActionPart::Verify(of) => format!("verify [{}]", stages(of)),
        other @ (ActionPart::UndoReceipt
        | ActionPart::UndoNothing
        | ActionPart::Irreversible
        | ActionPart::Disruptive) => format!("{other:?}"),
    };
    action.parts.iter().map(part).collect::<Vec<_>>().join("; ")
}

/// The whole file: what two files have in common that mean the same.
pub(super) fn file(of: &File) -> String {
    let mut lines = String::new();
    for found in &of.uses {
        lines += &format!("use {}{}\n", found.path.text(), part("as", found.alias.as_ref(), plain));
    }
    lines += &of.targets.iter().map(target).collect::<String>();
    for policy in &of.policies {
        let parameters = policy
            .parameters
            .iter()
            .map(|of| format!("{}: {}{}", of.typed.name.node, of.typed.ty.node, part("=", of.default.as_ref(), expr)));
        let kind = match &policy.kind {
            PolicyKind::Any(_) => "any".to_owned(),
            PolicyKind::Kind(path) => format!("kind {}", path.text()),
        };
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        lines += &format!("policy {}({parameters}) for {kind}\n{}", policy.name.node, all(&policy.members));
    }
    for blueprint in &of.blueprints {
        lines += &format!("blueprint {} for {}", blueprint.name.node, blueprint.kind.text());
        lines += &format!("({:?})\n{}", blueprint.target.node, all(&blueprint.members));
    }
    lines
}
