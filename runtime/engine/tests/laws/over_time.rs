//! Tests that give series: every expectation computed by hand.

use leeway_engine::{Compiled, play};

const MEMBERS: &str = r#"
  rule scale_out { when cpu > 80% for 2m and replicas < 5 propose scale(to: replicas + 1) }
  limit cooldown 5m after any
  allow scale(to) when to <= 3 else approve
"#;

/// Whether each expectation of this test was met, and what came.
fn outcomes(test: &str) -> Vec<(bool, String)> {
    let policy = format!(
        r#"
target shop.service(name: text) {{
  fact replicas: count
  action scale(to: count) {{ effect replicas = to  undo scale(to: current.replicas)  risk low }}
}}
blueprint shop for shop.service("web") {{
  metric cpu: ratio = scrape "cpu"
  {MEMBERS}
  test "it" {{ {test} }}
}}"#
    );
    let compilation = leeway_driver::compile_text("shop.leeway", &policy);
    let suite = compilation.suites.first().unwrap_or_else(|| panic!("{:#?}", compilation.diagnostics));
    let played = play(&Compiled::new(std::sync::Arc::new(suite.policy.clone())), &suite.scenarios[0]);
    played.outcomes.into_iter().map(|outcome| (outcome.met, outcome.came)).collect()
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
           expect approve
           never expect rule scale_out proposes scale(to: 5)"#,
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
            came(true, "approve at 8m"),
            came(true, "nothing at 11m"),
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
