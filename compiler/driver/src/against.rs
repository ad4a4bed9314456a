//! Blueprints beside older ones: what is wider must show in the version.

mod version;

use leeway_diagnostics::{Code, Diagnostic, Position, Span};
use leeway_ir::{Origin, Policy, Widening, WideningKind, widenings};
use leeway_syntax::ast::{self, MemberKind};

use crate::Compilation;
use crate::modules::File;

use version::{Step, next, step};

/// How many things that are wider are told of one blueprint; the rest is counted.
const TOLD_MAX: usize = 20;

/// The findings about the policies that have an older one of the same name.
pub(crate) fn against(compilation: &Compilation, old: &[Policy]) -> Vec<Diagnostic> {
    let older = |new: &Policy| old.iter().find(|old| old.blueprint == new.blueprint);
    compilation.policies.iter().filter_map(|new| judged(compilation, older(new)?, new)).collect()
}

fn judged(compilation: &Compilation, old: &Policy, new: &Policy) -> Option<Diagnostic> {
    let name = &new.blueprint;
    let place = heading(compilation, name)?;
    let finding = |message: String| Diagnostic::new(Code::E0405, place, message);
    let finding = match step(old.version.as_deref(), new.version.as_deref()) {
        Step::Major => return None,
        Step::Missing(before) => {
            let finding = finding(format!("`{name}` had version {before} and now has none"));
            return Some(finding.help(format!("write `version \"{before}\"`, or a higher one")));
        }
        Step::Down { before, now } => {
            let finding = finding(format!("the version of `{name}` goes down, from {before} to {now}"));
            return Some(finding.help(format!("write `version \"{before}\"`, or a higher one")));
        }
        Step::Unversioned => finding(format!("`{name}` is wider than it was, and has no version that says so"))
            .help("write a `version`, such as `version \"1.0.0\"`, or take back what is wider"),
        Step::Minor { before, now } => {
            let next = next(&before);
            let said = if before == now { format!("it is still {now}") } else { format!("{now} follows {before}") };
            finding(format!("`{name}` is wider than its version says: {said}"))
                .help(format!("write `\"{next}\"`, or take back what is wider"))
                .guess(format!("write `{next}`"), place, format!("\"{next}\""))
        }
    };
    let wider = widenings(old, new);
    (!wider.is_empty()).then(|| told(compilation, finding, &wider))
}

/// With each thing that is wider: at its place here, or as a note.
fn told(compilation: &Compilation, mut finding: Diagnostic, wider: &[Widening]) -> Diagnostic {
    for one in wider.iter().take(TOLD_MAX) {
        let other = one.counterpart.as_ref().map(|other| format!("`{}`{}", other.member, place(other.origin.as_ref())));
        let (what, other) = match one.kind {
            WideningKind::Granted => ("new", other.map(|before| format!("; before: {before}"))),
            WideningKind::Loosened => ("gone", other.map(|now| format!("; now: {now}"))),
        };
        let other = other.unwrap_or_default();
        let here = one.origin.as_ref().filter(|_| one.kind == WideningKind::Granted);
        finding = match here.and_then(|origin| member(compilation, origin)) {
            Some(span) => finding.label(span, format!("{what}: `{}`{other}", one.member)),
            None => finding.note(format!("{what}: `{}`{}{other}", one.member, place(one.origin.as_ref()))),
        };
    }
    match wider.len().saturating_sub(TOLD_MAX) {
        0 => finding,
        more => finding.note(format!("and {more} more")),
    }
}

/// A place as it stands behind a member: ` (frontend.leeway:12:3)`.
fn place(origin: Option<&Origin>) -> String {
    origin.map(|origin| format!(" ({}:{}:{})", origin.path, origin.line, origin.column)).unwrap_or_default()
}

/// Where the blueprint says its version, or else its name.
fn heading(compilation: &Compilation, name: &str) -> Option<Span> {
    let blueprints = compilation.files.iter().filter(|file| file.root).flat_map(|file| &file.tree.blueprints);
    let blueprint = blueprints.into_iter().find(|blueprint| blueprint.name.node.as_ref() == name)?;
    let version = blueprint.members.iter().find_map(|member| {
        let MemberKind::Version(text) = &member.kind else { return None };
        Some(text.span)
    });
    Some(version.unwrap_or(blueprint.name.span))
}

/// The member that begins there, in a blueprint or a policy of these sources.
fn member(compilation: &Compilation, origin: &Origin) -> Option<Span> {
    let file: &File = compilation.files.iter().find(|file| file.path == *origin.path)?;
    let blueprints = file.tree.blueprints.iter().flat_map(|blueprint: &ast::Blueprint| &blueprint.members);
    let members = blueprints.chain(file.tree.policies.iter().flat_map(|policy| &policy.members));
    let begins = Position { line: origin.line, column: origin.column };
    members.map(|member| member.span).find(|span| compilation.sources.start(*span) == begins)
}
