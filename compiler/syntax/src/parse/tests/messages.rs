//! What is said of what does not fit, in the words of the language.

use super::*;

/// The text with each finding beneath its line.
fn picture(text: &str) -> String {
    let mut sources = SourceMap::default();
    let id = sources.add("test", text);
    let mut picture = String::new();
    let diagnostics = parse(id, text).diagnostics;
    for (number, line) in text.lines().enumerate() {
        picture += &format!("{line}\n");
        for found in &diagnostics {
            let (start, end) = (sources.start(found.primary.span), sources.end(found.primary.span));
            if start.line as usize == number + 1 {
                let (column, length) =
                    (start.column as usize, (end.column.saturating_sub(start.column)).max(1) as usize);
                let mark = " ".repeat(column - 1) + &"^".repeat(length);
                picture += &format!("{mark} {}: {}\n", found.code, found.message);
                picture += &found
                    .help
                    .as_ref()
                    .map(|help| format!("{}= {help}\n", " ".repeat(column - 1)))
                    .unwrap_or_default();
            }
        }
    }
    picture
}

/// The picture of one member.
pub(super) fn member(text: &str) -> String {
    picture(&format!("{HEADER}{text}\n}}")).replace(HEADER, "").trim_end_matches("}\n").to_owned()
}

#[test]
fn messages_say_what_was_expected() {
    let shown: String = [
        "allow scale(to) wehn to > 3",
        "allow scale(to) when to > 3 becuse \"x\"",
        "let a = 1\nalow scale",
        "let limit = 3",
        "objective a < b < c",
        "objective a for 1m for 2m",
        "objective a = 3",
        "objective if a then b else c and d",
        "forbid s because \"x\" when y",
        "allow s else approve",
        "metric m: ratio = scarpe \"x\"",
        "metric m: ratio = scrape hist(\"x\")",
        "metric m: ratio = scrape rate(\"x\", 5)",
        "limit cooldwn 5s after any",
        "limit breaker three failures",
        "verify s { at 10s x whithin 5s y } else rollback",
        "verify s { at 10s x } else explode",
        "verify s { } else rollback",
        "rule r { when x propose scale(3) }",
        "approve s(a,)",
        "fact x: count",
        "scale = 3",
    ]
    .into_iter()
    .map(member)
    .collect();
    insta::assert_snapshot!(shown, @r#"
    allow scale(to) wehn to > 3
                    ^^^^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `,` or the next member, found `wehn`; did you mean `when`?
                    = write `when`
    allow scale(to) when to > 3 becuse "x"
                                ^^^^^^ E0101: expected `else`, `because`, `suggest`, `by`, `as`, an operator or the next member, found `becuse`; did you mean `because`?
                                = write `because`
    let a = 1
    alow scale
    ^^^^ E0101: expected an operator or the next member, found `alow`; did you mean `allow`?
    = write `allow`
    let limit = 3
        ^^^^^ E0101: expected a name, found `limit`
        = `limit` is a word of the language and cannot be a name
    objective a < b < c
                    ^ E0101: expected an operator or the next member, found `<`
                    = comparisons do not chain; join two of them with `and`
    objective a for 1m for 2m
                       ^^^ E0101: expected `and`, `or` or the next member, found `for`
                       = `for` does not chain; put what it applies to in parentheses
    objective a = 3
                ^ E0101: expected an operator or the next member, found `=`
                = equality is written `==`
    objective if a then b else c and d
                                 ^^^ E0101: expected an operator, found `and`
                                 = put the `if` before it in parentheses
    forbid s because "x" when y
                         ^^^^ E0101: expected `suggest`, `by`, `as` or the next member, found `when`
                         = the parts of a clause stand in the order `when`, `because`, `suggest`, `by`, `as`, each once
    allow s else approve
            ^^^^ E0101: expected `when`, `because`, `suggest`, `by`, `as`, `(`, `,` or the next member, found `else`
            = `else` stands only behind a `when`
    metric m: ratio = scarpe "x"
                      ^^^^^^ E0101: expected `prometheus`, `scrape`, `http_json` or `constant`, found `scarpe`; did you mean `scrape`?
                      = write `scrape`
    metric m: ratio = scrape hist("x")
                             ^^^^ E0101: expected a series such as `"requests_total"`, `sum`, `rate`, `quantile` or `mean`, found `hist`
                             = it is written like `metric p95: duration = scrape quantile(0.95, "latency_seconds", 1m)`
    metric m: ratio = scrape rate("x", 5)
                                       ^ E0101: expected a duration such as `60s`, found `5`
                                       = it is written like `metric p95: duration = scrape quantile(0.95, "latency_seconds", 1m)`
    limit cooldwn 5s after any
          ^^^^^^^ E0101: expected `cooldown`, `breaker`, `at`, `pace`, `drift`, `budget` or `freeze`, found `cooldwn`; did you mean `cooldown`?
          = write `cooldown`
    limit breaker three failures
    verify s { at 10s x whithin 5s y } else rollback
                        ^^^^^^^ E0101: expected `}`, `at`, `within`, `hold` or an operator, found `whithin`; did you mean `within`?
                        = write `within`
    verify s { at 10s x } else explode
                               ^^^^^^^ E0101: expected `rollback`, `escalate` or `nothing`, found `explode`
                               = it is written like `verify set_quota { within 5s current.quota == to } else rollback`
    verify s { } else rollback
               ^ E0101: expected `at`, `within` or `hold`, found `}`
               = it is written like `verify set_quota { within 5s current.quota == to } else rollback`
    rule r { when x propose scale(3) }
                                  ^ E0101: expected a name or `)`, found `3`
                                  = it is written like `rule grow { when refused > 5/s propose set_quota(to: current.quota * 110%) }`
    approve s(a,)
                ^ E0101: expected a name or `..`, found `)`
                = it is written like `approve set_quota(to) when to > 800/s`
    fact x: count
    ^^^^ E0101: `fact` is a member of a target, not of a blueprint
    = move it into a `target`
    scale = 3
    ^^^^^ E0101: expected a member of the blueprint, found `scale`
    = members begin with `version`, `owner`, `label`, `include`, `let`, `metric`, `objective`, `rule`, `allow`, `approve`, `forbid`, `limit`, `approval`, `autonomy`, `audit`, `verify`, `slo`, `invariant` or `test`
    "#);
}

#[test]
fn messages_about_items() {
    let shown: String = [
        "bluprint x for k(\"n\") { }",
        "let x = 3",
        "use std.Kubernetes",
        "use std.kubernetes az k8s",
        "blueprint x fr k(\"n\") { }",
        "target a.b { }",
        "target a.b(name: text) { fact x: count action s() { efect x = 1 } }",
        "target a.b(name: text) { fact x: count stale }",
        "target a.b(name: text) { allow s }",
        "blueprint x for k(\"n\") { } }",
        "blueprint x for k(\"n\") { let a = 1",
    ]
    .into_iter()
    .map(picture)
    .collect();
    insta::assert_snapshot!(shown, @r#"
    bluprint x for k("n") { }
    ^^^^^^^^ E0101: expected `use`, `target`, `policy` or `blueprint`, found `bluprint`; did you mean `blueprint`?
    = write `blueprint`
    let x = 3
    ^^^ E0101: expected `use`, `target`, `policy` or `blueprint`, found `let`
    = members stand between the `{` and the `}` of a `blueprint`, `policy` or `target`
    use std.Kubernetes
            ^^^^^^^^^^ E0107: `Kubernetes` is not a name
            = names begin with a small letter and go on with small letters, digits and `_`
    use std.kubernetes az k8s
                       ^^ E0101: expected `as`, `.` or the next declaration, found `az`; did you mean `as`?
                       = write `as`
    blueprint x fr k("n") { }
                ^^ E0101: expected `for`, found `fr`; did you mean `for`?
                = write `for`
    target a.b { }
               ^ E0101: expected `(` or `.`, found `{`
               = it is written like `target shop.service(name: text) {`
    target a.b(name: text) { fact x: count action s() { efect x = 1 } }
                                                        ^^^^^ E0101: expected `verify`, `effect`, `undo`, `irreversible`, `disruptive`, `risk` or `}`, found `efect`; did you mean `effect`?
                                                        = write `effect`
    target a.b(name: text) { fact x: count stale }
                                                 ^ E0101: expected a duration such as `60s`, found `}`
                                                 = it is written like `fact replicas: count stale 30s`
    target a.b(name: text) { allow s }
                             ^^^^^ E0101: `allow` is a member of a blueprint, not of a target
                             = move it into a `blueprint`
    blueprint x for k("n") { } }
                             ^ E0101: expected a member of the blueprint, found `}`
                             = this `}` has no `{`; remove it
    blueprint x for k("n") { let a = 1
                                      ^ E0101: expected the next member or `}`, found the end of the file
                                      = end it with `}`, and what stands in it with theirs
    "#);
}

#[test]
fn messages_about_tokens() {
    let shown: String = [
        "let c\u{430}\u{431}pu = 1",
        "let a = 1 // \u{202e}x",
        "let a = \"\u{2066}\"",
        "let a = `\u{200f}`",
        "let \u{202e} = 1",
        "let a = \"open",
        "let a = `open",
        "let a = \"\\q\\u{110000}\\{\"",
        "forbid s because \"\\{x\\} \\q\"",
        "let a = 1h30m",
        "let a = 2cpus",
        "let a = 1e6",
        "let a = 5.",
        "let a = 5.x",
        "let a = 1.2.3",
        "let a = $",
        "let a = 99999999999999999999999",
        "let a = 80%x",
        "let a = 5 % 3",
        "let Aa = 1",
        "let _a = 1",
        "let aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1",
        "objective a && b || !c",
        "let a = 'x'; # note",
    ]
    .into_iter()
    .map(|text| picture(&format!("blueprint b for k.d(\"n\") {{\n{text}\n}}")))
    .map(|picture| {
        picture.lines().filter(|line| *line != "}" && !line.starts_with("blueprint")).collect::<Vec<_>>().join("\n")
            + "\n"
    })
    .collect();
    // The characters that turn text around would turn this file around too.
    let shown: String = shown.chars().map(|c| if ('\u{200f}'..='\u{2066}').contains(&c) { '?' } else { c }).collect();
    insta::assert_snapshot!(shown, @r#"
    let cабpu = 1
         ^^ E0102: `U+0430` is not allowed outside texts and comments
         = only ASCII stands outside texts and comments; many letters of other scripts look like one of it
    let a = 1 // ?x
                 ^ E0102: `U+202E` changes the direction of text and is not allowed anywhere
                 = it makes a source look different from what it says; remove it
    let a = "?"
             ^ E0102: `U+2066` changes the direction of text and is not allowed anywhere
             = it makes a source look different from what it says; remove it
    let a = `?`
             ^ E0102: `U+200F` changes the direction of text and is not allowed anywhere
             = it makes a source look different from what it says; remove it
    let ? = 1
        ^ E0102: `U+202E` changes the direction of text and is not allowed anywhere
        = it makes a source look different from what it says; remove it
    let a = "open
            ^^^^^ E0103: this text has no end on its line
            = end it with `"`; a line break in a text is written `\n`
    let a = `open
            ^^^^^ E0103: this text has no end
            = end it with a backtick before the next member begins
    let a = "\q\u{110000}\{"
             ^^ E0110: `\q` means nothing
             = the escapes are `\"`, `\\`, `\n`, `\t` and `\u{?}`; in `because` also `\{` and `\}`
               ^^^^^^^^^^ E0110: `\u{110000}` means nothing
               = the escapes are `\"`, `\\`, `\n`, `\t` and `\u{?}`; in `because` also `\{` and `\}`
                         ^^ E0110: `\{` means nothing
                         = the escapes are `\"`, `\\`, `\n`, `\t` and `\u{?}`; in `because` also `\{` and `\}`
    forbid s because "\{x\} \q"
                            ^^ E0110: `\q` means nothing
                            = the escapes are `\"`, `\\`, `\n`, `\t`, `\u{?}`, `\{` and `\}`
    let a = 1h30m
             ^^^^ E0104: `h30m` is not a unit
             = write one number with one unit, such as `90m`
    let a = 2cpus
             ^^^^ E0104: `cpus` is not a unit; did you mean `cpu`?
             = a unit stands directly behind its number, and nothing directly behind the unit
    let a = 1e6
             ^^ E0104: `e6` is not a unit
             = write one number with one unit, such as `1000000`
    let a = 5.
            ^^ E0104: `5.` is not a number
            = a digit stands on both sides of a decimal point, and behind `$`
    let a = 5.x
            ^^^ E0104: `5.x` is not a number
            = a digit stands on both sides of a decimal point, and behind `$`
    let a = 1.2.3
            ^^^^^ E0104: `1.2.3` is not a number
            = write one number with its unit directly behind it, such as `90s`, `80%` or `128Mi`
    let a = $
            ^ E0104: `$` is not a number
            = a digit stands on both sides of a decimal point, and behind `$`
    let a = 99999999999999999999999
            ^^^^^^^^^^^^^^^^^^^^^^^ E0104: `99999999999999999999999` is too large
            = write it in a larger unit
    let a = 80%x
              ^^ E0104: `%x` is not a unit; did you mean `%`?
              = a unit stands directly behind its number, and nothing directly behind the unit
    let a = 5 % 3
              ^ E0102: `%` means nothing here
              = `%` stands directly behind a number: `80%`
    let Aa = 1
        ^^ E0107: `Aa` is not a name
        = names begin with a small letter and go on with small letters, digits and `_`
    let _a = 1
        ^^ E0107: `_a` is not a name
        = names begin with a small letter and go on with small letters, digits and `_`
    let aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0107: a name is at most 64 characters long, this one has 65
        = shorten it
    objective a && b || !c
                ^^ E0102: `&&` means nothing here
                = write `and`
                     ^^ E0102: `||` means nothing here
                     = write `or`
                        ^ E0102: `!` means nothing here
                        = write `not`
    let a = 'x'; # note
            ^^^ E0102: single quotes mean nothing here
            = texts stand in `"`
               ^ E0102: `;` means nothing here
               = a member ends where the next begins; leave it out
                 ^ E0102: `#` means nothing here
                 = comments begin with `//`
    "#);
}

#[test]
fn messages_about_the_rest_of_the_language() {
    let shown: String = [
        "limit breaker 3",
        "limit nothing",
        "limit at least 3",
        "limit at most 3 of any",
        "limit drift replicas per 1h",
        "limit budget cost of $450 at 80%",
        "limit freeze \"Fri 16:00\" until",
        "label \"a\" \"b\"",
        "include baseline.irreversible",
        "metric a: ratio = prometheus up",
        "metric a: ratio = http_json \"/x\" \"/y\"",
        "metric a: ratio = constant b",
        "metric a: ratio = scrape \"x\" untrusted stale 5s",
        "approval { }",
        "approval { by \"x\" timout 1h }",
        "autonomy full",
        "audit { 30d }",
        "slo a 99.9% over 30d { good = prometheus `x` }",
        "slo a 99.9% over 30d { good = prometheus `x` stale 11m every 5m total = prometheus `y` }",
        "slo a 99.9% over 30d { total = prometheus `x` good = prometheus `y` }",
        "slo a 99.9% over 30d { good = prometheus `x` every 5 total = prometheus `y` }",
        "slo a 99.9% over 30d { good = prometheus `x` total = prometheus `y` burn 3 1h 5m low }",
        "invariant ready >= 2",
        "test \"x\" { given replicas 5 expect allow }",
        "test \"x\" { given pods = [{ 3 }] expect allow }",
        "test \"x\" { given s failed 5m expect allow }",
        "test \"x\" { given actor robot \"x\" expect allow }",
        "test \"x\" { expect maybe }",
        "test \"x\" { propose s() }",
        "test \"x\" { expect rule r proposed s() }",
        "objective any pod pods: pod.a",
        "objective any pod in pods pod.a",
        "objective any pod in a.b: pod.c",
        "objective max pod in pods: pod.a < 3 < 4",
        "needs metric a: ratio",
        "prove never allow s",
    ]
    .map(member)
    .concat();
    insta::assert_snapshot!(shown, @r#"
    limit breaker 3
    }
    ^ E0101: expected `failures`, found `}`
    = it is written like `limit breaker 3 failures`
    limit nothing
          ^^^^^^^ E0101: expected `cooldown`, `breaker`, `at`, `pace`, `drift`, `budget` or `freeze`, found `nothing`
          = it is written like `limit cooldown 60s after any` or `limit breaker 3 failures`
    limit at least 3
             ^^^^^ E0101: expected `most`, found `least`
             = it is written like `limit at most 3 of disruptive per 10m`
    limit at most 3 of any
    }
    ^ E0101: expected `per`, `(` or `,`, found `}`
    = it is written like `limit at most 3 of disruptive per 10m`
    limit drift replicas per 1h
                             ^^ E0101: expected `per`, found `1h`
                             = it is written like `limit drift replicas 4 per 1h`
    limit budget cost of $450 at 80%
                         ^^^^ E0101: expected money over time such as `$450/month`, found `$450`
                         = it is written like `limit budget cost of $450/month at 80%`
    limit freeze "Fri 16:00" until
                             ^^^^^ E0101: expected `..`, found `until`
                             = it is written like `limit freeze "Fri 16:00".."Mon 08:00" in "Europe/Berlin" except restart`
    label "a" "b"
              ^^^ E0101: expected `=`, found `"b"`
              = it is written like `label "tier" = "web"`
    include baseline.irreversible
    }
    ^ E0101: expected `(` or `.`, found `}`
    = it is written like `include baseline.irreversible()` or `include web.headroom(floor: 2) as room`
    metric a: ratio = prometheus up
                                 ^^ E0101: expected a text in quotes or a text in backticks, found `up`
                                 = it is written like `metric cpu: ratio = prometheus "sum(rate(cpu_seconds_total[2m])) / 4"`
    metric a: ratio = http_json "/x" "/y"
                                     ^^^^ E0101: expected `at`, found `"/y"`
                                     = it is written like `metric queue: count = http_json "/stats" at "/queue/length"`
    metric a: ratio = constant b
                               ^ E0101: expected a literal such as `80%`, found `b`
                               = it is written like `metric nominal: rate = constant 100/s`
    metric a: ratio = scrape "x" untrusted stale 5s
                                           ^^^^^ E0101: expected `responds` or the next member, found `stale`
                                           = the parts stand in the order `every`, `stale`, `untrusted`, `responds`, each once
    approval { }
               ^ E0101: expected `by`, found `}`
               = it is written like `approval { by "sre-oncall" quorum 2 timeout 1h escalate "leads" after 30m notify "slack:#ops" }`
    approval { by "x" timout 1h }
                      ^^^^^^ E0101: expected `escalate`, `quorum`, `timeout`, `notify`, `}` or `,`, found `timout`; did you mean `timeout`?
                      = write `timeout`
    autonomy full
             ^^^^ E0101: expected `suggest`, `approve`, `observe` or `act`, found `full`
             = it is written like `autonomy approve`
    audit { 30d }
            ^^^ E0101: expected `retention`, found `30d`
            = it is written like `audit { retention 30d }`
    slo a 99.9% over 30d { good = prometheus `x` }
                                                 ^ E0101: expected `every`, `stale` or `total`, found `}`
                                                 = it is written like `slo availability 99.9% over 30d { good = prometheus "sum(good)" total = prometheus "sum(all)" }`
    slo a 99.9% over 30d { good = prometheus `x` stale 11m every 5m total = prometheus `y` }
                                                           ^^^^^ E0101: expected `total`, found `every`
                                                           = the parts stand in the order `every`, `stale`, each once
    slo a 99.9% over 30d { total = prometheus `x` good = prometheus `y` }
                           ^^^^^ E0101: expected `good`, found `total`
                           = it is written like `slo availability 99.9% over 30d { good = prometheus "sum(good)" total = prometheus "sum(all)" }`
    slo a 99.9% over 30d { good = prometheus `x` every 5 total = prometheus `y` }
                                                       ^ E0101: expected a duration such as `60s`, found `5`
                                                       = it is written like `slo availability 99.9% over 30d { good = prometheus "sum(good)" total = prometheus "sum(all)" }`
    slo a 99.9% over 30d { good = prometheus `x` total = prometheus `y` burn 3 1h 5m low }
                                                                                     ^^^ E0101: expected `medium` or `high`, found `low`
                                                                                     = it is written like `slo availability 99.9% over 30d { good = prometheus "sum(good)" total = prometheus "sum(all)" }`
    invariant ready >= 2
                    ^^ E0101: expected `:`, found `>=`
                    = it is written like `invariant spread: ready >= 2`
    test "x" { given replicas 5 expect allow }
                              ^ E0101: expected `succeeded`, `failed`, `missing`, `(`, `=` or `.`, found `5`
                              = it is written like `given cpu = 85% for 3m, errors missing, scale succeeded 5m ago`
    test "x" { given pods = [{ 3 }] expect allow }
                               ^ E0101: expected a name, found `3`
                               = it is written like `given cpu = 85% for 3m, errors missing, scale succeeded 5m ago`
    test "x" { given s failed 5m expect allow }
                                 ^^^^^^ E0101: expected `ago`, found `expect`
                                 = it is written like `given cpu = 85% for 3m, errors missing, scale succeeded 5m ago`
    test "x" { given actor robot "x" expect allow }
                           ^^^^^ E0101: expected `rule`, `human`, `agent`, `succeeded`, `failed`, `missing`, `(` or `=`, found `robot`
                           = it is written like `given cpu = 85% for 3m, errors missing, scale succeeded 5m ago`
    test "x" { expect maybe }
                      ^^^^^ E0101: expected `rule`, `allow`, `approve` or `forbid`, found `maybe`
                      = it is written like `expect approve` or `expect rule grow proposes scale(to: 3)`
    test "x" { propose s() }
                           ^ E0101: expected `expect`, found `}`
                           = it is written like `propose scale(to: 3)`
    test "x" { expect rule r proposed s() }
                             ^^^^^^^^ E0101: expected `proposes`, `silent` or `.`, found `proposed`; did you mean `proposes`?
                             = write `proposes`
    objective any pod pods: pod.a
                  ^^^ E0101: expected an operator or the next member, found `pod`
                  = it is written like `any pod in pods: pod.crashed`
    objective any pod in pods pod.a
                              ^^^ E0101: expected `:`, found `pod`
                              = it is written like `any pod in pods: pod.crashed`
    objective any pod in a.b: pod.c
                          ^ E0101: expected `:`, found `.`
                          = it is written like `any pod in pods: pod.crashed`
    objective max pod in pods: pod.a < 3 < 4
                                         ^ E0101: expected an operator or the next member, found `<`
                                         = comparisons do not chain; join two of them with `and`
    needs metric a: ratio
    ^^^^^ E0101: `needs` is a member of a policy, not of a blueprint
    = move it into a `policy`
    prove never allow s
    ^^^^^ E0108: `prove` is not in this version of the language yet
    = take it out; the rest of the file is read without it
    "#);
}

#[test]
fn words_of_other_languages_are_understood() {
    let text = "blueprint a for b.c(\"d\") {\n  deny delete\n  permit scale(to) when to < 3\n  require restart\n}\n";
    let mut sources = SourceMap::default();
    let id = sources.add("test", text);
    let messages: Vec<String> = parse(id, text).diagnostics.into_iter().map(|one| one.message).collect();
    for (message, meant) in messages.iter().zip(["forbid", "allow", "approve"]) {
        assert!(message.contains(&format!("did you mean `{meant}`?")), "{message}");
    }
    assert_eq!(messages.len(), 3, "{messages:?}");
}

#[test]
fn what_is_misspelt_can_be_mended() {
    let text = format!("{HEADER}allow scale wehn to > 3\n}}");
    let fix = &parsed(&text).diagnostics[0].fixes[0];
    assert_eq!((&text[fix.edits[0].span.range()], fix.edits[0].replacement.as_str()), ("wehn", "when"));
}

#[test]
fn findings_are_in_the_order_of_places() {
    let text = format!("use 3\n{HEADER}let = 1\nlet a = 1h3m\nlet = 2\n}}\nuse 4");
    let lines: Vec<_> =
        said(&text).lines().map(|line| line.split(':').next().unwrap().parse::<u32>().unwrap()).collect();
    assert_eq!(lines, [1, 3, 4, 5, 7]);
}
