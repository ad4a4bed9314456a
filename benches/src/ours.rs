//! The policy in our language, compiled.

use std::sync::Arc;

use leeway_engine::Plan;
use leeway_ir::Policy;

use crate::input::ACTIONS;

const SOURCE: &str = include_str!("../peers/tiers.leeway");

/// The policy, its 21 rules repeated for so many groups of actions: those of the second are `scale_up_1` and so on.
pub fn policy(groups: usize) -> Arc<Policy> {
    let (target, blueprint) = SOURCE.split_once("blueprint").unwrap();
    let (facts, actions) = target.split_at(target.find("  action").unwrap());
    let actions = actions.trim_end().trim_end_matches('}');
    let (head, clauses) = blueprint.split_once('{').unwrap();
    let clauses = clauses.trim_end().trim_end_matches('}');
    let repeated = |text: &str| (0..groups).map(|group| renamed(text, group)).collect::<String>();
    let text = format!("{facts}{}}}\nblueprint{head}{{{}}}\n", repeated(actions), repeated(clauses));
    let compilation = leeway_driver::compile_text("tiers.leeway", &text);
    let errors: Vec<String> =
        compilation.diagnostics.iter().filter(|found| found.is_error()).map(|found| format!("{found:?}")).collect();
    Arc::new(compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{errors:#?}")))
}

/// The same, as a plan.
pub fn plan(groups: usize) -> Plan {
    Plan::of(&policy(groups))
}

/// The same text with the names of the actions of that group.
pub fn renamed(text: &str, group: usize) -> String {
    if group == 0 {
        return text.to_owned();
    }
    let renamed =
        ACTIONS.iter().fold(text.to_owned(), |text, action| text.replace(action, &format!("{action}_{group}")));
    // `restarts` is a fact, and the set `scale` is one of the Rego policy's own rules.
    let renamed = renamed.replace(&format!("restart_{group}s"), "restarts");
    renamed.replace("in scale;", &format!("in scale_{group};")).replace("scale :=", &format!("scale_{group} :="))
}
