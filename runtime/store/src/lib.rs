//! The ledger: what was seen, decided and done, in a chain that shows tampering.
//!
//! One SQLite database in a data directory. Each record's hash covers its number, its content and the hash of the record
//! before, so that no record can be changed, removed or moved unseen, and a head written with each record shows when the
//! end is cut off. Who can rewrite the whole file, head included, can also forge the whole chain: against that, keep the
//! head's hash elsewhere.

mod error;
mod head;
mod ledger;
mod lock;
mod page;
mod reader;
mod schema;
mod seal;
mod verification;
mod writer;

pub use error::StoreError;
pub use ledger::Ledger;
pub use page::{Filter, PAGE_MAX, Stored};
pub use reader::LedgerReader;
pub use schema::{DATABASE, SCHEMA};
pub use seal::ENTRY_BYTES_MAX;
pub use verification::{Fault, FaultKind, Verification};
pub use writer::Writer;
