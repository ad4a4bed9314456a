//! `leeway check`: every finding of every blueprint, with its place and what to do.

use std::path::PathBuf;

use clap::ValueEnum;
use leeway_diagnostics::render;
use leeway_driver::Request;

use crate::exit::{CommandResult, Exit};
use crate::terminal;
use crate::workspace::Workspace;

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
    let compilation = leeway_driver::compile(&Request { roots: workspace.sources(&args.paths)?, loader: &workspace });
    let (sources, diagnostics) = (&compilation.sources, &compilation.diagnostics);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.len() - errors;
    match args.format {
        Format::Human => {
            terminal::stdout(&render::human(sources, diagnostics, true));
            let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
            let found = format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"));
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
