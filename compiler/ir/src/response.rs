//! How a metric responds to what is done: a model for the closed loop of a simulation. No decision on a live target reads it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::expr::{Expr, Input};
use crate::metric::{Metric, MetricId};
use crate::policy::FactId;

/// The value of a metric in a closed loop, as a function of what is the case in that loop and of what was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// What its parameters stand for, the metric itself as recorded before all.
    pub given: Vec<Given>,
    /// The value. Facts and metrics in it are those of the loop, each [`Expr::Parameter`] is a place in `given`.
    pub value: Expr,
    /// As written: `shared(replicas)`.
    pub written: Arc<str>,
}

/// What a response knows beside the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// A metric as recorded.
    Metric(MetricId),
    /// A fact as recorded.
    Fact(FactId),
    /// How many times longer a request takes in the loop than it took, by the utilisation of its servers; a `number`.
    Queueing {
        /// How much of their time the servers are busy, a `ratio`.
        utilisation: MetricId,
        /// How many servers there are, a `count`.
        servers: FactId,
    },
}

impl Response {
    /// The metrics of the loop that it reads.
    pub fn reads(&self) -> Vec<MetricId> {
        let given = self.given.iter().filter_map(|given| match given {
            Given::Queueing { utilisation, .. } => Some(*utilisation),
            Given::Metric(_) | Given::Fact(_) => None,
        });
        given.chain(self.value.inputs().into_iter().filter_map(Input::metric)).collect()
    }
}

/// The metrics that respond, each after those it reads; one on a circle, or behind one, is missing.
pub fn response_order(metrics: &[Metric]) -> Vec<MetricId> {
    let reads: Vec<Vec<MetricId>> =
        metrics.iter().map(|metric| metric.responds.as_ref().map(Response::reads).unwrap_or_default()).collect();
    let order = in_order(&reads).into_iter();
    let responds = |id: &MetricId| metrics.get(usize::from(id.0)).is_some_and(|metric| metric.responds.is_some());
    order.filter(responds).collect()
}

/// Metrics of which each reads those named at its place, each after those it reads; one on a circle, or behind one, is missing.
pub fn in_order(reads: &[Vec<MetricId>]) -> Vec<MetricId> {
    let mut open: Vec<usize> = reads.iter().map(Vec::len).collect();
    let mut readers: Vec<Vec<MetricId>> = vec![Vec::new(); reads.len()];
    for (reader, reads) in (0_u16..).map(MetricId).zip(reads) {
        for read in reads {
            if let Some(readers) = readers.get_mut(usize::from(read.0)) {
                readers.push(reader);
            }
        }
    }
    let mut ready: VecDeque<MetricId> =
        (0_u16..).map(MetricId).zip(reads).filter(|(_, reads)| reads.is_empty()).map(|(id, _)| id).collect();
    let mut order = Vec::new();
    while let Some(next) = ready.pop_front() {
        order.push(next);
        for reader in readers.get(usize::from(next.0)).into_iter().flatten() {
            if let Some(open) = open.get_mut(usize::from(reader.0)) {
                *open -= 1;
                if *open == 0 {
                    ready.push_back(*reader);
                }
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(reads: &[&[u16]]) -> Vec<u16> {
        let reads: Vec<Vec<MetricId>> =
            reads.iter().map(|reads| reads.iter().copied().map(MetricId).collect()).collect();
        in_order(&reads).into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn each_metric_comes_after_those_it_reads() {
        assert_eq!(order(&[&[2, 2], &[], &[1], &[0, 1]]), [1, 2, 0, 3]);
        assert_eq!(order(&[]), [0_u16; 0]);
    }

    #[test]
    fn what_is_on_a_circle_or_behind_one_is_missing() {
        assert_eq!(order(&[&[1], &[0], &[0], &[], &[4]]), [3]);
    }
}
