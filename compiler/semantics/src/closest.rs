//! "Did you mean": the known name nearest to one that is unknown.

use leeway_diagnostics::{Code, Diagnostic, Span};

/// With at most so many candidates, all are listed when none is near.
const LISTED_MAX: usize = 8;

/// The known name that `written` most likely means; among equally near ones the first.
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters may differ: more would suggest names that have nothing in common.
    let allowed = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// An unknown `what` called `written` at `span`, with the name that was likely meant, or all there are if they are few.
pub(crate) fn unknown<'a>(
    code: Code,
    span: Span,
    what: &str,
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unknown_of(code, span, (what, ""), written, known)
}

/// The same for an unknown part `of` something: its `what`, and whose (`set_burst`).
pub(crate) fn unknown_of<'a>(
    code: Code,
    span: Span,
    (what, of): (&str, &str),
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let of = if of.is_empty() { String::new() } else { format!(" of `{of}`") };
    let known: Vec<&str> = known.into_iter().collect();
    match closest(written, known.iter().copied()) {
        Some(near) => {
            let message = format!("unknown {what} `{written}`{of}; did you mean `{near}`?");
            Diagnostic::new(code, span, message).fix(format!("write `{near}`"), span, near)
        }
        None => {
            let found = Diagnostic::new(code, span, format!("unknown {what} `{written}`{of}"));
            if known.is_empty() || known.len() > LISTED_MAX {
                return found;
            }
            let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            found.help(format!("known here: {}", listed.join(", ")))
        }
    }
}
