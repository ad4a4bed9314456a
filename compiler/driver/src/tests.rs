//! Modules are found, what is broken is no policy, and every source is answered.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use leeway_diagnostics::Code;
use proptest::prelude::*;

use super::*;

const RATE_LIMITER: &str = include_str!("../../../blueprints/rate_limiter.leeway");
const BACKEND: &str = include_str!("../../../blueprints/backend.leeway");

/// Sources by path.
struct Sources(BTreeMap<&'static str, &'static str>);

impl ModuleLoader for Sources {
    fn load(&self, path: &str) -> Option<(String, String)> {
        self.0.get(path).map(|text| (path.to_owned(), (*text).to_owned()))
    }
}

fn compiled(roots: &[&str], files: &[(&'static str, &'static str)]) -> Compilation {
    let loader = Sources(files.iter().copied().collect());
    let text = |path: &str| loader.0.get(path).copied().unwrap_or_default().to_owned();
    let roots = roots.iter().map(|path| ((*path).to_owned(), text(path))).collect();
    compile(&Request { roots, loader: &loader })
}

fn findings(compilation: &Compilation) -> Vec<(String, Code)> {
    let finding = |one: &Diagnostic| (compilation.sources.path(one.primary.span).to_owned(), one.code);
    compilation.diagnostics.iter().map(finding).collect()
}

const QUEUE: &str =
    "target queue(name: text) { fact depth: count action trim(to: count) { effect depth = to undo nothing } }";
const JOBS: &str = "use targets.queue\nblueprint jobs for queue(\"jobs\") { approve trim }";

#[test]
fn a_module_stands_beside_the_file_that_uses_it() {
    let files = [("blueprints/jobs.leeway", JOBS), ("blueprints/targets/queue.leeway", QUEUE)];
    let compilation = compiled(&["blueprints/jobs.leeway"], &files);
    assert_eq!(findings(&compilation), []);
    assert_eq!(compilation.policies.len(), 1);
    let paths: Vec<&str> = compilation.sources.files().map(|(_, file)| file.path.as_ref()).collect();
    assert_eq!(paths, ["blueprints/jobs.leeway", "blueprints/targets/queue.leeway"]);
}

#[test]
fn a_module_that_is_not_there_is_said_where_it_is_used() {
    let compilation = compiled(&["jobs.leeway"], &[("jobs.leeway", JOBS), ("queue.leeway", QUEUE)]);
    let unknown = [("jobs.leeway".to_owned(), Code::E0203)];
    assert_eq!(findings(&compilation), unknown);
    assert!(compilation.policies.is_empty());
}

#[test]
fn modules_that_use_each_other_are_an_error_once() {
    let files = [("a.leeway", "use b"), ("b.leeway", "use c"), ("c.leeway", "use a")];
    assert_eq!(findings(&compiled(&["a.leeway"], &files)), [("c.leeway".to_owned(), Code::E0206)]);
    assert_eq!(findings(&compiled(&["b.leeway", "a.leeway"], &files)).len(), 1);
    let diamond = [("a.leeway", "use b\nuse c"), ("b.leeway", "use d"), ("c.leeway", "use d"), ("d.leeway", QUEUE)];
    assert_eq!(findings(&compiled(&["a.leeway"], &diamond)), []);
}

#[test]
fn an_error_in_a_module_leaves_no_policy() {
    let broken = "target queue(name: text) { fact depth: count action trim(to: cuont) { undo nothing } }";
    let compilation = compiled(&["jobs.leeway"], &[("jobs.leeway", JOBS), ("targets/queue.leeway", broken)]);
    assert!(findings(&compilation).contains(&("targets/queue.leeway".to_owned(), Code::E0207)));
    assert!(compilation.policies.is_empty());
}

#[test]
fn a_folder_called_std_does_not_stand_in_for_the_standard_library() {
    let files = [("jobs.leeway", "use std.ratelimiter"), ("std/ratelimiter.leeway", QUEUE)];
    let compilation = compiled(&["jobs.leeway", "std/ratelimiter.leeway"], &files);
    assert_eq!(findings(&compilation), []);
    let last = compilation.sources.files().last().map(|(_, file)| file.path.to_string());
    assert_eq!(last.as_deref(), Some("<std>/ratelimiter.leeway"));
}

#[test]
fn blueprints_of_one_name_are_an_error() {
    let files = [("a.leeway", JOBS), ("b.leeway", JOBS), ("targets/queue.leeway", QUEUE)];
    assert_eq!(findings(&compiled(&["a.leeway", "b.leeway"], &files)), [("b.leeway".to_owned(), Code::E0202)]);
}

#[test]
fn the_standard_library_has_no_findings() {
    for (name, text) in leeway_stdlib::MODULES {
        assert_eq!(findings(&compile_text("module.leeway", text)), [], "{name}");
    }
}

#[test]
fn a_blueprint_cut_short_anywhere_is_no_policy() {
    let whole = RATE_LIMITER.trim_end().len();
    for (end, _) in RATE_LIMITER.char_indices().filter(|(end, _)| *end < whole) {
        let cut = RATE_LIMITER.get(..end).unwrap();
        assert_eq!(compile_text("cut.leeway", cut).policies, [], "{cut}");
    }
    assert_eq!(compile_text("whole.leeway", RATE_LIMITER).policies.len(), 1);
}

#[test]
fn long_sources_are_answered_without_running_out_of_stack_or_time() {
    let members = |members: &str| {
        format!("use std.ratelimiter\nblueprint acme for ratelimiter.tenant(\"acme\") {{\n{members}\napprove any\n}}")
    };
    for text in [
        format!("objective 1 > {}", vec!["1"; 20_000].join(" + ")),
        format!("objective {}", vec!["burst > 1"; 20_000].join(" and ")),
        format!("objective {}burst > 1", "not ".repeat(20_000)),
        format!("objective {}burst > 1", "- ".repeat(20_000)),
        format!("objective burst{} > 1", ".x".repeat(20_000)),
        format!("objective burst > {}1", "burst ?? ".repeat(20_000)),
        format!("objective burst in [{}]", vec!["1"; 20_000].join(", ")),
        (0..9_000).map(|at| format!("let a{at} = a{} + 1\n", (at + 1) % 9_000)).collect(),
        (0..9_000).map(|at| format!("let a{at} = a{} + a{}\n", (at + 1) % 9_000, (at + 7) % 9_000)).collect(),
        (0..9_000).map(|at| format!("forbid drain when burst > {at} as c{at}\n")).collect(),
        (0..9_000).map(|at| format!("metric m{at}: count = scrape \"m{at}\"\n")).collect(),
    ] {
        let _ = compile_text("long.leeway", &members(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A piece of a blueprint, or of what it includes, is replaced by another piece of it.
    #[test]
    fn any_damage_is_answered(
        of in prop::sample::select(vec![RATE_LIMITER, BACKEND, leeway_stdlib::module("policies.baseline").unwrap()]),
        from in 0usize..8_000,
        length in 0usize..80,
        other in 0usize..8_000,
        taken in 0usize..80,
    ) {
        let characters: Vec<char> = of.chars().collect();
        let (from, other) = (from % characters.len(), other % characters.len());
        let piece = |from: usize, length: usize| characters.iter().skip(from).take(length).collect::<String>();
        let text = piece(0, from) + &piece(other, taken) + &piece(from + length, characters.len());
        let compilation = compile_text("damaged.leeway", &text);
        let errors = compilation.diagnostics.iter().any(Diagnostic::is_error);
        prop_assert!(!errors || compilation.policies.is_empty() && compilation.suites.is_empty());
        for finding in &compilation.diagnostics {
            let file = compilation.sources.file(finding.primary.span.file).unwrap();
            prop_assert!(file.text.get(finding.primary.span.range()).is_some());
        }
    }
}
