//! `leeway init`: a first blueprint that checks and whose tests pass, to be made one's own.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder to write into, made if it is not there; the one you are in without it
    folder: Option<PathBuf>,
    /// Write the blueprint as YAML
    #[arg(long)]
    yaml: bool,
}

/// The settings of the workspace.
const SETTINGS: (&str, &str) = ("leeway.toml", include_str!("init/leeway.toml"));

/// The blueprint, in the language and as YAML.
const BLUEPRINT: (&str, &str) = ("web.leeway", include_str!("init/web.leeway"));
const BLUEPRINT_YAML: (&str, &str) = ("web.leeway.yaml", include_str!("init/web.leeway.yaml"));

const NEXT: &str = "
next:
  leeway check   finds what is wrong with it
  leeway test    runs its tests; `--coverage` lists what none of them has shown
  leeway fmt     writes it in the one style, when you have changed it
";

const NEXT_YAML: &str = "
next:
  leeway check   finds what is wrong with it
  leeway test    runs its tests; `--coverage` lists what none of them has shown
  leeway compile --emit schema -o leeway.schema.json   completes it in your editor
";

const DECIDE: &str = "  leeway decide @ --propose 'scale(to: 4)' --at 2026-01-01T12:00:00Z --actor agent:atlas
";

pub(crate) fn init(args: Args) -> CommandResult {
    let folder = args.folder.unwrap_or_else(|| PathBuf::from("."));
    let place = |name: &str| if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) };
    let (blueprint, next) = if args.yaml { (BLUEPRINT_YAML, NEXT_YAML) } else { (BLUEPRINT, NEXT) };
    let files = [SETTINGS, blueprint];
    // All or nothing: a file that is there already is somebody's work.
    if let Some((name, _)) = files.iter().find(|(name, _)| place(name).symlink_metadata().is_ok()) {
        return Err(Failure::usage(format!("`{}` exists already; nothing was written", place(name).display()))
            .help("run `leeway init` in an empty folder"));
    }
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::usage(format!("cannot make the folder `{}`: {error}", folder.display())))?;
    for (name, text) in files {
        let path = place(name);
        let cannot = |error| Failure::usage(format!("cannot write `{}`: {error}", path.display()));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(cannot)?;
        file.write_all(text.as_bytes()).map_err(cannot)?;
        terminal::stdout(&format!("wrote {}\n", path.display()));
    }
    terminal::stdout(next);
    terminal::stdout(&DECIDE.replace('@', blueprint.0));
    if folder != Path::new(".") {
        terminal::stdout(&format!("in the folder `{}`\n", folder.display()));
    }
    Ok(Exit::Success)
}
