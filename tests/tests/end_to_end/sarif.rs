//! What `leeway check` writes as SARIF, against the schema of the standard.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::place::{leeway, outcome};

/// The JSON document in that file.
pub(crate) fn parsed(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// What the schema has against it.
pub(crate) fn is_valid_sarif(log: &Value) -> Vec<String> {
    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
        let text = fs::read_to_string(leeway_tests::root().join("tests/schemas/sarif-schema-2.1.0.json")).unwrap();
        // The pattern of `language`, which we do not write, closes a bracket that nothing opened.
        let schema: Value = serde_json::from_str(&text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$")).unwrap();
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    });
    SCHEMA.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_finding_that_there_is_makes_valid_sarif() {
    // In a folder whose name no URI can hold as it is.
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("100% ü, here");
    fs::create_dir(&odd).unwrap();
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    for entry in fs::read_dir(leeway_tests::root().join("tests/ui")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, odd.join(path.with_extension("leeway").file_name().unwrap())).unwrap();
    }
    let check = || outcome(leeway().current_dir(&folder).args(["check", "--format", "sarif"]));
    let (code, out, err) = check();
    assert_eq!((code, err.contains(" errors, ")), (1, true), "{err}");
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(is_valid_sarif(&log), [""; 0]);
    let run = &log["runs"][0];
    let (results, rules) = (run["results"].as_array().unwrap(), run["tool"]["driver"]["rules"].as_array().unwrap());
    assert!(results.len() > 150 && rules.len() > 40, "{} results of {} rules", results.len(), rules.len());
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("100%25%20%C3%BC%2C%20here/"), "{uri}");
    }
    let prints: std::collections::BTreeSet<String> =
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect();
    assert_eq!(prints.len(), results.len(), "fingerprints differ");
    assert!(results.iter().any(|result| result["fixes"].is_array()));
    assert_eq!(check().1, out, "the same bytes");
}

#[test]
fn the_schema_is_one_that_something_can_fail() {
    let log = |level: &str| {
        let result = json!({ "level": level, "message": { "text": "a" } });
        json!({ "version": "2.1.0", "runs": [{ "tool": { "driver": { "name": "a" } }, "results": [result] }] })
    };
    assert_eq!(is_valid_sarif(&log("error")), [""; 0]);
    assert_eq!(is_valid_sarif(&log("fatal")).len(), 1);
}
