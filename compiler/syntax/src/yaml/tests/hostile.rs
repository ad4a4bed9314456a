//! Whatever the bytes: an answer, quickly.

use proptest::prelude::*;

use super::{read, said};
use crate::yaml::draft::no_file;
use crate::yaml::to_yaml;

const WHOLE: &str = include_str!("whole.yaml");

#[test]
fn the_document_of_these_tests_is_whole() {
    assert_eq!(said(WHOLE), "");
}

#[test]
fn every_beginning_of_it_is_answered() {
    for (end, _) in WHOLE.char_indices() {
        read(&WHOLE[..end]);
    }
}

#[test]
fn what_is_too_much_is_refused_where_it_is() {
    let bomb = format!(
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n{}",
        ('b'..'h')
            .map(|c| format!("{c}: &{c} [{}]\n", format!("*{},", char::from(c as u8 - 1)).repeat(10)))
            .collect::<String>()
    );
    let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(100));
    let deep = format!("a: {}", "[".repeat(40));
    let steps = format!("a: &a {0}x{1}\nb: &b {0}*a{1}\nc: {0}*b{1}\n", "[".repeat(15), "]".repeat(15));
    let large = format!("# {}", "x".repeat(1 << 20));
    for (text, place, what) in [
        (bomb.as_str(), ":4:", "the aliases up to here stand for more than 10000 nodes"),
        (&long, ":2:", "or 1048576 bytes"),
        (&deep, ":1:35:", "lists and mappings nest more than 32 deep"),
        (&steps, ":3:19:", "lists and mappings nest more than 32 deep"),
        (&large, ":1:1:", "a file is at most 1048576 bytes long"),
    ] {
        let said = said(text);
        assert!(said.contains("error[E0802]") && said.contains(what) && said.contains(place), "{said}");
    }
}

#[test]
fn work_is_in_proportion_to_the_text() {
    // Quadratic work would take minutes.
    let head =
        "apiVersion: leeway.dev/v1\nkind: Blueprint\nmetadata: {name: b}\nspec:\n  target: {kind: k, name: it}\n";
    let keys: String = (0..80_000).map(|at| format!("    m{at}: 1\n")).collect();
    let labels: String = (0..60_000).map(|at| format!("a{at}: b, ")).collect();
    let long = "x".repeat(900_000);
    for text in [
        format!("{head}  metrics:\n{keys}"),
        format!("{head}  scaling:\n{keys}"),
        head.replace("name: b}", &format!("name: b, labels: {{{labels}}}}}")),
        format!("{head}  {long}: 1\n"),
        format!("{head}  clauses: |\n    {long}\n"),
        format!("{head}  clauses: |\n{}", "    limit breaker 3 failures }\n".repeat(9_000)),
        format!("{head}  clauses: |\n{}", "    approve a // é\n".repeat(9_000)),
        format!("{head}  clauses: \"{}\"\n", "approve a\\n".repeat(9_000)),
        format!("{head}  use: [{}]\n", "a.b, ".repeat(100_000)),
    ] {
        read(&text);
    }
}

#[test]
fn bad_yaml_is_told_where_it_is() {
    for (text, expected) in [
        ("", "1:1: error[E0801]: this document is empty"),
        ("# only a comment\n", "2:1: error[E0801]: this document is empty"),
        ("a: 1\n\tb: 2\n", "2:1: error[E0801]: YAML is indented with spaces, and this is a tab"),
        ("a: b: c\n", "1:5: error[E0801]: this is no YAML: mapping values are not allowed"),
        ("a: 1\n---\nb: 2\n", "2:1: error[E0801]: a second document begins here"),
        ("a: !!str b\n", "1:4: error[E0801]: this has a tag"),
        ("a: &a {b: 1}\n<<: *a\n", "2:1: error[E0801]: merge keys mean nothing here"),
        ("? [a]\n: b\n", "1:3: error[E0801]: a key is a word"),
        ("a: &a [*a]\n", "1:8: error[E0801]: this alias stands in what it means"),
        ("é: \u{202e}\n", "1:4: error[E0801]: `U+202E` changes the direction of text"),
        ("[]\n", "1:1: error[E0805]: a blueprint: expected a mapping, found a list"),
    ] {
        assert!(said(text).starts_with(&format!("b.leeway.yaml:{expected}")), "{text:?}\n{}", said(text));
    }
}

#[test]
fn marks_and_line_ends_change_nothing() {
    let windows = WHOLE.replace('\n', "\r\n").replacen("ready >= 2", "redy >= ", 1);
    let marked = format!("\u{feff}{}", WHOLE.replacen("ready >= 2", "redy >= ", 1));
    let plain = said(&WHOLE.replacen("ready >= 2", "redy >= ", 1));
    assert!(plain.contains("error["), "{plain}");
    assert_eq!(said(&windows), plain);
    assert_eq!(said(&marked), plain);
    assert_eq!(said(&format!("\u{feff}{WHOLE}")), "");
}

#[test]
fn no_value_gets_out_of_its_place() {
    for (from, to) in [
        ("name: whole", "name: 'x for k(\"n\") { forbid any } blueprint y'"),
        ("name: shop/whole", "name: 'x\") { allow any } //'"),
        ("owner: team", "owner: \"team\\\" allow any //\""),
        ("latency_p95: 200ms", "latency_p95: 200ms allow any"),
        ("min_replicas: 2", "min_replicas: 2 let x = 3"),
        ("memory_least: 256Mi", "memory_least: 256Mi) allow any //"),
        ("memory_least: 256Mi", "memory_least: \"256Mi\\n) allow any\""),
        ("- std.kubernetes", "- std.kubernetes // x"),
        ("- rollback\n", "- rollback when false\n"),
        ("limit drift", "} blueprint x for k(\"n\") { limit drift"),
        ("// Ä comment.\n", "or true\n"),
        ("// Ä comment.\n", "because \"x\"\n"),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from}");
        let (tree, findings, _) = read(&text);
        let allowed = format!("{tree:?}").matches("kind: Spanned { node: Allow").count();
        let before = format!("{:?}", read(WHOLE).0).matches("kind: Spanned { node: Allow").count();
        assert!(allowed <= before && tree.blueprints.len() <= 1, "{to}");
        // These are texts, whatever stands in them.
        let harmless = ["owner", "name: 'x\")", "memory_least: \""].iter().any(|text| to.starts_with(text));
        assert_eq!(findings.is_empty(), harmless, "{to}: {findings:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_signs_of_yaml_are_answered(text in "[-a-c:{}\\[\\],&*!|>'\"%@# \n\t0-2.~]{0,80}") {
        read(&text);
    }

    #[test]
    fn damage_is_answered(at in any::<prop::sample::Index>(), length in 0..30_usize, with in "[-a-z:{}\\[\\],&*!|>'\"%#` \n\t0-9.]{0,6}") {
        let start = WHOLE.floor_char_boundary(at.index(WHOLE.len()));
        let end = WHOLE.floor_char_boundary((start + length).min(WHOLE.len())).max(start);
        let text = format!("{}{with}{}", &WHOLE[..start], &WHOLE[end..]);
        let (_, findings, sources) = read(&text);
        for finding in &findings {
            // Every place lies in the document.
            prop_assert!(finding.primary.span.end as usize <= text.len(), "{finding:?}");
            prop_assert_eq!(sources.files().next().map(|(id, _)| id), Some(finding.primary.span.file));
        }
        // Certain changes leave YAML behind that is still read.
        for fix in findings.iter().flat_map(|finding| &finding.fixes) {
            let mut mended = text.clone();
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
            for edit in edits {
                mended.replace_range(edit.span.range(), &edit.replacement);
            }
            let said = said(&mended);
            prop_assert!(!said.contains("E0801"), "{}\n{fix:?}\n{said}", text);
        }
    }

    #[test]
    fn damaged_blueprints_have_twins_or_not(at in any::<prop::sample::Index>(), length in 0..30_usize) {
        let text = include_str!("../../../../../blueprints/frontend.leeway");
        let start = text.floor_char_boundary(at.index(text.len()));
        let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
        let damaged = format!("{}{}", &text[..start], &text[end..]);
        if let Ok(yaml) = to_yaml(no_file(), &damaged) {
            prop_assert_eq!(said(&yaml), "", "{}", yaml);
        }
    }
}
