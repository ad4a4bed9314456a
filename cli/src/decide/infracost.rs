//! What Infracost writes about costs (`--format json`), read into facts of `tofu.workspace`.

use crate::decide::document::{DocumentError, Node, cut};
use crate::decide::foreign::Evidence;
use crate::decide::literal::time;
use crate::decide::members::{Read, wanted};
use crate::decide::tofu;

/// The members that are read.
pub(crate) const MEMBERS: &[&str] =
    &["currency", "projects", "totalMonthlyCost", "pastTotalMonthlyCost", "summary", "timeGenerated"];

/// Money of the language is in dollars.
const CURRENCY: &str = "USD";

/// What it says that everything costs.
pub(crate) fn read_costs(document: &Node) -> Read<Evidence> {
    check_currency(document)?;
    check_projects(document)?;
    let at = document.get("timeGenerated").map(|node| time("$.timeGenerated", node)).transpose()?;
    let mut evidence = Evidence::new(tofu::KIND, at);
    for (member, fact) in [("totalMonthlyCost", "monthly_cost"), ("pastTotalMonthlyCost", "monthly_cost_before")] {
        if let Some(cost) = cost(document, member)? {
            evidence.fact(fact, cost);
        }
    }
    match document.get("summary").and_then(|summary| summary.get("totalUnsupportedResources")) {
        None | Some(Node::Null) => {}
        Some(unpriced @ Node::Number(_)) => evidence.fact("unpriced", unpriced.clone()),
        Some(other) => return Err(wanted("$.summary.totalUnsupportedResources", "a count", other)),
    }
    Ok(evidence)
}

fn check_currency(document: &Node) -> Read<()> {
    match document.get("currency") {
        None => Err(DocumentError::new("$", "`currency` is missing")),
        Some(Node::Text(currency)) if currency.is_empty() || currency == CURRENCY => Ok(()),
        Some(Node::Text(currency)) => {
            let message =
                format!("`{}` cannot be compared with dollars; set the currency to {CURRENCY}", cut(currency));
            Err(DocumentError::new("$.currency", message))
        }
        Some(other) => Err(wanted("$.currency", "a text", other)),
    }
}

/// A project that could not be priced counts as costing nothing, so that the sums mean nothing.
fn check_projects(document: &Node) -> Read<()> {
    let Some(Node::List(projects)) = document.get("projects") else { return Ok(()) };
    for (at, project) in projects.iter().enumerate() {
        let errors = project.get("metadata").and_then(|metadata| metadata.get("errors"));
        match errors {
            None | Some(Node::Null) => {}
            Some(Node::List(errors)) if errors.is_empty() => {}
            Some(_) => {
                let name = project.get("name").and_then(Node::text).unwrap_or_default();
                let message = format!("`{}` could not be priced, so that what all cost is not known", cut(name));
                return Err(DocumentError::new(format!("$.projects[{at}].metadata.errors"), message));
            }
        }
    }
    Ok(())
}

/// An amount for a month, which stands there as a text. One that is null is not known.
fn cost(document: &Node, member: &str) -> Read<Option<Node>> {
    let path = format!("$.{member}");
    let node = match document.get(member) {
        None | Some(Node::Null) => return Ok(None),
        Some(node) => node,
    };
    let amount: Option<f64> = match node {
        Node::Text(text) => text.parse().ok(),
        Node::Number(number) => Some(*number),
        Node::Null | Node::Bool(_) | Node::List(_) | Node::Map(_) => None,
    };
    let amount = amount.filter(|amount| amount.is_finite() && *amount >= 0.0);
    let amount = amount.ok_or_else(|| wanted(&path, "an amount such as \"742.64\"", node))?;
    Ok(Some(Node::Text(format!("${amount}/month"))))
}
