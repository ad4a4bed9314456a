//! A stand-in for a service, which notes each call and can lose or refuse them; and ledgers cut off where a kill would.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use leeway_controller::{Enforcer, Handle};
use leeway_engine::{
    Certainty, Entry, Gap, Mode, NotDone, Principal, Proposal, Purpose, Receipt, Record, RecordId, State, Warrant,
};
use leeway_ir::Policy;
use leeway_providers::{Page, Provider, Seen, Unreachable};
use leeway_store::{Ledger, LedgerReader, Writer};
use leeway_units::{Call, Quantity, Unit, Value};
use tempfile::TempDir;
use tokio::task::JoinHandle;

const TARGET: &str = r#"
target shop.service(name: text) {
  fact replicas: count stale 5s
  fact ready: count stale 5s
  action scale(to: count) { effect replicas = to  undo scale(to: current.replicas)  risk low }
  action restart() { disruptive  undo nothing  verify { within 30s ready > 0 } }
}
"#;

/// How long the enforcer looks around before anything is proposed.
const WARM_UP: Duration = Duration::from_millis(250);

/// A blueprint with these members for the service of that name.
pub(crate) fn policy_for(name: &str, members: &str) -> Policy {
    let metric = r#"metric p95: duration = scrape "p95" every 100ms stale 3s"#;
    let text = format!("{TARGET}\nblueprint shop for shop.service(\"{name}\") {{\n{metric}\n{members}\n}}\n");
    let compilation = leeway_driver::compile_text("shop.leeway", &text);
    compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{:?}", compilation.diagnostics))
}

/// What a call meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Calls {
    #[default]
    Work,
    Fail,
    /// It never arrives, and nobody knows.
    AreLost,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) replicas: Option<f64>,
    pub(crate) version: u64,
    /// Seconds.
    pub(crate) p95: f64,
    pub(crate) calls: Calls,
    /// Each call that was made, with its purpose.
    pub(crate) called: Vec<(String, Purpose)>,
}

/// The service, the data folder and the policy of one test.
pub(crate) struct World {
    pub(crate) service: Arc<Mutex<Service>>,
    pub(crate) data: TempDir,
    pub(crate) policy: Policy,
}

impl World {
    pub(crate) fn new(members: &str) -> World {
        let service = Service { replicas: Some(3.0), version: 1, p95: 0.05, calls: Calls::Work, called: Vec::new() };
        let policy = policy_for("web", members);
        World { service: Arc::new(Mutex::new(service)), data: tempfile::tempdir().unwrap(), policy }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Service)) {
        change(&mut self.service.lock().unwrap());
    }

    pub(crate) fn calls(&self) -> usize {
        self.service.lock().unwrap().called.len()
    }

    pub(crate) fn replicas(&self) -> Option<f64> {
        self.service.lock().unwrap().replicas
    }

    /// Starts the enforcer for so long.
    pub(crate) async fn start(
        &self,
        time_ms: u64,
        mode: Mode,
    ) -> (Handle, leeway_controller::EventStream, JoinHandle<()>) {
        let writer = Arc::new(Writer::start(Ledger::open(self.data.path()).unwrap()).unwrap());
        let provider = Box::new(StandIn(self.service.clone()));
        let (enforcer, handle) = Enforcer::new(self.policy.clone(), provider, writer, mode).await.unwrap();
        let events = enforcer.watch();
        let stop = tokio::time::sleep(Duration::from_millis(time_ms));
        let running = tokio::spawn(async move { enforcer.run(stop).await.unwrap() });
        tokio::time::sleep(WARM_UP).await;
        (handle, events, running)
    }

    /// Runs the enforcer for so long, with these proposals of a person.
    pub(crate) async fn run(&self, time_ms: u64, calls: &[&str]) {
        let (handle, _events, running) = self.start(time_ms, Mode::Act).await;
        for call in calls {
            handle.propose(proposal(call)).await.unwrap();
        }
        running.await.unwrap();
    }

    /// The same world with the ledger as a kill would leave it: everything before the first record that `stop` accepts.
    pub(crate) fn killed_before(mut self, mut stop: impl FnMut(&Entry) -> bool) -> World {
        let killed = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(killed.path()).unwrap();
        for entry in self.entries().into_iter().take_while(|entry| !stop(entry)) {
            let founds = matches!(entry.record, Record::Proposed { .. });
            let operation = entry.operation.filter(|_| !founds);
            ledger.append(&Entry { operation, ..entry }).unwrap();
        }
        drop(ledger);
        self.data = killed;
        self
    }

    pub(crate) fn append(&self, entry: &Entry) {
        Ledger::open(self.data.path()).unwrap().append(entry).unwrap();
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        entries(self.data.path())
    }

    /// The states that operations went through, in their order.
    pub(crate) fn states(&self) -> Vec<State> {
        self.entries().iter().filter_map(|entry| entry.record.state()).collect()
    }
}

pub(crate) fn proposal(call: &str) -> Proposal {
    Proposal::new(Principal::parse("human:ada").unwrap(), Call::parse(call).unwrap(), None)
}

fn entries(data: &Path) -> Vec<Entry> {
    let reader = LedgerReader::open(data).unwrap();
    let mut all = Vec::new();
    let mut after = RecordId(0);
    while let Some((last, _)) = {
        let page = reader.entries_after(after).unwrap();
        let last = page.last().cloned();
        all.extend(page.into_iter().map(|(_, entry)| entry));
        last
    } {
        after = last;
    }
    all
}

/// A fake: no service of the kind exists that loses calls on demand.
struct StandIn(Arc<Mutex<Service>>);

#[async_trait]
impl Provider for StandIn {
    async fn observe(&self) -> Result<Seen, Unreachable> {
        let service = self.0.lock().unwrap();
        let count = |n: f64| Ok(Value::Quantity(Quantity::new(Unit::Count, n).unwrap()));
        let mut facts: BTreeMap<Arc<str>, Result<Value, Gap>> = BTreeMap::from([("ready".into(), count(3.0))]);
        if let Some(replicas) = service.replicas {
            facts.insert("replicas".into(), count(replicas));
        }
        let page = Page::parse(&format!("p95 {}\n", service.p95)).map_err(|_| Gap::Invalid);
        Ok(Seen { facts, object_version: Some(service.version.to_string().into()), page })
    }

    async fn execute(&self, warrant: Warrant) -> Result<Receipt, NotDone> {
        let mut service = self.0.lock().unwrap();
        let intent = warrant.intent();
        service.called.push((intent.call.to_string(), intent.purpose));
        match service.calls {
            Calls::Fail => return Err(NotDone { why: "401".to_owned(), certainty: Certainty::NotDone }),
            Calls::AreLost => return Err(NotDone { why: "timed out".to_owned(), certainty: Certainty::Unknown }),
            Calls::Work => {}
        }
        if let Some(to) = intent.call.argument("to").and_then(Value::quantity) {
            service.replicas = Some(to.base());
            service.version += 1;
        }
        Ok(warrant.done(Timestamp::now(), Timestamp::now()))
    }
}
