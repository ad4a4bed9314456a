//! How many connections the system lets this process hold.
//!
//! Were they to use up all file descriptors, no admin could come in, and the token and the journal could not be read.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::listener::CONNECTIONS_MAX;

/// Kept for all else: the listeners, the journal and its successor, the log, and token files being read.
const OTHERS_MAX: u64 = 40;

/// Both ports hold connections.
const PORTS: u64 = 2;

/// The most connections on each port, at most [`CONNECTIONS_MAX`]. Raises the limit of this process as far as that needs
/// and the system allows.
pub(crate) fn connections_max() -> usize {
    let wanted = PORTS * u64::try_from(CONNECTIONS_MAX).unwrap_or(u64::MAX) + OTHERS_MAX;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(maximum.map_or(wanted, |maximum| maximum.min(wanted))), maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "the limit of open files could not be raised");
        }
    }
    let connections = part(getrlimit(Resource::Nofile).current);
    if connections < CONNECTIONS_MAX {
        tracing::warn!(connections, "few files may be open, so each port holds few connections; see `ulimit -n`");
    }
    connections
}

/// Each port's part of `files` that may be open.
fn part(files: Option<u64>) -> usize {
    let part = files.map_or(u64::MAX, |files| files.saturating_sub(OTHERS_MAX) / PORTS);
    usize::try_from(part).unwrap_or(usize::MAX).clamp(1, CONNECTIONS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ports_leave_files_for_all_else() {
        assert_eq!([None, Some(0), Some(64), Some(1024)].map(part), [CONNECTIONS_MAX, 1, 12, 492]);
    }
}
