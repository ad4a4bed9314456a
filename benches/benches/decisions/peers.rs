//! The peers, each used as its documentation says is fastest: compiled once, its inputs prepared before the clock runs.

use std::str::FromStr as _;
use std::sync::Arc;

use cedar_policy::{
    Authorizer, Context as CedarContext, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression,
};
use leeway_benches::{Input, NAMES, renamed};
use leeway_engine::Tier;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;

const ENTRY: &str = "data.tiers.decision";

fn repeated(text: &str, groups: usize) -> String {
    (0..groups).map(|group| renamed(text, group)).collect()
}

/// `cel`: one expression over variables.
pub(crate) struct Cel {
    program: cel::Program,
    contexts: Vec<cel::Context<'static, 'static>>,
}

impl Cel {
    pub(crate) fn new(groups: usize, inputs: &[Input]) -> Cel {
        let text = include_str!("../../peers/tiers.cel");
        let (forbid, rest) = text.split_once(") ? 2 : (").unwrap();
        let (approve, allow) = rest.split_once(") ? 1 : (").unwrap();
        let forbid = forbid.trim_start().trim_start_matches('(');
        let allow = allow.split_once(") ? 0 : 2").unwrap().0;
        let any = |part: &str| {
            // Balanced: as deep as a tree, not as a list, for parsers nest with what they read.
            let parts: Vec<String> = (0..groups).map(|group| format!("({})", renamed(part, group))).collect();
            parts.join(" || ")
        };
        let text = format!("({}) ? 2 : ({}) ? 1 : ({}) ? 0 : 2", any(forbid), any(approve), any(allow));
        let program = cel::Program::compile(&text).unwrap();
        let env = Arc::new(cel::Env::stdlib());
        let contexts = inputs.iter().map(|input| {
            let mut context = cel::Context::with_env(Arc::clone(&env));
            context.add_variable("action", input.action_name()).unwrap();
            for (name, number) in NAMES.iter().zip(input.numbers) {
                context.add_variable(*name, number).unwrap();
            }
            context
        });
        Cel { program, contexts: contexts.collect() }
    }

    pub(crate) fn decide(&self, at: usize) -> Tier {
        match self.program.execute(&self.contexts[at]).unwrap() {
            cel::Value::Int(0) => Tier::Allowed,
            cel::Value::Int(1) => Tier::ApprovalRequired,
            _ => Tier::Forbidden,
        }
    }
}

/// `regorus`: its virtual machine and its interpreter.
pub(crate) struct Rego {
    vm: RegoVM,
    engine: regorus::Engine,
    inputs: Vec<regorus::Value>,
}

impl Rego {
    pub(crate) fn new(groups: usize, inputs: &[Input]) -> Rego {
        let text = include_str!("../../peers/tiers.rego");
        let (head, rules) = text.split_at(text.find("scale :=").unwrap());
        let mut engine = regorus::Engine::new();
        engine.add_policy("tiers.rego".into(), format!("{head}{}", repeated(&format!("{rules}\n"), groups))).unwrap();
        let policy = engine.compile_with_entrypoint(&ENTRY.into()).unwrap();
        let program = Compiler::compile_from_policy(&policy, &[ENTRY]).unwrap();
        let mut vm = RegoVM::new();
        vm.load_program(program);
        let inputs = inputs.iter().map(|input| regorus::Value::from_json_str(&input.json()).unwrap()).collect();
        Rego { vm, engine, inputs }
    }

    pub(crate) fn in_vm(&mut self, at: usize) -> Tier {
        self.vm.set_input(self.inputs[at].clone());
        tier(&self.vm.execute().unwrap())
    }

    pub(crate) fn interpreted(&mut self, at: usize) -> Tier {
        self.engine.set_input(self.inputs[at].clone());
        tier(&self.engine.eval_rule(ENTRY.into()).unwrap())
    }
}

fn tier(value: &regorus::Value) -> Tier {
    match value.as_string().unwrap().as_ref() {
        "allowed" => Tier::Allowed,
        "approval" => Tier::ApprovalRequired,
        _ => Tier::Forbidden,
    }
}

/// `cedar-policy`: which policies decided says which tier.
pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

impl Cedar {
    pub(crate) fn new(groups: usize, inputs: &[Input]) -> Cedar {
        let policies = PolicySet::from_str(&repeated(include_str!("../../peers/tiers.cedar"), groups)).unwrap();
        let uid = |text: &str| EntityUid::from_str(text).unwrap();
        let (principal, resource) = (uid("Agent::\"atlas\""), uid("Workload::\"web\""));
        let requests = inputs.iter().map(|input| {
            let pairs = NAMES.iter().zip(input.numbers);
            let pairs = pairs.map(|(name, number)| ((*name).to_owned(), RestrictedExpression::new_long(number)));
            let context = CedarContext::from_pairs(pairs).unwrap();
            let action = uid(&format!("Action::\"{}\"", input.action_name()));
            Request::new(principal.clone(), action, resource.clone(), context, None).unwrap()
        });
        Cedar { authorizer: Authorizer::new(), policies, entities: Entities::empty(), requests: requests.collect() }
    }

    pub(crate) fn decide(&self, at: usize) -> Tier {
        let response = self.authorizer.is_authorized(&self.requests[at], &self.policies, &self.entities);
        let asks = |id| self.policies.annotation(id, "tier") == Some("approval");
        match response.decision() {
            Decision::Deny => Tier::Forbidden,
            Decision::Allow if response.diagnostics().reason().any(asks) => Tier::ApprovalRequired,
            Decision::Allow => Tier::Allowed,
        }
    }
}
