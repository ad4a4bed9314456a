//! Plans that the program itself wrote, and what may be wrong with one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use super::*;

const KINDS: &str = include_str!("../../../../blueprints/fixtures/terraform-kinds.json");
const MOVES: &str = include_str!("../../../../blueprints/fixtures/terraform-moves.json");
const ERRORED: &str = include_str!("../../../../blueprints/fixtures/terraform-errored.json");
const SMALL: &str = include_str!("../../../../blueprints/fixtures/tofu-small.json");
const UNTAGGED: &str = include_str!("../../../../blueprints/fixtures/tofu-untagged.json");

fn read(text: &str) -> Read<Evidence> {
    read_plan(&Node::parse(text)?)
}

/// The facts that are no lists.
fn facts(text: &str) -> Vec<String> {
    let evidence = read(text).unwrap();
    let single = evidence.facts.iter().filter(|(_, node)| !matches!(node, Node::List(_)));
    single.map(|(name, node)| format!("{name} = {}", node.json())).collect()
}

/// The records of a collection, as JSON.
fn records(text: &str, name: &str) -> Vec<String> {
    let evidence = read(text).unwrap();
    let (_, node) = evidence.facts.iter().find(|(known, _)| *known == name).unwrap();
    let Node::List(records) = node else { panic!("{name} is {node:?}") };
    records.iter().map(Node::json).collect()
}

/// A plan of one resource with this change, and what else stands beside it.
fn plan_with(change: &str, beside: &str) -> String {
    format!(
        r#"{{ "format_version": "1.2", "planned_values": {{}}, "resource_changes": [
              {{ "address": "a.b", "mode": "managed", "type": "a", "provider_name": "p", "change": {change} }} ] {beside} }}"#
    )
}

#[test]
fn every_kind_of_change_is_counted_once() {
    assert_eq!(
        facts(KINDS),
        [
            "managed = 7",
            "changed = 6",
            "creates = 1",
            "updates = 2",
            "replaces = 1",
            "deletes = 1",
            "imports = 0",
            "moves = 0",
            "forgets = 1",
            "invokes = 0",
            "drifted = 0",
            "deferred = 0",
            "outputs_changed = 3",
            "failed_checks = 0",
            "complete = true",
        ]
    );
    let moves = facts(MOVES);
    for fact in ["managed = 2", "changed = 2", "imports = 1", "moves = 1", "complete = false"] {
        assert!(moves.contains(&fact.to_owned()), "{moves:?} lacks {fact}");
    }
}

#[test]
fn a_record_says_what_happens_to_what() {
    let changes = records(KINDS, "changes");
    let cluster = r#"{"address":"terraform_data.cluster","module":"","type":"terraform_data","provider":"terraform.io/builtin/terraform","reason":"replace_because_cannot_update","region":"","kind":"replace","taggable":false,"sensitive":false}"#;
    assert!(changes.contains(&cluster.to_owned()), "{changes:#?}");
    let kinds: Vec<&str> =
        changes.iter().map(|change| change.split("\"kind\":\"").nth(1).unwrap().split('"').next().unwrap()).collect();
    assert_eq!(kinds, ["create", "replace", "update", "forget", "delete", "update"]);
}

#[test]
fn attributes_are_those_that_are_set_and_secrets_have_no_value() {
    let attributes = records(KINDS, "attributes");
    let of = |address: &str| -> Vec<String> {
        let prefix = format!(r#"{{"address":"{address}","type":"terraform_data","#);
        attributes.iter().filter_map(|record| record.strip_prefix(&prefix)).map(str::to_owned).collect()
    };
    assert_eq!(
        of("terraform_data.cache"),
        [r#""name":"id"}"#, r#""name":"input","value":"{\"engine\":\"valkey\"}"}"#, r#""name":"output"}"#,]
    );
    // What stays as it is is not set, and neither is what goes away.
    assert_eq!(
        of("terraform_data.database"),
        [
            r#""name":"input","value":"{\"engine\":\"postgres\",\"storage_gib\":200,\"tags\":{\"owner\":\"team-orders\"}}"}"#,
            r#""name":"output"}"#,
        ]
    );
    assert!(of("terraform_data.old_queue[1]").is_empty() && of("terraform_data.kept").is_empty());
    assert_eq!(of("terraform_data.secret"), [r#""name":"input"}"#, r#""name":"output"}"#]);
    assert!(!attributes.concat().contains("hunter"), "a secret is told");
}

#[test]
fn tags_are_known_unknown_or_not_there() {
    assert_eq!(
        records(SMALL, "tags"),
        [
            r#"{"address":"aws_sqs_queue.retry","key":"environment","value":"production"}"#,
            r#"{"address":"aws_sqs_queue.retry","key":"owner","value":"team-orders"}"#,
            r#"{"address":"module.api.aws_ecs_service.api","key":"environment","value":"production"}"#,
            r#"{"address":"module.api.aws_ecs_service.api","key":"owner","value":"team-orders"}"#,
        ]
    );
    // `tags_all` is known only after it is applied: there may be tags that nobody knows.
    assert_eq!(records(UNTAGGED, "tags"), [r#"{"address":"aws_sqs_queue.retry"}"#]);
    for (change, expected) in [
        (r#""after": { "tags": null }"#, &[][..]),
        (r#""after": { "tags": {} }"#, &[]),
        (r#""after": { "tags": ["web", "blue"] }"#, &[r#""key":"blue","value":"""#, r#""key":"web","value":"""#]),
        (r#""after": { "tags": [{ "key": "owner", "value": "a" }] }"#, &[r#""key":"owner","value":"a""#]),
        (
            r#""after": { "labels": { "owner": "a", "n": 1 } }"#,
            &[r#""key":"n","value":"1""#, r#""key":"owner","value":"a""#],
        ),
        (r#""after": {}, "after_unknown": { "tags": { "owner": true } }"#, &[r#""key":"owner""#]),
        (r#""after": { "tags": { "a": "b" } }, "after_sensitive": { "tags": { "a": true } }"#, &[r#""key":"a""#]),
        (r#""after": { "tags": { "a": "b" } }, "after_sensitive": { "tags": true }"#, &[""]),
        (r#""after": { "tags": "odd" }"#, &[""]),
        (r#""after": null, "after_unknown": true"#, &[""]),
        (r#""after_unknown": {}"#, &[""]),
        (r#""after": null, "after_unknown": {}"#, &[""]),
        (r#""after": ["tags"]"#, &[""]),
    ] {
        let text = plan_with(&format!(r#"{{ "actions": ["create"], "before": null, {change} }}"#), "");
        let comma = |rest: &&str| if rest.is_empty() { String::new() } else { format!(",{rest}") };
        let expected: Vec<String> =
            expected.iter().map(|rest| format!(r#"{{"address":"a.b"{}}}"#, comma(rest))).collect();
        assert_eq!(records(&text, "tags"), expected, "{change}");
        let taggable = records(&text, "changes").concat().contains(r#""taggable":true"#);
        assert!(taggable, "{change}");
    }
}

#[test]
fn the_region_is_known_unknown_or_none() {
    for (change, region) in [
        (r#""after": { "region": "eu-central-1" }"#, Some("eu-central-1")),
        (r#""after": { "region": null, "location": "westeurope" }"#, Some("westeurope")),
        (r#""after": { "name": "x" }"#, Some("")),
        (r#""after": {}, "after_unknown": { "region": true }"#, None),
        (r#""after": null, "after_unknown": true"#, None),
        (r#""after": null"#, None),
        (r#""after": 5"#, None),
    ] {
        let text = plan_with(&format!(r#"{{ "actions": ["create"], "before": null, {change} }}"#), "");
        let changes = records(&text, "changes").concat();
        match region {
            Some(region) => assert!(changes.contains(&format!(r#""region":"{region}""#)), "{change}: {changes}"),
            None => assert!(!changes.contains("region"), "{change}: {changes}"),
        }
    }
}

#[test]
fn actions_of_a_later_version_may_be_anything() {
    for actions in
        [r#"["defer"]"#, r#"["create", "update"]"#, "[]", r#"["read"]"#, r#"["open"]"#, r#"["no-op", "delete"]"#]
    {
        let text = plan_with(&format!(r#"{{ "actions": {actions} }}"#), "");
        let facts = facts(&text);
        assert!(facts.contains(&"changed = 1".to_owned()), "{actions}: {facts:?}");
        for fact in ["managed", "creates", "updates", "replaces", "deletes", "imports", "moves", "forgets", "invokes"] {
            assert!(facts.contains(&format!("{fact} = \"missing\"")), "{actions}: {facts:?}");
        }
        assert!(!records(&text, "changes").concat().contains("kind"), "{actions}");
    }
}

#[test]
fn what_is_read_is_no_change_and_what_replaces_deletes() {
    for (actions, mode, fact) in [
        (r#"["read"]"#, "data", "changed = 0"),
        (r#"["open"]"#, "ephemeral", "changed = 0"),
        (r#"["create", "delete"]"#, "managed", "replaces = 1"),
        (r#"["create", "forget"]"#, "managed", "replaces = 1"),
        (r#"["forget", "create"]"#, "managed", "replaces = 1"),
    ] {
        let text = plan_with(&format!(r#"{{ "actions": {actions} }}"#), "").replace("managed", mode);
        assert!(facts(&text).contains(&fact.to_owned()), "{actions}");
    }
}

#[test]
fn what_waits_drifts_fails_or_is_invoked_is_counted() {
    let beside = r#", "resource_drift": [ { "address": "a.c", "mode": "managed", "type": "a", "provider_name": "p", "change": { "actions": ["update"] } },
                                          { "address": "a.d", "mode": "managed", "type": "a", "provider_name": "p", "change": { "actions": ["no-op"] } } ],
        "deferred_changes": [ {} ], "deferred_action_invocations": [ {} ],
        "action_invocations": [ { "address": "action.aws_lambda_invoke.warm", "type": "aws_lambda_invoke", "provider_name": "p" } ],
        "checks": [ { "status": "pass" }, { "status": "fail" }, { "status": "error" }, { "status": "unknown" } ],
        "output_changes": { "a": { "actions": ["no-op"] }, "b": { "actions": ["update"] } }"#;
    let text = plan_with(r#"{ "actions": ["no-op"] }"#, beside);
    let facts = facts(&text);
    for fact in
        ["drifted = 1", "deferred = 2", "invokes = 1", "changed = 1", "failed_checks = 2", "outputs_changed = 1"]
    {
        assert!(facts.contains(&fact.to_owned()), "{facts:?} lacks {fact}");
    }
}

#[test]
fn what_is_no_whole_plan_is_refused_where_it_is_wrong() {
    let change = r#"{ "actions": ["create"] }"#;
    let plan = |from: &str, to: &str| plan_with(change, "").replace(from, to);
    for (text, path) in [
        (ERRORED.to_owned(), "$.errored"),
        (plan("\"1.2\"", "\"2.0\""), "$.format_version"),
        (plan("\"1.2\"", "\"10.2\""), "$.format_version"),
        (plan("\"1.2\"", "1.2"), "$.format_version"),
        (plan_with(change, r#", "errored": "no""#), "$.errored"),
        (plan_with(change, r#", "complete": 1"#), "$.complete"),
        (plan_with(change, r#", "timestamp": "yesterday""#), "$.timestamp"),
        (plan_with(change, r#", "resource_drift": {}"#), "$.resource_drift"),
        (plan_with(change, r#", "output_changes": []"#), "$.output_changes"),
        (plan_with(change, r#", "output_changes": { "a": {} }"#), "$.output_changes.a.actions"),
        (plan_with(change, r#", "checks": [ { "status": 1 } ]"#), "$.checks[0]"),
        (plan_with(change, r#", "action_invocations": [ {} ]"#), "$.action_invocations[0]"),
        (plan_with("null", ""), "$.resource_changes[0].change"),
        (plan_with(r#"{ "actions": "create" }"#, ""), "$.resource_changes[0].change.actions"),
        (plan_with(r#"{ "actions": [1] }"#, ""), "$.resource_changes[0].change.actions"),
        (plan("\"a.b\"", "7"), "$.resource_changes[0].address"),
        (plan("\"address\": \"a.b\", ", ""), "$.resource_changes[0]"),
        (plan("\"type\": \"a\", ", ""), "$.resource_changes[0]"),
        (plan("\"type\": \"a\"", "\"type\": null"), "$.resource_changes[0].type"),
        (plan("\"type\": \"a\"", "\"type\": \"\""), "$.resource_changes[0].type"),
        (plan("\"managed\"", "null"), "$.resource_changes[0].mode"),
        (plan_with(change, r#", "resource_changes": []"#), "$.resource_changes"),
        (
            plan(
                " ] ",
                r#", { "address": "a.b", "mode": "managed", "type": "a", "provider_name": "p", "change": { "actions": ["delete"] } } ]"#,
            ),
            "$.resource_changes[1].address",
        ),
    ] {
        let error = read(&text).err().unwrap_or_else(|| panic!("{text} is read"));
        assert_eq!(error.path, path, "{text}: {error}");
    }
}

#[test]
fn an_object_that_was_left_over_is_another_one() {
    let text = plan_with(r#"{ "actions": ["update"] }"#, "").replace(
        " ] ",
        r#", { "address": "a.b", "deposed": "4ab2", "mode": "managed", "type": "a", "provider_name": "p", "change": { "actions": ["delete"] } } ]"#,
    );
    let facts = facts(&text);
    for fact in ["managed = 1", "updates = 1", "deletes = 1"] {
        assert!(facts.contains(&fact.to_owned()), "{facts:?} lacks {fact}");
    }
}
