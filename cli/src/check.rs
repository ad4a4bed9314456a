//! `leeway check`: every finding of every blueprint, with its place and what to do.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use leeway_diagnostics::{Diagnostic, render};
use leeway_driver::{Compilation, Request, compile};
use leeway_ir::Policy;

use crate::exit::{CommandResult, Exit, Failure};
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
    /// An older file or folder of the same blueprints: what became wider since then must show in their versions
    #[arg(long, value_name = "OLD")]
    against: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// With the lines, the marks under them and what to do
    Human,
    /// One line a finding
    Short,
    /// One JSON document
    Json,
    /// A SARIF 2.1.0 log, for services that keep findings
    Sarif,
    /// Commands by which GitHub Actions shows findings beside the change
    Github,
    /// A code quality report, as GitLab reads it
    Gitlab,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

pub(crate) fn check(args: Args) -> CommandResult {
    let workspace = Workspace::here()?;
    let old = args.against.as_deref().map(|path| older(&workspace, path)).transpose()?;
    let sources = workspace.sources(&args.paths)?;
    let mut compilation = if args.fix {
        let mended = mend(&workspace, sources)?;
        let said = format!("{} in {}\n", counted(mended.changes.len(), "finding"), counted(mended.files, "file"));
        let told: String = mended.changes.iter().map(|change| format!("{change}\n")).collect();
        terminal::stderr(&format!("{told}mended {said}"));
        mended.compilation
    } else {
        compile(&Request { roots: roots(&sources), loader: &workspace })
    };
    if let Some(old) = old {
        compilation.compare_to(&old);
    }
    let (errors, warnings) = report(&compilation, args.format);
    let fails = errors > 0 || (warnings > 0 && args.deny == Some(Deny::Warnings));
    Ok(if fails { Exit::Errors } else { Exit::Success })
}

/// The blueprints as they were.
fn older(workspace: &Workspace, path: &Path) -> Result<Vec<Policy>, Failure> {
    let sources = workspace.sources(&[path.to_path_buf()])?;
    let Compilation { sources, mut diagnostics, policies, .. } =
        compile(&Request { roots: roots(&sources), loader: workspace });
    diagnostics.retain(Diagnostic::is_error);
    if diagnostics.is_empty() {
        return Ok(policies);
    }
    terminal::stderr(&render::human(&sources, &diagnostics, true));
    let found = counted(diagnostics.len(), "error");
    Err(Failure::errors(format!("{found} in `{}`; there is nothing to compare with", path.display())))
}

/// Writes what was found to standard output, and how much that is: people read it last, programs do not read it at all. Gives
/// the number of errors and of warnings.
fn report(Compilation { sources, diagnostics, policies, .. }: &Compilation, format: Format) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.len() - errors;
    let names: Vec<String> = policies.iter().map(|policy| format!("`{}`", policy.blueprint)).collect();
    let mut summary = format!("{}, {}\n", counted(errors, "error"), counted(warnings, "warning"));
    if errors == 0 && !names.is_empty() {
        summary = format!("{} checked: {summary}", names.join(", "));
    }
    let findings = match format {
        Format::Human => render::human(sources, diagnostics, true) + summary.as_str(),
        Format::Short => render::short(sources, diagnostics),
        Format::Json => render::json(sources, diagnostics) + "\n",
        Format::Sarif => render::sarif(sources, diagnostics) + "\n",
        Format::Github => render::github(sources, diagnostics),
        Format::Gitlab => render::gitlab(sources, diagnostics) + "\n",
    };
    terminal::stdout(&findings);
    match format {
        Format::Human => {}
        Format::Short | Format::Json | Format::Sarif | Format::Github | Format::Gitlab => terminal::stderr(&summary),
    }
    (errors, warnings)
}
