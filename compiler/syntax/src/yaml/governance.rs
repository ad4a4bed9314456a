//! `spec.governance`: who may do what, who agrees, what is kept.

use super::fields::{APPROVED, FORBIDDEN};
use super::kind::RESIZE_WITHIN;
use super::part::Part;
use super::wanted::{CEILING, FLOOR};
use super::writer::Writer;

const AUTHORITY: [&str; 2] = ["governance", "agent_authority"];
const RESTARTS: [&str; 2] = ["reliability", "max_restart_count"];

/// Operations that are actions under another name.
const ACTIONS: &[(&str, &str)] = &[
    ("change_strategy", "set_strategy"),
    ("change_health_check", "set_probe"),
    ("delete_deployment", "delete"),
    ("modify_secret", "edit_secret"),
    ("modify_network_policy", "edit_network_policy"),
    ("modify_rbac", "edit_rbac"),
];

impl<'a> Writer<'a> {
    pub(super) fn authority(&mut self) {
        let mut asks_for_restarts = false;
        for item in self.operations("allowed_operations") {
            match item.scalar().map(|scalar| scalar.text.as_str()) {
                Some("scale_within_limits") => self.bounded(&item, "allow scale(to) when to in floor..ceiling"),
                Some("restart_failed_pods") => {
                    asks_for_restarts = true;
                    self.restarts(
                        &item,
                        "allow restart when (any pod in pods: pod.crashed) and (max pod in pods: pod.restarts) < ",
                    );
                }
                _ if self.share(&item).is_some() => self.resize(&item, &item, "allow", "", ""),
                Some(action) if item.literal().is_some() => {
                    self.member(&item.at, |draft| draft.push(&format!("allow {action}")))
                }
                _ => {}
            }
        }
        for item in self.operations("requires_approval") {
            match item.scalar().map(|scalar| scalar.text.as_str()) {
                Some("scale_beyond_limits") => self.bounded(&item, "approve scale(to) when to not in floor..ceiling"),
                Some("restart_repeatedly") => {
                    asks_for_restarts = true;
                    self.restarts(&item, "approve restart when (max pod in pods: pod.restarts) >= ");
                }
                Some("resize_beyond_limits") => self.resize_beyond(&item),
                _ => self.named(&item, "approve", APPROVED),
            }
        }
        for item in self.operations("forbidden_operations") {
            match item.scalar().map(|scalar| scalar.text.as_str()) {
                Some("scale_to_zero") => {
                    // Without a floor nothing better is known.
                    let better = self.value(&FLOOR).map_or("", |_| " suggest scale(to: floor)");
                    self.member(&item.at, |draft| draft.push(&format!("forbid scale(to) when to == 0{better}")));
                }
                _ => self.named(&item, "forbid", FORBIDDEN),
            }
        }
        if let Some(part) = self.spec(&RESTARTS)
            && !asks_for_restarts
        {
            let help =
                "add `restart_failed_pods` to `allowed_operations`, or `restart_repeatedly` to `requires_approval`";
            self.missing(&part.at, "`max_restart_count` says nothing by itself", help);
        }
    }

    fn operations(&self, list: &str) -> Vec<Part<'a>> {
        let [governance, authority] = AUTHORITY;
        self.spec(&[governance, authority, list]).map(|part| part.items()).unwrap_or_default()
    }

    /// A clause about an action, without a condition.
    fn named(&mut self, item: &Part<'a>, tier: &str, words: &[&str]) {
        let Some((item, word)) = item.clone().valued() else { return };
        let action = ACTIONS.iter().find(|(other, _)| *other == word && words.contains(other));
        self.member(&item.at, |draft| {
            draft.push(tier);
            draft.push(" ");
            match action {
                Some((_, action)) => draft.push(action),
                None => draft.value(item.node, &word),
            }
        });
    }

    fn bounded(&mut self, item: &Part<'a>, clause: &str) {
        let word = item.literal().unwrap_or_default();
        let bounds = [FLOOR, CEILING].map(|bound| self.needed(&bound, &word, &item.at).is_some());
        if bounds == [true, true] {
            self.member(&item.at, |draft| draft.push(clause));
        }
    }

    fn restarts(&mut self, item: &Part<'a>, clause: &str) {
        let word = item.literal().unwrap_or_default();
        let Some((most, literal)) = self.needed(&RESTARTS, &word, &item.at) else { return };
        self.member(&item.at, |draft| {
            draft.push(clause);
            draft.value(most.node, &literal);
        });
    }

    /// P of `resize_within: P`, in either of its forms.
    fn share(&self, item: &Part<'a>) -> Option<String> {
        let one = || {
            let text = item.literal()?;
            let (word, share) = text.split_once(':')?;
            (word == RESIZE_WITHIN).then(|| share.trim().to_owned())
        };
        item.get(RESIZE_WITHIN).and_then(|part| part.literal()).or_else(one)
    }

    fn resize_beyond(&mut self, item: &Part<'a>) {
        let within = self.operations("allowed_operations").into_iter().find(|item| self.share(item).is_some());
        match within {
            Some(within) => self.resize(item, &within, "approve", "not (", ")"),
            None => self.missing(
                &item.at,
                "`resize_beyond_limits` needs `resize_within` among the allowed operations",
                "add `resize_within: 10%` to `allowed_operations`",
            ),
        }
    }

    fn resize(&mut self, item: &Part<'a>, within: &Part<'a>, tier: &str, before: &str, after: &str) {
        let Some(share) = self.share(within) else { return };
        self.member(&item.at, |draft| {
            draft.push(&format!(
                "{tier} resize(cpu_request, memory_request) when {before}cpu_request within {share} of current.cpu_request \
                 and memory_request within {share} of current.memory_request{after}"
            ));
        });
    }

    pub(super) fn approval(&mut self) {
        let Some(block) = self.spec(&["governance", "approval_workflow"]) else { return };
        let texts = |key: &str| -> Vec<Part<'a>> {
            let items = block.get(key).map(|part| part.items()).unwrap_or_default();
            items.into_iter().filter(|item| item.literal().is_some()).collect()
        };
        let (by, notify) = (texts("approvers"), texts("notifications"));
        let valued = |key: &str| block.get(key).and_then(Part::valued);
        let (to, after) = (valued("escalate_to"), valued("escalate_after"));
        for (one, other, key) in [(&to, &after, "escalate_after"), (&after, &to, "escalate_to")] {
            if let (Some((one, _)), None) = (one, other)
                && block.get(key).is_none()
            {
                self.missing(&one.at, format!("this needs `{key}` beside it"), format!("add `{key}`"));
            }
        }
        if by.is_empty() {
            if let Some(approvers) = block.get("approvers").filter(Part::is_empty_list) {
                self.missing(&approvers.at, "nobody is asked", "name at least one group in `approvers`");
            }
            return;
        }
        let (quorum, timeout) = (valued("quorum"), valued("timeout"));
        self.member(&block.at, |draft| {
            draft.push("approval {");
            let list = |draft: &mut super::draft::Draft<'a>, word: &str, texts: &[Part<'a>]| {
                for (at, text) in texts.iter().enumerate() {
                    draft.push(if at == 0 { word } else { ", " });
                    draft.text(text.node);
                }
            };
            list(draft, " by ", &by);
            for (word, part) in [(" quorum ", &quorum), (" timeout ", &timeout)] {
                if let Some((part, literal)) = part {
                    draft.push(word);
                    draft.value(part.node, literal);
                }
            }
            if let (Some((to, _)), Some((after, duration))) = (&to, &after) {
                draft.push(" escalate ");
                draft.text(to.node);
                draft.push(" after ");
                draft.value(after.node, duration);
            }
            list(draft, " notify ", &notify);
            draft.push(" }");
        });
    }

    pub(super) fn audit(&mut self) {
        if let Some(part) = self.spec(&["governance", "audit", "retention"]) {
            self.line(&part, "audit { retention ", " }");
        }
        if let Some(part) = self.spec(&["governance", "autonomy"]) {
            self.line(&part, "autonomy ", "");
        }
    }
}
