//! Blueprints in YAML: each has the fingerprint of its twin in the language, and the schema admits what the compiler does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::PathBuf;

use leeway_diagnostics::{SourceMap, render};
use leeway_driver::{Compilation, Request, compile, compile_text};
use leeway_syntax::yaml::{self, to_yaml};
use leeway_tests::root;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The fingerprint of the one blueprint in `text`, or nothing if it has errors.
fn fingerprint(path: &str, text: &str) -> Option<String> {
    let Compilation { policies, .. } = compile_text(path, text);
    Some(policies.first()?.fingerprint.text().to_owned())
}

/// The twin of `text`, unless it is not one blueprint.
fn twin(text: &str) -> Option<String> {
    to_yaml(SourceMap::default().add("b.leeway", text), text).ok()
}

/// The text in the language for which `yaml` stands.
fn written(yaml: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("b.leeway.yaml", yaml);
    assert_eq!(yaml::parse(&mut sources, file).diagnostics, [], "{yaml}");
    let (view, source) = sources.files().last().unwrap();
    leeway_syntax::format(view, &source.text).unwrap()
}

/// Whether `text` has a fingerprint; then its twin has the same, and so has what is made of the twin.
fn is_twinned(text: &str) -> bool {
    let (Some(own), Some(yaml)) = (fingerprint("b.leeway", text), twin(text)) else { return false };
    let errors = || {
        let compilation = compile_text("b.leeway.yaml", &yaml);
        render::short(&compilation.sources, &compilation.diagnostics)
    };
    assert_eq!(fingerprint("b.leeway.yaml", &yaml).as_ref(), Some(&own), "{}\n{yaml}", errors());
    assert_eq!(fingerprint("b.leeway", &written(&yaml)).as_ref(), Some(&own), "{yaml}");
    admits(&yaml).unwrap();
    true
}

fn texts(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_blueprint_has_the_fingerprint_of_its_twin() {
    let shipped = texts("blueprints", ".leeway");
    let fixtures = texts("tests/ui", ".marked");
    let init = texts("cli/src/init", ".leeway");
    let pages = ["README.md", "docs/language.md", "docs/BLUEPRINT_AUTHORING.md"]
        .map(|page| fs::read_to_string(root().join(page)).unwrap());
    let examples =
        pages.iter().flat_map(|page| page.split("```leeway\n").skip(1)).filter_map(|rest| rest.split("```").next());
    for (path, text) in &shipped {
        assert!(is_twinned(text), "{}", path.display());
    }
    let others = fixtures.iter().chain(&init).map(|(_, text)| text.as_str()).chain(examples);
    let twinned = others.filter(|text| is_twinned(text)).count();
    assert!(twinned > 10, "only {twinned} had twins");
}

#[test]
fn the_blueprints_of_the_page_are_right() {
    let page = fs::read_to_string(root().join("docs/yaml.md")).unwrap();
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let compilation = compile_text("page.leeway.yaml", block);
        assert_eq!(render::short(&compilation.sources, &compilation.diagnostics), "", "{block}");
        admits(block).unwrap();
    }
}

#[test]
fn the_page_names_every_key() {
    fn keys(schema: &Value, all: &mut Vec<String>) {
        all.extend(schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.clone()));
        match schema {
            Value::Object(members) => members.values().for_each(|member| keys(member, all)),
            Value::Array(items) => items.iter().for_each(|item| keys(item, all)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let page = fs::read_to_string(root().join("docs/yaml.md")).unwrap();
    let mut all = Vec::new();
    keys(&yaml::schema(), &mut all);
    all.retain(|key| !page.contains(key.as_str()));
    assert_eq!(all, Vec::<String>::new());
}

#[test]
fn twins_that_ship_are_twins_and_are_checked_together() {
    let mut sources = texts("blueprints", ".leeway");
    let twins = texts("blueprints", ".leeway.yaml");
    assert!(!twins.is_empty());
    for (path, yaml) in &twins {
        let (_, text) =
            sources.iter().find(|(other, _)| path.to_str().unwrap() == format!("{}.yaml", other.display())).unwrap();
        assert_eq!(fingerprint("b.leeway", text), fingerprint("b.leeway.yaml", yaml), "{}", path.display());
    }
    let count = sources.len();
    sources.extend(twins);
    let roots = sources.iter().map(|(path, text)| (path.display().to_string(), text.clone())).collect();
    let together = compile(&Request { roots, loader: &leeway_driver::NoModules });
    assert_eq!(together.diagnostics, []);
    assert_eq!(together.policies.len(), count);
}

#[test]
fn twins_that_grew_apart_are_told() {
    let text = fs::read_to_string(root().join("blueprints/backend.leeway")).unwrap();
    let yaml = twin(&text).unwrap().replace("limit breaker 3 failures", "limit breaker 4 failures");
    let roots = vec![("b.leeway".to_owned(), text), ("b.leeway.yaml".to_owned(), yaml)];
    let together = compile(&Request { roots, loader: &leeway_driver::NoModules });
    let said = render::short(&together.sources, &together.diagnostics);
    assert_eq!(said, "b.leeway.yaml:4:9: error[E0202]: the two forms of `backend` say different things\n");
    assert_eq!(together.policies.len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn parts_of_a_blueprint_in_any_order_have_it_too(keep in prop::collection::vec(any::<bool>(), 64), order in any::<u64>()) {
        let text = fs::read_to_string(root().join("blueprints/backend.leeway")).unwrap();
        let (head, body) = text.split_once(" {\n").unwrap();
        // Members stand at a step's distance; without their tests the others stand by themselves.
        let mut members: Vec<String> = Vec::new();
        for line in body.trim_end().trim_end_matches('}').lines() {
            let begins = line.starts_with("  ") && line.chars().nth(2).is_some_and(|c| c.is_ascii_lowercase() || c == '/');
            match members.last_mut().filter(|last| !begins || last.trim_start().starts_with("///") && last.lines().count() == 1) {
                Some(member) => *member += &format!("{line}\n"),
                None => members.push(format!("{line}\n")),
            }
        }
        let needed = |member: &str| !member.trim_start().starts_with("test");
        let mut kept: Vec<&String> = members.iter().zip(keep.iter().cycle()).filter(|(member, keep)| needed(member) && (**keep || !is_free(member))).map(|(member, _)| member).collect();
        let half = usize::try_from(order % (kept.len() as u64)).unwrap();
        kept.rotate_left(half);
        let changed = format!("{head} {{\n{}}}\n", kept.into_iter().cloned().collect::<String>());
        prop_assert!(is_twinned(&changed), "{}", changed);
    }
}

/// Whether nothing else in the blueprint needs the member.
fn is_free(member: &str) -> bool {
    let words = [
        "version",
        "owner",
        "label",
        "include",
        "objective",
        "rule",
        "limit",
        "approval",
        "verify",
        "invariant",
        "audit",
        "forbid",
        "approve",
    ];
    words.iter().any(|word| member.trim_start().starts_with(&format!("{word} ")))
}

/// What the schema has against `yaml`.
fn admits(yaml: &str) -> Result<(), String> {
    let document: Value = serde_yaml::from_str(yaml).map_err(|error| error.to_string())?;
    let validator = jsonschema::draft202012::new(&yaml::schema()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
}

#[test]
fn the_schema_is_one_and_admits_all_that_ships() {
    jsonschema::draft202012::meta::validate(&yaml::schema()).unwrap();
    let examples = texts("blueprints", ".leeway.yaml").into_iter().chain(texts("cli/src/init", ".leeway.yaml"));
    let examples: Vec<_> = examples.chain(texts("compiler/syntax/src/yaml/tests", "whole.yaml")).collect();
    assert!(examples.len() >= 3);
    for (path, text) in examples {
        admits(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let whole = fs::read_to_string(root().join("compiler/syntax/src/yaml/tests/whole.yaml")).unwrap();
    let right: Value = serde_yaml::from_str(&whole).unwrap();
    let validator = jsonschema::draft202012::new(&yaml::schema()).unwrap();
    assert!(validator.is_valid(&right));
    for (place, wrong) in [
        ("/apiVersion", json!("leeway.dev/v2")),
        ("/metadata/name", json!("my-service")),
        ("/metadata/version", json!(1.4)),
        ("/spec/use", json!("std.kubernetes")),
        ("/spec/use/0", json!("std kubernetes")),
        ("/spec/metrics/cpu", json!({ "type": "ratio" })),
        ("/spec/metrics/cpu", json!({ "type": "ratio", "constant": 1, "scrape": "a" })),
        ("/spec/metrics/cpu", json!({ "type": "fraction", "constant": 1 })),
        ("/spec/resources/requests/cpu", json!("100x")),
        ("/spec/resources/requests/memory", json!(-1)),
        ("/spec/scaling/for", json!("1h30m")),
        ("/spec/scaling/min_replicas", json!(2.5)),
        ("/spec/scaling/scale_up_threshold", json!(80)),
        ("/spec/reliability/rollback_on_failure", json!("yes")),
        ("/spec/governance/autonomy", json!("full")),
        ("/spec/governance/audit/logging", json!(false)),
        ("/spec/governance/agent_authority/allowed_operations/0", json!({ "resize": "10%" })),
        ("/spec/clauses", json!([])),
    ] {
        let mut document = right.clone();
        *document.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = wrong.clone();
        assert!(!validator.is_valid(&document), "{place}: {wrong}");
        let text = serde_yaml::to_string(&document).unwrap();
        assert!(fingerprint("b.leeway.yaml", &text).is_none(), "{place}: {wrong}");
    }
    let mut unknown = right;
    unknown.pointer_mut("/spec/scaling").unwrap().as_object_mut().unwrap().insert("minimum".to_owned(), json!(2));
    assert!(!validator.is_valid(&unknown));
}

#[test]
fn every_key_of_the_schema_is_described() {
    fn undescribed(schema: &Value, missing: &mut Vec<String>) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            if property["description"].as_str().is_none_or(|about| !about.ends_with('.')) {
                missing.push(key.clone());
            }
        }
        match schema {
            Value::Object(members) => members.values().for_each(|member| undescribed(member, missing)),
            Value::Array(items) => items.iter().for_each(|item| undescribed(item, missing)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut missing = Vec::new();
    undescribed(&yaml::schema(), &mut missing);
    assert_eq!(missing, Vec::<String>::new());
}
