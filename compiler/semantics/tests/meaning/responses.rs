//! How metrics respond in a closed loop: what is lowered, and what is not let through.

use leeway_ir::{ArithmeticOp, Expr, FactId, Given, Metric, MetricId, response_order};

use crate::{findings, policy, tenant};

const REPLICAS: &str = "target service(name: text) { fact replicas: count fact cores: cpu fact image: text
  collection pods { restarts: count } action scale(to: count) { effect replicas = to undo nothing } }\n";

fn blueprint(members: &str) -> String {
    format!("{REPLICAS}blueprint web for service(\"web\") {{\n{members}\napprove any\n}}\n")
}

fn metrics(members: &str) -> Vec<Metric> {
    policy(&blueprint(members)).metrics
}

fn divided(left: Expr, right: Expr) -> Expr {
    Expr::Arithmetic(Box::new(left), ArithmeticOp::Divide, Box::new(right))
}

#[test]
fn the_own_name_is_what_was_recorded_and_every_other_name_is_of_the_loop() {
    let all = metrics(
        "let half = replicas / 2
         metric cpu: ratio = scrape \"cpu\" responds cpu * (recorded(load) / load) / half
         metric load: rate = scrape \"load\"",
    );
    let response = all.first().unwrap().responds.as_ref().unwrap();
    assert_eq!(response.given, [Given::Metric(MetricId(0)), Given::Metric(MetricId(1))]);
    assert_eq!(response.written.as_ref(), "cpu * (recorded(load) / load) / half");
    let mut reads = Vec::new();
    response.value.walk(&mut |expr| {
        if let Expr::Parameter(place) = expr {
            reads.push(format!("given {place}"));
        } else if expr.input().is_some() {
            reads.push(format!("{expr:?}"));
        }
    });
    assert_eq!(reads, ["given 0", "given 1", "Metric(MetricId(1))", "Fact(FactId(3))"]);
    assert!(all.last().unwrap().responds.is_none());
}

#[test]
fn named_models_are_written_out() {
    let all = metrics(
        "metric cpu: ratio = scrape \"cpu\" responds shared(replicas)
         metric slow: duration = scrape \"slow\" responds queueing(cpu, replicas)",
    );
    let (cpu, slow) = (all.first().unwrap().responds.as_ref().unwrap(), all.last().unwrap().responds.as_ref().unwrap());
    let replicas = FactId(3);
    assert_eq!(cpu.given, [Given::Metric(MetricId(0)), Given::Fact(replicas)]);
    assert_eq!(cpu.value, divided(Expr::Parameter(0), divided(Expr::Fact(replicas), Expr::Parameter(1))));
    let times = Given::Queueing { utilisation: MetricId(0), servers: replicas };
    assert_eq!(slow.given, [Given::Metric(MetricId(1)), times]);
    let longer = Expr::Arithmetic(Box::new(Expr::Parameter(0)), ArithmeticOp::Multiply, Box::new(Expr::Parameter(1)));
    assert_eq!(slow.value, longer);
    assert_eq!(slow.reads(), [MetricId(0)]);
}

#[test]
fn each_metric_follows_those_it_reads() {
    let all = metrics(
        "metric a: ratio = scrape \"a\" responds b
         metric b: ratio = scrape \"b\" responds twice / 2
         metric c: ratio = scrape \"c\"
         let twice = c + d
         metric d: ratio = scrape \"d\" responds recorded(a)",
    );
    assert_eq!(response_order(&all), [MetricId(3), MetricId(1), MetricId(0)]);
}

#[test]
fn metrics_of_policies_respond_too() {
    let text = format!(
        "{REPLICAS}policy scaled(slowest: duration) for service {{
           needs metric cpu: ratio
           metric p95: duration = scrape \"p95\" responds least(queueing(cpu, replicas), slowest)
         }}
         blueprint web for service(\"web\") {{
           include scaled(cpu: busy, slowest: 5s)
           metric busy: ratio = scrape \"busy\" responds shared(replicas)
           approve any
         }}"
    );
    let all = policy(&text).metrics;
    assert_eq!(response_order(&all), [MetricId(0), MetricId(1)]);
    assert_eq!(all.last().unwrap().name.as_ref(), "scaled.p95");
}

#[test]
fn a_computed_number_is_a_ratio_where_one_is_wanted() {
    let all = metrics("metric part: ratio = scrape \"part\" responds replicas / recorded(replicas)");
    assert!(matches!(all.first().unwrap().responds.as_ref().unwrap().value, Expr::AsRatio(_)));
}

#[test]
fn what_does_not_fit_is_found_where_it_stands() {
    for (members, code, place) in [
        ("metric m: ratio = scrape \"m\" responds 1s", "E0302", "1s"),
        ("metric m: ratio = scrape \"m\" responds 80", "E0304", "80"),
        ("metric m: count = scrape \"m\" responds shared(replicas)", "E0302", "shared(replicas)"),
        ("metric m: ratio = scrape \"m\" responds shared(image)", "E0305", "shared"),
        ("metric m: ratio = scrape \"m\" responds shared(m)", "E0305", "shared"),
        ("metric m: ratio = scrape \"m\" responds shared(replicas + 1)", "E0305", "shared"),
        ("metric m: ratio = scrape \"m\" responds recorded(m * 2)", "E0305", "recorded"),
        ("metric m: ratio = scrape \"m\" responds recorded(pods)", "E0307", "recorded(pods)"),
        ("metric m: ratio = scrape \"m\" responds recorded(nothing)", "E0201", "nothing"),
        ("metric m: ratio = scrape \"m\" responds queueing(m, replicas)", "E0305", "queueing"),
        (
            "metric m: ratio = scrape \"m\" responds queueing(n, cores) metric n: ratio = scrape \"n\"",
            "E0305",
            "queueing",
        ),
        (
            "metric m: ratio = scrape \"m\" responds queueing(n, replicas) metric n: rate = scrape \"n\"",
            "E0305",
            "queueing",
        ),
        ("metric m: ratio = scrape \"m\" responds queueing(replicas)", "E0305", "queueing"),
        ("metric m: ratio = scrape \"m\" responds m * actor.id", "E0201", "id"),
        ("metric m: ratio = scrape \"m\" responds to", "E0201", "to"),
        ("metric m: ratio = scrape \"m\" responds avg(m, 1m)", "E0504", "avg(m, 1m)"),
        ("metric m: ratio = scrape \"m\" responds avg(n, 1m) metric n: ratio = scrape \"n\"", "E0504", "avg(n, 1m)"),
        ("metric m: ratio = scrape \"m\" responds m ?? 0%", "E0504", "m ?? 0%"),
        ("metric m: ratio = scrape \"m\" responds m * count(scale, 1h)", "E0504", "count(scale, 1h)"),
        (
            "let often = change(replicas, 1h) > 1 let x = if often then 1% else 2% metric m: ratio = scrape \"m\" responds x",
            "E0504",
            "x",
        ),
        ("metric m: ratio = scrape \"m\" objective recorded(m) < 1%", "E0303", "recorded"),
        ("metric m: ratio = scrape \"m\" let x = shared(replicas)", "E0303", "shared"),
    ] {
        let found = findings(&blueprint(members));
        let found: Vec<(&str, &str)> = found.iter().map(|(code, place, _)| (code.as_str(), place.as_str())).collect();
        assert_eq!(found, [(code, place)], "{members}");
    }
}

#[test]
fn what_is_nowhere_a_response_is_stored_nowhere() {
    let text = serde_json::to_string(&tenant("metric m: ratio = scrape \"m\" approve any")).unwrap();
    assert!(!text.contains("responds"), "{text}");
}
