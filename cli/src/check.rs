//! `leeway check`: every finding of every blueprint, with its place and what to do.

use std::path::PathBuf;

use clap::ValueEnum;
use leeway_diagnostics::render;
use leeway_driver::{Request, compile};

use crate::exit::{CommandResult, Exit};
use crate::fix::mend;
use crate::terminal::{self, counted};
use crate::workspace::{Workspace, roots};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files or folders; the current folder without any
    paths: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Make warnings count as errors
    #[arg(long, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Mend what can be mended for certain, and report the rest
    #[arg(long)]
    fix: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Short,
    Json,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

pub(crate) fn check(args: Args) -> CommandResult {
    let workspace = Workspace::here()?;
    let sources = workspace.sources(&args.paths)?;
    let compilation = if args.fix {
        let mended = mend(&workspace, sources)?;
        let said = format!("{} in {}\n", counted(mended.changes.len(), "finding"), counted(mended.files, "file"));
        let told: String = mended.changes.iter().map(|change| format!("{change}\n")).collect();
        terminal::stderr(&format!("{told}mended {said}"));
        mended.compilation
    } else {
        compile(&Request { roots: roots(&sources), loader: &workspace })
    };
    let (sources, diagnostics) = (&compilation.sources, &compilation.diagnostics);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.len() - errors;
    match args.format {
        Format::Human => {
            terminal::stdout(&render::human(sources, diagnostics, true));
            let found = format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
            let names: Vec<String> =
                compilation.policies.iter().map(|policy| format!("`{}`", policy.blueprint)).collect();
            match (errors, names.is_empty()) {
                (0, false) => terminal::stdout(&format!("{} checked: {found}\n", names.join(", "))),
                _ => terminal::stdout(&format!("{found}\n")),
            }
        }
        Format::Short => terminal::stdout(&render::short(sources, diagnostics)),
        Format::Json => terminal::stdout(&format!("{}\n", render::json(sources, diagnostics))),
    }
    let fails = errors > 0 || (warnings > 0 && args.deny == Some(Deny::Warnings));
    Ok(if fails { Exit::Errors } else { Exit::Success })
}
