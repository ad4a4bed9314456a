//! Types the commands of the tutorial and of the pages on deciding, on plans, on YAML, on bundles, on simulations, on comparing and on
//! the rate limiter as a reader would, each page in one shell, and compares what they print.
//!
//! A block of `sh` is run; a block of `text` behind it is what it prints: its lines, in this order, perhaps with others
//! between them, `…` for what differs from run to run. Blocks marked `setup` or `fragment` are not typed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use leeway_tests::root;

/// Printed between the steps, so that each output can be told from the next.
const MARK: &str = "=== end of step";

#[test]
fn the_tutorial_prints_what_it_says() {
    let ports = ports();
    let folder = tempfile::tempdir().unwrap();
    symlink(root().join("blueprints"), folder.path().join("blueprints")).unwrap();
    fs::create_dir_all(folder.path().join("examples/rate-limiter")).unwrap();
    let config = "examples/rate-limiter/leeway.toml";
    fs::write(folder.path().join(config), moved(config, &ports)).unwrap();
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    type_page(&moved("docs/tutorial.md", &ports), 10, folder.path());
}

#[test]
fn the_rate_limiter_answers_what_its_page_says() {
    let folder = tempfile::tempdir().unwrap();
    type_page(&moved("docs/rate-limiter.md", &ports()), 8, folder.path());
}

#[test]
fn deciding_by_hand_prints_what_its_page_says() {
    let folder = tempfile::tempdir().unwrap();
    symlink(root().join("blueprints"), folder.path().join("blueprints")).unwrap();
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    type_page(&fs::read_to_string(root().join("docs/deciding.md")).unwrap(), 9, folder.path());
}

#[test]
fn plans_are_gated_as_their_page_says() {
    let folder = tempfile::tempdir().unwrap();
    symlink(root().join("blueprints"), folder.path().join("blueprints")).unwrap();
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    type_page(&fs::read_to_string(root().join("docs/tofu.md")).unwrap(), 6, folder.path());
}

#[test]
fn blueprints_in_yaml_do_what_their_page_says() {
    let folder = tempfile::tempdir().unwrap();
    type_page(&fs::read_to_string(root().join("docs/yaml.md")).unwrap(), 3, folder.path());
}

#[test]
fn bundles_are_shipped_as_their_page_says() {
    let folder = tempfile::tempdir().unwrap();
    symlink(root().join("blueprints"), folder.path().join("blueprints")).unwrap();
    fs::write(folder.path().join("leeway.toml"), "").unwrap();
    type_page(&fs::read_to_string(root().join("docs/bundles.md")).unwrap(), 6, folder.path());
}

#[test]
fn two_policies_are_compared_as_their_page_says() {
    let folder = tempfile::tempdir().unwrap();
    type_page(&fs::read_to_string(root().join("docs/diff.md")).unwrap(), 2, folder.path());
}

#[test]
fn histories_are_played_as_their_pages_say() {
    for (page, steps_min) in [("docs/simulating.md", 4), ("docs/study.md", 3)] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("leeway.toml"), "").unwrap();
        let data = folder.path().join("examples/data");
        fs::create_dir_all(&data).unwrap();
        for entry in fs::read_dir(root().join("examples/data")).unwrap() {
            let path = entry.unwrap().path();
            symlink(&path, data.join(path.file_name().unwrap())).unwrap();
        }
        type_page(&fs::read_to_string(root().join(page)).unwrap(), steps_min, folder.path());
    }
}

/// The ports of the pages, and ones that are free, whatever else listens on this machine.
fn ports() -> [(&'static str, String); 2] {
    ["7070", "7071"].map(|usual| (usual, free_port().to_string()))
}

fn moved(file: &str, ports: &[(&str, String)]) -> String {
    let text = fs::read_to_string(root().join(file)).unwrap();
    ports.iter().fold(text, |text, (usual, free)| text.replace(usual, free))
}

fn type_page(page: &str, steps_min: usize, folder: &Path) {
    let steps = steps(page);
    for (tool, version) in [("curl", "--version"), ("openssl", "version")] {
        let typed = steps.iter().any(|step| step.commands.contains(&format!("{tool} ")));
        let there = || Command::new(tool).arg(version).stdout(Stdio::null()).status().is_ok();
        assert!(!typed || there(), "the page is typed with `{tool}`, which is not installed: `apt-get install {tool}`");
    }
    assert!(steps.len() >= steps_min, "the page has lost its commands");
    fs::create_dir(folder.join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_leeway-with-failpoints"), folder.join("bin/leeway")).unwrap();

    let mut script = "exec 2>&1\nexport PATH=\"$PWD/bin:$PATH\" NO_COLOR=1\n".to_owned();
    for step in &steps {
        // A program that was started in the background gets a moment to say that it is ready.
        script.push_str(&format!("{}\n[ -z \"$(jobs -p)\" ] || sleep 1\necho '{MARK}'\n", step.commands));
    }
    let shell = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let group = shell.id();
    let output = shell.wait_with_output().unwrap();
    // Whatever a step left running ends here.
    let _ = Command::new("kill").args(["-9", "--", &format!("-{group}")]).stderr(Stdio::null()).status();

    let printed = String::from_utf8(output.stdout).unwrap();
    let outputs: Vec<&str> = printed.split(&format!("{MARK}\n")).collect();
    for (step, output) in steps.iter().zip(&outputs) {
        if let Some(missing) = missing(&step.prints, output) {
            panic!("after\n{}\nthis line is missing:\n{missing}\nin\n{output}", step.commands);
        }
    }
    assert_eq!(outputs.len(), steps.len() + 1, "not every step was run:\n{printed}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[derive(Default)]
struct Step {
    commands: String,
    prints: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block: Option<&str> = None;
    for line in page.lines() {
        match (block, line.strip_prefix("```")) {
            (None, Some(kind)) => {
                block = Some(kind);
                if kind == "sh" {
                    steps.push(Step::default());
                }
            }
            (Some(_), Some(_)) => block = None,
            (Some("sh"), None) => {
                let step = steps.last_mut().unwrap();
                step.commands.push_str(line);
                step.commands.push('\n');
            }
            (Some("text"), None) => steps.last_mut().unwrap().prints.push(line.to_owned()),
            (Some(_) | None, None) => {}
        }
    }
    steps
}

/// The first expected line that does not come, in its order.
fn missing<'a>(expected: &'a [String], output: &str) -> Option<&'a str> {
    let mut lines = output.lines();
    expected.iter().map(String::as_str).find(|wanted| !lines.any(|line| matches(wanted, line)))
}

/// Whether the line has the parts between the `…` in their order, from its beginning to its end.
fn matches(pattern: &str, line: &str) -> bool {
    let mut rest = line.trim_end();
    let parts: Vec<&str> = pattern.trim_end().split('…').collect();
    for (at, part) in parts.iter().enumerate() {
        let found = match at {
            0 => rest.starts_with(part).then_some(0),
            at if at + 1 == parts.len() && part.is_empty() => Some(rest.len()),
            _ => rest.find(part),
        };
        let Some(found) = found else { return false };
        rest = rest.get(found + part.len()..).unwrap_or_default();
    }
    rest.is_empty() || pattern.trim_end().ends_with('…') || parts.len() == 1 && rest.is_empty()
}
