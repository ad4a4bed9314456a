//! The templates of `docs/ci` and the hooks for pre-commit: each command as it stands there, typed in a repository of two branches.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use serde_yaml::Value;
use tempfile::TempDir;

use crate::place::outcome;
use crate::sarif::{is_valid_sarif, parsed};

/// What only a machine with a network does; every other command is typed.
const INSTALL: &str = "cargo install --locked --git \"$LEEWAY_REPOSITORY\" leeway";

/// A repository whose branch `main` holds the project's blueprints, a change on top of it, and `leeway` on the path.
struct Repository(TempDir);

impl Repository {
    fn new() -> Repository {
        let repository = Repository(tempfile::tempdir().unwrap());
        fs::create_dir(repository.0.path().join("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_leeway-with-failpoints"), repository.0.path().join("bin/leeway")).unwrap();
        fs::create_dir_all(repository.work().join("blueprints")).unwrap();
        let shipped = fs::read_dir(leeway_tests::root().join("blueprints")).unwrap().map(|entry| entry.unwrap().path());
        for file in shipped.filter(|path| path.is_file()) {
            fs::copy(&file, repository.work().join("blueprints").join(file.file_name().unwrap())).unwrap();
        }
        let commands = "git init -q -b main && git add . && git -c user.name=a -c user.email=a@b commit -qm first \
            && git init -q --bare ../origin && git remote add origin ../origin && git push -q origin main && git checkout -qb change";
        let (code, out, err) = repository.types(commands);
        assert_eq!(code, 0, "is `git` installed? {out}{err}");
        repository
    }

    fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    /// Runs it as a step of a pipeline is run.
    fn types(&self, commands: &str) -> (i32, String, String) {
        let path = format!("{}:{}", self.0.path().join("bin").display(), std::env::var("PATH").unwrap());
        let variables = [
            ("PATH", path.as_str()),
            ("NO_COLOR", "1"),
            ("BLUEPRINTS", "blueprints"),
            ("GITHUB_BASE_REF", "main"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ];
        outcome(Command::new("bash").args(["-eo", "pipefail", "-c", commands]).current_dir(self.work()).envs(variables))
    }

    /// Rewrites one of the blueprints.
    fn change(&self, from: &str, to: &str) {
        let path = self.work().join("blueprints/rate_limiter.leeway");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(leeway_tests::root().join(path)).unwrap()).unwrap()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_sequence().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The commands of the GitHub template, in their order, but for the installation.
fn github() -> Vec<String> {
    let workflow = yaml("docs/ci/github.yml");
    let steps = workflow["jobs"]["blueprints"]["steps"].as_sequence().unwrap().clone();
    let (install, typed): (Vec<String>, Vec<String>) = steps
        .iter()
        .filter_map(|step| step.get("run")?.as_str().map(str::to_owned))
        .partition(|run| run.starts_with("cargo install"));
    assert_eq!((install, typed.len()), (vec![INSTALL.to_owned()], 5));
    // What is uploaded is what was written.
    let file = |with: &str| steps.iter().find_map(|step| step.get("with")?.get(with)?.as_str()).unwrap().to_owned();
    assert!(typed[1].contains(&format!("> {} ", file("sarif_file"))), "{}", typed[1]);
    assert!(typed[3].ends_with(&format!("> {}", file("path"))), "{}", typed[3]);
    assert_eq!(workflow["env"]["BLUEPRINTS"], Value::from("blueprints"));
    typed
}

/// The commands of each job of the GitLab template.
fn gitlab() -> Vec<Vec<String>> {
    let template = yaml("docs/ci/gitlab.yml");
    assert_eq!(texts(&template[".leeway"]["before_script"]), [INSTALL]);
    assert_eq!(template["variables"]["BLUEPRINTS"], Value::from("blueprints"));
    let jobs = ["leeway-check", "leeway-test", "leeway-versions"].map(|job| {
        assert_eq!(template[job]["extends"], Value::from(".leeway"), "{job}");
        texts(&template[job]["script"])
    });
    let report = |job: &str, kind: &str| template[job]["artifacts"]["reports"][kind].as_str().unwrap().to_owned();
    assert!(jobs[0][0].contains(&format!("> {} ", report("leeway-check", "codequality"))), "{}", jobs[0][0]);
    assert!(jobs[1][0].ends_with(&format!("> {}", report("leeway-test", "junit"))), "{}", jobs[1][0]);
    jobs.into()
}

#[test]
fn the_github_template_passes_what_is_good_and_fails_what_is_not() {
    let repository = Repository::new();
    let steps = github();
    let codes = || steps.iter().map(|step| repository.types(step)).collect::<Vec<_>>();
    for (code, out, err) in codes() {
        assert_eq!(code, 0, "{out}{err}");
    }
    let log = parsed(&repository.work().join("leeway.sarif"));
    assert!(is_valid_sarif(&log).is_empty() && log["runs"][0]["results"].as_array().unwrap().is_empty(), "{log}");
    assert!(fs::read_to_string(repository.work().join("leeway-junit.xml")).unwrap().contains("failures=\"0\""));

    repository.types("git worktree remove --force ../before");
    repository.change("limit cooldown 2s", "limit   cooldown 1s");
    let codes: Vec<i32> = codes().into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, [0, 0, 1, 1, 1], "style, the test of the cooldown, and the version");

    repository.change("limit   cooldown 1s after any", "limit cooldown 1 after any");
    let (code, out, _) = repository.types(&steps[0]);
    assert_eq!(code, 1);
    assert!(out.starts_with("::error file=blueprints/rate_limiter.leeway,line="), "{out}");
    assert_eq!(repository.types(&steps[1]).0, 0, "findings are no failure to find");
    let log = parsed(&repository.work().join("leeway.sarif"));
    assert_eq!((is_valid_sarif(&log), log["runs"][0]["results"][0]["ruleId"].as_str()), (vec![], Some("E0101")));
    assert_eq!(repository.types(&steps[1].replace("\"$BLUEPRINTS\"", "nowhere")).0, 1, "what cannot be read is one");
}

#[test]
fn the_gitlab_template_passes_what_is_good_and_fails_what_is_not() {
    let repository = Repository::new();
    let jobs = gitlab();
    let codes = || jobs.iter().map(|job| repository.types(&job.join("\n"))).collect::<Vec<_>>();
    for (code, out, err) in codes() {
        assert_eq!(code, 0, "{out}{err}");
    }
    let report = || parsed(&repository.work().join("gl-code-quality-report.json"));
    assert_eq!(report(), serde_json::json!([]));

    repository.types("git worktree remove --force ../before");
    repository.change("limit cooldown 2s", "limit cooldown 1s");
    assert_eq!(codes().into_iter().map(|(code, ..)| code).collect::<Vec<_>>(), [0, 1, 1]);
    repository.change("limit cooldown 1s", "limit cooldown 1");
    assert_eq!(repository.types(&jobs[0].join("\n")).0, 1);
    let report = report();
    assert_eq!(report[0]["location"]["path"], "blueprints/rate_limiter.leeway");
    assert_eq!(report[0]["check_name"], "E0101");
}

#[test]
fn the_page_types_what_the_templates_do() {
    let page = fs::read_to_string(leeway_tests::root().join("docs/ci/README.md")).unwrap();
    let commands: Vec<&str> = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(commands.len(), 1);
    let (code, out, err) = Repository::new().types(commands[0]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn hooks_run_as_they_are_written() {
    let repository = Repository::new();
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = |id: &str| {
        let hook = hooks.as_sequence().unwrap().iter().find(|hook| hook["id"].as_str() == Some(id)).unwrap().clone();
        assert_eq!((hook["language"].as_str(), hook["files"].as_str()), (Some("system"), Some("\\.leeway(\\.yaml)?$")));
        format!("{} blueprints/frontend.leeway blueprints/rate_limiter.leeway", hook["entry"].as_str().unwrap())
    };
    let (check, fmt) = (hook("leeway-check"), hook("leeway-fmt"));
    let is_clean = || repository.types("git diff --exit-code").0 == 0;
    assert_eq!((repository.types(&check).0, repository.types(&fmt).0, is_clean()), (0, 0, true));
    // The hook writes, and pre-commit sees that something changed.
    repository.change("limit cooldown 2s", "limit   cooldown   2s");
    assert_eq!((is_clean(), repository.types(&fmt).0, is_clean()), (false, 0, true));
    repository.change("approve restart_workers, set_burst", "approve restart_workers");
    assert_eq!(repository.types(&check).0, 1, "a warning");
    repository.change("limit cooldown 2s", "limit cooldown 2");
    assert_eq!(repository.types(&check).0, 1, "an error");

    let page = fs::read_to_string(leeway_tests::root().join("docs/ci/README.md")).unwrap();
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let example: Value = serde_yaml::from_str(example).unwrap();
    let named = example["repos"][0]["hooks"].as_sequence().unwrap().iter().map(|hook| hook["id"].as_str().unwrap());
    assert_eq!(named.collect::<Vec<_>>(), ["leeway-check", "leeway-fmt"]);
}
