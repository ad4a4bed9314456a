//! The program itself, ended as `kill -9` does: what it acknowledged is there again, and nothing is half done.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

struct Program {
    child: Child,
    data: String,
    admin: String,
    token: String,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rate-limiter"));
        command.args(["serve", "--log-level", "error"]);
        Self::started(command, folder)
    }

    fn started(mut command: Command, folder: &Path) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--keys-max", "1000", "--admin-token-file"])
            .arg(folder.join("admin.token"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (data, admin) = line.trim().split_once(", admin on ").unwrap();
        let data = data.strip_prefix("listening on http://").unwrap().to_owned();
        let token = std::fs::read_to_string(folder.join("admin.token")).unwrap().trim().to_owned();
        Self { child, data, admin: admin.to_owned(), token }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn acme(&self, client: &reqwest::Client) -> Value {
        let url = format!("{}/v1/tenants/acme", self.admin);
        client.get(url).bearer_auth(&self.token).send().await.unwrap().json().await.unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_change_is_lost_however_often_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    let (mut acknowledged, mut asked) = (1, 1);
    for round in 0..6 {
        let mut program = Program::start(folder.path());
        let before = program.acme(&client).await;
        let version = before["version"].as_u64().unwrap();
        assert!(
            version >= acknowledged,
            "round {round}: version {acknowledged} was acknowledged, and {version} is left"
        );
        assert!(version <= asked, "round {round}: nobody asked for version {version}");
        // The whole of one write is there: its quota is its version.
        if version > 1 {
            assert_eq!(before["quota_per_s"], json!(f64::from(u32::try_from(version).unwrap())));
        }
        (acknowledged, asked) = (version, version);
        let (url, token) = (format!("{}/v1/tenants/acme", program.admin), program.token.clone());
        let killed_after = Duration::from_millis(30 + 40 * round);
        let writes = async {
            loop {
                asked = acknowledged + 1;
                let body = json!({ "expected_version": acknowledged, "quota_per_s": asked }).to_string();
                match client.patch(&url).bearer_auth(&token).body(body).send().await {
                    Ok(answer) if answer.status() == StatusCode::OK => acknowledged = asked,
                    Ok(answer) => panic!("{}", answer.status()),
                    Err(_) => break,
                }
            }
        };
        let end = async {
            tokio::time::sleep(killed_after).await;
            program.kill();
        };
        tokio::join!(writes, end);
    }
    assert!(acknowledged > 5, "only {acknowledged} writes were made");
}

#[tokio::test]
async fn a_log_that_cannot_be_written_keeps_nobody_from_being_served() {
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rate-limiter"));
    command.arg("serve").stderr(full);
    let program = Program::started(command, folder.path());
    let change = json!({ "expected_version": 1, "quota_per_s": 2.0 }).to_string();
    let url = format!("{}/v1/tenants/acme", program.admin);
    let answer = client.patch(url).bearer_auth(&program.token).body(change).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(program.acme(&client).await["version"], json!(2));
}

#[tokio::test]
async fn however_many_connect_the_admin_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n 64; exec "$@""#, "sh", env!("CARGO_BIN_EXE_rate-limiter")]);
    command.args(["serve", "--log-level", "error"]);
    let program = Program::started(command, folder.path());
    let mut held = Vec::new();
    for _ in 0..80 {
        held.push(tokio::net::TcpStream::connect(&program.data).await.unwrap());
    }
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    assert_eq!(program.acme(&client).await["version"], json!(1));
}

#[test]
fn a_damaged_journal_and_a_wrong_configuration_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_rate-limiter"))
            .current_dir(folder.path())
            .args(["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    std::fs::write(folder.path().join("bad.journal"), "leeway-rate-limiter journal 1\n00000000 {}\n").unwrap();
    let (code, said) = serve(&["--journal", "bad.journal"]);
    assert!(code == Some(1) && said.contains("damaged at line 2"), "{said}");
    std::fs::write(folder.path().join("limiter.toml"), "[[tenant]]\nname = \"a\"\nqouta = \"1/s\"\n").unwrap();
    let (code, said) = serve(&["--config", "limiter.toml"]);
    assert!(code == Some(1) && said.contains("line 3") && said.contains("unknown field `qouta`"), "{said}");
    let (code, said) = serve(&["--keys-max", "0"]);
    assert!(code == Some(1) && said.contains("from 1 to 67108864 keys"), "{said}");
}
