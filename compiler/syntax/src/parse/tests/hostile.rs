//! Whatever the text, an answer comes, and comes soon.

use proptest::prelude::*;

use super::*;

/// Checks what must hold of any answer.
fn answered(text: &str) -> Parsed {
    let parsed = parsed(text);
    assert!(parsed.diagnostics.len() <= DIAGNOSTICS_MAX + 1);
    assert!(parsed.diagnostics.is_sorted_by_key(|found| found.primary.span.start));
    for found in &parsed.diagnostics {
        assert!(text.len() > FILE_SIZE_MAX || text.get(found.primary.span.range()).is_some(), "{found:?}");
    }
    for member in members_of(&parsed) {
        // Whole members stand in the text as the members of a file of their own.
        assert!(text.get(member.span.range()).is_some_and(|text| text.len() >= "let a = b".len() || text.len() > 6));
    }
    parsed
}

/// The members of `parsed`.
fn members_of(parsed: &Parsed) -> impl Iterator<Item = &ast::Member> {
    let of_policies = parsed.tree.policies.iter().flat_map(|of| &of.members);
    of_policies.chain(parsed.tree.blueprints.iter().flat_map(|of| &of.members))
}

/// The members of `parsed` as texts, and the names of what targets declare.
fn texts(parsed: &Parsed, source: &str) -> Vec<String> {
    let targets = parsed.tree.targets.iter().flat_map(|of| {
        let facts = of.facts.iter().map(|fact| &fact.typed.name);
        facts.chain(of.actions.iter().map(|action| &action.name)).map(|name| name.node.to_string())
    });
    targets.chain(members_of(parsed).map(|member| source[member.span.range()].to_owned())).collect()
}

#[test]
fn each_beginning_of_a_file_is_answered() {
    for fixture in FIXTURES {
        let all = texts(&parsed(fixture), fixture);
        for (end, _) in fixture.char_indices() {
            let text = &fixture[..end];
            let parsed = answered(text);
            // What is cut off is never a member of another meaning: only members of the whole file remain.
            let left = texts(&parsed, text);
            assert!(left.iter().all(|left| all.contains(left)), "{end} {}", &text[text.len().saturating_sub(200)..]);
            let tree = &parsed.tree;
            let inside = !tree.blueprints.is_empty() || !tree.policies.is_empty() || !tree.targets.is_empty();
            let tokens = lex(file_id(), text).0;
            let cut = tokens.sign(tokens.len().saturating_sub(1)) != "}";
            assert!(!cut || !parsed.diagnostics.is_empty() || !inside || left.is_empty(), "{end}");
        }
    }
}

#[test]
fn each_token_may_be_missing_doubled_or_another() {
    for fixture in FIXTURES {
        let tokens = lex(file_id(), fixture).0;
        for at in 0..tokens.len() {
            let range = tokens.span(at).range();
            let (before, token, after) = (&fixture[..range.start], &fixture[range.clone()], &fixture[range.end..]);
            answered(&format!("{before}{after}"));
            answered(&format!("{before}{token} {token}{after}"));
            let others = ["{", "}", "(", "\"", "allow", "3", "else", "any", "]", ",", "="];
            let other = others[at % others.len()];
            answered(&format!("{before}{other}{after}"));
        }
    }
}

#[test]
fn a_mebibyte_of_anything_is_answered() {
    let size = FILE_SIZE_MAX - HEADER.len() - 2;
    let whole = ["(", "{", "\"", "`", "allow "];
    let part = [
        ")",
        "}",
        "[",
        "allow\n",
        "let a = 1\n",
        "let a = 1 ",
        "rule r {\n",
        "blueprint ",
        "use a\n",
        "use ",
        "/",
        "//\n",
        "/// x\n",
        "\u{430} ",
        "a ",
        "1 ",
        "1h3m ",
        "-",
        "not ",
        "a.",
        "1+",
        "a??",
        "if a then ",
        "(((}",
        "\n}",
        "a`\nlet a = 1\n",
        "\"x\" ",
        "`x` ",
        "[[[]]]",
        "\\",
        "$",
        "1.",
        "any x in y: ",
        "max x in y: ",
        "a matches ",
        "[{ a: 1 }, ",
        "[{ a: [",
        "test \"x\" {\n",
        "given a = 1, ",
        "given a(b: ",
        "expect rule ",
        "policy p(a: b = [",
        "slo a 9% over 1d { good = ",
        "enum e {\n",
        "'",
        "a % ",
        "=>",
        "else allow ",
        "blueprint b for k(\"n\") {\n",
        "target t(a: b) {\n",
    ];
    // An eighth shows as well that nothing explodes; quadratic work would still take minutes.
    let sizes = whole.map(|unit| (unit, size)).into_iter().chain(part.map(|unit| (unit, size / 8)));
    for (unit, size) in sizes {
        let text = unit.repeat(size / unit.len());
        answered(&text);
        answered(&format!("{HEADER}{text}\n}}"));
        let objective = format!("{HEADER}objective a{text}");
        answered(objective.get(..FILE_SIZE_MAX).unwrap_or(&objective));
    }
}

#[test]
fn bounds_are_said() {
    let code = |text: &str| parsed(text).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>();
    assert_eq!(code(&" ".repeat(FILE_SIZE_MAX)), []);
    assert_eq!(code(&" ".repeat(FILE_SIZE_MAX + 1)), [Code::E0106]);
    let lets = |count: usize| format!("{HEADER}{}}}", "let a = 1\n".repeat(count));
    assert_eq!(code(&lets(MEMBERS_MAX)), []);
    assert_eq!(code(&lets(MEMBERS_MAX + 5)), [Code::E0106]);
    let within = |left: &str, inner: &str, right: &str, depth: usize| {
        format!("{HEADER}objective {}{inner}{}\n}}", left.repeat(depth), right.repeat(depth))
    };
    for (left, inner, right) in [
        ("(", "a", ")"),
        ("f(", "a", ")"),
        ("[", "a", "]"),
        ("not ", "a", ""),
        ("-", "a", ""),
        ("", "a", " + 1"),
        ("", "a", ".b"),
        ("any x in y: ", "a", ""),
    ] {
        assert_eq!(code(&within(left, inner, right, NESTING_MAX)), [], "{left}{inner}{right}");
        for depth in [NESTING_MAX + 1, 10_000] {
            assert_eq!(code(&within(left, inner, right, depth)), [Code::E0105], "{left}{inner}{right}");
        }
    }
    // Words that are operators and quantifiers in some places hide nothing where they are names.
    for unit in
        ["1 + max x in y: 2 * ", "any x in y: matches ", "count x in y: count + ", "if any then any x in y: b == "]
    {
        let tail = if unit.starts_with("if") { " else 2" } else { "" };
        assert_eq!(code(&within(unit, "a", tail, 10_000)), [Code::E0105], "{unit}");
    }
    let mixed = within("if (a or not -b + 2) then (", "a", " + 1) else 2", 10_000);
    assert_eq!(code(&mixed), [Code::E0105]);
    // Side by side is not nested.
    for text in [format!("a{}", " and (b > 1 + 2)".repeat(500)), format!("x in [1{}]", ", 1 + 2".repeat(500))] {
        assert_eq!(code(&format!("{HEADER}objective {text}\n}}")), []);
    }
    for condition in ["a + b > c", "any x in y: x.a > max z in y: z.b"] {
        let stages = format!("at 10s {condition}\n").repeat(500);
        assert_eq!(code(&format!("{HEADER}verify s {{ {stages} }} else nothing\n}}")), []);
    }
    let given = format!("given a = 1{}\n", ", b = [{ c: 1 + 2, d: -3 }]".repeat(500));
    assert_eq!(code(&format!("{HEADER}test \"x\" {{ {given} expect allow }}\n}}")), []);
}

/// The deepest chain of nodes in the tree.
fn depth(e: &ast::Expr) -> usize {
    1 + sketch::inner(e).into_iter().map(depth).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        answered(&text);
        answered(&format!("{HEADER}{text}\n}}"));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        answered(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_tokens_are_answered(picks in prop::collection::vec(any::<prop::sample::Index>(), 0..120), lines in any::<u64>()) {
        let all = FIXTURES.concat();
        let tokens = lex(file_id(), &all).0;
        let mut text = HEADER.to_owned();
        for (number, pick) in picks.iter().enumerate() {
            text += tokens.text(pick.index(tokens.len()));
            text += if (lines >> (number % 64)) & 1 == 1 { "\n" } else { " " };
        }
        answered(&text);
        answered(&(text + "\n}"));
    }

    #[test]
    fn no_tree_is_deeper_than_its_bound(picks in prop::collection::vec(0..14_usize, 0..400)) {
        const PIECES: [&str; 14] = [
            "a", "(a", ")", " + ", "-", " not ", " and ", "a", " if a then ", " else ", ".b", ", ", " any a in a: ", " matches ",
        ];
        let text: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        let parsed = answered(&format!("{HEADER}objective {text}\n}}"));
        for member in parsed.tree.blueprints.iter().flat_map(|of| &of.members) {
            if let ast::MemberKind::Objective(e) = &member.kind {
                prop_assert!(depth(e) <= 3 * NESTING_MAX);
            }
        }
    }
}
