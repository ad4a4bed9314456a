//! Limits, approval blocks and ceilings.

use std::sync::Arc;

use leeway_diagnostics::Span;
use leeway_ir::{FactId, MetricId};
use leeway_syntax::ast::Autonomy;

use super::{ActionRef, Expr};

#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) kind: LimitKind,
    pub(crate) layer: usize,
    pub(crate) id: Arc<str>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum LimitKind {
    Cooldown {
        duration: Expr,
        after: Vec<ActionRef>,
    },
    Breaker {
        failures: Expr,
    },
    AtMost {
        count: Expr,
        of: Vec<ActionRef>,
        per: Expr,
    },
    Pace {
        count: Expr,
        of: Vec<ActionRef>,
        per: Expr,
    },
    Drift {
        fact: FactId,
        place: Span,
        by: Expr,
        per: Expr,
    },
    Budget {
        metric: MetricId,
        place: Span,
        spend: Expr,
        percent: Expr,
    },
    /// Texts, and what they say.
    Freeze {
        from: Expr,
        until: Expr,
        zone: Expr,
        except: Vec<ActionRef>,
    },
}

#[derive(Debug)]
pub(crate) struct Approval {
    pub(crate) by: Vec<Expr>,
    pub(crate) quorum: Option<Expr>,
    pub(crate) timeout: Option<Expr>,
    /// The group, and after how long it is asked.
    pub(crate) escalate: Option<(Expr, Expr)>,
    pub(crate) notify: Vec<Arc<str>>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) struct Ceiling {
    pub(crate) level: Autonomy,
    pub(crate) layer: usize,
    pub(crate) id: Arc<str>,
    pub(crate) span: Span,
}

impl LimitKind {
    /// What it is called in ids.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            LimitKind::Cooldown { .. } => "cooldown",
            LimitKind::Breaker { .. } => "breaker",
            LimitKind::AtMost { .. } => "at_most",
            LimitKind::Pace { .. } => "pace",
            LimitKind::Drift { .. } => "drift",
            LimitKind::Budget { .. } => "budget",
            LimitKind::Freeze { .. } => "freeze",
        }
    }
}
