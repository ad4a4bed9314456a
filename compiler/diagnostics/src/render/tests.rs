//! Each rendering as a picture.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod services;

use super::*;
use crate::{Code, Diagnostic, SourceMap, Span};

const SOURCE: &str = "blueprint web for a.b(\"ü\") {\n  allow scale(to) when to in 2..5 and cpu > 80\n}\n";

/// A finding at the first place of `marked`.
fn at(sources: &SourceMap, code: Code, marked: &str, message: &str) -> Diagnostic {
    let (id, file) = sources.files().next().unwrap();
    let start = file.text.find(marked).unwrap();
    Diagnostic::new(code, Span::new(id, start, start + marked.len()), message)
}

fn sources(text: &str) -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("web.leeway", text);
    sources
}

fn findings(sources: &SourceMap) -> Vec<Diagnostic> {
    let bare = at(sources, Code::E0304, "80", "`ratio` compared with a bare number");
    let place = bare.primary.span;
    let cpu = at(sources, Code::E0304, "cpu", "").primary.span;
    let text = at(sources, Code::W0402, "for", "something else");
    vec![
        bare.marked("this is a `count`").label(cpu, "a `ratio`").help("write `80%`").fix("write `80%`", place, "80%"),
        text,
    ]
}

#[test]
fn people_see_the_line_and_what_to_do() {
    let sources = sources(SOURCE);
    insta::assert_snapshot!(human(&sources, &findings(&sources), false), @r#"
    error[E0304]: `ratio` compared with a bare number
      ┌─ web.leeway:2:45
      │
    2 │   allow scale(to) when to in 2..5 and cpu > 80
      │                                       ---   ^^ this is a `count`
      │                                       │      
      │                                       a `ratio`
      │
      = help: write `80%`
      = more: leeway explain E0304

    warning[W0402]: something else
      ┌─ web.leeway:1:15
      │
    1 │ blueprint web for a.b("ü") {
      │               ^^^
      │
      = more: leeway explain W0402
    "#);
}

#[test]
fn colours_are_added_to_the_same_text() {
    let sources = sources(SOURCE);
    let coloured = human(&sources, &findings(&sources), true);
    let mut plain = String::new();
    for (at, part) in coloured.split("\u{1b}[").enumerate() {
        plain.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_ne!(coloured, plain);
    assert_eq!(plain, human(&sources, &findings(&sources), false));
}

#[test]
fn one_line_a_finding() {
    let sources = sources(SOURCE);
    insta::assert_snapshot!(short(&sources, &findings(&sources)), @r#"
    web.leeway:2:45: error[E0304]: `ratio` compared with a bare number
    web.leeway:1:15: warning[W0402]: something else
    "#);
}

#[test]
fn programs_get_all_of_it() {
    let sources = sources(SOURCE);
    let value: serde_json::Value = serde_json::from_str(&json(&sources, &findings(&sources))).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap(), @r#"
    {
      "diagnostics": [
        {
          "code": "E0304",
          "column": 45,
          "end_column": 47,
          "end_line": 2,
          "fixes": [
            {
              "edits": [
                {
                  "column": 45,
                  "end_column": 47,
                  "end_line": 2,
                  "line": 2,
                  "path": "web.leeway",
                  "replacement": "80%"
                }
              ],
              "title": "write `80%`"
            }
          ],
          "help": "write `80%`",
          "labels": [
            {
              "column": 45,
              "end_column": 47,
              "end_line": 2,
              "line": 2,
              "message": "this is a `count`",
              "path": "web.leeway"
            },
            {
              "column": 39,
              "end_column": 42,
              "end_line": 2,
              "line": 2,
              "message": "a `ratio`",
              "path": "web.leeway"
            }
          ],
          "line": 2,
          "message": "`ratio` compared with a bare number",
          "notes": [],
          "path": "web.leeway",
          "severity": "error",
          "url": "docs/errors/E0304.md"
        },
        {
          "code": "W0402",
          "column": 15,
          "end_column": 18,
          "end_line": 1,
          "fixes": [],
          "help": null,
          "labels": [],
          "line": 1,
          "message": "something else",
          "notes": [],
          "path": "web.leeway",
          "severity": "warning",
          "url": "docs/errors/W0402.md"
        }
      ]
    }
    "#);
}

#[test]
fn columns_count_characters() {
    let sources = sources(SOURCE);
    let brace = at(&sources, Code::E0101, "{", "m");
    assert_eq!(short(&sources, std::slice::from_ref(&brace)), "web.leeway:1:28: error[E0101]: m\n");
    assert!(json(&sources, &[brace]).contains(r#""line":1,"column":28,"end_line":1,"end_column":29"#));
}

#[test]
fn a_source_cannot_write_to_the_terminal() {
    let sources = sources("let a = \"\u{1b}[2J\u{202e}\u{85}x\"");
    let finding = at(&sources, Code::E0101, "x", "found `\u{1b}]0;`\nline").help("\u{1b}");
    insta::assert_snapshot!(human(&sources, std::slice::from_ref(&finding), false), @r#"
    error[E0101]: found `?]0;`
    line
      ┌─ web.leeway:1:16
      │
    1 │ let a = "?[2J�¿x"
      │                ^
      │
      = help: ?
      = more: leeway explain E0101
    "#);
    assert!(!short(&sources, std::slice::from_ref(&finding)).contains('\u{1b}'));
}

#[test]
fn what_cannot_be_shown_is_told() {
    let long = sources(&format!("{} x", "a ".repeat(1 << 19)));
    let finding = at(&long, Code::E0101, "x", "unexpected").help("remove it");
    insta::assert_snapshot!(human(&long, &[finding], false), @r#"
    web.leeway:1:1048578: error[E0101]: unexpected
      = help: remove it
      = more: leeway explain E0101
    "#);

    let text = sources(SOURCE);
    let beyond = Diagnostic::new(Code::E0101, Span::new(crate::FileId(9), 3, 4), "elsewhere");
    let past = Diagnostic::new(Code::E0101, Span::new(crate::FileId(0), 1 << 20, 1 << 21), "past the end");
    for finding in [beyond, past] {
        assert!(human(&text, std::slice::from_ref(&finding), true).contains(&finding.message));
        assert!(short(&text, std::slice::from_ref(&finding)).contains(&finding.message));
        assert!(json(&text, std::slice::from_ref(&finding)).contains(&finding.message));
    }
}
