//! `metadata`, `spec.use`, `spec.target`, `spec.include`, `spec.metrics`: what the rest speaks about.

use super::draft::Draft;
use super::node::Node;
use super::part::Part;
use super::writer::Writer;

/// What a blueprint is called whose own name cannot be one.
const NAMELESS: &str = "nameless";

impl<'a> Writer<'a> {
    /// Up to the `{`; whether there is a target.
    pub(super) fn header(&mut self) -> bool {
        for item in self.spec(&["use"]).map(|part| part.items()).unwrap_or_default() {
            self.line(&item, "use ", "");
        }
        let description = self.root.find(&["metadata", "description"]).filter(|part| part.literal().is_some());
        if let Some((part, scalar)) = description.and_then(|part| Some((part.clone(), part.scalar()?))) {
            self.draft.because(&part.at, |draft| {
                for line in scalar.text.trim_end().lines() {
                    draft.push(&format!("/// {}\n", line.trim_end()));
                }
            });
        }
        let kind = self.value(&["target", "kind"]);
        let name = self.spec(&["target", "name"]).filter(|part| part.literal().is_some());
        let (Some((kind, path)), Some(target)) = (kind, name) else { return false };
        let name = self.root.find(&["metadata", "name"]).and_then(Part::valued);
        let at = name.as_ref().map_or(self.root.at.clone(), |(part, _)| part.at.clone());
        self.member(&at, |draft| {
            draft.push("blueprint ");
            match &name {
                Some((part, name)) => draft.value(part.node, name),
                None => draft.push(NAMELESS),
            }
            draft.push(" for ");
            draft.value(kind.node, &path);
            draft.push("(");
            draft.text(target.node);
            draft.push(") {");
        });
        true
    }

    pub(super) fn metadata(&mut self) {
        for key in ["version", "owner"] {
            if let Some(part) = self.root.find(&["metadata", key]).filter(|part| part.literal().is_some()) {
                self.member(&part.at, |draft| {
                    draft.push(key);
                    draft.push(" ");
                    draft.text(part.node);
                });
            }
        }
        for (key, part) in self.root.find(&["metadata", "labels"]).map(|part| part.named()).unwrap_or_default() {
            if part.literal().is_some() {
                self.member(&part.at, |draft| {
                    draft.push("label ");
                    draft.text(&key);
                    draft.push(" = ");
                    draft.text(part.node);
                });
            }
        }
    }

    pub(super) fn include(&mut self) {
        for item in self.spec(&["include"]).map(|part| part.items()).unwrap_or_default() {
            let Some((policy, path)) = item.get("policy").and_then(Part::valued) else { continue };
            let alias = item.get("as").and_then(Part::valued);
            let with = item.get("with").map(|part| part.named()).unwrap_or_default();
            self.member(&policy.at, |draft| {
                draft.push("include ");
                draft.value(policy.node, &path);
                draft.push("(");
                for (at, (name, part)) in with.iter().enumerate() {
                    draft.push(if at > 0 { ", " } else { "" });
                    argument(draft, name, part);
                }
                draft.push(")");
                if let Some((part, name)) = &alias {
                    draft.push(" as ");
                    draft.value(part.node, name);
                }
            });
        }
    }

    pub(super) fn metrics(&mut self) {
        for (name, metric) in self.spec(&["metrics"]).map(|part| part.named()).unwrap_or_default() {
            let Some((word, source)) = metric.alternative() else { continue };
            let Some((ty, type_name)) = metric.get("type").and_then(Part::valued) else { continue };
            self.member(&metric.at, |draft| {
                draft.push("metric ");
                key(draft, &name);
                draft.push(": ");
                draft.value(ty.node, &type_name);
                draft.push(" = ");
                draft.because(&source.at, |draft| written(draft, word, &source));
                for part in ["every", "stale"] {
                    if let Some((found, literal)) = metric.get(part).and_then(Part::valued) {
                        draft.push(&format!(" {part} "));
                        draft.value(found.node, &literal);
                    }
                }
                if metric.get("untrusted").and_then(|part| part.literal()).as_deref() == Some("true") {
                    draft.push(" untrusted");
                }
                if let Some((found, model)) = metric.get("responds").and_then(Part::valued) {
                    draft.push(" responds ");
                    draft.value(found.node, &model);
                }
            });
        }
    }
}

fn key(draft: &mut Draft<'_>, name: &Node) {
    if let Some(scalar) = name.scalar() {
        draft.value(name, &scalar.text.clone());
    }
}

fn argument(draft: &mut Draft<'_>, name: &Node, part: &Part<'_>) {
    let Some(literal) = part.literal() else { return };
    key(draft, name);
    draft.push(": ");
    draft.value(part.node, &literal);
}

fn written(draft: &mut Draft<'_>, word: &str, part: &Part<'_>) {
    draft.push(word);
    draft.push(" ");
    match word {
        "prometheus" => draft.foreign(part.node),
        "http_json" => {
            if let Some(path) = part.get("path") {
                draft.text(path.node);
            }
            draft.push(" at ");
            if let Some(pointer) = part.get("at") {
                draft.text(pointer.node);
            }
        }
        _ => draft.value(part.node, &part.literal().unwrap_or_default()),
    }
}
