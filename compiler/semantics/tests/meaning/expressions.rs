//! What expressions become, and what is alike.

use leeway_driver::compile_text;
use leeway_ir::{Comparison, Condition, Expr, FactId, MetricId, Policy, Quantifier, WindowFunction};
use leeway_units::{Quantity, Unit, Value};

use crate::policy;

const TARGET: &str = "target deploy(name: text) {
  fact image:    text
  fact memory:   bytes
  fact mode:     strategy
  fact quota:    rate
  fact replicas: count
  enum strategy { rolling_update recreate }
  collection pods { name: text  restarts: count  crashed: bool  age: duration }
  action restart() { undo nothing disruptive risk low verify { within 1m replicas > 0 } }
  action scale(to: count) { effect replicas = to undo scale(to: current.replicas) risk low }
  action set_mode(mode: strategy) { effect mode = mode undo set_mode(mode: current.mode) }
}
";

fn source(members: &str) -> String {
    format!("{TARGET}blueprint web for deploy(\"web\") {{\n  metric cpu: ratio = scrape \"cpu\"\n{members}\n}}\n")
}

fn web(members: &str) -> Policy {
    policy(&source(members))
}

/// The condition of the last objective.
fn objective(members: &str) -> Condition {
    web(members).objectives.last().unwrap().condition.clone()
}

fn names(condition: &Condition) -> Vec<String> {
    condition.names.iter().map(|named| named.name.to_string()).collect()
}

/// The codes of what is found.
fn codes(members: &str) -> Vec<String> {
    compile_text("web.leeway", &source(members)).diagnostics.iter().map(|found| found.code.to_string()).collect()
}

fn count(n: u32) -> Box<Expr> {
    Box::new(Expr::Constant(Value::Quantity(Quantity::count(n))))
}

fn element(depth: u16, field: &str) -> Box<Expr> {
    Box::new(Expr::Element { depth, field: field.into() })
}

#[test]
fn quantifiers_count_their_depth_from_the_inside() {
    let pods = web("").fact_named("pods").unwrap();
    let found = objective(
        "objective all a in pods: (any b in current.pods: a.name == b.name and (max c in pods: c.age) > a.age)",
    );
    let inner = Expr::Quantified { quantifier: Quantifier::Max, over: pods, body: element(0, "age") };
    let body = Expr::And(vec![
        Expr::Quantified {
            quantifier: Quantifier::Any,
            over: pods,
            body: Box::new(Expr::Compare(element(1, "name"), Comparison::Equal, element(0, "name"))),
        },
        Expr::Compare(Box::new(inner), Comparison::Greater, element(0, "age")),
    ]);
    // The second question stands beside the inner quantifier, not in it.
    assert_eq!(found.expr, Expr::Quantified { quantifier: Quantifier::All, over: pods, body: Box::new(body) });
    assert_eq!(names(&found).len(), 1, "elements have no one value: {:?}", names(&found));
}

#[test]
fn what_was_measured_is_named_as_it_is_written() {
    let found = objective(
        "let calm = 10m
         objective max(cpu, calm) < 80% and (count pod in pods: pod.restarts > replicas) < 2
           and change(replicas,   1h) < 3 and count(scale, 1h) < 3 and since(any) > 1m and cpu < 90%",
    );
    assert_eq!(
        names(&found),
        [
            "max(cpu, calm)",
            "count pod in pods: pod.restarts > replicas",
            "replicas",
            "change(replicas, 1h)",
            "count(scale, 1h)",
            "since(any)",
            "cpu"
        ]
    );
    let first = found.names.first().unwrap();
    let window = Expr::Window { function: WindowFunction::Maximum, metric: MetricId(0), window_ms: 600_000 };
    assert_eq!(first.value, window);
}

#[test]
fn functions_of_the_past_read_named_constants() {
    let found = objective(
        "let long = 30m * 2
         let q = 0.95
         let near = 20%
         let hours = \"Sun 22:00-06:00\"
         objective quantile(q, cpu, long) < 90% and memory within near of 128Mi and during(hours, \"UTC\")",
    );
    let Expr::And(parts) = &found.expr else { panic!() };
    let [Expr::Compare(quantile, ..), Expr::Within(percent, ..), Expr::During(weekly)] = parts.as_slice() else {
        panic!("{parts:?}")
    };
    assert_eq!(
        **quantile,
        Expr::Window { function: WindowFunction::Quantile(0.95), metric: MetricId(0), window_ms: 3_600_000 }
    );
    assert_eq!(*percent, Quantity::new(Unit::Ratio, 20.0).unwrap());
    assert_eq!(weekly.spans.iter().map(|span| (span.from, span.until)).collect::<Vec<_>>(), [(9_960, 360)]);
}

#[test]
fn words_are_looked_up_in_the_enum_that_is_expected() {
    let policy = web(
        "let wanted = recreate
         objective mode == wanted and wanted != rolling_update
         rule mend { when replicas < 1 propose set_mode(mode: if replicas > 3 then recreate else wanted) }
         allow set_mode(mode) when mode in [rolling_update, wanted] and mode != current.mode and action.risk >= medium",
    );
    let recreate = Expr::Constant(Value::Symbol("recreate".into()));
    let Expr::And(parts) = &policy.objectives.first().unwrap().condition.expr else { panic!() };
    assert!(matches!(parts.first().unwrap(), Expr::Compare(_, _, word) if **word == recreate));
    let Expr::If(_, a, b) = policy.rules.first().unwrap().propose.arguments.first().unwrap() else { panic!() };
    assert_eq!((a.as_ref(), b.as_ref()), (&recreate, &recreate));
    let mode = policy.fact_named("mode").unwrap();
    let effect = policy.action_named("set_mode").unwrap().1.effects.first().unwrap();
    assert_eq!((effect.fact, &effect.value), (mode, &Expr::Parameter(0)));
}

#[test]
fn texts_are_tested_and_patterns_read() {
    let found = objective("let tag = \"v[0-9]+\"\nobjective image matches tag or image starts_with \"a\"");
    let Expr::Or(parts) = &found.expr else { panic!() };
    let [Expr::Matches(_, pattern), Expr::StartsWith(..)] = parts.as_slice() else { panic!("{parts:?}") };
    assert!(pattern.matches("v12") && !pattern.matches("v"));
}

#[test]
fn proposals_are_asked_in_clauses() {
    let policy = web("forbid any when \"sre\" not in actor.roles and actor.kind == agent and proposal.claims < 1");
    let condition = policy.clauses.first().unwrap().when.as_ref().unwrap();
    assert_eq!(names(condition), ["actor.roles", "actor.kind", "proposal.claims"]);
    assert_eq!(condition.expr.inputs(), [leeway_ir::Input::Claims]);
}

#[test]
fn units_meet_as_the_reference_says() {
    // Each expression beside a value of its unit; what is not alike has the code beside it.
    let table = [
        ("memory * 2 < 1Gi", ""),
        ("memory * 120% < 1Gi", ""),
        ("memory / 2.5 < 1Gi", ""),
        ("memory / memory < 2.5", ""),
        ("cpu / cpu < 2.5", ""),
        ("replicas / replicas < 2.5", ""),
        ("replicas / 1m < 3/s", ""),
        ("quota * 1m < 3", ""),
        ("replicas / quota < 3s", ""),
        ("$3 / 1h < $4/h", ""),
        ("$3/h * 2h < $9", ""),
        ("cpu * cpu < 80%", ""),
        ("replicas + 2.5 < 3", ""),
        ("1 - replicas / 3 < 80%", ""),
        ("replicas / 3 + 50% < 80%", ""),
        ("ceil(replicas * 150%) in [1, 2]", ""),
        ("replicas * 50% < 80%", "E0302"),
        ("cpu < 80", "E0304"),
        ("cpu < 0.8", "E0304"),
        ("replicas + 50% < 3", "E0304"),
        ("1 - cpu < 3%", "E0304"),
        ("memory < 100m", "E0302"),
        ("memory * memory > 3", "E0303"),
        ("memory / 1m > 3", "E0303"),
        ("quota * quota > 3/s", "E0303"),
        ("round(memory) > 3", "E0303"),
        ("abs(image) > 3", "E0303"),
        ("-image > 3", "E0303"),
        ("image < \"b\"", "E0303"),
        ("mode < recreate", "E0303"),
        ("(sum pod in pods: pod.age) < 3h", ""),
        ("(sum pod in pods: pod.age) < 3", "E0304"),
        ("(min pod in pods: pod.restarts / 2) < 80%", ""),
        ("(count pod in pods: pod.crashed) < 80%", "E0302"),
    ];
    let mut wrong = Vec::new();
    for (condition, code) in table {
        let found = codes(&format!("objective {condition}\napprove any"));
        if found.iter().map(String::as_str).collect::<Vec<_>>() != code.split_terminator(' ').collect::<Vec<_>>() {
            wrong.push((condition, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A number is no count, and a count is a number.
    assert_eq!(codes("rule a { when replicas < 3 propose scale(to: replicas * 150%) }\napprove any"), ["E0302"]);
    assert_eq!(
        codes("rule a { when replicas < 3 propose scale(to: replicas * 2) }\napprove any"),
        Vec::<String>::new()
    );
}

#[test]
fn constants_are_folded_wherever_nothing_is_read() {
    for always in [
        "clamp(7, 1, 5) == 5 and least(3, 2) == 2 and greatest(3, 2) == 3 and abs(-3) == 3",
        "ceil(0.1 + 0.2 - 0.3) == 0 and floor(2.5) == 2 and round(2.5) == 3",
        "(if 2 > 1 then 3 else 4) == 3",
        "3 in 1..3 and 4 not in 1..3 and 2 in [1, 2] and \"a\" not in [\"b\"]",
        "110 within 10% of 100 and not (111 within 10% of 100)",
        "\"v1.2\" starts_with \"v\" and \"v1.2\" ends_with \"2\" and \"v1.2\" matches \"^v[0-9.]+$\"",
        "(3 ?? 4) == 3 and known(3)",
        "replicas > 3 or 1m * 2 == 120s",
        "calm != grave and grave > calm and calm in [low, medium]",
    ] {
        let lets = if always.contains("calm") { "let calm = low\nlet grave = high\n" } else { "" };
        let found = codes(&format!("{lets}allow restart when {always}\napprove any by \"x\""));
        assert!(found.contains(&"W0402".to_owned()), "{always}: {found:?}");
    }
    let found = codes("allow restart when 1 / 0 == 1 or replicas > 3\napprove any by \"x\"");
    assert!(!found.contains(&"W0402".to_owned()), "{found:?}");
}

#[test]
fn facts_of_the_past_are_facts_and_nothing_else() {
    let replicas = web("").fact_named("replicas").unwrap();
    let policy = web("forbid scale(to) when change(current.replicas, 1h) > 3 and to > 1");
    let condition = policy.clauses.first().unwrap().when.as_ref().unwrap();
    let Expr::And(parts) = &condition.expr else { panic!() };
    let change = Expr::Change { fact: replicas, window_ms: 3_600_000 };
    assert_eq!(parts.first().unwrap(), &Expr::Compare(Box::new(change), Comparison::Greater, count(3)));
    assert_ne!(replicas, FactId(0));
}

#[test]
fn lets_on_cycles_are_reported_and_nothing_hangs() {
    let found = codes(
        "let a = b\nlet b = a\nlet c = c > 3 or (max pod in pods: pod.restarts) > c\nmetric load: ratio = scrape \"l\" untrusted
         allow restart when a and b > 3 and c and load > 3%\nforbid restart when a or c",
    );
    assert!(found.iter().filter(|code| *code == "E0206").count() == 2, "{found:?}");
}

#[test]
fn lets_that_double_each_other_end() {
    let mut members = "let a0 = replicas > 3\nlet n0 = replicas\n".to_owned();
    for at in 1..60 {
        let before = at - 1;
        members +=
            &format!("let a{at} = a{before} and a{before} or not a{before}\nlet n{at} = n{before} + n{before}\n");
    }
    members += "allow restart when a59 and n59 > 3\napprove any";
    assert!(codes(&members).contains(&"E0106".to_owned()));
}
