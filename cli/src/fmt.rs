//! `leeway fmt`: blueprints in the one style.

use std::io::Read as _;
use std::path::PathBuf;

use leeway_diagnostics::{Diagnostic, SourceMap, render};

use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;
use crate::workspace::{SOURCE_BYTES_MAX, Workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files or folders, the current folder without any; `-` reads standard input and writes standard output
    paths: Vec<PathBuf>,
    /// Change nothing, and fail if something would change
    #[arg(long)]
    check: bool,
}

pub(crate) fn fmt(args: Args) -> CommandResult {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return if args.paths.len() == 1 {
            standard_input(args.check)
        } else {
            Err(Failure::usage("`-` stands alone").help("format files and standard input in two steps"))
        };
    }
    let workspace = Workspace::here()?;
    let (mut changed, mut broken) = (0_usize, 0_usize);
    let sources = workspace.sources(&args.paths)?;
    let all = sources.len();
    for mut source in sources {
        match formatted(&source.shown, &source.text) {
            Some(text) if text == source.text => {}
            Some(text) => {
                changed += 1;
                terminal::stdout(&format!("{}\n", source.shown));
                if !args.check {
                    source.text = text;
                    source.write()?;
                }
            }
            None => broken += 1,
        }
    }
    let done = if args.check { "would change" } else { "formatted" };
    let mut summary =
        format!("{} {done}, {} as they should be", terminal::counted(changed, "file"), all - changed - broken);
    if broken > 0 {
        summary += &format!(", {broken} left alone because of errors");
    }
    terminal::stderr(&format!("{summary}\n"));
    Ok(if broken > 0 || (args.check && changed > 0) { Exit::Errors } else { Exit::Success })
}

fn standard_input(check: bool) -> CommandResult {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(SOURCE_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    let Some(formatted) = formatted("<standard input>", &text) else { return Ok(Exit::Errors) };
    if check {
        return Ok(if formatted == text { Exit::Success } else { Exit::Errors });
    }
    terminal::stdout(&formatted);
    Ok(Exit::Success)
}

/// The text in the one style. What cannot be read is left alone, and said why.
fn formatted(path: &str, text: &str) -> Option<String> {
    let mut sources = SourceMap::default();
    let file = sources.add(path, text);
    match leeway_syntax::format(file, text) {
        Ok(formatted) => Some(formatted),
        Err(findings) => {
            let errors: Vec<Diagnostic> = findings.into_iter().filter(Diagnostic::is_error).collect();
            terminal::stderr(&render::human(&sources, &errors, true));
            None
        }
    }
}
