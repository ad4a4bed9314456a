//! `leeway compile`: one blueprint as a bundle that runs elsewhere, or its policy IR for other programs; the form of blueprints in
//! YAML, for editors.

use std::path::PathBuf;

use clap::ValueEnum;
use leeway_ir::Policy;
use leeway_ir::bundle;
use serde::Serialize;

use crate::blueprint::OneBlueprint;
use crate::bundle::{is_bundle, secret_key};
use crate::exit::{CommandResult, Exit, Failure};
use crate::terminal;
use crate::whole_file;

#[derive(clap::Args)]
#[command(mut_arg("path", |path| path.required(false)))]
pub(crate) struct Args {
    #[command(flatten)]
    one: Option<OneBlueprint>,
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
    /// A JSON Schema of blueprints in YAML, for editors
    Schema,
}

pub(crate) fn compile(args: Args) -> CommandResult {
    if args.emit == Emit::Bundle
        && let Some(path) = args.output.as_deref().filter(|path| !is_bundle(path))
    {
        return Err(Failure::usage(format!("`{}` does not end in `.bundle`", path.display()))
            .help("a bundle is known by its name; other programs read `--emit ir-json`"));
    }
    if args.emit != Emit::Bundle && args.sign.is_some() {
        return Err(Failure::usage("only a bundle is signed").help("leave `--emit` out"));
    }
    let document = match (args.emit, &args.one) {
        (Emit::Schema, _) => pretty(&leeway_syntax::yaml::schema())?,
        (Emit::Bundle, Some(one)) => bundled(&one.to_write()?, &args)?,
        (Emit::IrJson, Some(one)) => pretty(&one.to_write()?)?,
        (Emit::Bundle | Emit::IrJson, None) => {
            return Err(Failure::usage("no blueprint is named").help("name its file"));
        }
    };
    match &args.output {
        None => terminal::stdout(&document),
        Some(path) => whole_file::write(path, &document)?,
    }
    Ok(Exit::Success)
}

fn pretty(document: &impl Serialize) -> Result<String, Failure> {
    let document = serde_json::to_string_pretty(document);
    document
        .map(|document| format!("{document}\n"))
        .map_err(|error| Failure::errors(format!("this cannot be written as JSON: {error}")))
}

fn bundled(policy: &Policy, args: &Args) -> Result<String, Failure> {
    let key = args.sign.as_deref().map(secret_key).transpose()?;
    let written = bundle::write(policy, key.as_ref());
    written
        .map_err(|error| Failure::errors(format!("`{}` makes no bundle: {error}", policy.blueprint)).help(error.help()))
}
