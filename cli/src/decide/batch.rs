//! Many verdicts in one run: a line in, a line out, in order, one line in memory at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use leeway_engine::{Compiled, Decision, Proposal, Tier, Verdict};
use leeway_ir::Policy;
use leeway_units::Call;
use serde::Serialize;

use crate::decide::actors::read_actors;
use crate::decide::claims::read_claims;
use crate::decide::document::{DocumentError, Node};
use crate::decide::flags::{Flags, unreadable};
use crate::decide::input::{DOCUMENT_BYTES_MAX, parse, too_long};
use crate::decide::members::{Members, Read as Reading};
use crate::decide::state::{FactsAre, Reader, State};
use crate::exit::{CommandResult, Exit, Failure};

/// What a line gets that cannot be judged: an error, and the tier that follows from not knowing.
#[derive(Serialize)]
struct Unjudged<'a> {
    error: Wrong<'a>,
    tier: Tier,
}

#[derive(Serialize)]
struct Wrong<'a> {
    path: &'a str,
    message: &'a str,
}

/// Decides on every line of the file, or of standard input.
pub(crate) fn decide_batch(compiled: &Compiled, path: &Path, flags: &Flags) -> CommandResult {
    let failed = |error: io::Error| Failure::usage(format!("cannot go on with `{}`: {error}", path.display()));
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(
            File::open(path).map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))?,
        )
    };
    let mut input = BufReader::new(input);
    let mut output = BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Success;
    let mut line = Vec::new();
    while next_line(&mut input, &mut line).map_err(failed)? {
        let judged = document(&line).and_then(|document| judge(compiled, &document, flags));
        let written = match &judged {
            Ok(verdict) => serde_json::to_writer(&mut output, verdict),
            Err(DocumentError { path, message }) => {
                exit = Exit::Errors;
                let error = Unjudged { error: Wrong { path, message }, tier: Tier::Forbidden };
                serde_json::to_writer(&mut output, &error)
            }
        };
        written.map_err(|error| failed(error.into()))?;
        output.write_all(b"\n").map_err(failed)?;
        // Whoever waits for an answer before writing the next line gets it; whoever writes many lines is not slowed down.
        if !input.buffer().contains(&b'\n') {
            output.flush().map_err(failed)?;
        }
    }
    output.flush().map_err(failed)?;
    Ok(exit)
}

/// Reads the next line without its end, whether or not the last has one. Of a line that is too long only so much is kept that
/// it is seen to be.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut begun = false;
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(begun);
        }
        begun = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        let room = (DOCUMENT_BYTES_MAX + 1).saturating_sub(line.len());
        line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

fn document(line: &[u8]) -> Reading<Node> {
    if line.len() > DOCUMENT_BYTES_MAX {
        return Err(too_long(DOCUMENT_BYTES_MAX));
    }
    if line.trim_ascii().is_empty() {
        return Err(DocumentError::new("$", "the line is empty"));
    }
    parse(line)
}

/// The verdict on one line.
fn judge(compiled: &Compiled, document: &Node, flags: &Flags) -> Reading<Verdict> {
    let (state, decision) = decided(compiled, document, flags)?;
    Ok(compiled.explain(&state.snapshot, &state.history, &decision))
}

/// What is decided on one line, not yet in words.
pub(crate) fn decided(compiled: &Compiled, document: &Node, flags: &Flags) -> Reading<(State, Decision)> {
    let (state, proposal) = read_line(compiled.policy(), document, flags)?;
    let decision = compiled.evaluate(&state.snapshot, &state.history, &proposal);
    Ok((state, decision))
}

fn read_line(policy: &Policy, document: &Node, flags: &Flags) -> Reading<(State, Proposal)> {
    let mut members = Members::of("$", document)?;
    let text = members.required_text("propose")?;
    let call = Call::parse(&text)
        .map_err(|error| DocumentError::new(members.path("propose"), unreadable(policy, &text, &error)))?;
    let actors = members.take("actor").map(|node| read_actors("$.actor", node)).transpose()?;
    let claims = members.take("claims").map(|node| read_claims(policy, "$.claims", node)).transpose()?;
    let empty = Node::empty();
    let node = members.take("state").unwrap_or(&empty);
    let reader = Reader { policy, at: flags.at, path: "$.state", facts_are: FactsAre::Values };
    let state = reader.read(node)?.ok_or_else(no_moment)?;
    members.done("member")?;
    let actors = flags.actors(actors.or_else(|| state.actors.clone()));
    let proposal = Proposal { call, actors, claims: claims.unwrap_or_default(), because: None, conflicts_with: None };
    Ok((state, proposal))
}

fn no_moment() -> DocumentError {
    DocumentError::new("$.state.at", "no moment to decide at; expected a time such as \"2026-01-01T12:00:00Z\"")
}
