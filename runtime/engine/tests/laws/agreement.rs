//! The plan of a policy says what the policy says: every way of deciding agrees with the reference evaluator.

use std::sync::{Arc, OnceLock};

use leeway_engine::{
    Columns, Compiled, Decider, History, Inputs, Lanes, Plan, Principal, Proposal, Sample, Snapshot, Tier, Truth,
    Truths, decide, decide_columns, evaluate, explain, read_json,
};
use leeway_ir::{ArithmeticOp, Clause, ClauseKind, Comparison, Condition, Expr, Function, Policy};
use leeway_units::{Call, Quantity, Unit, Value};
use proptest::prelude::*;

use crate::parts::rich;
use crate::world::{World, now};
use crate::{theorems, whole};

/// Facts and metrics of the rich target that are numbers, with what they measure: a slot that any expression may read.
const READ: [(&str, Unit); 4] =
    [("replicas", Unit::Count), ("ready", Unit::Count), ("memory", Unit::Bytes), ("cpu", Unit::Ratio)];

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

fn base() -> World {
    static BASE: OnceLock<World> = OnceLock::new();
    BASE.get_or_init(|| rich("approve trade(to, memory) when to > 0 and memory > 0B")).clone()
}

/// Expressions of at most so many operators inside each other, of each unit and of truth values. Each level is made of the one below.
#[derive(Clone)]
struct Expressions {
    numbers: Vec<(Unit, BoxedStrategy<Expr>)>,
    truth: Option<BoxedStrategy<Expr>>,
}

const UNITS: [Unit; 4] = [Unit::Count, Unit::Bytes, Unit::Ratio, Unit::Number];

impl Expressions {
    fn new(depth: u32) -> Expressions {
        let below = depth.checked_sub(1).map(Expressions::new);
        let numbers = UNITS.into_iter().map(|unit| (unit, number(unit, below.as_ref()))).collect();
        let mut all = Expressions { numbers, truth: None };
        all.truth = Some(truth(&all, below.as_ref()));
        all
    }

    fn of(&self, unit: Unit) -> BoxedStrategy<Expr> {
        self.numbers.iter().find(|(of, _)| *of == unit).unwrap().1.clone()
    }

    fn truth(&self) -> BoxedStrategy<Expr> {
        self.truth.clone().unwrap()
    }
}

fn constant(unit: Unit, base: f64) -> Expr {
    Expr::Constant(Value::Quantity(Quantity::new(unit, base).unwrap()))
}

/// An expression of that unit, or now and then one that no checker would pass: there both must be at a loss alike.
fn number(unit: Unit, below: Option<&Expressions>) -> BoxedStrategy<Expr> {
    let world = base();
    let read: Vec<Expr> = READ
        .into_iter()
        .filter(|(_, of)| *of == unit)
        .map(|(name, _)| match world.policy.fact_named(name) {
            Some(id) => Expr::Fact(id),
            None => Expr::Metric(world.metric(name)),
        })
        .collect();
    let written = prop::sample::select(vec![0.0, 1.0, 2.0, 0.1, 3.5, 50.0, 1e300]).prop_map(move |b| constant(unit, b));
    let parameter = Just(Expr::Parameter(u16::from(unit == Unit::Bytes)));
    let leaf = if read.is_empty() {
        written.boxed()
    } else {
        prop_oneof![written, prop::sample::select(read), parameter].boxed()
    };
    let Some(below) = below else { return leaf };
    let same = || below.of(unit);
    let of = |unit| below.of(unit);
    let boxed = |one, op, other| Expr::Arithmetic(Box::new(one), op, Box::new(other));
    prop_oneof![
        3 => leaf,
        1 => (same(), same()).prop_map(move |(a, b)| boxed(a, ArithmeticOp::Add, b)),
        1 => (same(), same()).prop_map(move |(a, b)| boxed(a, ArithmeticOp::Subtract, b)),
        1 => (same(), of(Unit::Ratio)).prop_map(move |(a, b)| boxed(a, ArithmeticOp::Multiply, b)),
        1 => (same(), of(Unit::Count)).prop_map(move |(a, b)| boxed(a, ArithmeticOp::Divide, b)),
        1 => (of(Unit::Bytes), of(Unit::Bytes)).prop_map(move |(a, b)| boxed(a, ArithmeticOp::Divide, b)),
        1 => same().prop_map(|a| Expr::Negate(Box::new(a))),
        1 => same().prop_map(|a| Expr::AsRatio(Box::new(a))),
        1 => (same(), same()).prop_map(|(a, b)| Expr::Coalesce(Box::new(a), Box::new(b))),
        2 => (function(), same(), same(), same()).prop_map(|(f, a, b, c)| Expr::Function(f, vec![a, b, c])),
        1 => (below.truth(), same(), same()).prop_map(|(c, a, b)| Expr::If(Box::new(c), Box::new(a), Box::new(b))),
    ]
    .boxed()
}

fn function() -> impl Strategy<Value = Function> {
    prop::sample::select(vec![
        Function::Abs,
        Function::Least,
        Function::Greatest,
        Function::Clamp,
        Function::Round,
        Function::Ceil,
        Function::Floor,
    ])
}

fn truth(numbers: &Expressions, below: Option<&Expressions>) -> BoxedStrategy<Expr> {
    let world = base();
    let (image, strategy) = (Expr::Fact(world.fact("image")), Expr::Fact(world.fact("strategy")));
    let of = |unit| numbers.of(unit);
    let two = |unit| (of(unit), of(unit));
    let any_unit = || UNITS.into_iter().map(|unit| (of(unit), of(unit), of(unit)).boxed()).collect::<Vec<_>>();
    let three = proptest::strategy::Union::new(any_unit());
    let words = ["shop/web", "shop/other", "recreate"];
    let text = |text: &str| Expr::Constant(Value::Text(text.into()));
    let symbol = |text: &str| Expr::Constant(Value::Symbol(text.into()));
    let leaf = prop_oneof![
        6 => (three.clone(), prop::sample::select(COMPARISONS.to_vec()))
            .prop_map(|((a, b, _), comparison)| Expr::Compare(Box::new(a), comparison, Box::new(b))),
        1 => (of(Unit::Count), of(Unit::Bytes), prop::sample::select(COMPARISONS.to_vec()))
            .prop_map(|(a, b, c)| Expr::Compare(Box::new(a), c, Box::new(b))),
        2 => three.prop_map(|(a, b, c)| Expr::InRange(Box::new(a), Box::new(b), Box::new(c))),
        1 => two(Unit::Bytes).prop_map(|(a, b)| {
            Expr::Within(Quantity::new(Unit::Ratio, 10.0).unwrap(), Box::new(a), Box::new(b))
        }),
        1 => (of(Unit::Count), prop::collection::vec(of(Unit::Count), 0..4)).prop_map(|(a, list)| Expr::InList(Box::new(a), list)),
        1 => prop::sample::subsequence(words.to_vec(), 0..3).prop_map(move |list| {
            Expr::InList(Box::new(image.clone()), vec![Expr::Constant(Value::List(list.into_iter().map(|word| Value::Text(word.into())).collect()))])
        }),
        1 => (prop::sample::select(words.to_vec()), prop::sample::select(COMPARISONS[..2].to_vec())).prop_map(move |(word, comparison)| {
            Expr::Compare(Box::new(strategy.clone()), comparison, Box::new(symbol(word)))
        }),
        1 => Just(Expr::Compare(Box::new(Expr::ActionRisk), Comparison::LessOrEqual, Box::new(symbol("medium")))),
        1 => Just(Expr::ActionReversible),
        1 => Just(Expr::StartsWith(Box::new(Expr::Fact(world.fact("image"))), Box::new(text("shop/")))),
        1 => of(Unit::Ratio).prop_map(|a| Expr::Known(Box::new(a))),
        1 => Just(Expr::Known(Box::new(Expr::Fact(world.fact("pods"))))),
        1 => any::<bool>().prop_map(|holds| Expr::Constant(Value::Bool(holds))),
    ];
    let Some(below) = below else { return leaf.boxed() };
    let inner = || below.truth();
    prop_oneof![
        3 => leaf,
        1 => inner().prop_map(|a| Expr::Not(Box::new(a))),
        2 => prop::collection::vec(inner(), 1..4).prop_map(Expr::And),
        2 => prop::collection::vec(inner(), 1..4).prop_map(Expr::Or),
        1 => (inner(), inner(), inner()).prop_map(|(c, a, b)| Expr::If(Box::new(c), Box::new(a), Box::new(b))),
        1 => (inner(), inner()).prop_map(|(a, b)| Expr::Coalesce(Box::new(a), Box::new(b))),
        1 => inner().prop_map(|a| Expr::Known(Box::new(a))),
    ]
    .boxed()
}

/// What is measured: a number, nothing, or a number of something else than is declared.
#[derive(Clone, Copy, Debug)]
enum Measured {
    Number(f64),
    Nothing,
    Mistyped,
}

fn measured() -> impl Strategy<Value = Measured> {
    prop_oneof![
        8 => prop::sample::select(vec![0.0, 1.0, 2.0, 3.0, 50.0, 0.3, 1e300, -1.0]).prop_map(Measured::Number),
        2 => Just(Measured::Nothing),
        1 => Just(Measured::Mistyped),
    ]
}

#[derive(Clone, Debug)]
struct Case {
    clauses: Vec<(ClauseKind, Expr)>,
    measured: Vec<Measured>,
    words: (Option<usize>, Option<bool>),
    to: f64,
    memory: f64,
}

prop_compose! {
    fn case(depth: u32)(
        clauses in prop::collection::vec((whole::kind(), Expressions::new(depth).truth()), 1..6),
        measured in prop::collection::vec(measured(), READ.len()),
        words in (prop::option::of(0usize..3), prop::option::of(any::<bool>())),
        to in prop::sample::select(vec![0.0, 1.0, 3.0, 50.0]),
        memory in prop::sample::select(vec![0.0, 1.0, 0.1 + 0.2, 50.0, 1e300]),
    ) -> Case {
        Case { clauses, measured, words, to, memory }
    }
}

fn build(case: &Case) -> (World, Proposal) {
    let mut world = base().edit(|policy| {
        let (action, _) = policy.action_named("trade").unwrap();
        let like = policy.clauses[0].clone();
        let clause = |(at, (kind, expr)): (usize, &(ClauseKind, Expr))| Clause {
            id: format!("shop/{at}").into(),
            kind: *kind,
            actions: vec![action],
            when: Some(Condition { expr: expr.clone(), written: "…".into(), names: vec![] }),
            ..like.clone()
        };
        policy.clauses = case.clauses.iter().enumerate().map(clause).collect();
    });
    for ((name, unit), measured) in READ.iter().zip(&case.measured) {
        let value = match measured {
            Measured::Nothing => continue,
            Measured::Number(base) => Value::Quantity(Quantity::new(*unit, *base).unwrap()),
            Measured::Mistyped => Value::Quantity(Quantity::new(Unit::Money, 1.0).unwrap()),
        };
        world = measure(world, name, value);
    }
    if let Some(at) = case.words.0 {
        world = measure(world, "image", Value::Text(["shop/web", "shop/other", "foreign"][at].into()));
    }
    if let Some(recreate) = case.words.1 {
        world = measure(world, "strategy", Value::Symbol(if recreate { "recreate" } else { "rolling_update" }.into()));
    }
    let argument = |unit, base| Value::Quantity(Quantity::new(unit, base).unwrap());
    let arguments =
        vec![("to".into(), argument(Unit::Count, case.to)), ("memory".into(), argument(Unit::Bytes, case.memory))];
    let call = Call { action: "trade".into(), arguments };
    (world, Proposal::new(Principal::parse("human:ada").unwrap(), call, None))
}

fn measure(mut world: World, name: &str, value: Value) -> World {
    let sample = Sample { at: now(), value: Ok(value) };
    match world.policy.fact_named(name) {
        Some(id) => world.snapshot.facts[usize::from(id.0)].push(sample),
        None => {
            let id = world.metric(name);
            world.snapshot.metrics[usize::from(id.0)].push(sample);
        }
    }
    world
}

/// Both ways of evaluating give the same decision, down to the truth of each clause, and the same words for it; and so does a
/// decider whose buffers hold what was decided before.
fn agree(world: &World, proposal: &Proposal) -> Result<(), TestCaseError> {
    let World { policy, snapshot, history } = world;
    let slow = evaluate(policy, snapshot, history, proposal);
    let compiled = Compiled::new(policy.clone());
    prop_assert_eq!(&compiled.evaluate(snapshot, history, proposal), &slow);
    prop_assert_eq!(compiled.explain(snapshot, history, &slow), explain(policy, snapshot, history, &slow));

    let mut decider = Decider::new(&compiled);
    let of_all = Proposal { actors: vec![Principal::rule("one"), Principal::rule("other")], ..proposal.clone() };
    for (snapshot, history) in [(snapshot, history), (&Snapshot::empty(policy, now()), &History::Unknown)] {
        decider.decide(snapshot, history, &Arc::new(of_all.clone()));
    }
    prop_assert_eq!(decider.decide(snapshot, history, &Arc::new(proposal.clone())), &slow);
    Ok(())
}

/// What documents call a fact or metric: of a name that is a parameter's too, the fact is `current.memory`.
fn in_documents(name: &'static str) -> &'static str {
    if name == "memory" { "current.memory" } else { name }
}

/// Whether a condition holds something that only the reference evaluator computes, for this action.
fn is_flat(plan: &Plan, policy: &Policy, action: &str) -> bool {
    plan.outside_total(policy.action_named(action).unwrap().0) == 0
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn on_expressions_of_every_kind(case in case(3)) {
        let (world, proposal) = build(&case);
        agree(&world, &proposal)?;
    }

    #[test]
    fn on_policies_of_every_kind(case in whole::case()) {
        let (world, proposal) = whole::build(&case);
        agree(&world, &proposal)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn rows_columns_and_documents_agree(case in case(1)) {
        let (world, proposal) = build(&case);
        let policy = &world.policy;
        let plan = Plan::of(policy);
        let mistyped = case.measured.iter().any(|measured| matches!(measured, Measured::Mistyped));
        prop_assume!(is_flat(&plan, policy, "trade") && !mistyped);
        let stored = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Plan>(&stored).unwrap(), &plan);
        let reference = evaluate(policy, &world.snapshot, &world.history, &proposal);

        let action = plan.action_named("trade").unwrap();
        let mut document = serde_json::json!({ "action": "trade", "to": case.to, "elsewhere": [1, { "a": 2 }] });
        document["memory"] = case.memory.into();
        for ((name, _), measured) in READ.iter().zip(&case.measured) {
            document[in_documents(name)] = match measured {
                Measured::Number(base) => (*base).into(),
                Measured::Nothing | Measured::Mistyped => serde_json::Value::Null,
            };
        }
        document["image"] = case.words.0.map(|at| ["shop/web", "shop/other", "foreign"][at]).into();
        document["strategy"] = case.words.1.map(|recreate| if recreate { "recreate" } else { "rolling_update" }).into();
        let (mut inputs, mut truths) = (Inputs::new(&plan), Truths::default());
        let named = read_json(&plan, &document.to_string(), &mut inputs).unwrap();
        prop_assert_eq!(named, action);
        prop_assert_eq!(decide(&plan, &mut inputs, action), reference.tier());
        inputs.truths(&plan, &mut truths);
        prop_assert_eq!(&truths, reference.clauses());

        let rows = 130;
        let mut columns = Columns::new(&plan, rows);
        prop_assume!(case.words == (None, None));
        // What cannot be is left out of a column by whoever fills it, as it is out of a series.
        let measured = READ.into_iter().zip(&case.measured).filter_map(|((name, unit), measured)| match measured {
            Measured::Number(base) if unit.can_measure(*base) => Some((in_documents(name), *base)),
            Measured::Number(_) | Measured::Nothing | Measured::Mistyped => None,
        });
        let known: Vec<(&str, Vec<f64>)> = measured
            .chain([("to", case.to), ("memory", case.memory)])
            .map(|(name, base)| (name, vec![base; rows]))
            .collect();
        for (name, column) in &known {
            if let Some(slot) = plan.named(name) {
                columns.set(slot, column);
            }
        }
        let mut lanes = Lanes::new(&plan);
        // All rows, some of them, and so few that they are decided one by one.
        for room in [rows + 1, 100, 3] {
            let mut tiers = vec![Tier::Allowed; room];
            decide_columns(&plan, action, &columns, &mut lanes, &mut tiers);
            prop_assert!(tiers.iter().skip(rows).all(|tier| *tier == Tier::Forbidden));
            prop_assert!(tiers.iter().take(rows).all(|tier| *tier == reference.tier()));
        }
    }

    #[test]
    fn a_missing_or_mistyped_member_never_loosens(case in case(1), name in 0usize..6, mistyped in any::<bool>()) {
        // `known` and `??` ask for what is missing; without them nothing is gained by leaving it out.
        let asks = |expr: &Expr| {
            let mut asks = false;
            expr.walk(&mut |inner| asks |= matches!(inner, Expr::Known(_) | Expr::Coalesce(..)));
            asks
        };
        prop_assume!(!case.clauses.iter().any(|(_, expr)| asks(expr)));
        let (world, _) = build(&case);
        let plan = Plan::of(&world.policy);
        prop_assume!(is_flat(&plan, &world.policy, "trade"));
        let names = ["to", "memory", "replicas", "ready", "current.memory", "cpu"];
        let mut document = serde_json::json!({ "action": "trade", "to": case.to, "memory": case.memory });
        for (name, measured) in names[2..].iter().zip(&case.measured) {
            if let Measured::Number(base) = measured {
                document[*name] = (*base).into();
            }
        }
        let mut inputs = Inputs::new(&plan);
        let mut tier = |document: &serde_json::Value| {
            let action = read_json(&plan, &document.to_string(), &mut inputs).unwrap();
            decide(&plan, &mut inputs, action)
        };
        let before = tier(&document);
        document[names[name]] = if mistyped { "80".into() } else { serde_json::Value::Null };
        prop_assert!(tier(&document) >= before);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn on_policies_compiled_from_text((clauses, _, evidence, call) in theorems::world(0)) {
        let world = theorems::build(&clauses, &evidence);
        let proposal = Proposal::new(Principal::parse("agent:atlas").unwrap(), Call::parse(&call).unwrap(), None);
        agree(&world, &proposal)?;
    }
}

#[test]
fn more_clauses_than_a_word_has_bits() {
    let clauses: Vec<String> = (0..150)
        .map(|n| format!("approve trade(to, memory) when to == {n} or memory == {n}B or replicas == {}", n + 1))
        .collect();
    let world = rich(&clauses.join("\n")).with("replicas", "70");
    for to in [0, 63, 64, 100, 149, 150] {
        let decision = world.decide(&format!("trade(to: {to}, memory: 200B)"));
        let spoke = decision.clauses().iter().filter(|truth| truth.is_true()).count();
        assert_eq!(spoke, if to < 150 { 2 } else { 1 });
        let call = Call::parse(&format!("trade(to: {to}, memory: 200B)")).unwrap();
        let proposal = Proposal::new(Principal::parse("human:ada").unwrap(), call, None);
        let compiled = Compiled::new(Arc::clone(&world.policy));
        assert_eq!(compiled.evaluate(&world.snapshot, &world.history, &proposal), decision);
    }
}

#[test]
fn a_document_says_everything_once() {
    let world = rich("allow trade(to, memory) when to > 0 and memory > 0B");
    let plan = Plan::of(&world.policy);
    let (mut inputs, mut truths) = (Inputs::new(&plan), Truths::default());
    let mut tier = |text: &str| {
        let action = read_json(&plan, text, &mut inputs).ok()?;
        let tier = decide(&plan, &mut inputs, action);
        inputs.truths(&plan, &mut truths);
        Some((tier, truths.get(0)))
    };
    let (allowed, refused) = (Some((Tier::Allowed, Truth::True)), Some((Tier::Forbidden, Truth::False)));
    assert_eq!(tier(r#"{"to":1,"memory":1,"action":"trade"}"#), allowed);
    assert_eq!(tier(r#"{"action":"trade","to":1}"#), refused);
    assert_eq!(tier(r#"{"action":"trade","to":1,"memory":-1}"#), refused);
    assert_eq!(tier(r#"{"action":"trade","to":1.5,"memory":1}"#), refused);
    assert_eq!(tier(r#"{"action":"trade","to":1,"to":1,"memory":1}"#), None);
    assert_eq!(tier(r#"{"action":"trade","action":"trade","to":1,"memory":1}"#), None);
    assert_eq!(tier(r#"{"action":"unheard_of","to":1,"memory":1}"#), None);
    assert_eq!(tier(r#"{"to":1,"memory":1}"#), None);
    assert_eq!(tier(r#"{"action":"trade","to":1,"memory":1} x"#), None);
    assert_eq!(tier(r#"{"action":"trade","to":1e999,"memory":1}"#), None);
}

#[test]
fn a_word_that_its_enum_does_not_have_says_nothing() {
    let target = "target shop.service(name: text) {
        enum strategy { rolling_update recreate }
        enum speed { slow fast }
        fact strategy: strategy
        action change(to: strategy) { effect strategy = to  undo change(to: current.strategy)  risk low }
        action wait(NAME: speed) { undo nothing  risk low  verify { within 30s strategy == recreate } }
      }";
    let members = "allow change(to) when to != recreate or strategy != recreate  allow wait(NAME) when NAME != fast";
    let tier = |name: &str, text: &str| {
        let plan = Plan::of(&crate::world::policy(&target.replace("NAME", name), &members.replace("NAME", name)));
        let mut inputs = Inputs::new(&plan);
        let action = read_json(&plan, text, &mut inputs).unwrap();
        decide(&plan, &mut inputs, action)
    };
    for (to, is, expected) in [
        ("rolling_update", "recreate", Tier::Allowed),
        ("recreate", "rolling_update", Tier::Allowed),
        ("recreate", "recreate", Tier::Forbidden),
        ("turbo", "recreate", Tier::Forbidden),
        ("recreate", "turbo", Tier::Forbidden),
        ("slow", "rolling_update", Tier::Forbidden),
    ] {
        let text = format!(r#"{{"action":"change","to":"{to}","strategy":"{is}"}}"#);
        assert_eq!(tier("how", &text), expected, "{text}");
        // Where the parameters of two enums have one name, a document can give neither.
        assert_eq!(tier("to", &text), Tier::Forbidden, "{text}");
    }
    assert_eq!(tier("how", r#"{"action":"wait","how":"slow"}"#), Tier::Allowed);
}
