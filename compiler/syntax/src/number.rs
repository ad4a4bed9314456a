//! Numbers with their units: where one ends, and what is wrong with it.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_units::{LiteralError, Unit, parse_literal};

use crate::word::closest;

/// The longest part of a wrong number that a message repeats, in characters.
const SHOWN_MAX: usize = 64;

/// What a rate, and money over time, may stand over.
const RATE_UNITS: &[&str] = &["s", "min", "h"];
const SPEND_UNITS: &[&str] = &["month", "min", "s", "h", "d"];

/// The number at the beginning of `text`, with all that stands against it.
pub(crate) fn run(text: &str) -> &str {
    let dollar = text.starts_with('$');
    let mut end = usize::from(dollar);
    let byte = |at: usize| text.as_bytes().get(at).copied().unwrap_or(b' ');
    loop {
        match byte(end) {
            b'0'..=b'9' => end += 1,
            // `1..5` is a range of two numbers; any other point belongs to the number, well placed or not.
            b'.' if byte(end + 1) != b'.' => end += 1,
            _ => break,
        }
    }
    let digits = end;
    if byte(end) == b'%' {
        end += 1;
    }
    end += letters(text, end);
    let per = if dollar { SPEND_UNITS } else { RATE_UNITS };
    if end == digits && byte(end) == b'/' {
        let unit = text.get(end + 1..end + 1 + letters(text, end + 1)).unwrap_or_default();
        // Any other word behind the `/` is a name to divide by.
        if per.contains(&unit) {
            end += 1 + unit.len();
        }
    }
    text.get(..end).unwrap_or_default()
}

/// Whether `literal` is a number with a unit.
pub(crate) fn is_sound(literal: &str) -> bool {
    parse_literal(literal).is_ok()
}

/// What is wrong with `literal`, which is not sound.
pub(crate) fn unsound(literal: &str, span: Span) -> Diagnostic {
    let shown: String = literal.chars().take(SHOWN_MAX).collect();
    let digits = literal.trim_start_matches('$').trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.');
    let is_no_number = || Diagnostic::new(Code::E0104, span, format!("`{shown}` is not a number"));
    if digits.starts_with('.') || digits.ends_with('.') || digits.is_empty() {
        return is_no_number().help("a digit stands on both sides of a decimal point, and behind `$`");
    }
    match parse_literal(literal) {
        Err(LiteralError::UnknownUnit { suffix }) => unknown_unit(literal, &suffix, span),
        Err(LiteralError::TooLarge(_)) => {
            Diagnostic::new(Code::E0104, span, format!("`{shown}` is too large")).help("write it in a larger unit")
        }
        Err(LiteralError::NotANumber(_)) | Ok(_) => {
            is_no_number().help("write one number with its unit directly behind it, such as `90s`, `80%` or `128Mi`")
        }
    }
}

fn unknown_unit(literal: &str, suffix: &str, span: Span) -> Diagnostic {
    let shown: String = suffix.chars().take(SHOWN_MAX).collect();
    let at = span.start as usize + literal.len() - suffix.len();
    let place = Span::new(span.file, at, span.end as usize);
    let message = format!("`{shown}` is not a unit");
    if let Some(whole) = one_duration(literal).or_else(|| without_exponent(literal)) {
        return Diagnostic::new(Code::E0104, place, message)
            .help(format!("write one number with one unit, such as `{whole}`"))
            .fix(format!("write `{whole}`"), span, whole);
    }
    let known = || Unit::ALL.iter().flat_map(|unit| unit.suffixes()).map(|suffix| suffix.text);
    // Capitals are mistaken more often than letters, and `M` alone could be anything.
    let spelled = SPELLED.iter().find(|(words, _)| words.contains(&suffix)).map(|(_, meant)| *meant);
    let alike = known().find(|known| suffix.len() > 1 && known.eq_ignore_ascii_case(suffix));
    match spelled.or(alike).or_else(|| closest(suffix, known())) {
        Some(meant) => Diagnostic::new(Code::E0104, place, format!("{message}; did you mean `{meant}`?"))
            .help("a unit stands directly behind its number, and nothing directly behind the unit")
            .fix(format!("write `{meant}`"), place, meant),
        None => Diagnostic::new(Code::E0104, place, message).help(
            "write one number with one unit, such as `90m` for an hour and a half, or a space before what follows",
        ),
    }
}

/// How units are written elsewhere.
const SPELLED: &[(&[&str], &str)] = &[
    (&["msec", "msecs", "millis"], "ms"),
    (&["sec", "secs", "second", "seconds"], "s"),
    (&["min", "mins", "minute", "minutes"], "m"),
    (&["hr", "hrs", "hour", "hours"], "h"),
    (&["day", "days"], "d"),
    (&["week", "weeks"], "w"),
    (&["pct", "percent"], "%"),
    (&["rps", "qps"], "/s"),
];

/// `1h30m` as one number: `90m`.
fn one_duration(literal: &str) -> Option<String> {
    let mut rest = literal;
    let mut total = 0_u64;
    let mut least = DURATIONS.last()?;
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, behind) = behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
        let found = DURATIONS.iter().find(|(of, _)| *of == unit)?;
        total = number.parse::<u64>().ok()?.checked_mul(found.1)?.checked_add(total)?;
        least = if found.1 < least.1 { found } else { least };
        rest = behind;
    }
    Some(format!("{}{}", total / least.1, least.0))
}

/// The units of durations, in milliseconds.
const DURATIONS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// `1e6` in digits.
fn without_exponent(literal: &str) -> Option<String> {
    let (number, exponent) = literal.split_once(['e', 'E'])?;
    let zeros = exponent.parse::<usize>().ok().filter(|zeros| *zeros <= EXPONENT_MAX)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| format!("{number}{}", "0".repeat(zeros)))
}

/// The largest exponent that is written out.
const EXPONENT_MAX: usize = 12;

fn letters(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}
