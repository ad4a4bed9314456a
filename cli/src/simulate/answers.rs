//! What is given to a simulation on the command line: what people answer, and what facts are at first.

use std::ffi::OsString;
use std::str::FromStr;

use leeway_engine::People;
use leeway_ir::{FactId, Policy};
use leeway_units::{Type, Unit, Value, parse_literal};

use crate::exit::Failure;

/// `all`, `none` or `after D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answers(People);

impl Answers {
    pub(crate) fn people(self) -> People {
        self.0
    }
}

impl FromStr for Answers {
    type Err = String;

    fn from_str(text: &str) -> Result<Answers, String> {
        match text.split_once(' ') {
            None if text == "all" => Ok(Answers(People::Agree)),
            None if text == "none" => Ok(Answers(People::Silent)),
            Some(("after", time)) => Ok(Answers(People::AgreeAfter(milliseconds(time.trim())?))),
            None | Some(_) => Err("expected `all`, `none`, or `after 10m`".to_owned()),
        }
    }
}

/// A time as the language writes it, in whole milliseconds, at least one.
pub(crate) fn milliseconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no time; write it as `15s`, `5m` or `1h`");
    let quantity = parse_literal(text).map_err(|_| wrong())?;
    let ms = (quantity.unit() == Unit::Duration).then(|| quantity.base().to_string());
    ms.and_then(|ms| ms.parse().ok()).filter(|ms| *ms > 0).ok_or_else(wrong)
}

/// The arguments with `--approve after 10m` as one: the words of a shell, and of the contract, are two.
pub(crate) fn joined(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    for argument in arguments {
        let after = joined.last().is_some_and(|last| last == "after" || last == "--approve=after");
        let of_approve = joined.last().is_some_and(|last| last == "--approve=after")
            || joined.len().checked_sub(2).and_then(|at| joined.get(at)).is_some_and(|flag| flag == "--approve");
        match joined.last_mut() {
            Some(last) if after && of_approve => {
                last.push(" ");
                last.push(argument);
            }
            Some(_) | None => joined.push(argument),
        }
    }
    joined
}

/// What facts are at first; those that only policies `beside` have are left to them.
pub(crate) fn given_facts(
    policy: &Policy,
    beside: &[Policy],
    given: &[String],
) -> Result<Vec<(FactId, Value)>, Failure> {
    let mut facts: Vec<(FactId, Value)> = Vec::new();
    for text in given {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Failure::usage(format!("`--fact {text}` gives no value")).help("write it as `--fact replicas=3`")
        })?;
        let is_known = |policy: &Policy| policy.fact_named(name.trim()).is_some();
        if !is_known(policy) && beside.iter().any(is_known) {
            continue;
        }
        let id = policy.fact_named(name.trim()).ok_or_else(|| {
            let known: Vec<&str> = policy.facts.iter().map(|fact| fact.name.as_ref()).collect();
            let near = leeway_driver::closest(name.trim(), known.iter().copied());
            let failure = Failure::usage(format!("`{}` has no fact `{}`", policy.target.kind, name.trim()));
            match near {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help(format!("there is {}", known.join(", "))),
            }
        })?;
        let ty = policy.fact(id).map(|fact| fact.ty.clone());
        let value = ty.map(|ty| Value::parse_as(&ty, value.trim())).transpose();
        let value = value.map_err(|error| Failure::usage(format!("`--fact {text}`: {error}")))?;
        if let Some(quantity) = value.as_ref().and_then(Value::quantity)
            && !quantity.unit().can_measure(quantity.base())
        {
            return Err(Failure::usage(format!(
                "`--fact {text}`: a `{}` is never below zero",
                Type::Quantity(quantity.unit())
            )));
        }
        if facts.iter().any(|(known, _)| *known == id) {
            return Err(Failure::usage(format!("`--fact {}` is given twice", name.trim())));
        }
        facts.extend(value.map(|value| (id, value)));
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_answer_is_read() {
        assert_eq!("all".parse(), Ok(Answers(People::Agree)));
        assert_eq!("none".parse(), Ok(Answers(People::Silent)));
        assert_eq!("after 10m".parse(), Ok(Answers(People::AgreeAfter(600_000))));
        for wrong in ["after", "after 0s", "after ten", "some", "all 10m", ""] {
            assert!(wrong.parse::<Answers>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn two_words_of_a_shell_are_one_answer() {
        let of = |line: &str| -> Vec<String> {
            let words = joined(line.split(' ').map(OsString::from));
            words.into_iter().map(|word| word.into_string().unwrap_or_default()).collect()
        };
        assert_eq!(of("simulate --approve after 10m x"), ["simulate", "--approve", "after 10m", "x"]);
        assert_eq!(of("simulate --approve=after 10m x"), ["simulate", "--approve=after 10m", "x"]);
        assert_eq!(of("simulate --approve all after x"), ["simulate", "--approve", "all", "after", "x"]);
    }
}
