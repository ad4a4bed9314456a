//! Targets: enums, collections and what the standard library declares.

use leeway_driver::compile_text;
use leeway_units::Type;

use crate::policy;

#[test]
fn a_collection_is_a_fact_of_records_with_sorted_fields() {
    let policy = policy(
        "target shop(name: text) {
           fact door: mode
           enum mode { open ajar closed }
           collection shelves { name: text  kind: mode  items: count } stale 5s
           action close(to: mode) { effect door = to undo close(to: current.door) }
           action shut() { effect door = closed undo close(to: open) }
         }
         blueprint corner for shop(\"corner\") {
           allow close(to) when to != open and (any shelf in shelves: shelf.kind == ajar)
           approve shut
         }",
    );
    let facts: Vec<&str> = policy.facts.iter().map(|fact| fact.name.as_ref()).collect();
    assert_eq!(facts, ["door", "shelves"]);
    let [door, shelves] = policy.facts.as_slice() else { panic!("{facts:?}") };
    let Type::Enum(mode) = &door.ty else { panic!("{door:?}") };
    let words: Vec<&str> = mode.words.iter().map(AsRef::as_ref).collect();
    assert_eq!((mode.name.as_ref(), words), ("mode", vec!["open", "ajar", "closed"]));
    let Type::Records(fields) = &shelves.ty else { panic!("{shelves:?}") };
    let fields: Vec<(&str, &Type)> = fields.iter().map(|field| (field.name.as_ref(), &field.ty)).collect();
    assert_eq!(fields.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["items", "kind", "name"]);
    assert_eq!(fields.get(1).unwrap().1, &door.ty);
    assert_eq!(shelves.stale_ms, 5_000);
}

#[test]
fn a_deployment_is_as_the_language_says() {
    let policy = policy(
        "use std.kubernetes
         blueprint web for kubernetes.deployment(\"shop/web\") { approve scale, restart forbid any when paused }",
    );
    let signatures: Vec<String> = policy.actions.iter().map(leeway_ir::Action::signature).collect();
    assert_eq!(
        signatures,
        [
            "configure(key: text, value: text)",
            "delete()",
            "delete_pod(pod: text)",
            "delete_volume(volume: text)",
            "edit_network_policy(name: text)",
            "edit_rbac(name: text)",
            "edit_secret(name: text)",
            "resize(cpu_request: cpu, memory_request: bytes)",
            "restart()",
            "rollback(revision: count)",
            "scale(to: count)",
            "set_probe(probe: text, field: text, value: count)",
            "set_strategy(strategy: strategy, max_surge: count, max_unavailable: count)",
        ]
    );
    assert_eq!(policy.target.kind.as_ref(), "kubernetes.deployment");
}

#[test]
fn what_was_lost_in_parsing_is_not_missed_again() {
    let codes = |text: &str| -> Vec<String> {
        compile_text("test.leeway", text).diagnostics.iter().map(|finding| finding.code.to_string()).collect()
    };
    let target = "target queue(name: text) {
        fact depth: count
        fact broken count
        action trim(to: count) { effect depth = to undo nothing }
        action flush( { undo nothing }
      }";
    let blueprint =
        "blueprint jobs for queue(\"jobs\") { approve trim, flush objective broken < 3 and current.broken < 2 }";
    assert!(codes(&format!("{target}\n{blueprint}")).iter().all(|code| code == "E0101"));
    let header = "target queue(name text) { fact depth: count }";
    assert!(codes(&format!("{header}\n{blueprint}")).iter().all(|code| code == "E0101"));
    let lost = "policy careful( for any { }\n policy other() for any { include careful() }";
    assert!(codes(lost).iter().all(|code| code == "E0101"), "{:?}", codes(lost));
}
