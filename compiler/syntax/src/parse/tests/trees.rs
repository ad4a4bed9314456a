//! What is whole becomes the right tree, with the right places.

use super::*;

#[test]
fn every_construct_has_its_tree() {
    assert_eq!(said(SAMPLE), "");
    let tree = parsed(SAMPLE).tree;
    let use_ = &tree.uses[1];
    assert_eq!((use_.path.text().as_str(), use_.alias.as_ref().unwrap().node.as_ref()), ("policies.baseline", "base"));
    let blueprint = &tree.blueprints[0];
    assert_eq!(blueprint.doc.as_deref(), Some("The storefront:\nNext.js behind the public ingress."));
    assert_eq!(
        (&*blueprint.name.node, &*blueprint.kind.text(), &*blueprint.target.node, blueprint.broken),
        ("frontend", "kubernetes.deployment", "shop/frontend", 0)
    );
    assert_eq!(&SAMPLE[blueprint.span.range()], "blueprint frontend for kubernetes.deployment(\"shop/frontend\")");
    insta::assert_snapshot!(sketch::all(&blueprint.members), @r#"
    version "1.4.0"
    owner "team-\"web\" é"
    let floor = 2
    let ceiling = (if (Greater floor 1) (Add floor 3) 5)
    let budget = (?? (Multiply (neg $450/month) 2) $9/d)
    metric load: ratio = "cpu_load{mode=\"user\"}"
    metric busy: ratio = sum("busy") / sum("workers") every 5s stale 20s
    metric traffic: rate = rate("requests_total{code!~\"5..\"}", 1m) every 5s
    metric p95: duration = quantile(0.95, "latency_seconds", 1m) stale 90s
    metric mean_wait: duration = mean("wait_seconds", 30s)
    objective (range load 50% 80%)
    objective (LessOrEqual p95 200ms)
    rule scale_out when (and (for (Greater load 80%) 2m) (Less replicas ceiling)) propose scale(to: (Add replicas 1)) because "CPU is {load}, \\{really\\}, above 80%"
    rule calm when (not (for (or (Greater busy 10%) (Greater load 10%)) hold)) propose restart()
    allow scale(to) when (range to floor ceiling) else approve
    forbid scale(to) when (Equal to 0) because "zero replicas is an outage" suggest scale(to: floor) by "sre" by "web" as zero
    approve rollback(), set_probe(..), resize(cpu_request, ..), restart()
    allow any() when (and (Equal actor.kind rule) (in actor.roles ["sre" "web"]) (Equal action.risk low) (not-range current.limit 1 3))
    forbid disruptive() when (or (Equal known(load) false) (GreaterOrEqual (Subtract (Divide (Multiply max(load 10m) 100) 3) (neg 2)) 5.5))
    allow resize(cpu_request) when (or (within cpu_request 10% current.cpu_request) during("Mon-Fri 09:00-17:00" "UTC")) by "sre"
    limit cooldown 1m after any()
    limit cooldown 5m after scale(), restart()
    limit breaker 3
    verify scale(to), restart() [At 10s (Equal current.replicas to); Within 10s (within load 5% 40%); Within 1m (Equal ready to); Hold 5m (LessOrEqual p95 200ms)] else Rollback
    verify rollback() [At 10s (Greater ready 0)] else Escalate
    verify any() [At 10s (Greater ready 0)] else Nothing
    "#);
    let rule = blueprint.members.iter().find(|member| member.doc.is_some()).unwrap();
    assert_eq!(rule.doc.as_deref(), Some("Grows it."));
    assert!(SAMPLE[rule.span.range()].starts_with("rule scale_out {"));
    assert!(SAMPLE[rule.span.range()].ends_with("above 80%\"\n  }"));
}

#[test]
fn a_target_has_its_facts_and_actions() {
    let tree = parsed(SAMPLE).tree;
    let target = &tree.targets[0];
    assert_eq!(
        (target.doc.as_deref(), target.kind.text().as_str()),
        (Some("A Kubernetes Deployment."), "kubernetes.deployment")
    );
    assert_eq!((&*target.parameters[0].name.node, &*target.parameters[0].ty.node), ("name", "text"));
    let facts = target.facts.iter().map(|fact| {
        let stale = fact.stale.as_ref().map(|stale| stale.node.to_string());
        (fact.typed.name.node.to_string(), fact.typed.ty.node.to_string(), stale)
    });
    let count = || "count".to_owned();
    let expected = [
        ("replicas".to_owned(), count(), None),
        ("ready".to_owned(), count(), Some("30s".to_owned())),
        ("limit".to_owned(), count(), None),
    ];
    assert_eq!(facts.collect::<Vec<_>>(), expected);
    let shown: String = target
        .actions
        .iter()
        .map(|action| {
            let parameters: Vec<_> =
                action.parameters.iter().map(|of| format!("{}: {}", of.name.node, of.ty.node)).collect();
            format!("{}({})\n{}", action.name.node, parameters.join(", "), sketch::parts(action))
        })
        .collect();
    insta::assert_snapshot!(shown, @r#"
    scale(to: count)
    effect replicas = to
    undo scale(to: current.replicas)
    risk low
    rollback(revision: count, limit: count)
    effect revision = (Add current.revision 1)
    effect ready = 0
    undo rollback(revision: current.revision)
    Disruptive
    risk medium
    verify [Within 10m (Equal ready replicas)]
    restart()
    Disruptive
    UndoNothing
    risk low
    set_probe(probe: text)
    UndoReceipt
    verify [At 10s (Greater ready 0); Hold 5m (Greater ready 0)]
    delete()
    Irreversible
    risk high
    "#);
    assert_eq!(target.actions[0].doc.as_deref(), Some("Set the number of replicas."));
    assert_eq!(&SAMPLE[target.actions[0].parts[1].span.range()], "undo   scale(to: current.replicas)");
}

#[test]
fn operators_bind_as_the_reference_says() {
    for (text, tree) in [
        ("a or b and c or d", "(or a (and b c) d)"),
        ("not a and not not b", "(and (not a) (not (not b)))"),
        ("not a > 1 for 2m", "(not (for (Greater a 1) 2m))"),
        ("a and b for window", "(and a (for b window))"),
        ("a + b * c - d / e", "(Subtract (Add a (Multiply b c)) (Divide d e))"),
        ("a - b - c", "(Subtract (Subtract a b) c)"),
        ("a / b / c", "(Divide (Divide a b) c)"),
        ("a ?? b + 1 > c ?? 2", "(Greater (?? a (Add b 1)) (?? c 2))"),
        ("a ?? b ?? c == d", "(Equal (?? (?? a b) c) d)"),
        ("-a.b * --3", "(Multiply (neg a.b) (neg (neg 3)))"),
        ("a in lo..hi", "(range a lo hi)"),
        ("a not in 1..5", "(not-range a 1 5)"),
        ("a in 1.5..2.5 + x", "(range a 1.5 (Add 2.5 x))"),
        ("a in [1, 2] and b not in list", "(and (in a [1 2]) (not-in b list))"),
        ("a within 10% of b * 2", "(within a 10% (Multiply b 2))"),
        ("if a > 1 and b then c else d + 1", "(if (and (Greater a 1) b) c (Add d 1))"),
        ("x + if a then b else if c then d else e", "(Add x (if a b (if c d e)))"),
        ("(if a then b else c) and d", "(and (if a b c) d)"),
        ("(a or b) and c", "(and (or a b) c)"),
        ("f() + g(a, b > 1)", "(Add f() g(a (Greater b 1)))"),
        ("current.limit.of == rule", "(Equal current.limit.of rule)"),
        ("actor.kind in [rule, human]", "(in actor.kind [rule human])"),
        ("action.risk != low", "(NotEqual action.risk low)"),
        ("true or false", "(or true false)"),
        ("x == \"a\\\"b\\u{e9}\\n{c}\"", "(Equal x \"a\\\"bé\\n{c}\")"),
        ("100mcpu/x + 10/s", "(Add (Divide 100mcpu x) 10/s)"),
        ("10 /s", "(Divide 10 s)"),
        ("50%", "50%"),
        ("orx and notb", "(and orx notb)"),
        ("a // comment or b\n  and c", "(and a c)"),
        (
            "any and disruptive and version == owner and at == hold",
            "(and any disruptive (Equal version owner) (Equal at hold))",
        ),
    ] {
        assert_eq!(sketch::expr(&expression(text)), tree, "{text}");
    }
}

/// Each part of an expression, with a line under it that marks its place.
fn places(text: &str) -> String {
    fn walk(e: &ast::Expr, base: usize, lines: &mut String) {
        let range = e.span.range();
        *lines += &format!("{}{}\n", " ".repeat(range.start - base), "^".repeat(range.len()));
        for inner in sketch::inner(e) {
            assert!(inner.span.start >= e.span.start && inner.span.end <= e.span.end);
            walk(inner, base, lines);
        }
    }
    let mut lines = format!("{text}\n");
    walk(&expression(text), HEADER.len() + "objective ".len(), &mut lines);
    lines
}

#[test]
fn places_are_exact() {
    insta::assert_snapshot!(places("( a )  + -b.c  > f( x )  for 2m"), @r#"
    ( a )  + -b.c  > f( x )  for 2m
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ^^^^^^^^^^^^^^^^^^^^^^^
    ^^^^^^^^^^^^^
    ^^^^^
             ^^^^
              ^^^
              ^
                     ^^^^^^
                        ^
                                 ^^
    "#);
    insta::assert_snapshot!(places("not (a or b ) and x in [ 1 , 2 ] "), @r#"
    not (a or b ) and x in [ 1 , 2 ] 
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    ^^^^^^^^^^^^^
        ^^^^^^^^^
         ^
              ^
                      ^^^^^^^^^^^^^^
                      ^
                           ^^^^^^^^^
                             ^
                                 ^
    "#);
    insta::assert_snapshot!(places("x  within 5%  of 2 ?? \"e\""), @r#"
    x  within 5%  of 2 ?? "e"
    ^^^^^^^^^^^^^^^^^^^^^^^^^
    ^
                     ^^^^^^^^
                     ^
                          ^^^
    "#);
}

#[test]
fn names_texts_and_quantities_know_their_place() {
    let text = "  forbid resize( cpu , .. )  when a\n because \"zero \\{ {cpu}\"  suggest scale( to : 1 )  by \"x\" , \"y\"  as zero  // end";
    let source = format!("{HEADER}{text}\n}}");
    let at = |span: Span| &source[span.range()];
    let members = members(text);
    assert_eq!(at(members[0].span), text.trim_start().trim_end_matches("  // end"));
    let ast::MemberKind::Clause(clause) = &members[0].kind else { panic!() };
    assert_eq!(at(clause.kind.span), "forbid");
    assert_eq!(at(clause.actions[0].span), "resize( cpu , .. )");
    assert_eq!(at(clause.actions[0].parameters[0].span), "cpu");
    let because = clause.because.as_ref().unwrap();
    assert_eq!((at(because.span), because.node.as_ref()), ("\"zero \\{ {cpu}\"", "zero \\{ {cpu}"));
    let suggest = clause.suggest.as_ref().unwrap();
    assert_eq!((at(suggest.span), at(suggest.arguments[0].0.span)), ("scale( to : 1 )", "to"));
    assert_eq!(at(clause.by[1].span), "\"y\"");
    assert_eq!(at(clause.name.as_ref().unwrap().span), "zero");
}

#[test]
fn newlines_are_spaces() {
    let spread = SAMPLE.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>();
    let one_line = spread.join(" ");
    assert_eq!(said(&one_line), "");
    let (one, many) = (parsed(&one_line).tree, parsed(SAMPLE).tree);
    assert_eq!(sketch::all(&one.blueprints[0].members), sketch::all(&many.blueprints[0].members));
    assert_eq!(one.targets[0].actions.len(), many.targets[0].actions.len());
    let tokens = lex(file_id(), SAMPLE).0;
    let lines: String = (0..tokens.len()).map(|at| tokens.text(at).to_owned() + "\r\n").collect();
    // `action` is an expression only directly before a point.
    let lines = lines.replace("action\r\n.", "action.");
    assert_eq!(said(&lines), "");
    assert_eq!(sketch::all(&parsed(&lines).tree.blueprints[0].members), sketch::all(&many.blueprints[0].members));
}

#[test]
fn the_reference_parses_but_for_what_comes_later() {
    let text = include_str!("../reference.txt");
    let parsed = parsed(text);
    assert!(parsed.diagnostics.iter().all(|diagnostic| diagnostic.code == Code::E0108), "{}", said(text));
    insta::assert_snapshot!(said(text), @r#"
    9:3: error[E0108]: `include` is not in this version of the language yet
    14:23: error[E0108]: `prometheus` is not in this version of the language yet
    18:26: error[E0108]: `prometheus` is not in this version of the language yet
    19:26: error[E0108]: `prometheus` is not in this version of the language yet
    35:13: error[E0108]: `any … in` is not in this version of the language yet
    50:24: error[E0108]: `max … in` is not in this version of the language yet
    58:9: error[E0108]: `limit at most` is not in this version of the language yet
    59:9: error[E0108]: `limit drift` is not in this version of the language yet
    60:9: error[E0108]: `limit freeze` is not in this version of the language yet
    62:3: error[E0108]: `approval` is not in this version of the language yet
    71:3: error[E0108]: `slo` is not in this version of the language yet
    75:3: error[E0108]: `invariant` is not in this version of the language yet
    77:3: error[E0108]: `test` is not in this version of the language yet
    82:3: error[E0108]: `test` is not in this version of the language yet
    "#);
    let blueprint = &parsed.tree.blueprints[0];
    assert_eq!(blueprint.broken, parsed.diagnostics.len());
    insta::assert_snapshot!(sketch::all(&blueprint.members), @r#"
    version "1.4.0"
    owner "team-web"
    let floor = 2
    let ceiling = 5
    objective (range cpu 50% 80%)
    objective (LessOrEqual p95 200ms)
    objective (LessOrEqual errors 1%)
    rule scale_out when (and (for (Greater cpu 80%) 2m) (Less replicas ceiling)) propose scale(to: (Add replicas 1)) because "CPU is {cpu}, above 80% for two minutes"
    rule scale_in when (and (Less max(cpu 10m) 30%) (Greater replicas floor)) propose scale(to: (Subtract replicas 1))
    allow scale(to) when (range to floor ceiling) else approve
    forbid scale(to) when (Equal to 0) because "zero replicas is an outage" suggest scale(to: floor)
    allow resize(cpu_request, memory_request) when (and (within cpu_request 10% current.cpu_request) (within memory_request 10% current.memory_request)) else approve
    forbid resize(memory_request, ..) when (Less memory_request 128Mi) because "the app needs at least 128Mi"
    approve rollback(), set_strategy(), set_probe()
    allow configure(key, value) when (and (Equal key "LOG_LEVEL") (in value ["debug" "info" "warn"]))
    forbid delete(), delete_pod(), delete_volume(), edit_secret(), edit_network_policy(), edit_rbac() suggest restart()
    limit cooldown 1m after any()
    limit breaker 3
    verify scale() [At 10s (Equal current.replicas to); Within 1m (Equal ready to); Within 5m (range cpu 40% 90%); Hold 5m (LessOrEqual p95 200ms)] else Rollback
    "#);
}
