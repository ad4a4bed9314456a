//! Which members of a blueprint have a section of their own in YAML, and what stands there.

use super::kind::Kind;
use super::scalar;
use super::twin::{key, plain, written};
use crate::ast::{Approval, Autonomy, Expr, ExprKind, Include, MemberKind, Metric, SourceKind, Text};

/// The sections so far.
pub(super) struct Sections<'a> {
    /// The text the members stand in.
    text: &'a str,
    pub(super) metadata: String,
    pub(super) labels: String,
    pub(super) include: String,
    pub(super) metrics: String,
    pub(super) governance: String,
    /// The keys that are taken: of the second of two alike the compiler says what there is to say.
    taken: Vec<String>,
}

impl<'a> Sections<'a> {
    pub(super) fn new(text: &'a str) -> Sections<'a> {
        let (metadata, labels, include) = (String::new(), String::new(), String::new());
        let (metrics, governance, taken) = (String::new(), String::new(), Vec::new());
        Sections { text, metadata, labels, include, metrics, governance, taken }
    }

    /// Whether the member stands in its section now.
    pub(super) fn take(&mut self, member: &MemberKind) -> bool {
        self.taken(member).is_some()
    }

    fn taken(&mut self, member: &MemberKind) -> Option<()> {
        match member {
            MemberKind::Version(text) => self.metadata("version", text),
            MemberKind::Owner(text) => self.metadata("owner", text),
            MemberKind::Label(name, text) => {
                self.once(format!("label {}", name.node))?;
                // A key of its own line is never a block.
                let name = scalar::literal(&name.node)
                    .filter(|name| key(name) == *name)
                    .unwrap_or_else(|| scalar::in_quotes(&name.node));
                self.labels += &format!("    {name}: {}\n", scalar::text(&text.node, 6));
                Some(())
            }
            MemberKind::Include(include) => self.include(include),
            MemberKind::Metric(metric) => self.metric(metric),
            MemberKind::Approval(approval) => self.approval(approval),
            MemberKind::Audit(retention) => {
                let retention = plain(Kind::Duration, written(self.text, retention.span))?;
                self.once("audit".to_owned())?;
                self.governance += &format!("    audit:\n      retention: {retention}\n");
                Some(())
            }
            MemberKind::Autonomy(autonomy) => {
                self.once("autonomy".to_owned())?;
                let word = match autonomy.node {
                    Autonomy::Observe => "observe",
                    Autonomy::Suggest => "suggest",
                    Autonomy::Approve => "approve",
                    Autonomy::Act => "act",
                };
                self.governance += &format!("    autonomy: {word}\n");
                Some(())
            }
            MemberKind::Needs(_)
            | MemberKind::Let(_)
            | MemberKind::Objective(_)
            | MemberKind::Rule(_)
            | MemberKind::Clause(_)
            | MemberKind::Limit(_)
            | MemberKind::Verify(_)
            | MemberKind::Slo(_)
            | MemberKind::Invariant(_)
            | MemberKind::Test(_) => None,
        }
    }

    fn once(&mut self, key: String) -> Option<()> {
        if self.taken.contains(&key) {
            return None;
        }
        self.taken.push(key);
        Some(())
    }

    fn metadata(&mut self, name: &str, text: &Text) -> Option<()> {
        self.once(name.to_owned())?;
        self.metadata += &format!("  {name}: {}\n", scalar::text(&text.node, 4));
        Some(())
    }

    fn include(&mut self, include: &Include) -> Option<()> {
        let mut entry = format!("    - policy: {}\n", include.path.text());
        let mut names: Vec<&str> = Vec::new();
        for (at, (name, value)) in include.arguments.iter().enumerate() {
            plain(Kind::Name, &name.node).filter(|_| !names.contains(&name.node.as_ref()))?;
            names.push(&name.node);
            let value = if let ExprKind::Text(text) = &value.kind {
                scalar::in_quotes(text)
            } else {
                plain(Kind::Argument, written(self.text, value.span))?
            };
            entry += if at == 0 { "      with:\n" } else { "" };
            entry += &format!("        {}: {value}\n", key(&name.node));
        }
        if let Some(alias) = &include.alias {
            entry += &format!("      as: {}\n", key(&alias.node));
        }
        self.include += &entry;
        Some(())
    }

    fn metric(&mut self, metric: &Metric) -> Option<()> {
        let name = plain(Kind::Name, &metric.typed.name.node).map(|name| key(&name))?;
        let ty = plain(Kind::Type, &metric.typed.ty.node)?;
        let mut entry = format!("    {name}:\n      type: {ty}\n");
        entry += &match &metric.sampled.source.kind {
            SourceKind::Prometheus(query) => format!("      prometheus: {}\n", scalar::text(&query.node, 8)),
            SourceKind::Scrape(..) => {
                let text = written(self.text, metric.sampled.source.span).strip_prefix("scrape")?.trim();
                format!("      scrape: {}\n", one_line(Kind::Scrape, text)?)
            }
            SourceKind::HttpJson { path, pointer } => {
                let (path, pointer) = (scalar::text(&path.node, 10), scalar::text(&pointer.node, 10));
                format!("      http_json:\n        path: {path}\n        at: {pointer}\n")
            }
            SourceKind::Constant(value) => {
                format!("      constant: {}\n", plain(Kind::Literal, written(self.text, value.span))?)
            }
        };
        for (word, amount) in [("every", &metric.sampled.every), ("stale", &metric.sampled.stale)] {
            if let Some(amount) = amount {
                entry += &format!("      {word}: {}\n", plain(Kind::Duration, written(self.text, amount.span))?);
            }
        }
        entry += metric.untrusted.map_or("", |_| "      untrusted: true\n");
        if let Some(responds) = &metric.responds {
            entry += &format!("      responds: {}\n", one_line(Kind::Expression, written(self.text, responds.span))?);
        }
        self.once(format!("metric {name}"))?;
        self.metrics += &entry;
        Some(())
    }

    fn approval(&mut self, approval: &Approval) -> Option<()> {
        let mut entry = String::from("    approval_workflow:\n      approvers:\n");
        for group in &approval.by {
            entry += &format!("        - {}\n", group_text(group)?);
        }
        for (word, kind, amount) in
            [("quorum", Kind::Count, &approval.quorum), ("timeout", Kind::Duration, &approval.timeout)]
        {
            if let Some(amount) = amount {
                entry += &format!("      {word}: {}\n", plain(kind, written(self.text, amount.span))?);
            }
        }
        if let Some((to, after)) = &approval.escalate {
            let after = plain(Kind::Duration, written(self.text, after.span))?;
            entry += &format!("      escalate_to: {}\n      escalate_after: {after}\n", group_text(to)?);
        }
        for (at, place) in approval.notify.iter().enumerate() {
            entry += if at == 0 { "      notifications:\n" } else { "" };
            entry += &format!("        - {}\n", scalar::text(&place.node, 10));
        }
        self.once("approval".to_owned())?;
        self.governance += &entry;
        Some(())
    }
}

/// A value on one line, in quotes where YAML would take it for something else; one on several lines stays in the language.
fn one_line(kind: Kind, text: &str) -> Option<String> {
    (!text.contains('\n')).then(|| plain(kind, text).unwrap_or_else(|| scalar::in_quotes(text)))
}

/// A group that is written out; the name of a constant stands only in the language.
fn group_text(group: &Expr) -> Option<String> {
    if let ExprKind::Text(text) = &group.kind { Some(scalar::text(text, 10)) } else { None }
}
