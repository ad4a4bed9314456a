//! `leeway compile`: one blueprint as a bundle that runs elsewhere, or its policy IR for other programs.

use std::path::PathBuf;

use clap::ValueEnum;
use leeway_ir::Policy;
use leeway_ir::bundle;

use crate::blueprint::OneBlueprint;
use crate::bundle::{is_bundle, secret_key};
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;
use crate::whole_file;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    one: OneBlueprint,
    /// What is written
    #[arg(long, value_enum, default_value_t = Emit::Bundle)]
    emit: Emit,
    /// Where to; standard output without it
    #[arg(short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Sign the bundle with this Ed25519 key, as `openssl genpkey -algorithm ed25519` makes one
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// What `run`, `decide` and `verify` take where nothing can be compiled
    Bundle,
    /// The policy as one JSON document
    IrJson,
}

pub(crate) fn compile(args: Args) -> CommandResult {
    if args.emit == Emit::Bundle
        && let Some(path) = args.output.as_deref().filter(|path| !is_bundle(path))
    {
        return Err(Failure::usage(format!("`{}` does not end in `.bundle`", path.display()))
            .help("a bundle is known by its name; other programs read `--emit ir-json`"));
    }
    if args.emit == Emit::IrJson && args.sign.is_some() {
        return Err(Failure::usage("only a bundle is signed").help("leave `--emit ir-json` out"));
    }
    let policy = args.one.policy()?;
    let document = match args.emit {
        Emit::Bundle => bundled(&policy, &args)?,
        Emit::IrJson => {
            let document = serde_json::to_string_pretty(&policy)
                .map_err(|error| Failure::errors(format!("the policy cannot be written as JSON: {error}")))?;
            format!("{document}\n")
        }
    };
    match &args.output {
        None => terminal::stdout(&document),
        Some(path) => whole_file::write(path, &document)?,
    }
    Ok(Exit::Success)
}

fn bundled(policy: &Policy, args: &Args) -> Result<String, Failure> {
    let key = args.sign.as_deref().map(secret_key).transpose()?;
    let written = bundle::write(policy, key.as_ref());
    written
        .map_err(|error| Failure::errors(format!("`{}` makes no bundle: {error}", policy.blueprint)).help(error.help()))
}
