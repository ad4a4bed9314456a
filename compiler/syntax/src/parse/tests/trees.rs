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
    insta::assert_snapshot!(sketch::target(target), @r"
    target kubernetes.deployment(name: text)
    fact replicas: count
    fact ready: count stale 30s
    fact limit: count
    action scale(to: count): effect replicas = to; undo scale(to: current.replicas); risk low
    action rollback(revision: count, limit: count): effect revision = (Add current.revision 1); effect ready = 0; undo rollback(revision: current.revision); Disruptive; risk medium; verify [Within 10m (Equal ready replicas)]
    action restart(): Disruptive; UndoNothing; risk low
    action set_probe(probe: text): UndoReceipt; verify [At 10s (Greater ready 0); Hold 5m (Greater ready 0)]
    action delete(): Irreversible; risk high
    ");
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
              ^^
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
fn the_reference_is_read_without_a_word() {
    assert_eq!(said(REFERENCE), "");
    let tree = parsed(REFERENCE).tree;
    assert_eq!((tree.broken, tree.blueprints[0].broken), (0, 0));
    insta::assert_snapshot!(sketch::file(&tree), @r#"
    use std.kubernetes
    use policies.baseline
    blueprint frontend for kubernetes.deployment("shop/frontend")
    version "1.4.0"
    owner "team-web"
    include baseline.irreversible()
    let floor = 2
    let ceiling = 5
    metric cpu: ratio = prometheus "\n      sum(rate(container_cpu_usage_seconds_total{namespace=\"shop\", pod=~\"frontend-.*\"}[2m]))\n    / sum(kube_pod_container_resource_requests{namespace=\"shop\", pod=~\"frontend-.*\", resource=\"cpu\"})" every 15s stale 1m
    metric p95: duration = prometheus "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{app=\"frontend\"}[2m])))"
    metric errors: ratio = prometheus "sum(rate(http_requests_total{app=\"frontend\",code=~\"5..\"}[2m])) / sum(rate(http_requests_total{app=\"frontend\"}[2m]))"
    objective (range cpu 50% 80%)
    objective (LessOrEqual p95 200ms)
    objective (LessOrEqual errors 1%)
    rule scale_out when (and (for (Greater cpu 80%) 2m) (Less replicas ceiling)) propose scale(to: (Add replicas 1)) because "CPU is {cpu}, above 80% for two minutes"
    rule scale_in when (and (Less max(cpu 10m) 30%) (Greater replicas floor)) propose scale(to: (Subtract replicas 1))
    rule revive when (Any pod pods pod.crashed) propose restart()
    allow scale(to) when (range to floor ceiling) else approve
    forbid scale(to) when (Equal to 0) because "zero replicas is an outage" suggest scale(to: floor)
    allow resize(cpu_request, memory_request) when (and (within cpu_request 10% current.cpu_request) (within memory_request 10% current.memory_request)) else approve
    forbid resize(memory_request, ..) when (Less memory_request 128Mi) because "the app needs at least 128Mi"
    allow restart() when (Less (Max pod pods pod.restarts) 3) else approve
    approve rollback(), set_strategy(), set_probe()
    allow configure(key, value) when (and (Equal key "LOG_LEVEL") (in value ["debug" "info" "warn"]))
    forbid delete(), delete_pod(), delete_volume(), edit_secret(), edit_network_policy(), edit_rbac() suggest restart()
    limit cooldown 1m after any()
    limit breaker 3
    limit at most 3 of disruptive() per 10m
    limit drift replicas 4 per 1h
    limit freeze "Fri 16:00".."Mon 08:00" in "Europe/Berlin" except [restart()]
    approval by "sre-oncall" timeout 1h escalate "platform-leads" after 30m
    verify scale() [At 10s (Equal current.replicas to); Within 1m (Equal ready to); Within 5m (range cpu 40% 90%); Hold 5m (LessOrEqual p95 200ms)] else Rollback
    slo availability 99.9% over 30d good prometheus "sum(rate(http_requests_total{app=\"frontend\",code!~\"5..\"}[1m]))" total prometheus "sum(rate(http_requests_total{app=\"frontend\"}[1m]))"
    invariant spread: (GreaterOrEqual ready 2) because "one replica is no redundancy"
    test "the sixth replica needs a human"
      given replicas = 5
      given cpu = 95% for 5m
      propose scale(to: 6)
      expect approve
    test "a hot frontend grows by one"
      given replicas = 2
      given ready = 2
      given cpu = 85% for 3m
      expect rule scale_out proposes scale(to: 3)
      expect allow
    "#);
}

#[test]
fn every_member_has_its_tree() {
    assert_eq!(said(MEMBERS), "");
    insta::assert_snapshot!(sketch::file(&parsed(MEMBERS).tree), @r#"
    use policies.baseline
    use teams.web as web
    policy irreversible() for any
    forbid any() when (not action.reversible) because "it cannot be undone" as irreversible
    autonomy Approve
    policy headroom(floor: count = 2, room: ratio = 20%, groups: list = ["sre" "web"], strict: bool = true, zone: text = "UTC", owner: text) for kind kubernetes.deployment
    needs metric cpu: ratio
    allow scale(to) when (and (GreaterOrEqual to floor) (Less cpu (Subtract 100% room)))
    approve any() by owner
    blueprint shop for kubernetes.deployment("shop/frontend")
    version "1.0.0"
    owner "team-web"
    label "tier" = "web"
    include baseline.irreversible()
    include web.headroom(floor: 3, room: 10%, cpu: busy) as room
    let pace = 5m
    let people = "sre-oncall"
    let worst = (Max pod pods (Add pod.restarts 1))
    let crashed = (Count pod current.pods pod.crashed)
    metric busy: ratio = prometheus "sum(rate(cpu[2m])) / 4" every 15s stale 1m untrusted
    metric errors: ratio = prometheus "sum(errors)"
    metric queue: count = http_json "/stats" "/queue/length" stale 30s
    metric nominal: rate = constant 100/s
    metric shares: ratio = sum("busy") / sum("workers") untrusted responds (Divide (Multiply busy recorded(workers)) workers)
    metric slow: duration = mean("seconds", 1m) every 30s stale 2m responds (if (Greater busy 90%) (Multiply queueing(busy replicas) 2) queueing(busy replicas))
    metric cost: spend = prometheus "cost"
    objective (range busy 50% 80%)
    objective (All pod pods pod.ready)
    objective (or (and (StartsWith image "registry/") (Matches image "v[0-9]+$")) (not (EndsWith image "latest")))
    rule revive when (Any pod pods pod.crashed) propose restart()
    allow restart() when (Less (Max pod pods pod.restarts) 3) else approve
    allow restart() when (and (Any pod pods pod.crashed) (Less (Max pod pods pod.restarts) 4))
    approve scale(to) when (or (Greater count(scale 1h) 3) (Less since(disruptive) pace) (Greater change(replicas 1h) 2))
    forbid any() when (and (not during("Mon-Fri 09:00-17:00" "Europe/Berlin")) (LessOrEqual budget(availability) 0%))
    forbid delete() when (or (Greater quantile(0.95 busy 5m) 80%) (Greater forecast(busy 10m) 90%)) by people by "web" as deletion
    limit cooldown pace after any()
    limit breaker 3
    limit at most 3 of disruptive() per 10m
    limit pace 2 of scale(), resize() per pace
    limit drift replicas 4 per 1h
    limit drift memory_request 128Mi per pace
    limit budget cost of $450/month at 80%
    limit freeze "Fri 16:00".."Mon 08:00" in "Europe/Berlin" except [restart(), scale()]
    limit freeze start..end in zone except []
    approval by "sre-oncall" by people quorum 2 timeout 1h escalate "platform-leads" after 30m notify "slack:#ops" notify "slack:#web"
    approval by people
    autonomy Act
    audit 30d
    verify scale(to) [Within 1m (Equal ready to)] else Rollback
    slo availability 99.9% over 30d good prometheus "sum(good)" total prometheus "sum(total)"
    slo latency 99% over 30d good rate("good_total", 1m) stale pace total rate("total_total", 1m) every 30s stale 2m min events 100 burn 14.4 1h 5m high burn 3 1d 2h medium
    invariant spread: (GreaterOrEqual ready 2) because "one replica is no redundancy"
    invariant calm: (Less busy 90%)
    test "everything that can be given"
      given replicas = 5
      given busy = 95% for 5m
      given room.cpu = (Add 1 (Multiply 2 (neg 3)))
      given errors missing
      given history missing
      given image = "a"
      given strategy = recreate
      given ports = ["a" "b"]
      given pods = [{name: "a", restarts: 4, crashed: true}, {name: "b"}]
      given events = []
      given scale succeeded 5m
      given scale(to: 3) failed pace
      given actor agent "atlas" ["\"r\"", "\"s\""]
      given at "2026-01-02T03:04:05Z"
      given actor rule "revive" []
      given actor human "ann" []
      given owner "argo"
      given claim busy GreaterOrEqual 80% for 2m
      given claim room.cpu Equal 3
      given BreakerOpen
      given Held
      given Killed
      propose scale(to: 6)
      expect approve
      expect forbid by "shop/forbid/deletion"
      expect rule revive proposes restart()
      expect allow
      expect rule room.grow silent
    test "everything that can go on"
      given busy = series "40% 90%+1%x9 _x2 95%-5%x3" every 15s
      given replicas = series "3x4" every pace
      propose scale(to: 6)
      at 1m expect rule revive silent
      within 2m expect rule revive proposes restart()
      never expect forbid by "shop/forbid/deletion"
      expect allow
    test "the least there is"
      expect rule revive silent
    "#);
}

#[test]
fn targets_of_the_standard_library_have_their_tree() {
    assert_eq!(said(TARGETS), "");
    insta::assert_snapshot!(sketch::file(&parsed(TARGETS).tree), @r#"
    target kubernetes.deployment(name: text)
    fact replicas: count
    fact ready: count stale 30s
    fact updated: count
    fact available: count
    fact unavailable: count
    fact max_surge: count
    fact max_unavailable: count
    fact revision: count
    fact generation: count
    fact cpu_request: cpu
    fact cpu_limit: cpu
    fact memory_request: bytes
    fact memory_limit: bytes
    fact strategy: strategy
    fact image: text
    fact controlled_by: text
    fact paused: bool
    fact progressing: bool
    enum strategy ["rolling_update", "recreate"]
    collection pods name: text, restarts: count, crashed: bool, ready: bool, oom_killed: bool, age: duration stale 30s
    collection events label: text
    action scale(to: count): effect replicas = to; undo scale(to: current.replicas); risk low
    action resize(cpu_request: cpu, memory_request: bytes): effect cpu_request = cpu_request; effect memory_request = memory_request; undo resize(cpu_request: current.cpu_request, memory_request: current.memory_request); Disruptive; risk medium
    action restart(): UndoNothing; Disruptive; risk low; verify [Within 5m (Equal ready replicas)]
    action rollback(revision: count): effect revision = (Add current.revision 1); undo rollback(revision: current.revision); Disruptive; risk medium; verify [Within 10m (and (Equal ready replicas) (All pod pods pod.ready)); Hold 1m (not paused)]
    action set_strategy(strategy: strategy, max_surge: count, max_unavailable: count): effect strategy = strategy; effect max_surge = max_surge; effect max_unavailable = max_unavailable; undo set_strategy(strategy: current.strategy, max_surge: current.max_surge, max_unavailable: current.max_unavailable); risk medium
    action set_probe(probe: text, field: text, value: count): UndoReceipt; Disruptive; risk medium; verify [Within 5m (Equal ready replicas)]
    action configure(key: text, value: text): UndoReceipt; risk medium; verify [Within 1m (Equal progressing false)]
    action delete(): Irreversible; risk high
    action delete_pod(pod: text): Irreversible; risk high
    action delete_volume(volume: text): Irreversible; risk high
    action edit_secret(name: text): Irreversible; risk high
    action edit_network_policy(name: text): Irreversible; risk high
    action edit_rbac(name: text): Irreversible; risk high
    "#);
}

#[test]
fn quantifiers_ask_one_thing_of_each_element() {
    let shown: String = [
        "any pod in pods: pod.crashed",
        "all pod in current.pods: pod.ready and x",
        "any pod in pods: pod.crashed for 2m",
        "not any pod in pods: pod.restarts > 3",
        "count pod in pods: pod.restarts + 1 > 3 and b",
        "(count pod in pods: pod.crashed) > 3",
        "max pod in pods: pod.restarts < 3",
        "3 > min pod in pods: pod.restarts * 2 + 1",
        "sum pod in pods: pod.restarts ?? 0 == 3",
        "any pod in pods: any other in pods: pod.name == other.name",
        "any pod in pods: (pod.ready and not pod.crashed)",
        "any // c\n pod // d\n in pods: pod.a",
        "max(a, 10m) + count(scale, 1h) > min",
        "max in 1..3 and any and all == sum",
        "if any a in b: a.c then max d in e: d.f else 3",
        "name starts_with \"a\" or name not in [b] and matches matches ends_with",
    ]
    .map(|text| format!("{text}\n    {}\n", sketch::expr(&expression(text))))
    .concat();
    insta::assert_snapshot!(shown, @r#"
    any pod in pods: pod.crashed
        (Any pod pods pod.crashed)
    all pod in current.pods: pod.ready and x
        (and (All pod current.pods pod.ready) x)
    any pod in pods: pod.crashed for 2m
        (for (Any pod pods pod.crashed) 2m)
    not any pod in pods: pod.restarts > 3
        (not (Any pod pods (Greater pod.restarts 3)))
    count pod in pods: pod.restarts + 1 > 3 and b
        (and (Count pod pods (Greater (Add pod.restarts 1) 3)) b)
    (count pod in pods: pod.crashed) > 3
        (Greater (Count pod pods pod.crashed) 3)
    max pod in pods: pod.restarts < 3
        (Less (Max pod pods pod.restarts) 3)
    3 > min pod in pods: pod.restarts * 2 + 1
        (Greater 3 (Min pod pods (Add (Multiply pod.restarts 2) 1)))
    sum pod in pods: pod.restarts ?? 0 == 3
        (Equal (?? (Sum pod pods pod.restarts) 0) 3)
    any pod in pods: any other in pods: pod.name == other.name
        (Any pod pods (Any other pods (Equal pod.name other.name)))
    any pod in pods: (pod.ready and not pod.crashed)
        (Any pod pods (and pod.ready (not pod.crashed)))
    any // c
     pod // d
     in pods: pod.a
        (Any pod pods pod.a)
    max(a, 10m) + count(scale, 1h) > min
        (Greater (Add max(a 10m) count(scale 1h)) min)
    max in 1..3 and any and all == sum
        (and (range max 1 3) any (Equal all sum))
    if any a in b: a.c then max d in e: d.f else 3
        (if (Any a b a.c) (Max d e d.f) 3)
    name starts_with "a" or name not in [b] and matches matches ends_with
        (or (StartsWith name "a") (and (not-in name [b]) (Matches matches ends_with)))
    "#);
}
