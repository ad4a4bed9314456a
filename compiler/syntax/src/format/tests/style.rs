//! How things are written.

use super::*;

fn member(text: &str) -> String {
    let whole = formatted(&format!("blueprint b for k(\"n\") {{\n{text}\n}}"));
    let inner = whole.strip_prefix("blueprint b for k(\"n\") {\n").and_then(|text| text.strip_suffix("}\n")).unwrap();
    inner.to_owned()
}

#[test]
fn comments_stay_where_they_belong() {
    let text = "// first\n\n\n// second\nuse a // why\n//about b\nuse b\nblueprint b for k(\"n\")\n// header\n{ // begins\n\n\n\
                // one\n\n// two\nlet a=1//three\n//// not a doc\n/// a doc\n\n/// more\nlet b // four\n= // five\n\
                // six\na // seven\nand // eight\nc or d\n\nallow a, // nine\nb( // ten\n..),\n// eleven\nc(..) // twelve\n\
                when f(a, // thirteen\nb)\n// fourteen\nbecause \"x\" // fifteen\nrule r { // sixteen\n\n\
                when a // seventeen\n\n// eighteen\npropose s() /// nineteen\n// twenty\n\n}\n// last\n\n// of all\n\n} // end\n\
                \n\n// after\n\n";
    insta::assert_snapshot!(formatted(text), @r#"
    // first

    // second
    use a  // why
    //about b
    use b

    blueprint b for k("n")
      // header
      {  // begins
      // one

      // two
      let a = 1  //three
      //// not a doc
      /// a doc

      /// more
      let b  // four
        =  // five
        // six
        a  // seven
          and  // eight
            c
        or d

      allow a,  // nine
          b(  // ten
            ..
          ),
          // eleven
          c(
            ..
          )  // twelve
        when f(
          a,  // thirteen
          b
        )
        // fourteen
        because "x"  // fifteen
      rule r {  // sixteen
        when a  // seventeen

        // eighteen
        propose s()  /// nineteen
        // twenty
      }
      // last

      // of all
    }  // end

    // after
    "#);
}

#[test]
fn long_lines_end_where_they_can() {
    let shown: String = [
        "let a = if a_long_condition_with_a_name > 3 and another_condition < 5 then a_result_with_a_name + 1 else another_result_with_a_name",
        "objective a_long_condition_with_a_name > 3 and (another_condition < 5 or a_third_condition > 7 and a_fourth_condition > 8) or a_last > 3",
        "objective (a_long_condition_with_a_name > 3 and another_condition < 5 or a_third_condition > 7 and a_fourth_condition > 8 or a_last > 3)",
        "objective value in [\"a text of some length\", \"another text of some length\", \"a third text of some length\", \"a fourth\"]",
        "objective a_function(with_an_argument_that_is_long, and_another_argument_that_is_long, and_a_third_one) > 5",
        "approve a_rather_long_action_name, another_rather_long_action_name, a_third_rather_long_action_name by \"somebody\" as something",
        "allow resize(cpu_request, memory_request) when cpu_request within 10% of current.cpu_request and memory_request < 1Gi else approve by \"sre\"",
        "forbid a because \"short\"",
        "forbid a suggest b(c: 1) by \"x\" as d",
        "metric a_metric: ratio = scrape rate(\"a_counter_with_a_long_name_total\", 5m) / rate(\"another_counter_total\", 5m) stale 1m",
        "invariant something: a_condition_with_a_long_name >= 2 and another >= 3 because \"of a reason that is long\"",
        "include baseline.headroom(a_parameter: 3, another_parameter: 10%, a_third_parameter: busy, a_fourth_parameter: 7) as room",
        "test \"x\" { given pods = [{ name: \"a pod with a long name\", restarts: 4, crashed: true }, { name: \"b\", restarts: 4 }] expect allow }",
        "limit cooldown 60s after a_rather_long_action_name, another_rather_long_action_name, a_third_rather_long_action",
        "rule a { when b propose c() }",
        "rule a { when a_condition_with_a_long_name propose an_action_with_a_long_name(to: an_argument) because \"of this\" }",
    ]
    .map(member)
    .concat();
    insta::assert_snapshot!(shown, @r#"
    let a = if a_long_condition_with_a_name > 3 and another_condition < 5
      then a_result_with_a_name + 1
      else another_result_with_a_name
    objective a_long_condition_with_a_name > 3
        and (another_condition < 5 or a_third_condition > 7 and a_fourth_condition > 8)
      or a_last > 3
    objective (
      a_long_condition_with_a_name > 3 and another_condition < 5
      or a_third_condition > 7 and a_fourth_condition > 8
      or a_last > 3
    )
    objective value in [
      "a text of some length",
      "another text of some length",
      "a third text of some length",
      "a fourth"
    ]
    objective a_function(
      with_an_argument_that_is_long,
      and_another_argument_that_is_long,
      and_a_third_one
    ) > 5
    approve a_rather_long_action_name, another_rather_long_action_name,
        a_third_rather_long_action_name
      by "somebody"
      as something
    allow resize(cpu_request, memory_request)
      when cpu_request within 10% of current.cpu_request and memory_request < 1Gi
      else approve
      by "sre"
    forbid a
      because "short"
    forbid a
      suggest b(c: 1)
      by "x"
      as d
    metric a_metric: ratio = scrape rate("a_counter_with_a_long_name_total", 5m) / rate("another_counter_total", 5m)
      stale 1m
    invariant something: a_condition_with_a_long_name >= 2 and another >= 3
      because "of a reason that is long"
    include baseline.headroom(
      a_parameter: 3,
      another_parameter: 10%,
      a_third_parameter: busy,
      a_fourth_parameter: 7
    ) as room
    test "x" {
      given pods = [
        { name: "a pod with a long name", restarts: 4, crashed: true },
        { name: "b", restarts: 4 }
      ]
      expect allow
    }
    limit cooldown 60s after a_rather_long_action_name, another_rather_long_action_name,
        a_third_rather_long_action
    rule a { when b  propose c() }
    rule a {
      when a_condition_with_a_long_name
      propose an_action_with_a_long_name(to: an_argument)
      because "of this"
    }
    "#);
}

#[test]
fn spaces_stand_where_they_should() {
    let shown: String = [
        "objective a+b*-c>=- 3 and not(d)",
        "objective f ( a ,b ) . c in 1 .. 5 or x not in[ 1,2 ]",
        "objective any pod in current . pods :pod.a for 2m",
        "objective max ( a,10m ) ?? 5 /s < 5/s and 10 / s > 3",
        "limit freeze \"a\" .. \"b\" in\"c\"",
        "test\"x\"{given a=1,b missing,s ( to :1)failed 5m ago,actor agent\"a\"roles[\"b\"]expect allow by\"c\"}",
        "test\"y\"{given a=series\"1x2\"every 15s,b=2 at 15s expect allow within 30s expect rule r silent never expect forbid}",
        "approval{by \"a\",b}",
        "audit{retention 30d}",
        "label\"a\"=\"b\"",
        "metric a :ratio=scrape quantile ( 0.95 ,`x`, 1m )/ sum( \"y\" )untrusted",
        "slo a 99.9% over 30d{good=constant 1 total=constant true min events 5 burn 14.4 1h 5m high}",
        "slo b 99% over 7d{good=scrape\"a\"every 5m stale 11m total=prometheus `sum(rate(answered_requests_of_all_kinds_total[10m])) + sum(rate(others_total[10m]))` every 5m stale 11m}",
        "slo c 9% over 1d { good=constant 1 stale d // x\n total = constant 2 every 1m }",
    ]
    .map(member)
    .concat();
    insta::assert_snapshot!(shown, @r#"
    objective a + b * -c >= -3 and not (d)
    objective f(a, b).c in 1..5 or x not in [1, 2]
    objective any pod in current.pods: pod.a for 2m
    objective max(a, 10m) ?? 5 / s < 5/s and 10 / s > 3
    limit freeze "a".."b" in "c"
    test "x" {
      given a = 1, b missing, s(to: 1) failed 5m ago, actor agent "a" roles ["b"]
      expect allow by "c"
    }
    test "y" {
      given a = series "1x2" every 15s, b = 2
      at 15s expect allow
      within 30s expect rule r silent
      never expect forbid
    }
    approval { by "a", b }
    audit { retention 30d }
    label "a" = "b"
    metric a: ratio = scrape quantile(0.95, `x`, 1m) / sum("y") untrusted
    slo a 99.9% over 30d {
      good = constant 1
      total = constant true
      min events 5
      burn 14.4 1h 5m high
    }
    slo b 99% over 7d {
      good = scrape "a" every 5m stale 11m
      total = prometheus `sum(rate(answered_requests_of_all_kinds_total[10m])) + sum(rate(others_total[10m]))`
        every 5m stale 11m
    }
    slo c 9% over 1d {
      good = constant 1 stale d  // x
      total = constant 2 every 1m
    }
    "#);
}

#[test]
fn parentheses_that_say_nothing_go() {
    let shown: String = [
        "approve a(..), b(), c, d(e), f(g, ..)",
        "approve a(..) when b",
        "allow a(..)",
        "allow a(..), b(), c(d, ..) when e",
        "limit cooldown 5s after a(..), any()",
        "verify a(..) { at 1s b } else nothing",
    ]
    .map(member)
    .concat();
    insta::assert_snapshot!(shown, @r"
    approve a, b, c, d(e), f(g, ..)
    approve a when b
    allow a
    allow a(..), b, c(d, ..) when e
    limit cooldown 5s after a, any
    verify a { at 1s b } else nothing
    ");
}

#[test]
fn empty_things_stay_empty() {
    for (text, expected) in [
        ("", ""),
        ("\n\n", ""),
        ("\u{feff}", ""),
        ("// only\n\n\n\n// comments  ", "// only\n\n// comments\n"),
        ("blueprint b for k(\"n\") {\n\n}", "blueprint b for k(\"n\") {}\n"),
        ("blueprint b for k(\"n\") { // x\n\n}", "blueprint b for k(\"n\") {  // x\n}\n"),
        ("blueprint b for k(\"n\") {\n\n// x\n\n}", "blueprint b for k(\"n\") {\n  // x\n}\n"),
        ("target t(n: text) { action a() {\n\n} }", "target t(n: text) {\n  action a() {}\n}\n"),
        ("target t(n: text) { action a() { // x\n} }", "target t(n: text) {\n  action a() {  // x\n  }\n}\n"),
        (
            "use a\nuse b\n\n\nuse c blueprint b for k(\"n\") { } use d",
            "use a\nuse b\n\nuse c\n\nblueprint b for k(\"n\") {}\n\nuse d\n",
        ),
    ] {
        assert_eq!(formatted(text), expected, "{text}");
    }
}
