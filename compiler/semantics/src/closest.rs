//! "Did you mean": the known name nearest to one that is unknown.

use leeway_diagnostics::{Code, Diagnostic, Span, nearest};

/// With at most so many candidates, all are listed when none is near.
const LISTED_MAX: usize = 8;

/// So many letters of a name stand for the whole of it, if nothing else begins with them.
const PREFIX_MIN: usize = 3;

/// The known name that `written` most likely means; among equally near ones the first; or else the only one that it begins.
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    nearest(written, known.iter().copied()).or_else(|| {
        let mut longer = known.into_iter().filter(|name| name.starts_with(written) && written.len() >= PREFIX_MIN);
        longer.next().filter(|_| longer.next().is_none())
    })
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
            Diagnostic::new(code, span, message).guess(format!("write `{near}`"), span, near)
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

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn only_what_is_left_of_a_name_is_near_it() {
        let known = ["a", "cpu", "strategy", "memory_request", "memory_limit"];
        assert_eq!(closest("l", known), None);
        assert_eq!(closest("cpuu", known), Some("cpu"));
        assert_eq!(closest("strat", known), Some("strategy"));
        assert_eq!(closest("memory", known), None);
        assert_eq!(closest("st", known), None);
    }
}
