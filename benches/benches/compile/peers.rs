//! The peers, from text to where they decide.

use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression, Schema,
    ValidationMode, Validator,
};
use leeway_engine::Tier;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;

use crate::Ready;
use crate::texts::{Case, NAMES, Texts};

const ENTRY: &str = "data.tiers.decision";

/// Parsed alone: what a service needs that trusts its policies.
pub(crate) fn cedar(texts: &Texts) -> Ready {
    cedar_ready(PolicySet::from_str(&texts.cedar).unwrap())
}

/// Parsed, and validated against a schema that is parsed as well: as much as Leeway's checker sees.
pub(crate) fn cedar_validated(texts: &Texts) -> Ready {
    let (schema, _) = Schema::from_cedarschema_str(&texts.schema).unwrap();
    let policies = PolicySet::from_str(&texts.cedar).unwrap();
    let found = Validator::new(schema).validate(&policies, ValidationMode::Strict);
    assert!(found.validation_passed(), "{found}");
    cedar_ready(policies)
}

fn cedar_ready(policies: PolicySet) -> Ready {
    Box::new(move |case| {
        let uid = |text: &str| EntityUid::from_str(text).unwrap();
        let pairs = NAMES.iter().zip(case.numbers);
        let pairs = pairs.map(|(name, number)| ((*name).to_owned(), RestrictedExpression::new_long(number.into())));
        let context = Context::from_pairs(pairs).unwrap();
        let action = uid(&format!("Action::\"{}\"", case.action));
        let (principal, resource) = (uid("Agent::\"atlas\""), uid("Workload::\"web\""));
        let request = Request::new(principal, action, resource, context, None).unwrap();
        let response = Authorizer::new().is_authorized(&request, &policies, &Entities::empty());
        let asks = |id| policies.annotation(id, "tier") == Some("approval");
        match response.decision() {
            Decision::Deny => Tier::Forbidden,
            Decision::Allow if response.diagnostics().reason().any(asks) => Tier::ApprovalRequired,
            Decision::Allow => Tier::Allowed,
        }
    })
}

fn compiled(texts: &Texts) -> (regorus::Engine, regorus::CompiledPolicy) {
    let mut engine = regorus::Engine::new();
    engine.add_policy("tiers.rego".into(), texts.rego.clone()).unwrap();
    let policy = engine.compile_with_entrypoint(&ENTRY.into()).unwrap();
    (engine, policy)
}

/// Compiled for its interpreter.
pub(crate) fn regorus(texts: &Texts) -> Ready {
    let (mut engine, _) = compiled(texts);
    Box::new(move |case| {
        engine.set_input(input(case));
        tier(&engine.eval_rule(ENTRY.into()).unwrap())
    })
}

/// Compiled to a program of its virtual machine, which decides faster.
pub(crate) fn regorus_program(texts: &Texts) -> Ready {
    let (_, policy) = compiled(texts);
    let mut vm = RegoVM::new();
    vm.load_program(Compiler::compile_from_policy(&policy, &[ENTRY]).unwrap());
    Box::new(move |case| {
        vm.set_input(input(case));
        tier(&vm.execute().unwrap())
    })
}

fn input(case: &Case) -> regorus::Value {
    let numbers: Vec<String> = NAMES.iter().zip(case.numbers).map(|(name, n)| format!("\"{name}\":{n}")).collect();
    let text = format!("{{\"action\":\"{}\",{}}}", case.action, numbers.join(","));
    regorus::Value::from_json_str(&text).unwrap()
}

fn tier(value: &regorus::Value) -> Tier {
    match value.as_string().unwrap().as_ref() {
        "allowed" => Tier::Allowed,
        "approval" => Tier::ApprovalRequired,
        _ => Tier::Forbidden,
    }
}
