//! The form of a YAML blueprint, declared once: the walk checks documents against this table, and the schema is made of it.

use super::kind::Kind::{
    Argument, Bool, Count, Cpu, Duration, Expression, Literal, Members, Memory, Name, Operation, Path, Query, Scrape,
    Share, Text, Type, Use, Word,
};
use super::shape::{Field, Shape};
use Shape::{List, Map, Named, Or, Scalar};

/// What `apiVersion` says.
pub(super) const API_VERSION: &str = "leeway.dev/v1";

/// What the document consists of.
pub(super) const DOCUMENT: &[Field] = &[
    Field::new("apiVersion", Scalar(Word(&[API_VERSION])), "The version of this form.").required(),
    Field::new("kind", Scalar(Word(&["Blueprint"])), "What this document is.").required(),
    Field::new("metadata", Map(METADATA), "What the blueprint is called, and who answers for it.").required(),
    Field::new("spec", Map(SPEC), "What the blueprint says.").required(),
];

const METADATA: &[Field] = &[
    Field::new("name", Scalar(Name), "The name of the blueprint, with which the ids of its clauses begin.").required(),
    Field::new("version", Scalar(Text), "The semantic version of the blueprint, such as \"1.4.0\"."),
    Field::new("owner", Scalar(Text), "Who answers for it."),
    Field::new("description", Scalar(Text), "What it is for; editors and approval cards show it."),
    Field::new("labels", Named(Text, &Scalar(Text)), "Labels of your own."),
];

const SPEC: &[Field] = &[
    Field::new("target", Map(TARGET), "What is governed.").required(),
    Field::new("use", List(&Scalar(Use)), "The modules whose targets and policies are used."),
    Field::new("include", List(&Map(INCLUDE)), "Shared policies that hold here too."),
    Field::new("metrics", Named(Name, &Map(METRIC)), "What is measured, by name."),
    Field::new("resources", Map(RESOURCES), "What each pod should ask for, in the spelling of Kubernetes."),
    Field::new("performance", Map(PERFORMANCE), "What is wanted of the metrics of these names."),
    Field::new("scaling", Map(SCALING), "Between how many replicas, and what makes them more or fewer."),
    Field::new("reliability", Map(RELIABILITY), "What happens after failures."),
    Field::new("deployment", Map(DEPLOYMENT), "How rollouts should be set up."),
    Field::new("governance", Map(GOVERNANCE), "Who may do what, and who agrees."),
    Field::new("clauses", Scalar(Members), "Anything else, in the language of Leeway: rules, clauses, limits, tests."),
];

const TARGET: &[Field] = &[
    Field::new("kind", Scalar(Path), "The kind of target, such as `kubernetes.deployment`.").required(),
    Field::new("name", Scalar(Text), "Which one, such as `shop/frontend`.").required(),
];

const INCLUDE: &[Field] = &[
    Field::new("policy", Scalar(Path), "The policy, such as `baseline.irreversible`.").required(),
    Field::new(
        "with",
        Named(Name, &Scalar(Argument)),
        "Its arguments: values as the language writes them, texts in quotes, metrics by name.",
    ),
    Field::new("as", Scalar(Name), "Its name in the ids of its clauses."),
];

const METRIC: &[Field] = &[
    Field::new("type", Scalar(Type), "What it measures.").required(),
    Field::new("prometheus", Scalar(Query), "An instant query in PromQL that yields one sample.").one_of(),
    Field::new(
        "scrape",
        Scalar(Scrape),
        "A reading of the target's own `/metrics`, such as `rate(\"requests_total\", 1m)`.",
    )
    .one_of(),
    Field::new("http_json", Map(HTTP_JSON), "A number in a JSON document of the target.").one_of(),
    Field::new("constant", Scalar(Literal), "A value that never changes.").one_of(),
    Field::new("every", Scalar(Duration), "How often it is sampled; 15s unless said."),
    Field::new("stale", Scalar(Duration), "How old a sample may be; 60s unless said."),
    Field::new("untrusted", Scalar(Bool), "Whether an outsider can write its labels or values."),
    Field::new(
        "responds",
        Scalar(Expression),
        "What it is in the closed loop of a simulation, such as `shared(replicas)`.",
    ),
];

const HTTP_JSON: &[Field] = &[
    Field::new("path", Scalar(Text), "The path on the target.").required(),
    Field::new("at", Scalar(Text), "The JSON pointer to the number.").required(),
];

const RESOURCES: &[Field] = &[
    Field::new("requests", Map(CPU_AND_MEMORY), "What each pod should ask for."),
    Field::new("limits", Map(CPU_AND_MEMORY), "What each pod should be limited to."),
    Field::new("minimum", Map(MINIMUM), "Below this nobody may go."),
];

const CPU_AND_MEMORY: &[Field] = &[
    Field::new("cpu", Scalar(Cpu), "Processors, such as `500m`."),
    Field::new("memory", Scalar(Memory), "Memory, such as `128Mi`."),
];

const MINIMUM: &[Field] = &[Field::new("memory", Scalar(Memory), "The least memory that a pod may ask for.")];

const PERFORMANCE: &[Field] = &[
    Field::new("latency_p95", Scalar(Duration), "What the metric `latency_p95` should not exceed."),
    Field::new("availability", Scalar(Share), "What the metric `availability` should not fall below."),
    Field::new("error_rate", Scalar(Share), "What the metric `error_rate` should not exceed."),
];

const SCALING: &[Field] = &[
    Field::new("min_replicas", Scalar(Count), "The fewest replicas: `floor`."),
    Field::new("max_replicas", Scalar(Count), "The most replicas: `ceiling`."),
    Field::new("scale_up_threshold", Scalar(Share), "One replica more while the metric `cpu` is above this."),
    Field::new("scale_down_threshold", Scalar(Share), "One replica fewer while the metric `cpu` is below this."),
    Field::new("for", Scalar(Duration), "For how long `cpu` must be beyond a threshold."),
    Field::new("cooldown", Scalar(Duration), "How long nothing follows any action."),
];

const RELIABILITY: &[Field] = &[
    Field::new("max_restart_count", Scalar(Count), "At how many restarts of a pod people are asked."),
    Field::new(
        "rollback_on_failure",
        Scalar(Bool),
        "Whether scaling that failed is taken back; otherwise people are told.",
    ),
    Field::new("breaker", Scalar(Count), "After how many failures in a row everything stops."),
];

const DEPLOYMENT: &[Field] = &[
    Field::new("strategy", Scalar(Name), "How pods should be replaced: `rolling_update` or `recreate`."),
    Field::new("max_surge", Scalar(Count), "How many pods a rollout should start beyond those wanted."),
    Field::new("max_unavailable", Scalar(Count), "How many pods a rollout should leave unavailable."),
];

const GOVERNANCE: &[Field] = &[
    Field::new("agent_authority", Map(AUTHORITY), "What may be done, what needs approval, what is forbidden."),
    Field::new("approval_workflow", Map(APPROVAL), "Who agrees, and until when."),
    Field::new("audit", Map(AUDIT), "What is kept."),
    Field::new("autonomy", Scalar(Word(&["observe", "suggest", "approve", "act"])), "How far rules and agents may go."),
];

/// What may be allowed beside the actions of the target.
pub(super) const ALLOWED: &[&str] = &["scale_within_limits", "restart_failed_pods", "resize_within"];
/// What may need approval beside them.
pub(super) const APPROVED: &[&str] =
    &["scale_beyond_limits", "restart_repeatedly", "resize_beyond_limits", "change_strategy", "change_health_check"];
/// What may be forbidden beside them.
pub(super) const FORBIDDEN: &[&str] = &[
    "scale_to_zero",
    "delete_deployment",
    "delete_pod",
    "delete_volume",
    "modify_secret",
    "modify_network_policy",
    "modify_rbac",
];

const AUTHORITY: &[Field] = &[
    Field::new("allowed_operations", List(&Or(Operation(ALLOWED), RESIZE)), "What is done without asking."),
    Field::new("requires_approval", List(&Scalar(Operation(APPROVED))), "What people are asked for."),
    Field::new("forbidden_operations", List(&Scalar(Operation(FORBIDDEN))), "What is not done."),
];

const RESIZE: &[Field] =
    &[Field::new("resize_within", Scalar(Share), "How far from what they are requests may be set.").required()];

const APPROVAL: &[Field] = &[
    Field::new("approvers", List(&Scalar(Text)), "The groups that are asked.").required(),
    Field::new("quorum", Scalar(Count), "How many of each must agree; one unless said."),
    Field::new("timeout", Scalar(Duration), "How long an answer is waited for; one hour unless said."),
    Field::new("escalate_to", Scalar(Text), "Who is asked then."),
    Field::new("escalate_after", Scalar(Duration), "After how long."),
    Field::new("notifications", List(&Scalar(Text)), "Where it is told, such as `slack:#orders`."),
];

const AUDIT: &[Field] = &[
    Field::new("logging", Scalar(Word(&["true"])), "Everything is recorded; this cannot be turned off."),
    Field::new("format", Scalar(Word(&["json"])), "How it is recorded."),
    Field::new("retention", Scalar(Duration), "How long records are kept."),
];
