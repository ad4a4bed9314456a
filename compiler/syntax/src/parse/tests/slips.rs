//! What is said of slips, and that what is offered mends them.

use super::messages::member;
use super::*;

#[test]
fn messages_about_slips() {
    let shown: String = [
        "objective a => 3",
        "objective a =< 3",
        "objective a = 3",
        "objective a&&b || !c",
        "let a = 1;",
        "objective a < 5Mb",
        "objective a < 1kb",
        "approve a b",
        "approve any b",
        "objective if a = 3 then b else c",
        "test \"x\" { given a = 1 b = 2 expect allow }",
        "objective 'single' == a",
        "objective if (a) b else c",
        "objective if a then b",
        "objective if a then b elif c then d else e",
        "objective a < 60 s",
        "limit cooldown 60 min after any",
        "objective a < 80 % for 2m",
        "objective a < 80 % b",
        "let a = 1h30m",
        "let a = 1e6",
        "let a = .5",
        "let a = 5.",
        "objective any pod in pods: not pod.ready",
        "allow s(to) if to > 3",
        "allow s(to) unless to > 3",
        "allow s(to: 3)",
        "allow s to when to > 3",
        "allow s(to) when to is 3",
        "allow s(to) when to between 2 and 3",
        "allow s(to) when to in 2...5",
        "allow s(to) when to <> 3",
        "allow s when (a > 3",
        "allow a\n  foo bar",
        "allow a\n  owner team",
        "let my-floor = 3",
        "rule r { when a propose s }",
        "limit cooldown 5min after any",
        "limit cooldown 60sec after any",
        "approval { by \"a\" escalate \"b\" after 2h timeout 1h }",
    ]
    .map(member)
    .concat();
    insta::assert_snapshot!(shown, @r#"
    objective a => 3
                ^ E0101: expected an operator or the next member, found `=`
                = write `>=`
    objective a =< 3
                ^ E0101: expected an operator or the next member, found `=`
                = write `<=`
    objective a = 3
                ^ E0101: expected an operator or the next member, found `=`
                = equality is written `==`
    objective a&&b || !c
               ^^ E0102: `&&` means nothing here
               = write `and`
                   ^^ E0102: `||` means nothing here
                   = write `or`
                      ^ E0102: `!` means nothing here
                      = write `not`
    let a = 1;
             ^ E0102: `;` means nothing here
             = a member ends where the next begins; leave it out
    objective a < 5Mb
                   ^^ E0104: `Mb` is not a unit; did you mean `MB`?
                   = a unit stands directly behind its number, and nothing directly behind the unit
    objective a < 1kb
                   ^^ E0104: `kb` is not a unit; did you mean `KB`?
                   = a unit stands directly behind its number, and nothing directly behind the unit
    approve a b
              ^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `(`, `,` or the next member, found `b`
              = write a comma between actions
    approve any b
                ^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `(`, `,` or the next member, found `b`
                = write a comma between actions
    objective if a = 3 then b else c
                   ^ E0101: expected `then` or an operator, found `=`
                   = equality is written `==`
    test "x" { given a = 1 b = 2 expect allow }
                           ^ E0101: expected `propose`, `given`, `,`, `expect` or an operator, found `b`
                           = write a comma between what is given
    objective 'single' == a
              ^^^^^^^^ E0102: single quotes mean nothing here
              = texts stand in `"`
    objective if (a) b else c
                     ^ E0101: expected `then` or an operator, found `b`
                     = an `if` is written `if CONDITION then VALUE else VALUE`
    objective if a then b
    }
    ^ E0101: expected `else` or an operator, found `}`
    = an `if` is written `if CONDITION then VALUE else VALUE`
    objective if a then b elif c then d else e
                          ^^^^ E0101: expected `else` or an operator, found `elif`
                          = write `else if`
    objective a < 60 s
                     ^ E0101: expected an operator or the next member, found `s`
                     = a unit stands against its number
    limit cooldown 60 min after any
                   ^^ E0101: expected a duration such as `60s`, found `60`
                   = it is written like `limit cooldown 60s after any`
    objective a < 80 % for 2m
                     ^ E0102: `%` means nothing here
                     = `%` stands directly behind a number: `80%`
    objective a < 80 % b
                     ^ E0102: `%` means nothing here
                     = `%` stands directly behind a number: `80%`
    let a = 1h30m
             ^^^^ E0104: `h30m` is not a unit
             = write one number with one unit, such as `90m`
    let a = 1e6
             ^^ E0104: `e6` is not a unit
             = write one number with one unit, such as `1000000`
    let a = .5
            ^ E0101: expected an expression, found `.`
            = a digit stands on both sides of a decimal point
    let a = 5.
            ^^ E0104: `5.` is not a number
            = a digit stands on both sides of a decimal point, and behind `$`
    objective any pod in pods: not pod.ready
                               ^^^ E0101: expected an expression, found `not`
                               = what is asked of each element is one comparison; put more in parentheses
    allow s(to) if to > 3
                ^^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `,` or the next member, found `if`
                = a condition begins with `when`
    allow s(to) unless to > 3
                ^^^^^^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `,` or the next member, found `unless`
                = write `when not (…)`
    allow s(to: 3)
              ^ E0101: expected `)` or `,`, found `:`
              = an action stands with the names of its parameters alone; ask for a value behind `when`, as in `when to == 3`
    allow s to when to > 3
            ^^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `(`, `,` or the next member, found `to`
            = parameters stand in parentheses, as in `s(to)`, and commas between actions
    allow s(to) when to is 3
                        ^^ E0101: expected `else`, `because`, `suggest`, `by`, `as`, an operator or the next member, found `is`
                        = write `==`, or ask `known(…)` whether something is known at all
    allow s(to) when to between 2 and 3
                        ^^^^^^^ E0101: expected `else`, `because`, `suggest`, `by`, `as`, an operator or the next member, found `between`
                        = a range is written `in 2..5`, and includes both ends
    allow s(to) when to in 2...5
                              ^ E0101: expected an expression, found `.`
                              = write `..`
    allow s(to) when to <> 3
                         ^ E0101: expected an expression, found `>`
                         = write `!=`
    allow s when (a > 3
    }
    ^ E0101: expected `)` or an operator, found `}`
    = close it with `)`
    allow a
      foo bar
      ^^^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `(`, `,` or the next member, found `foo`
      = no member begins with `foo`; if it goes on with actions, write a comma before it
    allow a
      owner team
      ^^^^^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `(`, `,` or the next member, found `owner`
      = `owner` stands before a text, as in `owner "team-web"`
    let my-floor = 3
          ^ E0101: expected `=`, found `-`
          = a name has `_` where others have `-`
    rule r { when a propose s }
                              ^ E0101: expected `(`, found `}`
                              = arguments stand in parentheses, also where there are none: `s()`
    limit cooldown 5min after any
                    ^^^ E0104: `min` is not a unit; did you mean `m`?
                    = a unit stands directly behind its number, and nothing directly behind the unit
    limit cooldown 60sec after any
                     ^^^ E0104: `sec` is not a unit; did you mean `s`?
                     = a unit stands directly behind its number, and nothing directly behind the unit
    approval { by "a" escalate "b" after 2h timeout 1h }
                                            ^^^^^^^ E0101: expected `notify` or `}`, found `timeout`
                                            = the parts stand in the order `by`, `quorum`, `timeout`, `escalate`, `notify`, each once
    "#);
}

#[test]
fn each_slip_can_be_mended() {
    for (slip, mended) in [
        ("objective a => 3", "objective a >= 3"),
        ("objective a = 3", "objective a == 3"),
        ("objective a&&b", "objective a and b"),
        ("objective a || !b", "objective a or not b"),
        ("let a = 1;", "let a = 1"),
        ("objective a < 5Mb", "objective a < 5MB"),
        ("approve a b", "approve a, b"),
        ("objective 'single' == a", "objective \"single\" == a"),
        ("objective if a then b elif c then d else e", "objective if a then b else if c then d else e"),
        ("objective a < 60 s", "objective a < 60s"),
        ("objective a < 80 % for 2m", "objective a < 80% for 2m"),
        ("let a = 1h30m", "let a = 90m"),
        ("let a = 1e6", "let a = 1000000"),
        ("let a = .5", "let a = 0.5"),
    ] {
        let mut text = format!("{HEADER}{slip}\n}}");
        let diagnostics = parsed(&text).diagnostics;
        for found in diagnostics.iter().rev() {
            let edit = &found.fixes[0].edits[0];
            text.replace_range(edit.span.range(), &edit.replacement);
        }
        let line = text.lines().nth(1).unwrap();
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), mended.split(' ').collect::<Vec<_>>());
        assert_eq!(said(&text), "");
    }
}
