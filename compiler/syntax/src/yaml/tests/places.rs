//! Findings stand where the document says what they are about.

use super::{read, said};

const HEAD: &str =
    "apiVersion: leeway.dev/v1\nkind: Blueprint\nmetadata: {name: b}\nspec:\n  target: {kind: k, name: it}\n";

#[test]
fn places_are_those_of_the_document() {
    for (spec, expected) in [
        ("  use: [std..k]", "6:9: error[E0805]: `use`: expected a module, found `std..k`"),
        ("  clauses: |\n    let a = 1\n    let b 2\n", "8:11: error[E0101]"),
        ("  clauses: |2\n      let a = 1\n    let b 2\n", "8:11: error[E0101]"),
        ("  clauses: |\n\n\n    let b 2\n", "9:11: error[E0101]"),
        ("  clauses: \"let a = 1\\nlet b 2\"\n", "6:30: error[E0101]"),
        ("  clauses: let b 2\n", "6:18: error[E0101]"),
        (
            "  clauses: >\n    let b = 2\n",
            "7:5: error[E0805]: `clauses`: expected members of a blueprint, behind `|`, found a text whose lines are joined",
        ),
        ("  clauses: |\n    let é = 2\n", "7:9: error[E0102]: `U+00E9`"),
        ("  clauses: |\n    let b = 2 }\n", "7:15: error[E0805]: `}` cannot stand in `clauses`"),
        ("  clauses: |\n    let b = 2\n    use std.k\n", "8:5: error[E0805]: `use` cannot stand in `clauses`"),
        ("  clauses: |\n    else approve\n", "7:5: error[E0101]: expected a member of the blueprint, found `else`"),
        ("  clauses: |\n    rule r { when a propose s()\n", "7:32: error[E0101]"),
        ("  metrics: {m: {type: ratio}}", "6:17: error[E0806]: `m` has no source"),
        ("  metrics: {m: {type: ratio, constant: 1%, scrape: a}}", "6:44: error[E0805]: `m` has two sources"),
        (
            "  metrics: {on: {type: ratio, constant: 1 %}}",
            "6:41: error[E0805]: `constant`: expected a literal, found `1 %`",
        ),
        (
            "  metrics: {m: {typ: ratio, constant: 1%}}",
            "6:17: error[E0803]: `m` has no key `typ`; did you mean `type`?",
        ),
        ("  colour: red", "6:3: error[E0803]: `spec` has no key `colour`"),
        ("  scaling: {min_replicas: 2, min_replicas: 3}", "6:30: error[E0804]: `min_replicas` is written twice"),
        ("  scaling: {min_replicas: two}", "6:27: error[E0805]: `min_replicas`: expected a whole number, found `two`"),
        (
            "  scaling: {min_replicas: \"2\"}",
            "6:27: error[E0805]: `min_replicas`: expected a whole number, found a text",
        ),
        ("  scaling: {min_replicas: 010}", "6:27: error[E0805]: `min_replicas`: expected a whole number, found `010`"),
        ("  scaling:\n    - 2", "7:7: error[E0805]: `scaling`: expected a mapping, found a list"),
        ("  scaling:", "6:10: error[E0805]: `scaling`: expected a mapping, found nothing"),
        ("  scaling: {scale_up_threshold: 80%}", "6:13: error[E0806]: this is about the metric `cpu`"),
        (
            "  reliability: {rollback_on_failure: yes}",
            "6:38: error[E0805]: `rollback_on_failure`: expected `true` or `false`, found `yes`",
        ),
        ("  reliability: {max_restart_count: 3}", "6:17: error[E0806]: `max_restart_count` says nothing by itself"),
        (
            "  resources: {requests: {cpu: 100x}}",
            "6:31: error[E0805]: `cpu`: expected an amount of processors, found `100x`",
        ),
        ("  governance: {audit: {logging: false}}", "6:33: error[E0805]: `logging`: expected `true`, found `false`"),
        (
            "  governance: {autonomy: acts}",
            "6:26: error[E0805]: `autonomy`: expected one of `observe`, `suggest`, `approve`, `act`, found `acts`",
        ),
        (
            "  governance: {agent_authority: {allowed_operations: [scale_within_limits]}}",
            "6:55: error[E0806]: `scale_within_limits` needs `scaling.min_replicas`",
        ),
        (
            "  governance: {agent_authority: {requires_approval: [resize_beyond_limits]}}",
            "6:54: error[E0806]: `resize_beyond_limits` needs `resize_within`",
        ),
        ("  governance: {approval_workflow: {approvers: []}}", "6:36: error[E0806]: nobody is asked"),
        (
            "  governance: {approval_workflow: {approvers: [a], escalate_to: b}}",
            "6:52: error[E0806]: this needs `escalate_after` beside it",
        ),
    ] {
        let said = said(&format!("{HEAD}{spec}"));
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines.iter().any(|line| line.starts_with(&format!("b.leeway.yaml:{expected}"))), "{spec}\n{said}");
    }
}

#[test]
fn texts_that_yaml_may_take_for_something_else_are_quoted() {
    for (written, fine) in [
        ("no", false),
        ("\"no\"", true),
        ("on", false),
        ("1.4", false),
        ("1.4.0", true),
        ("'1'", true),
        ("~", false),
        ("", false),
        ("norway", true),
        ("1_000", false),
        ("12:30:45", false),
        ("12:30-team", true),
        ("2026-01-01", false),
        ("2026-team-1", true),
    ] {
        let text = HEAD.replace("{name: b}", &format!("{{name: b, owner: {written}}}"));
        assert_eq!(said(&text).is_empty(), fine, "{written}: {}", said(&text));
    }
}

#[test]
fn what_a_description_hides_is_told() {
    let text = HEAD.replace("{name: b}", "{name: b, description: \"a\\u202eb\"}");
    assert_eq!(
        said(&text),
        "b.leeway.yaml:3:21: error[E0102]: `U+202E` changes the direction of text and is not allowed anywhere\n"
    );
}

#[test]
fn several_findings_are_told_at_once() {
    let text = format!(
        "{HEAD}  sclaing: 1\n  performance: {{error_rate: 1}}\n  clauses: |\n    let a = 1hh\n    let b = 2cpus\n"
    );
    let found: Vec<String> = said(&text).lines().map(|line| line.split(": ").nth(1).unwrap().to_owned()).collect();
    assert_eq!(found, ["error[E0803]", "error[E0805]", "error[E0104]", "error[E0104]"], "{}", said(&text));
}

#[test]
fn fixes_stay_where_they_are_about_the_text_itself() {
    let fixes = |spec: &str| {
        let text = format!("{HEAD}{spec}");
        let (_, findings, _) = read(&text);
        let fixes = findings.iter().flat_map(|finding| &finding.fixes).flat_map(|fix| &fix.edits);
        fixes.map(|edit| (text[edit.span.range()].to_owned(), edit.replacement.clone())).collect::<Vec<_>>()
    };
    assert_eq!(fixes("  clauses: |\n    let a = 2cpus\n"), [("cpus".to_owned(), "cpu".to_owned())]);
    assert_eq!(fixes("  clauses: \"let a = 2cpus\\n\"\n"), [("cpus".to_owned(), "cpu".to_owned())]);
    let quoted = ("'a'".to_owned(), "\"a\"".to_owned());
    assert_eq!(fixes("  clauses: |\n    label 'a' = \"b\"\n"), [quoted]);
    // In the quotes of YAML it would end the text.
    assert_eq!(fixes("  clauses: \"label 'a' = \\\"b\\\"\"\n"), []);
}
