//! The same policy in each language, and what it must decide.

use leeway_engine::Tier;

/// The actions, in the order of their declarations.
const ACTIONS: [&str; 8] =
    ["scale_up", "scale_down", "restart", "rollback", "drain_node", "update_config", "delete_volume", "migrate_db"];

/// The facts, and the argument last.
pub(crate) const NAMES: [&str; 11] =
    ["cur", "min", "max", "cpu", "mem", "p95", "err", "restarts", "age", "hour", "target"];

/// The sources, their 21 clauses repeated for so many groups of actions.
pub(crate) struct Texts {
    pub(crate) leeway: String,
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "only the peers read it"))]
    pub(crate) cedar: String,
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "only the peers read it"))]
    pub(crate) schema: String,
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "only the peers read it"))]
    pub(crate) rego: String,
}

impl Texts {
    pub(crate) fn new(groups: usize) -> Texts {
        let (target, blueprint) = include_str!("../../peers/tiers.leeway").split_once("blueprint").unwrap();
        let (facts, actions) = target.split_at(target.find("  action").unwrap());
        let (head, clauses) = blueprint.split_once('{').unwrap();
        let inside = |text: &str| repeated(text.trim_end().trim_end_matches('}'), groups);
        let leeway = format!("{facts}{}}}\nblueprint{head}{{{}}}\n", inside(actions), inside(clauses));
        let (head, rules) = include_str!("../../peers/tiers.rego").split_once("scale :=").unwrap();
        Texts {
            leeway,
            cedar: repeated(include_str!("../../peers/tiers.cedar"), groups),
            schema: schema(groups),
            rego: format!("{head}{}", repeated(&format!("scale :={rules}\n"), groups)),
        }
    }
}

fn schema(groups: usize) -> String {
    let (entities, actions) = include_str!("../../peers/tiers.cedarschema").split_once("action ").unwrap();
    format!("{entities}{}", repeated(&format!("action {actions}"), groups))
}

fn repeated(text: &str, groups: usize) -> String {
    (0..groups).map(|group| renamed(text, group)).collect()
}

/// The text with the names of the actions of that group.
fn renamed(text: &str, group: usize) -> String {
    if group == 0 {
        return text.to_owned();
    }
    let name = |text: String, action: &&str| text.replace(action, &format!("{action}_{group}"));
    let renamed = ACTIONS.iter().fold(text.to_owned(), name);
    // `restarts` is a fact, and the set `scale` is one of the Rego policy's own rules.
    let renamed = renamed.replace(&format!("restart_{group}s"), "restarts");
    renamed.replace("in scale;", &format!("in scale_{group};")).replace("scale :=", &format!("scale_{group} :="))
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) action: &'static str,
    /// By [`NAMES`].
    pub(crate) numbers: [i32; 11],
    tier: &'static str,
}

impl Case {
    pub(crate) fn tier(&self) -> Tier {
        match self.tier {
            "allowed" => Tier::Allowed,
            "approval" => Tier::ApprovalRequired,
            "forbidden" => Tier::Forbidden,
            other => panic!("there is no tier {other}"),
        }
    }
}

const fn case(action: &'static str, numbers: [i32; 11], tier: &'static str) -> Case {
    Case { action, numbers, tier }
}

/// Each tier by several clauses, and by none.
pub(crate) const CASES: [Case; 8] = [
    case("scale_up", [4, 1, 9, 80, 50, 200, 0, 0, 300, 12, 5], "allowed"),
    case("scale_up", [4, 1, 20, 80, 50, 200, 0, 0, 300, 12, 9], "approval"),
    case("scale_up", [4, 1, 9, 80, 50, 200, 0, 0, 300, 12, 10], "forbidden"),
    case("scale_up", [4, 1, 9, 50, 50, 200, 0, 0, 300, 12, 5], "forbidden"),
    case("restart", [4, 1, 9, 50, 50, 200, 30_000, 3, 300, 12, 5], "allowed"),
    case("restart", [4, 1, 9, 50, 50, 200, 30_000, 3, 29, 12, 5], "forbidden"),
    case("update_config", [4, 1, 9, 50, 50, 200, 0, 0, 300, 18, 5], "allowed"),
    case("migrate_db", [4, 1, 9, 50, 50, 200, 0, 0, 300, 22, 5], "approval"),
];

/// Blueprints with metrics, rules, limits, verification and tests, of so many lines together.
pub(crate) fn workspace(lines: usize) -> Vec<(String, String)> {
    let text = include_str!("../../../blueprints/frontend.leeway");
    let files = lines.div_ceil(text.lines().count());
    let one = |at: usize| {
        let text = text.replacen("blueprint frontend", &format!("blueprint frontend_{at}"), 1);
        (format!("blueprints/frontend_{at}.leeway"), text.replace("frontend/", &format!("frontend_{at}/")))
    };
    (0..files).map(one).collect()
}
