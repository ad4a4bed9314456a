//! Whatever is written, and however.

use proptest::prelude::*;

use super::*;

#[test]
fn fixtures_keep_their_meaning() {
    for fixture in FIXTURES {
        let one = formatted(fixture);
        assert_eq!(formatted(&fixture.replace('\n', "\r\n")), one);
        assert_eq!(formatted(&format!("\u{feff}{fixture}\n\n")), one);
        let (tokens, _) = lex(file_id(), fixture);
        // Blocks that were written on one line stay there, so that only the rest is the same.
        let spread: String = (0..tokens.len()).map(|at| format!("{}\n\n\n", tokens.text(at))).collect();
        formatted(&spread.replace("action\n\n\n.", "action."));
        let one_line: Vec<&str> = (0..tokens.len()).map(|at| tokens.text(at)).collect();
        formatted(&one_line.join(" ").replace("action .", "action."));
    }
}

#[test]
fn a_broken_file_is_never_rewritten() {
    let broken = "blueprint b for k(\"n\") {\n  let a = \n  let   b = 2\n}";
    let found = format(file_id(), broken).unwrap_err();
    assert_eq!(found, crate::parse(file_id(), broken).diagnostics);
    assert!(format(file_id(), "blueprint b for k(\"n\") { prove never allow a }").is_err());
}

#[test]
fn work_is_in_proportion_to_the_text() {
    // Quadratic work would take minutes.
    let header = "blueprint b for k(\"n\") {\n";
    let sum = format!("{header}let a = [{}1]\n}}", "1 + 2, ".repeat(50_000));
    let chain = format!("{header}objective a{}\n}}", " and b > c".repeat(50_000));
    let comments = format!("{header}{}let a = 1\n{}}}", "// x\n".repeat(50_000), "\n\n// y".repeat(50_000) + "\n");
    let members = format!("{header}{}}}", "allow s when a // x\n".repeat(9_000));
    let actions = format!("{header}approve a{}\n}}", ", b // c\n".repeat(50_000));
    let given = format!("{header}test \"x\" {{ given a = 1{}\nexpect allow }} }}", ", b = [{ c: 1 }]".repeat(20_000));
    for text in [sum, chain, comments, members, actions, given] {
        format(file_id(), &text).unwrap();
    }
}

#[test]
fn what_nests_as_deep_as_may_be_is_formatted() {
    for (left, right) in
        [("(", ")"), ("[", "]"), ("f(", ")"), ("if a then (", ") else b"), ("any x in y: ", ""), ("not ", "")]
    {
        let depth = if left.starts_with("if") { crate::NESTING_MAX / 2 } else { crate::NESTING_MAX };
        let name = "a_name_that_is_as_long_as_any_name_may_be_and_a_little_shorter";
        formatted(&format!(
            "blueprint b for k(\"n\") {{ objective {}{name}{} }}",
            left.repeat(depth),
            right.repeat(depth)
        ));
    }
}

/// What may stand between two tokens.
const BETWEEN: [&str; 9] =
    [" ", "\n", "\n\n\n", "\t\r\n ", " // c\n", "\n// d\n", "\n\n/// e\n\n", "  //f\n\n//g  \n", "\n    "];

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a",
        "pods",
        "current.replicas",
        "80%",
        "1.5",
        "60s",
        "$450/month",
        "\"a text, \\\"quoted\\\"\"",
        "true",
        "rule",
        "action.risk",
        "max(cpu, 10m)",
        "a_name_that_is_quite_long_so_that_lines_must_end",
        "-3",
        "[]",
        "f()",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (inner.clone(), inner.clone(), prop::sample::select(vec![" and ", " or ", " and not ", " or\n", "\nand "]))
                .prop_map(|(a, b, op)| format!("({a}){op}({b})")),
            (list.clone(), prop::sample::select(vec![" and ", " or "])).prop_map(|(of, op)| {
                format!("({})", of.into_iter().map(|of| format!("({of})")).collect::<Vec<_>>().join(op))
            }),
            (inner.clone(), inner.clone(), prop::sample::select(vec!["+", "-", "*", " / ", "??"]))
                .prop_map(|(a, b, op)| format!("({a}){op}({b})")),
            (
                inner.clone(),
                inner.clone(),
                prop::sample::select(vec!["==", "<=", " matches ", " in ", " not in ", " within 5% of "])
            )
                .prop_map(|(a, b, op)| format!("(({a}){op}({b}))")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("(({a}) in ({b})..({c}))")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(if {a} then ({b}) else ({c}))")),
            inner.clone().prop_map(|a| format!("(not ({a}) for 2m)")),
            inner.clone().prop_map(|a| format!("(any pod in pods: ({a}))")),
            inner.clone().prop_map(|a| format!("(max pod in current.pods: ({a}) + 1)")),
            list.clone().prop_map(|of| format!("f({})", of.join(","))),
            list.prop_map(|of| format!("[{}]", of.join(", "))),
        ]
    })
}

pub(crate) fn member() -> impl Strategy<Value = String> {
    let e = expression;
    let actions = prop::sample::select(vec![
        "scale",
        "scale(..)",
        "scale()",
        "scale(to)",
        "resize(memory, ..), any",
        "a(), b(..), c(d, e)",
        "delete, delete_pod, delete_volume, edit_secret, edit_network_policy, edit_rbac, delete_everything_else",
    ]);
    let tail = prop::sample::select(vec![
        "",
        "because \"it is so\"",
        "suggest scale(to: 3)",
        "by \"sre\", web as it",
        "because \"x\" suggest s() by a as b",
    ]);
    let kind = prop::sample::select(vec!["allow", "approve", "forbid"]);
    let brace = || prop::sample::select(vec!["{", "{\n", "{ // why\n", "{\n\n"]);
    prop_oneof![
        e().prop_map(|e| format!("let a = {e}")),
        e().prop_map(|e| format!("objective {e}")),
        e().prop_map(|e| format!("invariant a: {e} because \"x\"")),
        (kind, actions, prop::option::of(e()), any::<bool>(), tail).prop_map(|(kind, actions, e, other, tail)| {
            let when = e.map(|e| format!("when {e} {}", if other { "else approve" } else { "" })).unwrap_or_default();
            format!("{kind} {actions} {when} {tail}")
        }),
        (e(), e(), brace()).prop_map(|(a, b, brace)| format!("rule r {brace} when {a} propose s(to: {b}, of: 3) }}")),
        (e(), brace()).prop_map(|(e, brace)| format!("verify a {brace} at 10s {e} within 1m b }} else rollback")),
        (e(), brace()).prop_map(|(e, brace)| format!(
            "test \"t\" {brace} given a = [{{ b: {e} }}, {{ c: 1 }}], d missing,s(a: {e}) failed 5m ago propose s(a: {e}) expect allow }}"
        )),
        (e(), brace(), prop::sample::select(vec!["15s", "pace"])).prop_map(|(e, brace, time)| format!(
            "test \"t\" {brace} given a = series \"1 2+3x4 _x2\" every {time}, b = ({e}) at {time} expect allow within 1m\nexpect rule r silent never expect rule r proposes s(to: {e}) }}"
        )),
        brace().prop_map(|brace| format!("approval {brace} by \"a\" quorum 2 timeout 1h escalate \"b\" after 30m notify \"c\" }}")),
        Just("metric a: ratio = prometheus `a\n  b` every 5s stale 10s".to_owned()),
        Just("limit freeze \"Fri 16:00\"..\"Mon 08:00\" in zone except scale(..), b".to_owned()),
    ]
}

proptest! {
    #[test]
    fn what_is_generated_keeps_its_meaning(members in prop::collection::vec(member(), 0..6), gaps in prop::collection::vec(0..BETWEEN.len(), 6)) {
        let gaps = gaps.into_iter().filter_map(|gap| BETWEEN.get(gap)).filter(|gap| gap.contains('\n'));
        let members: String = members.iter().zip(gaps.cycle().take(6).chain(std::iter::repeat(&"\n"))).map(|(of, gap)| format!("{of}{gap}")).collect();
        formatted(&format!("blueprint b for k(\"n\") {{ {members} }}"));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn comments_may_stand_anywhere(fixture in 0..FIXTURES.len(), gaps in prop::collection::vec((0..8_u8, 0..BETWEEN.len()), 50..200)) {
        let text = FIXTURES.get(fixture).unwrap();
        let (tokens, _) = lex(file_id(), text);
        let mut spread = String::new();
        let mut end = 0;
        for (at, (chance, gap)) in (0..tokens.len()).zip(gaps.iter().cycle()) {
            let range = tokens.span(at).range();
            // `action` is an expression only directly before a point.
            let sticks = tokens.sign(at) == "." && tokens.word(at.saturating_sub(1)) == "action";
            spread += if *chance == 0 && !sticks { BETWEEN.get(*gap).unwrap() } else { &text[end..range.start] };
            spread += tokens.text(at);
            end = range.end;
        }
        formatted(&spread);
    }

    #[test]
    fn any_tokens_that_parse_can_be_formatted(picks in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let text = FIXTURES.concat();
        let (tokens, _) = lex(file_id(), &text);
        let picked: String = picks.iter().map(|pick| format!("{} ", tokens.text(pick.index(tokens.len())))).collect();
        let whole = format!("blueprint b for k(\"n\") {{ objective {picked}\n}}");
        if meaning(&whole).is_some() {
            formatted(&whole);
        }
    }
}
