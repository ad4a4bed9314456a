//! `leeway fmt`: blueprints in the one style, and from the language to YAML and back.

use std::io::Read as _;
use std::path::PathBuf;

use clap::ValueEnum;
use leeway_diagnostics::{Diagnostic, FileId, SourceMap, render};
use leeway_syntax::yaml::{self, Untwinned};

use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;
use crate::workspace::{SOURCE_BYTES_MAX, Workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files or folders, the current folder without any; `-` reads standard input and writes standard output
    paths: Vec<PathBuf>,
    /// Change nothing, and fail if something would change
    #[arg(long, conflicts_with_all = ["from", "to"])]
    check: bool,
    /// Write what another form says in the language, to standard output
    #[arg(long, value_name = "FORM", conflicts_with = "to")]
    from: Option<Form>,
    /// Write what a blueprint says in another form, to standard output
    #[arg(long, value_name = "FORM")]
    to: Option<Form>,
}

/// The other forms of blueprints.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// YAML
    Yaml,
}

pub(crate) fn fmt(args: Args) -> CommandResult {
    match (args.from, args.to) {
        (Some(Form::Yaml), _) => return convert(&args.paths, from_yaml),
        (None, Some(Form::Yaml)) => return convert(&args.paths, to_yaml),
        (None, None) => {}
    }
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return if args.paths.len() == 1 {
            in_style(args.check)
        } else {
            Err(Failure::usage("`-` stands alone").help("format files and standard input in two steps"))
        };
    }
    let workspace = Workspace::here()?;
    let (mut changed, mut broken) = (0_usize, 0_usize);
    // How YAML is laid out is its authors' business.
    let (foreign, sources): (Vec<_>, Vec<_>) =
        workspace.sources(&args.paths)?.into_iter().partition(|source| yaml::is_yaml(&source.shown));
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
    if !foreign.is_empty() {
        summary += &format!(", {} of YAML left alone", terminal::counted(foreign.len(), "file"));
    }
    terminal::stderr(&format!("{summary}\n"));
    Ok(if broken > 0 || (args.check && changed > 0) { Exit::Errors } else { Exit::Success })
}

fn in_style(check: bool) -> CommandResult {
    let text = standard_input()?;
    let Some(formatted) = formatted(STANDARD_INPUT, &text) else { return Ok(Exit::Errors) };
    if check {
        return Ok(if formatted == text { Exit::Success } else { Exit::Errors });
    }
    terminal::stdout(&formatted);
    Ok(Exit::Success)
}

/// What messages call standard input.
const STANDARD_INPUT: &str = "<standard input>";

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(SOURCE_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    Ok(text)
}

/// Writes what becomes of the one source at `paths` to standard output.
fn convert(paths: &[PathBuf], conversion: fn(&str, &str) -> Result<Option<String>, Failure>) -> CommandResult {
    let (shown, text) = match paths {
        [path] if path.as_os_str() == "-" => (STANDARD_INPUT.to_owned(), standard_input()?),
        [path] if path.is_file() => {
            let source = Workspace::here()?.sources(std::slice::from_ref(path))?.pop();
            source.map(|source| (source.shown, source.text)).unwrap_or_default()
        }
        [path] if !path.exists() => return Err(Failure::usage(format!("there is no `{}`", path.display()))),
        _ => {
            return Err(Failure::usage("a conversion takes one file, or `-` for standard input")
                .help("what becomes of it goes to standard output"));
        }
    };
    Ok(match conversion(&shown, &text)? {
        Some(converted) => {
            terminal::stdout(&converted);
            Exit::Success
        }
        None => Exit::Errors,
    })
}

fn to_yaml(path: &str, text: &str) -> Result<Option<String>, Failure> {
    if yaml::is_yaml(path) {
        return Err(
            Failure::errors(format!("`{path}` is YAML already")).help("`--from yaml` writes it in the language")
        );
    }
    let mut sources = SourceMap::default();
    let file = sources.add(path, text);
    match yaml::to_yaml(file, text) {
        Ok(yaml) => Ok(Some(yaml)),
        Err(Untwinned::Broken(findings)) => Ok(refused(&sources, findings)),
        Err(Untwinned::NotOneBlueprint) => {
            Err(Failure::errors(format!("`{path}` cannot be YAML: it does not hold one blueprint and nothing else"))
                .help("policies and targets stay in files of the language; each blueprint gets a file of its own"))
        }
    }
}

fn from_yaml(path: &str, text: &str) -> Result<Option<String>, Failure> {
    let mut sources = SourceMap::default();
    let file = sources.add(path, text);
    let findings = yaml::parse(&mut sources, file).diagnostics;
    let written = sources.files().last().map(|(view, source)| (view, source.text.clone()));
    Ok(match written {
        Some((view, written)) if findings.is_empty() => {
            in_one_style(&sources, view, &yaml::with_remarks(text, &written))
        }
        Some(_) | None => refused(&sources, findings),
    })
}

/// The text in the one style. What cannot be read is left alone, and said why.
fn formatted(path: &str, text: &str) -> Option<String> {
    let mut sources = SourceMap::default();
    let file = sources.add(path, text);
    in_one_style(&sources, file, text)
}

fn in_one_style(sources: &SourceMap, file: FileId, text: &str) -> Option<String> {
    leeway_syntax::format(file, text).map_or_else(|findings| refused(sources, findings), Some)
}

/// Says why not.
fn refused(sources: &SourceMap, findings: Vec<Diagnostic>) -> Option<String> {
    let errors = findings.into_iter().filter(Diagnostic::is_error).map(|finding| sources.finding(finding));
    terminal::stderr(&render::human(sources, &errors.collect::<Vec<_>>(), true));
    None
}
