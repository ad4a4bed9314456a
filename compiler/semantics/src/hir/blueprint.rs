//! A blueprint: its own members and those of the policies it includes, in layers.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};
use leeway_ir::ActionId;
use leeway_syntax::ast::{ClauseKind, Failure, Ident, StageKind};

use super::{Approval, Call, Ceiling, Expr, Limit, Metric, Parameter, Scenario, Slo};

#[derive(Debug)]
pub(crate) struct Blueprint {
    pub(crate) name: Ident,
    /// Whether members were lost, or are still to come where a policy is included: then nothing is said about what
    /// seems to be missing.
    pub(crate) partial: bool,
    /// Whether members were lost, in parsing or with an `include`: then any name in a test may be one of theirs.
    pub(crate) lost: bool,
    /// A place in [`super::Hir::targets`].
    pub(crate) target: usize,
    pub(crate) target_name: Arc<str>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) owner: Option<Arc<str>>,
    pub(crate) labels: BTreeMap<Arc<str>, Arc<str>>,
    /// For how long records are kept; the longest holds.
    pub(crate) retentions: Vec<Expr>,
    /// Its own members are those of layer 0; each include adds one.
    pub(crate) layers: Vec<Layer>,
    pub(crate) lets: Vec<Let>,
    /// The lets, each after those it reads. Those on a cycle are left out.
    pub(crate) let_order: Vec<usize>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) objectives: Vec<Objective>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) ceilings: Vec<Ceiling>,
    pub(crate) verifications: Vec<Verification>,
    pub(crate) slos: Vec<Slo>,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) tests: Vec<Scenario>,
}

/// Where members come from.
#[derive(Debug)]
pub(crate) struct Layer {
    /// What stands before their names: nothing, or `baseline.irreversible`; nested ones are joined by `/`.
    pub(crate) prefix: Arc<str>,
    /// The include that brought it, and the layer in which that stands.
    pub(crate) include: Option<(Span, usize)>,
    /// From its header to its last member.
    pub(crate) extent: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Let {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
    /// The parameter of a policy that it stands for: then its value must be a constant of that type.
    pub(crate) parameter: Option<Parameter>,
}

#[derive(Debug)]
pub(crate) struct Objective {
    pub(crate) condition: Expr,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Rule {
    /// With the prefix of its layer: `baseline.autoscale.scale_out`.
    pub(crate) name: Arc<str>,
    pub(crate) when: Expr,
    pub(crate) propose: Option<Call>,
    pub(crate) because: Option<Reason>,
    pub(crate) span: Span,
}

/// A `because`: texts and the names between them.
pub(crate) type Reason = Vec<Piece>;

#[derive(Debug)]
pub(crate) enum Piece {
    Text(Arc<str>),
    Value(Expr),
}

#[derive(Debug)]
pub(crate) struct Clause {
    pub(crate) kind: Spanned<ClauseKind>,
    pub(crate) actions: Vec<ActionRef>,
    pub(crate) when: Option<Expr>,
    pub(crate) otherwise: Option<Spanned<ClauseKind>>,
    pub(crate) because: Option<Reason>,
    pub(crate) suggest: Option<Call>,
    pub(crate) by: Vec<Expr>,
    pub(crate) name: Option<Ident>,
    /// A place in [`Blueprint::layers`].
    pub(crate) layer: usize,
    pub(crate) id: Arc<str>,
    /// The id of the half that speaks otherwise.
    pub(crate) otherwise_id: Option<Arc<str>>,
}

#[derive(Debug)]
pub(crate) struct ActionRef {
    pub(crate) meaning: ActionMeaning,
    /// The name as written.
    pub(crate) name: Arc<str>,
    /// Whether `..` stands in its brackets.
    pub(crate) rest: bool,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionMeaning {
    Any,
    Disruptive,
    One(ActionId),
}

#[derive(Debug)]
pub(crate) struct Verification {
    pub(crate) actions: Vec<ActionRef>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) otherwise: Failure,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) kind: StageKind,
    pub(crate) duration: Expr,
    pub(crate) condition: Expr,
}

#[derive(Debug)]
pub(crate) struct Invariant {
    /// With the prefix of its layer.
    pub(crate) name: Arc<str>,
    pub(crate) condition: Expr,
    pub(crate) because: Option<Reason>,
    pub(crate) span: Span,
}

/// `name` behind the prefix of a layer.
pub(crate) fn qualified(prefix: &str, name: &str) -> Arc<str> {
    if prefix.is_empty() { name.into() } else { format!("{}.{name}", prefix.replace('/', ".")).into() }
}
