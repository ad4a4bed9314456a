//! The policy of `peers/` beside other engines: one answer where everything is known, and what each answers where it is not.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use leeway_engine::{Inputs, Plan, Tier, decide, read_json};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use serde_json::{Map, Value, json};

const ACTIONS: [&str; 8] =
    ["scale_up", "scale_down", "restart", "rollback", "drain_node", "update_config", "delete_volume", "migrate_db"];

/// What the policy reads, and below which numbers it is rolled: around the bounds that the clauses name.
const READ: [(&str, u64); 11] = [
    ("cur", 10),
    ("min", 4),
    ("max", 20),
    ("cpu", 101),
    ("mem", 101),
    ("p95", 1_000),
    ("err", 80_000),
    ("restarts", 14),
    ("age", 200),
    ("hour", 24),
    ("target", 30),
];

type Document = Map<String, Value>;

/// SplitMix64: what is compared must be the same tomorrow.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn document(&mut self) -> Document {
        let action = ACTIONS[usize::try_from(self.below(8)).unwrap()];
        let numbers = READ.map(|(name, bound)| (name.to_owned(), json!(self.below(bound))));
        std::iter::once(("action".to_owned(), json!(action))).chain(numbers).collect()
    }
}

/// The policy in each language, compiled.
struct Engines {
    plan: Plan,
    inputs: Inputs,
    cel: cel::Program,
    env: Arc<cel::Env>,
    vm: RegoVM,
    interpreter: regorus::Engine,
}

impl Engines {
    fn new() -> Engines {
        let compilation = leeway_driver::compile_text("tiers.leeway", include_str!("../peers/tiers.leeway"));
        let plan = Plan::of(&compilation.policies[0]);
        let entry = "data.tiers.decision";
        let mut interpreter = regorus::Engine::new();
        interpreter.add_policy("tiers.rego".into(), include_str!("../peers/tiers.rego").into()).unwrap();
        let policy = interpreter.compile_with_entrypoint(&entry.into()).unwrap();
        let mut vm = RegoVM::new();
        vm.load_program(Compiler::compile_from_policy(&policy, &[entry]).unwrap());
        Engines {
            inputs: Inputs::new(&plan),
            plan,
            cel: cel::Program::compile(include_str!("../peers/tiers.cel")).unwrap(),
            env: Arc::new(cel::Env::stdlib()),
            vm,
            interpreter,
        }
    }

    fn ours(&mut self, document: &Document) -> Tier {
        let action = read_json(&self.plan, &json!(document).to_string(), &mut self.inputs).unwrap();
        decide(&self.plan, &mut self.inputs, action)
    }

    /// Nothing where it answers with an error.
    fn cel(&self, document: &Document) -> Option<Tier> {
        let mut context = cel::Context::with_env(Arc::clone(&self.env));
        for (name, value) in document {
            match value {
                Value::String(text) => context.add_variable(name.as_str(), text.clone()).unwrap(),
                Value::Null => context.add_variable_from_value(name.as_str(), cel::Value::Null),
                Value::Number(number) => context.add_variable(name.as_str(), number.as_i64().unwrap()).unwrap(),
                Value::Bool(_) | Value::Array(_) | Value::Object(_) => panic!("{name} is no input: {value}"),
            }
        }
        match self.cel.execute(&context) {
            Ok(cel::Value::Int(0)) => Some(Tier::Allowed),
            Ok(cel::Value::Int(1)) => Some(Tier::ApprovalRequired),
            Ok(cel::Value::Int(2)) => Some(Tier::Forbidden),
            Ok(other) => panic!("{other:?}"),
            Err(_) => None,
        }
    }

    /// What the interpreter and the virtual machine of `regorus` answer; nothing where that is an error.
    fn rego(&mut self, document: &Document) -> [Option<Tier>; 2] {
        let input = regorus::Value::from_json_str(&json!(document).to_string()).unwrap();
        self.interpreter.set_input(input.clone());
        let interpreted = self.interpreter.eval_rule("data.tiers.decision".into());
        self.vm.set_input(input);
        [interpreted.ok(), self.vm.execute().ok()].map(|answer| {
            answer.map(|value| match value.as_string().unwrap().as_ref() {
                "allowed" => Tier::Allowed,
                "approval" => Tier::ApprovalRequired,
                "forbidden" => Tier::Forbidden,
                other => panic!("{other}"),
            })
        })
    }

    /// What ours, CEL and both ways of Rego answer.
    fn answers(&mut self, document: &Document) -> [Option<Tier>; 4] {
        let [interpreted, executed] = self.rego(document);
        [Some(self.ours(document)), self.cel(document), interpreted, executed]
    }
}

#[test]
fn where_everything_is_known_all_answer_alike() {
    let (mut engines, mut dice) = (Engines::new(), Dice(1));
    let mut answers = [0; 3];
    for _ in 0..2_000 {
        let document = dice.document();
        let ours = engines.ours(&document);
        assert_eq!(engines.answers(&document), [Some(ours); 4], "{document:?}");
        answers[usize::from(ours == Tier::Allowed) + 2 * usize::from(ours == Tier::ApprovalRequired)] += 1;
    }
    assert!(answers.iter().all(|answered| *answered > 100), "each tier is met: {answers:?}");
}

#[test]
fn what_is_missing_or_mistyped_never_loosens_ours() {
    let (mut engines, mut dice) = (Engines::new(), Dice(2));
    let (mut looser, mut errors) = ([[0; 4]; 2], [[0; 4]; 2]);
    for _ in 0..400 {
        let known = dice.document();
        let tier = engines.ours(&known);
        for (name, _) in READ {
            let mut missing = known.clone();
            missing.remove(name);
            let mut mistyped = known.clone();
            mistyped.insert(name.to_owned(), json!(known[name].to_string()));
            for (how, document) in [missing, mistyped].iter().enumerate() {
                for (engine, answer) in engines.answers(document).into_iter().enumerate() {
                    looser[how][engine] += u32::from(answer.is_some_and(|answer| answer < tier));
                    errors[how][engine] += u32::from(answer.is_none());
                }
            }
        }
    }
    // Of 4,400 inputs that lack a number, and of 4,400 in which it is a text: how often each answers more loosely than with the
    // number, and how often with an error. In order: ours, CEL, Rego interpreted, Rego in its virtual machine.
    assert_eq!(looser, [[0, 0, 152, 152], [0, 0, 138, 144]]);
    assert_eq!(errors, [[0, 731, 0, 0], [0, 731, 15, 0]]);
}

/// An action, what is set for it and what ours answers to that; and then, with one of the inputs missing, null and written as a
/// text, what ours, CEL, Rego interpreted and Rego in its virtual machine answer.
const ANSWERS: &str = "
scale_up      target=12 cpu=90       forbidden  max      | forbidden error     approval  approval  | forbidden error     forbidden forbidden | forbidden error     approval  approval
scale_up      target=1 cpu=90        forbidden  min      | forbidden error     allowed   allowed   | forbidden error     allowed   allowed   | forbidden error     forbidden forbidden
scale_up      cpu=90 target=9        approval   cur      | approval  error     allowed   allowed   | approval  error     error     allowed   | approval  error     error     allowed
scale_up      cpu=90                 allowed    target   | forbidden error     allowed   allowed   | forbidden error     forbidden forbidden | forbidden error     forbidden forbidden
scale_up      cpu=60                 forbidden  cpu      | forbidden error     forbidden forbidden | forbidden error     forbidden forbidden | forbidden error     allowed   allowed
scale_down    cpu=20 mem=30 target=3 allowed    mem      | forbidden error     forbidden forbidden | forbidden error     allowed   allowed   | forbidden error     forbidden forbidden
restart       restarts=11 err=30000  forbidden  restarts | forbidden error     allowed   allowed   | forbidden error     allowed   allowed   | forbidden error     forbidden forbidden
restart       restarts=4 err=30000   approval   restarts | forbidden error     allowed   allowed   | forbidden error     allowed   allowed   | forbidden error     forbidden forbidden
restart       err=10000              forbidden  err      | forbidden error     forbidden forbidden | forbidden error     forbidden forbidden | forbidden error     allowed   allowed
restart       err=30000 age=10       forbidden  age      | forbidden error     allowed   allowed   | forbidden error     forbidden forbidden | forbidden error     allowed   allowed
drain_node    cpu=80 err=0           approval   cpu      | forbidden error     forbidden forbidden | forbidden error     allowed   allowed   | forbidden error     approval  approval
drain_node    cpu=30 mem=30 err=60000 forbidden  err      | forbidden error     allowed   allowed   | forbidden error     allowed   allowed   | forbidden error     forbidden forbidden
update_config err=0 hour=12          approval   hour     | approval  error     allowed   allowed   | approval  error     allowed   allowed   | approval  error     allowed   allowed
migrate_db    hour=12                forbidden  hour     | forbidden error     approval  approval  | forbidden error     approval  approval  | forbidden error     approval  approval
rollback      err=20000              forbidden  err      | forbidden error     forbidden forbidden | forbidden error     approval  approval  | forbidden error     allowed   allowed
";

#[test]
fn what_each_answers_to_what_is_not_known() {
    let usual = json!({
        "cur": 4, "min": 2, "max": 10, "cpu": 50, "mem": 45, "p95": 100, "err": 15_000, "restarts": 0, "age": 100,
        "hour": 12, "target": 6,
    });
    let mut engines = Engines::new();
    let mut answered = String::new();
    for (action, sets, name) in [
        ("scale_up", "target=12 cpu=90", "max"),
        ("scale_up", "target=1 cpu=90", "min"),
        ("scale_up", "cpu=90 target=9", "cur"),
        ("scale_up", "cpu=90", "target"),
        ("scale_up", "cpu=60", "cpu"),
        ("scale_down", "cpu=20 mem=30 target=3", "mem"),
        ("restart", "restarts=11 err=30000", "restarts"),
        ("restart", "restarts=4 err=30000", "restarts"),
        ("restart", "err=10000", "err"),
        ("restart", "err=30000 age=10", "age"),
        ("drain_node", "cpu=80 err=0", "cpu"),
        ("drain_node", "cpu=30 mem=30 err=60000", "err"),
        ("update_config", "err=0 hour=12", "hour"),
        ("migrate_db", "hour=12", "hour"),
        ("rollback", "err=20000", "err"),
    ] {
        let mut known = usual.as_object().unwrap().clone();
        known.insert("action".into(), json!(action));
        for set in sets.split(' ') {
            let (name, value) = set.split_once('=').unwrap();
            known.insert(name.into(), json!(value.parse::<i64>().unwrap()));
        }
        let mut line = format!("{action:13} {sets:22} {:9}  {name:8}", word(Some(engines.ours(&known))));
        let text = json!(known[name].to_string());
        for unknown in [None, Some(Value::Null), Some(text)] {
            let mut document = known.clone();
            document.remove(name);
            document.extend(unknown.map(|value| (name.to_owned(), value)));
            line.push_str(" |");
            for answer in engines.answers(&document) {
                line.push_str(&format!(" {:9}", word(answer)));
            }
        }
        answered.push_str(line.trim_end());
        answered.push('\n');
    }
    assert_eq!(answered.trim(), ANSWERS.trim(), "\n{answered}");
}

fn word(answer: Option<Tier>) -> &'static str {
    match answer {
        Some(Tier::Allowed) => "allowed",
        Some(Tier::ApprovalRequired) => "approval",
        Some(Tier::Forbidden) => "forbidden",
        None => "error",
    }
}
