//! To YAML and back.

use proptest::prelude::*;

use super::read;
use crate::ast::File;
use crate::format::tests::{FIXTURES, generated};
use crate::yaml::draft::{no_file, quoted};
use crate::yaml::{to_yaml, with_remarks};

/// What a file says, without places, in whatever order it says it.
fn meaning(tree: &File) -> Vec<String> {
    let mut lines: Vec<String> = tree.uses.iter().map(|one| format!("{one:?}")).collect();
    for blueprint in &tree.blueprints {
        lines.push(format!("{:?} {:?} {:?}", blueprint.name, blueprint.kind, blueprint.target));
        lines.extend(blueprint.members.iter().map(|member| format!("{:?}", member.kind)));
    }
    let without_places = |line: String| {
        let mut pieces = line.split("Span {");
        let first = pieces.next().unwrap_or_default().to_owned();
        let rest: String = pieces.map(|piece| piece.split_once('}').map_or(piece, |(_, rest)| rest)).collect();
        (first + &rest).replace("parameters: [], rest: true", "parameters: [], rest: false")
    };
    let mut lines: Vec<String> = lines.into_iter().map(without_places).collect();
    lines.sort();
    lines
}

/// The twin of `text`, which says the same, also when it is written in the language again.
fn twin(text: &str) -> String {
    let original = crate::parse(no_file(), text);
    assert_eq!(original.diagnostics, [], "{text}");
    let yaml = to_yaml(no_file(), text).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
    let (tree, findings, sources) = read(&yaml);
    assert_eq!(findings, [], "{text}\nbecame\n{yaml}");
    assert_eq!(meaning(&tree), meaning(&original.tree), "{text}\nbecame\n{yaml}");
    let (view, source) = sources.files().last().unwrap();
    let back = crate::format(view, &source.text).unwrap();
    assert_eq!(meaning(&crate::parse(no_file(), &back).tree), meaning(&original.tree), "{yaml}\nbecame\n{back}");
    yaml
}

#[test]
fn blueprints_have_twins() {
    let mut twins = 0;
    for fixture in FIXTURES {
        let tree = crate::parse(no_file(), fixture).tree;
        if tree.blueprints.len() == 1 && tree.targets.is_empty() && tree.policies.is_empty() {
            let yaml = twin(fixture);
            assert!(yaml.contains("\n  metrics:\n"), "{yaml}");
            twins += 1;
        }
    }
    assert!(twins >= 3, "{twins}");
}

#[test]
fn objectives_keep_the_times_of_what_they_count() {
    let slo = "slo a 9% over 1d {\n    good = scrape \"g\" every 5m stale 11m\n    total = scrape \"t\" stale d\n  }";
    let yaml = twin(&format!("blueprint b for k(\"n\") {{\n  {slo}\n}}\n"));
    assert!(yaml.contains(&slo.replace("\n", "\n  ")), "{yaml}");
}

#[test]
fn comments_go_along() {
    let yaml = twin(
        "// of the file\nuse std.a // of the use\n/// What it is.\nblueprint b for k(\"n\") { // of the header\n  // of the label\n  \
         label \"a\" = \"b\"\n  label \"c\" = \"d\"\n  /// Of the metric.\n  metric m: ratio = constant 1%\n  // last\n}\n// behind\n",
    );
    for line in [
        "# of the file\n",
        "# of the use\n",
        "  description: What it is.\n",
        "    // of the header\n",
        "    // of the label\n",
        "    /// Of the metric.\n",
        "    // last\n",
        "# behind\n",
    ] {
        assert!(yaml.contains(line), "{line}: {yaml}");
    }
    assert!(yaml.contains("    c: d\n"), "{yaml}");
    let marked = format!("\u{feff}# yaml-language-server: $schema=a.json\n\n#/ odd\n{yaml}  # indented\n");
    let text = with_remarks(&marked, "blueprint b for k(\"n\") { }");
    assert_eq!(text, "// / odd\n// of the file\n// of the use\nblueprint b for k(\"n\") { }\n");
    let text = with_remarks(&yaml, "blueprint b for k(\"n\") { }");
    assert_eq!(text, "// of the file\n// of the use\nblueprint b for k(\"n\") { }\n// behind\n");
}

#[test]
fn what_is_not_one_blueprint_has_none() {
    for text in
        ["", "use std.a", "policy p() for any { }", "blueprint a for k(\"n\") { }\nblueprint b for k(\"n\") { }"]
    {
        assert_eq!(to_yaml(no_file(), text), Err(crate::yaml::Untwinned::NotOneBlueprint), "{text}");
    }
    assert!(matches!(to_yaml(no_file(), "blueprint a for"), Err(crate::yaml::Untwinned::Broken(_))));
}

/// Texts that are hard to write in YAML.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            " ",
            "no",
            "1.4",
            "~",
            "a: b",
            "- a",
            "# a",
            "a #b",
            "'",
            "\"",
            "\\",
            "a\nb",
            "\na\n b",
            "a\n",
            "a\n\n",
            " a\n  b\n",
            "\t",
            "a\r\nb",
            "\u{85}",
            "\u{2028}x",
            "\u{feff}",
            "é",
            "{a}",
            "[a]",
            "%a",
            "@a",
            "`a`",
            "|",
            ">",
            "a\n\tb",
            "a \nb ",
            "<<",
            "=",
            "0x10",
            "---",
            "--- a\n...",
            "a\n---\nb",
            "null",
            "*a",
            "&a b",
            "!a",
            "a:",
            "\u{202e}",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
        ".{0,12}",
        "(?s).{0,20}",
    ]
}

/// Members that have a section of their own.
fn lifted() -> impl Strategy<Value = String> {
    let word = || prop::sample::select(vec!["a", "on", "no", "spending", "y", "null", "x1"]);
    let time = || prop::sample::select(vec!["5m", "1.5h", "pace", "30d"]);
    let argument = || {
        prop_oneof![
            prop::sample::select(vec![
                "80%",
                "-3",
                "[1, 2]",
                "true",
                "a * 2 + 1",
                "$900/month",
                "spending",
                "no",
                "f(a, b)",
                "a.b",
                "(a)"
            ])
            .prop_map(str::to_owned),
            text().prop_map(|text| quoted(&text)),
        ]
    };
    let source = || {
        prop_oneof![
            text().prop_map(|text| format!("prometheus {}", quoted(&text))),
            text()
                .prop_filter("a text in backticks", |text| !text.contains('`') && !text.contains('\r'))
                .prop_map(|text| format!("prometheus `{text}`")),
            text().prop_map(|text| format!("scrape {}", quoted(&text))),
            (text(), time())
                .prop_map(|(text, time)| format!("scrape quantile(0.5, {}, {time}) / sum(\"a\")", quoted(&text))),
            (text(), text()).prop_map(|(path, at)| format!("http_json {} at {}", quoted(&path), quoted(&at))),
            prop::sample::select(vec!["constant 3", "constant \"a\"", "constant [1, 2]", "constant 80%"])
                .prop_map(str::to_owned),
        ]
    };
    prop_oneof![
        (prop::sample::select(vec!["version", "owner"]), text())
            .prop_map(|(word, text)| format!("{word} {}", quoted(&text))),
        (text(), text()).prop_map(|(key, value)| format!("label {} = {}", quoted(&key), quoted(&value))),
        (word(), prop::collection::vec((word(), argument()), 0..3), prop::option::of(word())).prop_map(
            |(name, of, alias)| {
                let of: Vec<String> = of.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                format!(
                    "include {name}.p({}){}",
                    of.join(", "),
                    alias.map(|alias| format!(" as {alias}")).unwrap_or_default()
                )
            }
        ),
        (word(), source(), prop::option::of(time()), any::<bool>()).prop_map(|(name, source, every, untrusted)| {
            let every = every.map(|every| format!(" every {every}")).unwrap_or_default();
            format!("metric {name}: ratio = {source}{every}{}", if untrusted { " untrusted" } else { "" })
        }),
        (text(), text(), time()).prop_map(|(group, place, time)| {
            format!(
                "approval {{ by {}, \"b\" quorum 2 timeout {time} escalate \"c\" after 5m notify {} }}",
                quoted(&group),
                quoted(&place)
            )
        }),
        prop::sample::select(vec![
            "autonomy act",
            "autonomy observe",
            "audit { retention 30d }",
            "audit { retention pace }"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn generated_blueprints_have_twins(
        members in prop::collection::vec(prop_oneof![lifted(), generated::member()], 0..8),
        target in text(),
        doc in text(),
    ) {
        let doc: String = doc.lines().map(|line| format!("/// {}\n", line.replace('\r', ""))).collect();
        let source = format!("use std.k as no\n{doc}blueprint b for k({}) {{\n{}\n}}", quoted(&target), members.join("\n"));
        // A text in backticks in which a line looks like a member is none, and a text may hold what no comment may.
        prop_assume!(crate::parse(no_file(), &source).diagnostics.is_empty());
        twin(&source);
    }
}
