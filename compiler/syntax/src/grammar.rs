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
    ("a name", &[Rule::name, Rule::label, Rule::path, Rule::typed, Rule::setting, Rule::argument, Rule::over]),
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
            Rule::quantified,
            Rule::quantifier,
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
    ("a literal such as `80%`", &[Rule::literal, Rule::plain]),
    ("a number", &[Rule::quantity, Rule::number, Rule::any_, Rule::factor]),
    ("a duration such as `60s`", &[Rule::duration, Rule::time]),
    ("a percentage such as `5%`", &[Rule::percent, Rule::share]),
    ("money over time such as `$450/month`", &[Rule::dollars, Rule::spend]),
    ("a whole number", &[Rule::count, Rule::whole]),
    ("a text in quotes", &[Rule::text, Rule::words]),
    ("a text in backticks", &[Rule::raw]),
    ("`{`", &[Rule::lbrace, Rule::stages, Rule::record]),
    ("`}`", &[Rule::rbrace]),
    ("`(`", &[Rule::lparen, Rule::parameters, Rule::settings, Rule::given_arguments]),
    ("`)`", &[Rule::rparen]),
    ("`[`", &[Rule::lbracket, Rule::literals, Rule::records]),
    ("`]`", &[Rule::rbracket]),
    ("`,`", &[Rule::comma]),
    ("`:`", &[Rule::colon]),
    ("`=`", &[Rule::equals]),
    ("`.`", &[Rule::point]),
    ("`..`", &[Rule::dots]),
    ("a series such as `\"requests_total\"`, `sum`, `rate`, `quantile`, `mean`", &[Rule::scrape]),
    ("`prometheus`, `scrape`, `http_json`, `constant`", &[Rule::source]),
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
    ("`stale`", &[Rule::stale, Rule::fact_stale]),
    ("`responds`", &[Rule::responds]),
    ("`good`", &[Rule::good]),
    ("`total`", &[Rule::total]),
    ("`min events`", &[Rule::events]),
    ("`burn`", &[Rule::burn]),
    ("`cooldown`", &[Rule::cooldown]),
    ("`breaker`", &[Rule::breaker]),
    ("`at most`", &[Rule::at_most]),
    ("`pace`", &[Rule::pace]),
    ("`drift`", &[Rule::drift]),
    ("`budget`", &[Rule::budget]),
    ("`freeze`", &[Rule::freeze]),
    ("`except`", &[Rule::except]),
    ("`quorum`", &[Rule::quorum]),
    ("`timeout`", &[Rule::timeout]),
    ("`escalate`", &[Rule::escalate]),
    ("`notify`", &[Rule::notify]),
    ("`given`", &[Rule::given]),
    (
        "what is the case, such as `cpu = 95% for 5m`",
        &[
            Rule::given_item,
            Rule::given_actor,
            Rule::given_at,
            Rule::given_owner,
            Rule::given_claim,
            Rule::given_state,
            Rule::given_past,
            Rule::given_value,
        ],
    ),
    ("`roles`", &[Rule::roles]),
    ("`for`", &[Rule::held_for]),
    ("`propose`", &[Rule::proposed]),
    ("`expect`", &[Rule::expect]),
    ("`allow`, `approve`, `forbid`", &[Rule::expect_tier]),
    ("`rule`", &[Rule::expect_rule]),
    ("`effect`", &[Rule::effect]),
    ("`undo`", &[Rule::undo]),
    ("`risk`", &[Rule::risk]),
    ("`verify`", &[Rule::verified]),
];

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::boundary::Block;
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
        for member in Block::Policy.words() {
            let misfit = parse(Rule::one_member, member).map(drop).err().unwrap();
            assert!(matches!(misfit, Failure::Misfit(misfit) if misfit.at == member.len()), "{member}");
        }
        for member in Block::Target.words() {
            let misfit = parse(Rule::one_target_member, member).map(drop).err().unwrap();
            assert!(matches!(misfit, Failure::Misfit(misfit) if misfit.at == member.len()), "{member}");
        }
    }
}
