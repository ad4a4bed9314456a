//! What restrains beside the clauses, and who agrees.

use leeway_diagnostics::Span;

use super::{ActionRef, Amount, Ident, Text, Words};

/// `limit …`.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// `cooldown D after ACTIONS`.
    Cooldown {
        /// For how long.
        duration: Amount,
        /// After which actions.
        after: Vec<ActionRef>,
    },
    /// `breaker N failures`.
    Breaker {
        /// How many in a row.
        failures: Amount,
    },
    /// `at most N of ACTIONS per D`.
    AtMost {
        /// How many.
        count: Amount,
        /// Of which actions.
        of: Vec<ActionRef>,
        /// In how long.
        per: Amount,
    },
    /// `pace N of ACTIONS per D per actor`.
    Pace {
        /// How many, of each actor.
        count: Amount,
        /// Of which actions.
        of: Vec<ActionRef>,
        /// In how long.
        per: Amount,
    },
    /// `drift FACT BY per D`.
    Drift {
        /// The fact.
        fact: Ident,
        /// By how much it may differ.
        by: Amount,
        /// From what it was how long ago.
        per: Amount,
    },
    /// `budget METRIC of SPEND at P%`.
    Budget {
        /// The forecast.
        metric: Ident,
        /// What may be spent.
        spend: Amount,
        /// At which part of it the brake is put on.
        percent: Amount,
    },
    /// `freeze "Fri 16:00".."Mon 08:00" in ZONE [except ACTIONS]`.
    Freeze {
        /// When it begins: `"Fri 16:00"`.
        from: Words,
        /// When it ends: `"Mon 08:00"`.
        until: Words,
        /// The time zone: `"Europe/Berlin"`.
        zone: Words,
        /// What is not frozen.
        except: Vec<ActionRef>,
    },
}

/// `approval { by GROUPS [quorum N] [timeout D] [escalate GROUP after D] [notify "…", …] }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// The groups of which people may agree.
    pub by: Vec<Words>,
    /// How many must.
    pub quorum: Option<Amount>,
    /// How long they have.
    pub timeout: Option<Amount>,
    /// Which group is asked too, after how long.
    pub escalate: Option<(Words, Amount)>,
    /// Who is told.
    pub notify: Vec<Text>,
    /// The whole.
    pub span: Span,
}

/// How far rules and agents may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the language's")]
pub enum Autonomy {
    Observe,
    Suggest,
    Approve,
    Act,
}
