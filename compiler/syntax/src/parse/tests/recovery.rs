//! What is broken is left out whole, said once, and hides nothing of its neighbours.

use super::*;

/// The members that are left of `text`, and what is said of it.
fn left(text: &str) -> (Vec<String>, String, usize) {
    let parsed = parsed(text);
    let blueprint = parsed.tree.blueprints.first();
    let members = blueprint.map(|blueprint| blueprint.members.iter().map(sketch::member).collect()).unwrap_or_default();
    (members, said(text), blueprint.map_or(0, |blueprint| blueprint.broken))
}

#[test]
fn a_rule_that_is_a_value_begins_no_member() {
    let (members, said, _) = left(
        "blueprint b for k(\"n\") {\n forbid s when actor.kind == rule\n approval { by \"x\" timeout 1h }\n\
         forbid s when actor.kind ==\n rule r { when a propose s() }\n}",
    );
    assert_eq!((members.len(), said.lines().count()), (3, 1), "{members:?} {said}");
}

#[test]
fn a_broken_member_leaves_its_neighbours_alone() {
    for broken in [
        "version 1.4.0",
        "version",
        "owner \"a\" \"b\"",
        "owner 3",
        "let a 3",
        "let a = 3 4",
        "let for = 3",
        "let b = ",
        "metric m: ratio = scrape",
        "metric m ratio = scrape \"x\"",
        "metric m: ratio = scrape rate(\"x\")",
        "metric m: ratio = scrape \"x\" stale 5s every 5s",
        "metric m: ratio = scrape \"x\" every 5",
        "objective",
        "objective a <",
        "objective a < b < c",
        "objective a for 2m for 3m",
        "objective (a",
        "objective a)",
        "objective [1, 2",
        "objective f(a,)",
        "rule r { when a propose s(x: 1)",
        "rule r { propose s() }",
        "rule r { when a propose s(1) }",
        "rule r when a propose s() }",
        "rule r { when a propose s() because }",
        "rule { when a propose s() }",
        "rule r { when a\n propose s() } }",
        "allow",
        "allow s whe a",
        "allow s when",
        "allow s when a else",
        "allow s when a else allow",
        "allow s when a else forbid because \"x\" because \"y\"",
        "allow s else approve",
        "approve s(",
        "approve s,",
        "forbid s(.., a)",
        "forbid s when a because \"x",
        "forbid s suggest t",
        "forbid s by 3",
        "forbid s as \"x\"",
        "limit",
        "limit cooldown after any",
        "limit cooldown 5 after any",
        "limit breaker 3",
        "limit breaker 3.5 failures",
        "limit nonsense 3",
        "verify s { } else rollback",
        "verify s { at 10s a }",
        "verify s { at 10s a } else panic",
        "verify s { at 10s a hold b } else nothing",
        "verify s { at 10s a",
        "alow s",
        "fact x: count",
        "} }",
        "|",
        "let a = 1h30m",
        "let a = `raw",
        "let a = {",
        "let a = \"\\q\"",
        "let \u{430} = 1",
        "action s() { risk low }",
        "slo x 99% over 30d { good = prometheus `a` }",
        "label \"a\" \"b\"",
        "include base.line",
        "include base.line(3)",
        "needs metric a: ratio",
        "metric a: ratio = prometheus 3",
        "metric a: ratio = http_json \"/x\"",
        "metric a: ratio = constant b",
        "metric a: ratio = scrape \"x\" untrusted stale 5s",
        "limit at 3 of any per 10m",
        "limit at most 3 of any",
        "limit pace 3 of any per 10m",
        "limit drift replicas -4 per 1h",
        "limit drift replicas per 1h",
        "limit budget cost of $450 at 80%",
        "limit freeze \"Fri\" in \"UTC\"",
        "approval { timeout 1h }",
        "approval { by \"x\" escalate \"y\" }",
        "approval { by \"x\" timeout 1h quorum 2 }",
        "autonomy full",
        "autonomy",
        "audit { }",
        "audit { retention 30 }",
        "slo x 99 over 30d { good = prometheus `a` total = prometheus `b` }",
        "slo x 99% over 30d { total = prometheus `a` good = prometheus `b` }",
        "slo x 99% over 30d { good = prometheus `a` total = prometheus `b` burn 3 1h 5m low }",
        "invariant ready >= 2",
        "invariant a: ready because 3",
        "test { expect allow }",
        "test \"x\" { }",
        "test \"x\" { given a = 1 }",
        "test \"x\" { given a expect allow }",
        "test \"x\" { given a = 1 > 2 expect allow }",
        "test \"x\" { given a = [{}] expect allow }",
        "test \"x\" { given a.b succeeded 5m ago expect allow }",
        "test \"x\" { given s succeeded ago expect allow }",
        "test \"x\" { given actor robot \"x\" expect allow }",
        "test \"x\" {\n given a = 1,\n owner \"x\"\n expect maybe\n }",
        "test \"x\" {\n propose s()\n propose s()\n expect allow\n }",
        "test \"x\" {\n expect allow\n given a = 1\n }",
        "test \"x\" {\n expect rule r\n }",
        "objective any pod in pods pod.a",
        "objective any pod in a.b: pod.c",
        "objective any rule in pods: a",
        "objective max pod in pods: pod.a < 3 < 4",
        "objective a matches b matches c",
    ] {
        let text = format!("{HEADER}  let one = 1\n  // note\n  {broken}\n  /// doc\n  let two = 2\n}}");
        let (members, said, count) = left(&text);
        // What begins with no member's word belongs to the member before, which it breaks.
        let alone = crate::word::member_words()
            .iter()
            .any(|word| broken.split(' ').next() == Some(word) && broken != "version")
            || broken.starts_with("fact")
            || broken.starts_with("action")
            || broken.starts_with("needs");
        let expected: &[&str] = if alone { &["let one = 1", "let two = 2"] } else { &["let two = 2"] };
        assert_eq!(
            (members.iter().map(String::as_str).collect::<Vec<_>>(), count),
            (expected.to_vec(), 1),
            "{broken}\n{said}"
        );
        assert_eq!(said.lines().count(), 1, "{broken}\n{said}");
        assert!(!said.contains("Rule") && !said.contains("k_") && !said.contains("something else"), "{said}");
    }
}

#[test]
fn what_follows_on_the_line_of_a_broken_member_goes_with_it() {
    let (members, said, broken) = left(&format!("{HEADER}let a = 1 allow s wen x forbid t let b = 2\nlet c = 3 }}"));
    assert_eq!((members, broken), (vec!["let a = 1".to_owned(), "let c = 3".to_owned()], 1), "{said}");
    let (members, _, broken) = left(&format!("{HEADER}let a = 1 prove never allow x let b = 2 }}"));
    assert_eq!((members.len(), broken), (2, 1));
}

#[test]
fn a_broken_part_breaks_its_action_whole() {
    for part in
        ["effect x", "undo", "undo nothing()x", "risk huge", "verify { }", "effect x = 1 +", "disruptive yes", "x", "}"]
    {
        let text = format!(
            "target a.b(name: text) {{\n fact x: count\n action one() {{ {part}\n risk low }}\n /// doc\n action two() {{ irreversible }}\n}}\nuse z"
        );
        let tree = parsed(&text).tree;
        let names: Vec<_> = tree.targets[0].actions.iter().map(|action| action.name.node.to_string()).collect();
        assert_eq!((names, tree.targets[0].facts.len(), tree.uses.len()), (vec!["two".to_owned()], 1, 1), "{part}");
        assert_eq!(said(&text).lines().count(), 1, "{part}\n{}", said(&text));
    }
}

#[test]
fn an_item_without_its_header_is_read_and_left_out() {
    for header in [
        "blueprint x fr y(\"z\") {",
        "blueprint x for y(\"z\")",
        "blueprint x for y(3) {",
        "blueprint for y(\"z\") {",
        "blueprint X for y(\"z\") {",
        "target y(name) {",
        "bluprint x for y(\"z\") {",
    ] {
        let text = format!(
            "use a\n{header}\n  let a = 1\n  let b = 2\n}}\n/// doc\nblueprint ok for k(\"n\") {{ let c = 3 }}\nuse c as d"
        );
        let parsed = parsed(&text);
        let names: Vec<_> =
            parsed.tree.blueprints.iter().map(|of| (of.name.node.to_string(), of.members.len())).collect();
        assert_eq!(names, [("ok".to_owned(), 1)], "{header}");
        // What begins with no item's word belongs to the `use` before, which it breaks.
        let uses = if header.starts_with("bluprint") { 1 } else { 2 };
        assert_eq!((parsed.tree.uses.len(), parsed.tree.targets.len()), (uses, 0), "{header}");
        let expected = if header.starts_with("target") { 3 } else { 1 };
        assert_eq!(said(&text).lines().count(), expected, "{header}\n{}", said(&text));
    }
    let text = "blueprint x fr y(\"z\") {\n let = 1\n let b = 2\n forbid s wehn a\n}";
    assert_eq!(said(text).lines().map(|line| line.split(':').next().unwrap()).collect::<Vec<_>>(), ["1", "2", "4"]);
}

#[test]
fn the_end_of_a_block_is_where_the_next_declaration_begins() {
    let (members, said, broken) = left(&format!("{HEADER}let a = 1\n}}\nlet b = 2\n}}\n// note\n/// doc\nuse z"));
    assert_eq!((members, broken), (vec!["let b = 2".to_owned()], 1), "{said}");
    // Without its `}` a block ends at the next declaration too, but nothing says that its last member was whole.
    for text in [
        format!("{HEADER}let a = 1\nallow s when x\nblueprint c for k(\"n\") {{ }}"),
        format!("{HEADER}let a = 1\nallow s when x"),
    ] {
        let (members, said, broken) = left(&text);
        assert_eq!((members, broken), (vec!["let a = 1".to_owned()], 1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_lost_backtick_does_not_turn_the_file_inside_out() {
    let (members, said, broken) = left(&format!(
        "{HEADER}let one = 1\nmetric a: ratio = scrape `a\n  and b\nmetric b: ratio = scrape `c\n d`\nlet two = 2\n}}"
    ));
    assert_eq!((members.len(), broken), (3, 1), "{said}");
    assert_eq!(said, "3:26: error[E0103]: this text has no end\n");
}

#[test]
fn what_comes_later_is_named_once_and_dropped() {
    for (member, named) in [
        ("prove never allow scale when x", "prove"),
        ("prove always\n forbid scale", "prove"),
        ("consult rego \"x\" package \"p\" timeout 5s", "consult"),
    ] {
        let text = format!("{HEADER}let one = 1\n{member}\nlet two = 2\n}}");
        let (members, said, broken) = left(&text);
        assert_eq!((members.len(), broken), (2, 1), "{member}\n{said}");
        assert!(
            said.ends_with(&format!("error[E0108]: `{named}` is not in this version of the language yet\n")),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn what_is_dropped_is_counted() {
    let text = "use a\nuse 3\nnonsense\npolicy p() {\n let a = 1\n}\npolicy q() for any {\n let a =\n let b = 2\n}\n\
                target t(name: text) {\n fact a\n enum e { }\n collection c { a }\n fact b: count\n}\n\
                blueprint b for t(\"x\") {\n needs metric a: ratio\n alow s\n}";
    let tree = parsed(text).tree;
    assert_eq!((tree.uses.len(), tree.policies.len(), tree.targets.len(), tree.blueprints.len()), (1, 1, 1, 1));
    assert_eq!((tree.broken, tree.policies[0].broken, tree.targets[0].broken, tree.blueprints[0].broken), (2, 1, 3, 1));
    assert_eq!((tree.policies[0].members.len(), tree.targets[0].facts.len()), (1, 1));
}

#[test]
fn what_is_given_in_a_test_is_no_member() {
    let given = "given actor\nrule \"r\",\nowner \"argo\",\nversion = 3\ngiven\nowner \"argo\", target\nheld\n";
    let text = format!(
        "test \"x\" {{\n{given}propose\nscale(to: 3)\nexpect\napprove\nexpect\nrule r\nsilent\n}}\nowner \"web\""
    );
    assert_eq!(members(&text).len(), 2);
}

#[test]
fn a_rule_is_a_member_but_where_its_word_is_a_value() {
    let text = "limit pace 2 of any per 1m per actor\nrule a { when actor.kind ==\nrule propose s() }\nrule b { when x propose s() }";
    assert_eq!(members(text).len(), 3);
}

#[test]
fn what_a_broken_member_may_have_declared_is_kept() {
    for (broken, covered, free) in [
        ("limit cooldown 3 after any", "", "cpu"),
        ("let cpu == 3", "cpu", "ready"),
        ("metric cpu ratio = constant 3%", "cpu", "ready"),
        ("metrc cpu: ratio = constant 3%", "cpu", "ready"),
        ("cpu = 3", "cpu", "ready"),
        ("let my-cpu = 3", "cpu", "ready"),
        ("forbid any wen x let cpu = 3", "cpu", "ready"),
        ("let = 3", "cpu", ""),
    ] {
        let text = format!("{HEADER}  let one = 1\n  {broken}\n  let two = 2\n}}");
        let tree = parsed(&text).tree;
        let lost = &tree.blueprints.first().unwrap().lost;
        assert!(covered.is_empty() || lost.covers(covered), "{broken}");
        assert!(free.is_empty() || !lost.covers(free), "{broken}");
    }
}

#[test]
fn a_member_outside_of_a_block_leaves_the_use_before_it() {
    let parsed = parsed("use a\nallow b\nblueprint ok for k(\"n\") { let c = 3 }");
    assert_eq!((parsed.tree.uses.len(), parsed.diagnostics.len()), (1, 1));
}
