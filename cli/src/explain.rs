//! `leeway explain`: what a finding means, why it is one, and how to mend it.

use std::fmt::Write as _;

use leeway_diagnostics::Code;
use leeway_driver::closest;
use owo_colors::OwoColorize as _;

use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The code that stands with the finding, such as E0304; without it, every code with its title
    code: Option<String>,
}

pub(crate) fn explain(args: Args) -> CommandResult {
    let Some(written) = args.code else {
        let line = |code: &Code| format!("{}  {}\n", code.text().bold(), code.title());
        terminal::stdout(&Code::ALL.iter().map(line).collect::<String>());
        return Ok(Exit::Success);
    };
    let Some(code) = Code::find(&written) else {
        let near = closest(&written.to_ascii_uppercase(), Code::ALL.iter().map(|code| code.text()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`? `leeway explain` lists every code"),
            None => "`leeway explain` lists every code".to_owned(),
        };
        return Err(Failure::usage(format!("there is no code `{}`", terminal::harmless(&written))).help(help));
    };
    terminal::stdout(&shown(code.page()));
    Ok(Exit::Success)
}

/// A page as a terminal shows it: headings stand out, examples are set in.
fn shown(page: &str) -> String {
    let mut shown = String::new();
    let mut example = false;
    for line in page.lines() {
        if line.starts_with("```") {
            example = !example;
        } else if example {
            let _ = writeln!(shown, "    {}", line.cyan());
        } else if let Some(title) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")) {
            let _ = writeln!(shown, "{}", title.bold());
        } else {
            let _ = writeln!(shown, "{line}");
        }
    }
    shown
}
