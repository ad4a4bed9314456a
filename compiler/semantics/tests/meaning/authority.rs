//! What permits without being meant, in policies that are included, and that it is found out in time.

use std::fmt::Write as _;

use leeway_driver::compile_text;

fn codes(text: &str) -> Vec<String> {
    compile_text("web.leeway", text).diagnostics.iter().map(|found| found.code.to_string()).collect()
}

fn tenant(members: &str) -> String {
    format!("use std.ratelimiter\nblueprint acme for ratelimiter.tenant(\"acme\") {{\n{members}\n}}\n")
}

#[test]
fn every_way_of_an_allow_needs_what_can_be_trusted() {
    // u reads untrusted data, t a fact, a an argument.
    let (u, t, a) = ("load > 3", "workers > 3", "to > 3");
    let good = [
        format!("{t} and {u} and {a}"),
        format!("{a} or ({u} and {t})"),
        format!("({u} or {a}) and {t}"),
        format!("not ({u} or {t}) and {a}"),
        format!("not (not ({u}) or not ({t})) and {a}"),
        format!("(if {t} then {u} else {a}) and {a}"),
        format!("(if {u} then {t} else {t}) and {a}"),
        format!("{u} and trusted > 3 and {a}"),
        format!("{u} and (workers ?? burst) > 3 and {a}"),
        format!("{u} and change(workers, 1h) > 3 and {a}"),
    ];
    let bad = [
        format!("{u} and {a}"),
        format!("{a} or {u}"),
        format!("({u} or {t}) and {a}"),
        format!("({t} and {u}) or ({a} and {u})"),
        format!("not ({u} and {t}) and {a}"),
        format!("(if {t} then {a} else {a}) and {u} and known(load) or {u}"),
        format!("(if {u} then {a} else {t}) and {a}"),
        format!("{u} and (workers ?? 9) > 3 and {a}"),
        format!("{u} and actor.kind == human and {a}"),
        format!("{u} and not known(workers) and {a}"),
        format!("load > workers and {a}"),
        format!("{u} for 2m and {a}"),
        format!("max(load, 10m) > 3 and {a}"),
        format!("alias and {a}"),
    ];
    let judged = |condition: &str| {
        codes(&tenant(&format!(
            "metric load: count = scrape \"load\" untrusted
             metric trusted: count = scrape \"t\"
             let alias = load > 3
             allow set_burst(to) when {condition}
             approve any by \"x\""
        )))
        .contains(&"E0404".to_owned())
    };
    let wrong: Vec<&String> = good.iter().filter(|condition| judged(condition)).collect();
    assert!(wrong.is_empty(), "refused: {wrong:#?}");
    let wrong: Vec<&String> = bad.iter().filter(|condition| !judged(condition)).collect();
    assert!(wrong.is_empty(), "let through: {wrong:#?}");
}

#[test]
fn only_what_is_certain_is_called_redundant() {
    let different = [
        ("forbid set_burst(to) when to > 5", "forbid set_burst(to) when to >= 5"),
        ("forbid set_burst(to) when to > 5", "forbid set_quota when workers > 5"),
        ("forbid set_burst(to) when to > 5", "approve set_burst(to) when to > 5"),
        ("forbid set_burst(to) when to in 3..5", "forbid set_burst(to) when to in 4..6"),
        ("forbid set_burst(to) when to != 5", "forbid set_burst(to) when to > 5 or workers > 3"),
        ("forbid drain when workers > 5", "forbid drain when burst > 5"),
        ("forbid drain when workers > 5", "forbid drain when workers > 5 and enabled or burst > 3"),
        ("approve drain by \"a\"", "approve drain by \"b\""),
        ("approve drain by \"a\", \"b\"", "approve drain by \"b\""),
        ("forbid drain when enabled", "forbid drain when not enabled"),
        ("forbid drain when count(drain, 1h) > 3", "forbid drain when count(any, 1h) > 4"),
        ("forbid drain when change(burst, 1h) > 3", "forbid drain when change(burst, 2h) > 4"),
        ("allow set_burst(to) when to < 5 else approve", "allow set_burst(to) when to < 6 else forbid"),
    ];
    for (a, b) in different {
        for (first, second) in [(a, b), (b, a)] {
            let found = codes(&tenant(&format!("{first}\n{second}\nforbid restart_workers")));
            let subset = found.contains(&"W0406".to_owned());
            // `to > 5` is a part of `to >= 5`, whichever stands first.
            assert_eq!(subset, a.contains("> 5") && b.contains("to >= 5"), "{first}\n{second}\n{found:?}");
        }
    }
}

#[test]
fn own_and_included_clauses_never_make_each_other_redundant() {
    let found = codes(
        "use std.ratelimiter
         policy strict(most: count = 100) for ratelimiter.tenant {
           forbid set_burst(to) when to > most
         }
         blueprint acme for ratelimiter.tenant(\"acme\") {
           include strict(most: 0)
           include strict(most: 50) as other
           forbid set_burst(to) when to > 0
           approve any by \"x\"
         }",
    );
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn large_blueprints_are_judged_in_time() {
    let mut members = "metric load: count = scrape \"load\" untrusted\nlet a0 = load > 3 or workers > 3\n".to_owned();
    for at in 1..12 {
        let before = at - 1;
        writeln!(members, "let a{at} = (a{before} and enabled) or (a{before} and workers > {at})").unwrap();
    }
    for at in 0..1_500 {
        writeln!(members, "forbid set_burst(to) when to > {at} and workers > {} and (enabled or to < 9)", 3_000 - at)
            .unwrap();
    }
    let long: Vec<String> = (0..3_000).map(|at| format!("to != {at}")).collect();
    writeln!(members, "forbid set_burst(to) when {}", long.join(" and ")).unwrap();
    writeln!(members, "forbid set_burst(to) when {}", long.join(" or ")).unwrap();
    writeln!(members, "allow set_burst(to) when a11 and to > 1 and workers > 1\napprove any by \"x\"").unwrap();
    // What takes too long here takes minutes: every pair of clauses is alike but for its end.
    let found = codes(&tenant(&members));
    assert!(!found.contains(&"E0404".to_owned()), "{found:?}");
}

#[test]
fn what_could_be_meant_in_two_ways_is_not_mended_in_one() {
    for (members, expected) in [
        ("approve scale when to > 3", &["scale(to)"][..]),
        ("approve resize when cpu_request > 3cpu", &["current.cpu_request", "resize(cpu_request)"]),
        (
            "approve resize(memory_request, ..) when cpu_request > 3cpu and memory_request > 1Gi",
            &["current.cpu_request", "resize(memory_request, cpu_request)"],
        ),
        ("approve resize, restart when cpu_request > 3cpu", &[]),
        ("forbid any when cpu_request > 3cpu", &["current.cpu_request"]),
        ("metric cpu: ratio = constant 50% objective cpu < 1", &["1%", "100%"]),
        ("metric cpu: ratio = constant 50% objective cpu < 80", &["80%"]),
        ("metric cpu: ratio = constant 50% objective 1 - cpu > 10%", &["100%"]),
    ] {
        let text =
            format!("use std.kubernetes\nblueprint web for kubernetes.deployment(\"shop/web\") {{\n{members}\n}}\n");
        let compilation = compile_text("web.leeway", &text);
        let error = compilation.diagnostics.iter().find(|found| found.is_error()).unwrap();
        let offered: Vec<&str> =
            error.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.replacement.as_str()).collect();
        assert_eq!(offered, expected, "{members}");
    }
}
