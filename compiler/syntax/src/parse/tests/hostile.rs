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
    let members = parsed.tree.blueprints.iter().flat_map(|blueprint| &blueprint.members);
    for member in members {
        // Whole members stand in the text as the members of a file of their own.
        assert!(text.get(member.span.range()).is_some_and(|text| text.len() >= "let a = b".len() || text.len() > 6));
    }
    parsed
}

/// The members of `parsed` as texts.
fn texts<'a>(parsed: &Parsed, source: &'a str) -> Vec<&'a str> {
    parsed.tree.blueprints.iter().flat_map(|of| &of.members).map(|member| &source[member.span.range()]).collect()
}

#[test]
fn each_beginning_of_a_file_is_answered() {
    let whole = parsed(SAMPLE);
    let all = texts(&whole, SAMPLE);
    for (end, _) in SAMPLE.char_indices() {
        let text = &SAMPLE[..end];
        let parsed = answered(text);
        // What is cut off is never a member of another meaning: only members of the whole file remain.
        let left = texts(&parsed, text);
        assert_eq!(left, all[..left.len()], "{end} {}", &text[text.len().saturating_sub(200)..]);
        let inside = !parsed.tree.blueprints.is_empty() || !parsed.tree.targets.is_empty();
        let cut = text.trim_end() != SAMPLE.trim_end();
        assert!(!cut || !parsed.diagnostics.is_empty() || !inside || left.is_empty(), "{end}");
    }
}

#[test]
fn each_token_may_be_missing_doubled_or_another() {
    let tokens = lex(file_id(), SAMPLE).0;
    for at in 0..tokens.len() {
        let range = tokens.span(at).range();
        let (before, token, after) = (&SAMPLE[..range.start], &SAMPLE[range.clone()], &SAMPLE[range.end..]);
        answered(&format!("{before}{after}"));
        answered(&format!("{before}{token} {token}{after}"));
        let others = ["{", "}", "(", "\"", "allow", "3", "else"];
        let other = others[at % others.len()];
        answered(&format!("{before}{other}{after}"));
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
    ] {
        assert_eq!(code(&within(left, inner, right, NESTING_MAX)), [], "{left}{inner}{right}");
        for depth in [NESTING_MAX + 1, 10_000] {
            assert_eq!(code(&within(left, inner, right, depth)), [Code::E0105], "{left}{inner}{right}");
        }
    }
    let mixed = within("if (a or not -b + 2) then (", "a", " + 1) else 2", 10_000);
    assert_eq!(code(&mixed), [Code::E0105]);
    // Side by side is not nested.
    for text in [format!("a{}", " and (b > 1 + 2)".repeat(500)), format!("x in [1{}]", ", 1 + 2".repeat(500))] {
        assert_eq!(code(&format!("{HEADER}objective {text}\n}}")), []);
    }
    let stages = "at 10s a + b > c\n".repeat(500);
    assert_eq!(code(&format!("{HEADER}verify s {{ {stages} }} else nothing\n}}")), []);
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
        let tokens = lex(file_id(), SAMPLE).0;
        let mut text = HEADER.to_owned();
        for (number, pick) in picks.iter().enumerate() {
            text += tokens.text(pick.index(tokens.len()));
            text += if (lines >> (number % 64)) & 1 == 1 { "\n" } else { " " };
        }
        answered(&text);
        answered(&(text + "\n}"));
    }

    #[test]
    fn no_tree_is_deeper_than_its_bound(picks in prop::collection::vec(0..12_usize, 0..400)) {
        const PIECES: [&str; 12] = ["a", "(a", ")", " + ", "-", " not ", " and ", "a", " if a then ", " else ", ".b", ", "];
        let text: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        let parsed = answered(&format!("{HEADER}objective {text}\n}}"));
        for member in parsed.tree.blueprints.iter().flat_map(|of| &of.members) {
            if let ast::MemberKind::Objective(e) = &member.kind {
                prop_assert!(depth(e) <= 3 * NESTING_MAX);
            }
        }
    }
}
