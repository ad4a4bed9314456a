//! Tests that give series: every expectation computed by hand.

use std::sync::Arc;

use leeway_engine::{Compiled, Played, Truth, play};

const MEMBERS: &str = r#"
  rule scale_out { when cpu > 80% for 2m and replicas < 5 propose scale(to: replicas + 1) }
  limit cooldown 5m after any
  allow scale(to) when to <= 3 else approve
"#;

/// What comes of this test.
fn played(test: &str) -> Played {
    let policy = format!(
        r#"
target shop.service(name: text) {{
  fact replicas: count
  action scale(to: count) {{ effect replicas = to  undo scale(to: current.replicas)  risk low }}
}}
blueprint shop for shop.service("web") {{
  metric cpu: ratio = scrape "cpu"
  metric load: ratio = scrape "load"
  {MEMBERS}
  test "it" {{ {test} }}
}}"#
    );
    let compilation = leeway_driver::compile_text("shop.leeway", &policy);
    let suite = compilation.suites.first().unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics));
    play(&Compiled::new(Arc::new(suite.policy.clone())), &suite.scenarios[0])
}

/// Whether each expectation of this test was met, and what came.
fn outcomes(test: &str) -> Vec<(bool, String)> {
    played(test).outcomes.into_iter().map(|outcome| (outcome.met, outcome.came)).collect()
}

#[test]
fn rules_propose_at_their_time_and_what_is_done_changes_facts() {
    // Hot from 60 s on: for two minutes at 180 s. Three are done; at 480 s the cooldown is over, and four want people.
    let told = outcomes(
        r#"given replicas = 2, cpu = series "40%x3 90%x40" every 15s
           at 2m expect rule scale_out silent
           at 3m expect rule scale_out proposes scale(to: 3)
           expect allow
           at 475s expect rule scale_out silent
           within 10m expect rule scale_out proposes scale(to: 4)
           never expect rule scale_out proposes scale(to: 5)
           expect approve"#,
    );
    let came = |met: bool, came: &str| (met, came.to_owned());
    assert_eq!(
        told,
        [
            came(true, "nothing at 2m"),
            came(true, "scale(to: 3) at 3m"),
            came(true, "allow at 3m"),
            came(true, "nothing at 465s"),
            came(true, "scale(to: 4) at 8m"),
            came(true, "nothing at 11m"),
            came(true, "approve at 8m"),
        ]
    );
}

#[test]
fn what_comes_at_another_time_is_told() {
    let told = outcomes(
        r#"given replicas = 2, cpu = series "90%x12" every 15s
           at 1m expect rule scale_out proposes scale(to: 3)
           within 90s expect rule scale_out proposes scale(to: 3)
           never expect rule scale_out proposes scale(to: 3)
           expect rule scale_out proposes scale(to: 3)"#,
    );
    assert_eq!(
        told,
        [
            (false, "nothing at 1m".to_owned()),
            (false, "nothing at 90s".to_owned()),
            (false, "scale(to: 3) at 2m".to_owned()),
            (false, "nothing at 3m".to_owned()),
        ]
    );
}

#[test]
fn gaps_are_unknown_and_what_is_proposed_is_judged_at_its_moment() {
    let told = outcomes(
        r#"given replicas = 2, cpu = series "90%x3 _x6 90%x12" every 15s
           propose scale(to: 9)
           at 1m expect rule scale_out silent
           within 5m expect rule scale_out proposes scale(to: 3)
           at 4m expect approve
           at 285s expect forbid by "shop/limit/cooldown/1""#,
    );
    // Samples are unknown until 135 s; two minutes without one are over at 270 s, when the rule acts.
    assert_eq!(
        told,
        [
            (true, "nothing at 1m".to_owned()),
            (true, "scale(to: 3) at 270s".to_owned()),
            (true, "approve at 4m".to_owned()),
            (true, "forbid at 285s".to_owned()),
        ]
    );
}

#[test]
fn what_was_so_before_the_series_counts() {
    let told = outcomes(
        r#"given replicas = 2, cpu = 90% for 2m, load = series "1%x4" every 15s
           at 0s expect rule scale_out proposes scale(to: 3)
           expect rule scale_out silent"#,
    );
    assert_eq!(told, [(true, "scale(to: 3) at 0s".to_owned()), (true, "nothing at 1m".to_owned())]);
}

#[test]
fn coverage_is_what_clauses_said_over_time() {
    let seen = |test: &str| -> Vec<Vec<Truth>> {
        played(test).coverage.into_iter().map(|truths| truths.into_iter().collect()).collect()
    };
    // `allow` and what its `else` makes of it: three are wanted at 2 min, and from then on four.
    let three = seen(r#"given replicas = 2, cpu = series "90%x8" every 15s at 1m expect rule scale_out silent"#);
    assert_eq!(three, [[Truth::True], [Truth::False]]);
    let four = seen(r#"given replicas = 2, cpu = series "90%x9" every 15s at 1m expect rule scale_out silent"#);
    assert_eq!(four, [[Truth::True, Truth::False], [Truth::True, Truth::False]]);
}

#[test]
fn long_tests_tell_their_time_too() {
    let told = outcomes(
        r#"given replicas = 2, cpu = series "20%x2" every 50d
           expect rule scale_out silent"#,
    );
    assert_eq!(told, [(true, "nothing at 100d".to_owned())]);
}
