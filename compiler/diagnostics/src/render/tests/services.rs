//! What GitHub, GitLab and readers of SARIF get.

use serde_json::{Value, json};

use super::*;

/// A finding with a certain fix, a guess, a label here, a label in an embedded module, a note and help.
fn rich() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let here = sources.add("a b/ü,1:2%.leeway", SOURCE);
    let embedded = sources.add("<std>/shop.leeway", "target shop");
    let outside = sources.add("/elsewhere/old.leeway", "x");
    let at = |marked: &str| {
        let start = SOURCE.find(marked).unwrap();
        Span::new(here, start, start + marked.len())
    };
    let finding = Diagnostic::new(Code::E0304, at("80"), "100% `ratio`, bare:\nnumber {0}")
        .marked("this is a `count`")
        .label(at("ü"), "here")
        .label(Span::new(embedded, 0, 6), "declared here")
        .note("once upon a time")
        .help("write `80%`")
        .fix("write `80%`", at("80"), "80%")
        .guess("write `0.8`", at("80"), "0.8");
    let inside = Diagnostic::new(Code::W0402, Span::new(embedded, 0, 6), "in the library").label(at("web"), "by this");
    let beyond = Diagnostic::new(Code::W0402, Span::new(outside, 0, 1), "\u{1b}[2J");
    let nowhere = Diagnostic::new(Code::W0402, Span::new(embedded, 0, 6), "in the library");
    let lines = Diagnostic::new(Code::E0101, at("{\n  allow"), "over two lines");
    (sources, vec![finding.clone(), inside, beyond, nowhere, lines, finding])
}

#[test]
fn github_gets_commands_that_nothing_in_a_message_can_end() {
    let (sources, findings) = rich();
    insta::assert_snapshot!(github(&sources, &findings[..5]), @r#"
    ::error file=a b/ü%2C1%3A2%25.leeway,line=2,endLine=2,col=45,endColumn=47,title=E0304::100%25 `ratio`, bare:%0Anumber {0}%0Aa b/ü,1:2%25.leeway:2:45: this is a `count`%0Aa b/ü,1:2%25.leeway:1:24: here%0A<std>/shop.leeway:1:1: declared here%0Anote: once upon a time%0Ahelp: write `80%25`
    ::warning file=a b/ü%2C1%3A2%25.leeway,line=1,endLine=1,col=11,endColumn=14,title=W0402::in the library%0Aa b/ü,1:2%25.leeway:1:11: by this
    ::warning file=/elsewhere/old.leeway,line=1,endLine=1,col=1,endColumn=2,title=W0402::?[2J
    ::warning title=W0402::in the library
    ::error file=a b/ü%2C1%3A2%25.leeway,line=1,endLine=2,title=E0101::over two lines
    "#);
}

#[test]
fn gitlab_gets_what_stands_in_files() {
    let (sources, findings) = rich();
    let issues: Vec<Value> = serde_json::from_str(&gitlab(&sources, &findings)).unwrap();
    assert_eq!(issues.len(), 5);
    let mut first = issues[0].clone();
    assert_eq!(first["fingerprint"].take().as_str().unwrap().len(), 32);
    assert_eq!(
        first,
        json!({
            "check_name": "E0304",
            "description": "100% `ratio`, bare:\nnumber {0}\na b/ü,1:2%.leeway:2:45: this is a `count`\n\
                a b/ü,1:2%.leeway:1:24: here\n<std>/shop.leeway:1:1: declared here\nnote: once upon a time\nhelp: write `80%`",
            "fingerprint": null,
            "location": {
                "path": "a b/ü,1:2%.leeway",
                "positions": { "begin": { "line": 2, "column": 45 }, "end": { "line": 2, "column": 47 } },
            },
            "severity": "critical",
        })
    );
    assert_eq!(issues[1]["severity"], "minor");
}

#[test]
fn sarif_has_rules_places_and_only_certain_fixes() {
    let (sources, findings) = rich();
    let log: Value = serde_json::from_str(&sarif(&sources, &findings)).unwrap();
    let run = &log["runs"][0];
    assert_eq!((&log["version"], &run["columnKind"]), (&json!("2.1.0"), &json!("unicodeCodePoints")));
    let uris: Vec<&Value> =
        run["artifacts"].as_array().unwrap().iter().map(|artifact| &artifact["location"]["uri"]).collect();
    assert_eq!(uris, ["a%20b/%C3%BC%2C1%3A2%25.leeway", "file:///elsewhere/old.leeway"]);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.iter().map(|rule| &rule["id"]).collect::<Vec<_>>(), ["E0101", "E0304", "W0402"]);
    assert_eq!(rules[1]["help"]["markdown"], Code::E0304.page());

    let mut first = run["results"][0].clone();
    first["partialFingerprints"].take();
    let artifact = json!({ "uri": "a%20b/%C3%BC%2C1%3A2%25.leeway", "uriBaseId": "%SRCROOT%" });
    let region = json!({ "startLine": 2, "startColumn": 45, "endLine": 2, "endColumn": 47 });
    let letter = json!({ "startLine": 1, "startColumn": 24, "endLine": 1, "endColumn": 25 });
    assert_eq!(
        first,
        json!({
            "ruleId": "E0304", "ruleIndex": 1, "level": "error",
            "message": { "text": "100% `ratio`, bare:\nnumber {0}\n<std>/shop.leeway:1:1: declared here\n\
                note: once upon a time\nhelp: write `80%`" },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact, "region": region } }],
            "relatedLocations": [
                { "id": 0, "physicalLocation": { "artifactLocation": artifact, "region": region },
                  "message": { "text": "this is a `count`" } },
                { "id": 1, "physicalLocation": { "artifactLocation": artifact, "region": letter },
                  "message": { "text": "here" } },
            ],
            "partialFingerprints": null,
            "fixes": [{
                "description": { "text": "write `80%`" },
                "artifactChanges": [{
                    "artifactLocation": artifact,
                    "replacements": [{ "deletedRegion": region, "insertedContent": { "text": "80%" } }],
                }],
            }],
        })
    );
    // What is said of a module in the program is told where it is used, or nowhere.
    assert_eq!(run["results"][1]["locations"][0]["physicalLocation"]["region"]["startColumn"], 11);
    assert_eq!(run["results"][3]["locations"], json!([]));
}

#[test]
fn fingerprints_stay_when_lines_move_and_differ_within_a_run() {
    let prints = |text: &str, marked: &[&str]| {
        let sources = sources(text);
        let findings: Vec<Diagnostic> =
            marked.iter().map(|marked| at(&sources, Code::E0101, marked, "unexpected")).collect();
        let issues: Vec<Value> = serde_json::from_str(&gitlab(&sources, &findings)).unwrap();
        issues.into_iter().map(|issue| issue["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = prints("a\nb\n", &["a", "b"]);
    assert_ne!(before[0], before[1]);
    assert_eq!(before, prints("\n\n\na\n b\n", &["a", "b"]));
}
