//! `leeway init`: a first blueprint that checks and whose tests pass, to be made one's own.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {}

/// What is written, and where.
const FILES: [(&str, &str); 2] =
    [("leeway.toml", include_str!("init/leeway.toml")), ("web.leeway", include_str!("init/web.leeway"))];

const NEXT: &str = "
next:
  leeway check   finds what is wrong with it
  leeway test    runs its tests
  leeway decide web.leeway --propose 'scale(to: 4)' --at 2026-01-01T12:00:00Z --actor agent:atlas
";

pub(crate) fn init(_args: Args) -> CommandResult {
    // All or nothing: a file that is there already is somebody's work.
    if let Some((name, _)) = FILES.iter().find(|(name, _)| Path::new(name).symlink_metadata().is_ok()) {
        return Err(Failure::usage(format!("`{name}` exists already; nothing was written"))
            .help("run `leeway init` in an empty folder"));
    }
    for (name, text) in FILES {
        let cannot = |error| Failure::usage(format!("cannot write `{name}`: {error}"));
        let mut file = OpenOptions::new().write(true).create_new(true).open(name).map_err(cannot)?;
        file.write_all(text.as_bytes()).map_err(cannot)?;
        terminal::stdout(&format!("wrote {name}\n"));
    }
    terminal::stdout(NEXT);
    Ok(Exit::Success)
}
