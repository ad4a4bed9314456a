//! Asks the person at the terminal; in the demo a stand-in answers when nobody does.

use std::io::BufRead as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use leeway_controller::{Event, Handle};
use leeway_engine::{Answer, Approval, Binding, OperationId, Principal, Record, Requirement};
use owo_colors::OwoColorize as _;
use tokio::sync::{Mutex, mpsc};

use crate::terminal::stdout;

/// Who answers for people, and how long they have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Approver {
    /// Whether somebody may sit at the terminal.
    pub(crate) interactive: bool,
    /// After how long a stand-in says yes; never, outside the demo.
    pub(crate) stand_in_after: Option<Duration>,
}

/// What a person is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    operation: OperationId,
    required: Vec<Requirement>,
    binding: Binding,
    expires: Timestamp,
}

impl Approver {
    /// The question that an event asks, if it asks one.
    pub(crate) fn question(event: &Event) -> Option<Question> {
        match (&event.entry.record, event.entry.operation) {
            (Record::ApprovalAsked { required, binding, expires }, Some(operation)) => {
                let (required, binding, expires) = (required.clone(), binding.clone(), *expires);
                Some(Question { operation, required, binding, expires })
            }
            _ => None,
        }
    }

    /// Asks, and hands the answer in. Without anybody to ask the question stays open until it expires.
    pub(crate) async fn ask(self, question: Question, handle: &Handle) {
        if let Some(groups) = question.required.iter().map(|required| &required.by).find(|by| !by.is_empty()) {
            // Who is in a group is not known yet, so whoever sits here cannot sign for one.
            let groups = groups.join(", ");
            let operation = question.operation;
            stdout(&format!(
                "        operation {operation} needs somebody of {groups}; this version knows no groups yet, so it will expire\n"
            ));
            return;
        }
        let left = question.expires.duration_since(Timestamp::now());
        let time = self.stand_in_after.unwrap_or_else(|| left.try_into().unwrap_or_default());
        let said =
            if self.interactive { at_the_terminal(&question, time).await } else { wait(self.stand_in_after).await };
        let stand_in = said.is_none();
        let yes = match (said, self.stand_in_after) {
            (Some(said), _) => said,
            (None, Some(_)) => true,
            (None, None) => return,
        };
        let name = if stand_in { "human:stand-in" } else { "human:terminal" };
        let Ok(by) = Principal::parse(name) else { return };
        let answer = if yes {
            let approval = Approval { by, binding: question.binding, at: Timestamp::now() };
            Answer::Approve { approval, stand_in }
        } else {
            Answer::Reject { by, stand_in }
        };
        // An enforcer that has stopped needs no answer.
        let _ = handle.answer(question.operation, answer).await;
    }
}

async fn wait(time: Option<Duration>) -> Option<bool> {
    if let Some(time) = time {
        tokio::time::sleep(time).await;
    }
    None
}

/// Asks at the terminal, one question at a time.
async fn at_the_terminal(question: &Question, time: Duration) -> Option<bool> {
    static LINES: OnceLock<Arc<Mutex<mpsc::Receiver<String>>>> = OnceLock::new();
    let mut lines = LINES.get_or_init(|| Arc::new(Mutex::new(lines_of_stdin()))).lock().await;
    // What was typed before the question is no answer to it.
    while lines.try_recv().is_ok() {}
    let ask = format!("        approve operation {}? [y/n, within {}s] ", question.operation, time.as_secs());
    stdout(&ask.yellow().to_string());
    let answer = tokio::time::timeout(time, async {
        loop {
            // Nobody can type any more: that is no answer, and the time goes on.
            let Some(line) = lines.recv().await else { std::future::pending().await };
            match line.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" => return Some(true),
                "n" | "no" => return Some(false),
                _ => stdout("        please type y or n: "),
            }
        }
    });
    answer.await.unwrap_or_else(|_| {
        stdout("\n");
        None
    })
}

/// How many typed lines may wait.
const LINES_PENDING_MAX: usize = 16;

/// Standard input read on a thread of its own: a read cannot be called off, and must not keep the program from ending.
fn lines_of_stdin() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(LINES_PENDING_MAX);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}
