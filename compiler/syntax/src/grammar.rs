//! The pest grammar behind `parse`, and how its rules are called in messages. Nothing of pest leaves this crate.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pairs;

pub(crate) use derived::Rule;

#[expect(unreachable_pub, reason = "pest makes its items public")]
mod derived {
    /// The parser that pest makes of the grammar.
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar.pest"]
    pub struct Grammar;
}

/// Rules of words are called by this and the word.
const WORD_PREFIX: &str = "k_";

/// The first thing that does not fit.
pub(crate) struct Misfit {
    /// The byte at which nothing fits.
    pub(crate) at: usize,
    /// The words that would fit there.
    pub(crate) words: Vec<String>,
    /// What else would fit there, as messages call it.
    pub(crate) others: Vec<&'static str>,
    /// Whether the text could have ended there.
    pub(crate) could_end: bool,
}

/// Why a text was not parsed.
pub(crate) enum Failure {
    /// It does not fit the grammar.
    Misfit(Misfit),
    /// A bound of pest was reached.
    Bound,
}

/// Parses all of `text` as `rule`.
pub(crate) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Failure> {
    derived::Grammar::parse(rule, text).map_err(|error| {
        let at = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        match error.variant {
            ErrorVariant::ParsingError { positives, .. } => Failure::Misfit(misfit(at, positives)),
            ErrorVariant::CustomError { .. } => Failure::Bound,
        }
    })
}

fn misfit(at: usize, mut rules: Vec<Rule>) -> Misfit {
    rules.sort_unstable();
    rules.dedup();
    let mut misfit = Misfit { at, words: Vec::new(), others: Vec::new(), could_end: rules.contains(&Rule::EOI) };
    // Where an expression may go on, all that continues it is one thing to expect; elsewhere they are words.
    let continues = rules.iter().any(|rule| spoken(*rule) == Some(OPERATOR));
    for rule in rules {
        if continues && OPERATORS_THERE.contains(&rule) {
            continue;
        }
        if let Some(spoken) = spoken(rule) {
            if !misfit.others.contains(&spoken) {
                misfit.others.push(spoken);
            }
        } else if let Some(word) = word(rule) {
            misfit.words.push(word);
        }
    }
    misfit
}

/// The word of a rule that stands for one.
pub(crate) fn word(rule: Rule) -> Option<String> {
    format!("{rule:?}").strip_prefix(WORD_PREFIX).map(str::to_owned)
}

/// How messages call what a rule stands for, several things with `, ` between; those that are missing are words, or never reported.
fn spoken(rule: Rule) -> Option<&'static str> {
    SPOKEN.iter().find(|(_, rules)| rules.contains(&rule)).map(|(spoken, _)| *spoken)
}

/// What messages call an operator.
pub(crate) const OPERATOR: &str = "an operator";

/// What is an operator as well, where one can stand.
const OPERATORS_THERE: &[Rule] = &[
    Rule::k_and,
    Rule::k_or,
    Rule::k_not,
    Rule::k_in,
    Rule::k_within,
    Rule::k_for,
    Rule::point,
    Rule::dots,
    Rule::lparen,
];

const SPOKEN: &[(&str, &[Rule])] = &[
    ("a name", &[Rule::name, Rule::label, Rule::path, Rule::typed, Rule::argument]),
    ("an action", &[Rule::actions, Rule::action_ref, Rule::call]),
    (
        "an expression",
        &[
            Rule::expr,
            Rule::or_,
            Rule::and_,
            Rule::not_,
            Rule::held,
            Rule::compared,
            Rule::coalesced,
            Rule::sum,
            Rule::product,
            Rule::signed,
            Rule::field,
            Rule::list,
            Rule::paren,
            Rule::if_,
            Rule::boolean,
            Rule::reference,
            Rule::special,
        ],
    ),
    (
        OPERATOR,
        &[
            Rule::plus,
            Rule::minus,
            Rule::times,
            Rule::slash,
            Rule::coalesce,
            Rule::comparison,
            Rule::relation,
            Rule::in_,
            Rule::within_,
            Rule::arguments,
        ],
    ),
    ("a number", &[Rule::quantity]),
    ("a duration such as `60s`", &[Rule::duration]),
    ("a percentage such as `5%`", &[Rule::percent]),
    ("a whole number", &[Rule::count]),
    ("a text in quotes", &[Rule::text]),
    ("a text in backticks", &[Rule::raw]),
    ("`{`", &[Rule::lbrace, Rule::stages]),
    ("`}`", &[Rule::rbrace]),
    ("`(`", &[Rule::lparen, Rule::parameters]),
    ("`)`", &[Rule::rparen]),
    ("`[`", &[Rule::lbracket]),
    ("`]`", &[Rule::rbracket]),
    ("`,`", &[Rule::comma]),
    ("`:`", &[Rule::colon]),
    ("`=`", &[Rule::equals]),
    ("`.`", &[Rule::point]),
    ("`..`", &[Rule::dots]),
    ("a series such as `\"requests_total\"`, `sum`, `rate`, `quantile`, `mean`", &[Rule::scrape]),
    ("`scrape`", &[Rule::source]),
    ("`sum`", &[Rule::scrape_sum]),
    ("`rate`", &[Rule::scrape_rate]),
    ("`quantile`", &[Rule::scrape_quantile]),
    ("`mean`", &[Rule::scrape_mean]),
    ("`at`, `within`, `hold`", &[Rule::stage]),
    ("`because`", &[Rule::because]),
    ("`when`", &[Rule::condition]),
    ("`else`", &[Rule::otherwise]),
    ("`suggest`", &[Rule::suggest]),
    ("`by`", &[Rule::by]),
    ("`as`", &[Rule::alias]),
    ("`every`", &[Rule::every]),
    ("`stale`", &[Rule::stale]),
    ("`cooldown`", &[Rule::cooldown]),
    ("`breaker`", &[Rule::breaker]),
    ("`effect`", &[Rule::effect]),
    ("`undo`", &[Rule::undo]),
    ("`risk`", &[Rule::risk]),
    ("`verify`", &[Rule::verified]),
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::word;

    fn is_name(text: &str) -> bool {
        parse(Rule::one_use, &format!("use {text}")).is_ok()
    }

    #[test]
    fn the_grammar_reserves_what_the_table_does() {
        for reserved in word::RESERVED {
            assert!(!is_name(reserved), "{reserved}");
            assert!(is_name(&format!("{reserved}s")), "{reserved}");
        }
        let words = Rule::all_rules().iter().filter_map(|rule| super::word(*rule));
        for word in words.filter(|word| !word::RESERVED.contains(&word.as_str())) {
            assert!(is_name(&word), "{word}");
        }
    }

    #[test]
    fn each_member_of_the_tables_is_in_the_grammar() {
        for member in word::member_words() {
            let misfit = parse(Rule::one_member, member).map(drop).err().unwrap();
            assert!(matches!(misfit, Failure::Misfit(misfit) if misfit.at == member.len()), "{member}");
        }
        for member in word::TARGET_MEMBERS {
            let misfit = parse(Rule::one_target_member, member).map(drop).err().unwrap();
            assert!(matches!(misfit, Failure::Misfit(misfit) if misfit.at == member.len()), "{member}");
        }
    }
}
