//! Owns the ledger on a thread of its own, so that nobody who waits for the disk holds up the enforcer.

use std::thread::{self, JoinHandle};

use leeway_engine::{Entry, RecordId};
use tokio::sync::{mpsc, oneshot};

use crate::error::StoreError;
use crate::ledger::Ledger;

/// How many requests may wait; who comes then waits to be let in.
const REQUESTS_MAX: usize = 1_024;

/// The ledger as asynchronous code writes it. Entries are written in the order in which `append` was first polled.
///
/// Dropping it waits until what was asked for is written, and closes the ledger.
#[derive(Debug)]
pub struct Writer {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Request {
    Append(Box<Entry>, oneshot::Sender<Result<RecordId, StoreError>>),
    EntriesAfter(RecordId, oneshot::Sender<Result<Vec<(RecordId, Entry)>, StoreError>>),
}

impl Writer {
    /// Gives `ledger` a thread.
    ///
    /// # Errors
    /// [`StoreError::WriterGone`] when the system has no thread to give.
    pub fn start(ledger: Ledger) -> Result<Writer, StoreError> {
        let (requests, received) = mpsc::channel(REQUESTS_MAX);
        let thread = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || serve(ledger, received))
            .map_err(|_| StoreError::WriterGone)?;
        Ok(Writer { requests: Some(requests), thread: Some(thread) })
    }

    /// Appends `entry`; on return it is on the disk. Once begun it is written even if nobody waits for the answer.
    ///
    /// # Errors
    /// As [`Ledger::append`], and [`StoreError::WriterGone`].
    pub async fn append(&self, entry: Entry) -> Result<RecordId, StoreError> {
        self.ask(|answer| Request::Append(Box::new(entry), answer)).await
    }

    /// The entries after `after`, oldest first, at most [`crate::PAGE_MAX`]; none at the end.
    ///
    /// # Errors
    /// As [`Ledger::entries_after`], and [`StoreError::WriterGone`].
    pub async fn entries_after(&self, after: RecordId) -> Result<Vec<(RecordId, Entry)>, StoreError> {
        self.ask(|answer| Request::EntriesAfter(after, answer)).await
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let requests = self.requests.as_ref().ok_or(StoreError::WriterGone)?;
        let (answer, answered) = oneshot::channel();
        requests.send(request(answer)).await.map_err(|_| StoreError::WriterGone)?;
        answered.await.map_err(|_| StoreError::WriterGone)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The thread ends when nobody can ask any more; only then is the ledger closed and its directory free.
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut ledger: Ledger, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.blocking_recv() {
        // Whoever asked may have gone; what was asked is done all the same.
        match request {
            Request::Append(entry, answer) => drop(answer.send(ledger.append(&entry))),
            Request::EntriesAfter(after, answer) => drop(answer.send(ledger.entries_after(after))),
        }
    }
}
