//! What can happen to a state: something is lost, ages, is garbled, or becomes what it cannot be.

use leeway_ir::Policy;
use leeway_units::{Type, Unit};
use serde_json::{Map, Value, json};

use super::dice::Dice;

/// A text that stands for a number too large for a double, until the line is written out.
const HUGE: &str = "a huge number";

/// Longer than any metric of the blueprints counts: what is older is stale, and a hole of that length is a gap.
const STEPS_TO_A_GAP: usize = 13;

/// The line with so many harms to its state, as text.
pub(super) fn harmed(dice: &mut Dice, policy: &Policy, line: &Value, times: usize) -> String {
    let mut line = line.clone();
    for _ in 0..times {
        state(dice, policy, &mut line["state"]);
    }
    let text = line.to_string().replace(&format!("\"{HUGE}\""), "1e999");
    if dice.roll(20) > 0 {
        return text;
    }
    // One of the names, whichever it is, is given twice.
    let names: Vec<usize> = text.match_indices("\":").map(|(at, _)| at).collect();
    let end = dice.one(&names);
    let start = text[..end].rfind('"').unwrap();
    format!("{}{}\":null,{}", &text[..start], &text[start..end], &text[start..])
}

fn state(dice: &mut Dice, policy: &Policy, state: &mut Value) {
    let Some(members) = state.as_object_mut() else { return };
    match dice.roll(24) {
        0 => drop(members.remove(dice.of(&["facts", "metrics"]))),
        1 => {
            let name = dice.of(&["facts", "metrics", "history", "safety", "at"]);
            drop(members.insert(name.into(), dice.one(&[json!(null), json!([]), json!(1), json!("")])));
            // An empty history is a whole one, and says that nothing was done.
            if name == "history" {
                members.insert(name.into(), json!({}));
            }
        }
        2 => drop(members.insert("fact".into(), json!({}))),
        3 => drop(members.get_mut("safety").and_then(Value::as_object_mut).and_then(|safety| {
            let name = dice.of(&["breaker", "held", "killed", "owner"]);
            safety.remove(name)
        })),
        4..=8 => history(dice, members),
        9..=15 => {
            if let Some(facts) = members.get_mut("facts").and_then(Value::as_object_mut) {
                facts_of(dice, policy, facts);
            }
        }
        _ => {
            if let Some(metrics) = members.get_mut("metrics").and_then(Value::as_object_mut) {
                metrics_of(dice, policy, metrics);
            }
        }
    }
}

fn facts_of(dice: &mut Dice, policy: &Policy, facts: &mut Map<String, Value>) {
    let fact = &policy.facts[dice.roll(policy.facts.len())];
    match facts.get_mut(fact.name.as_ref()) {
        Some(Value::Array(records)) if !records.is_empty() && dice.roll(2) == 0 => {
            record(dice, &fact.ty, records);
        }
        _ => unsaid(dice, facts, &fact.name, &fact.ty),
    }
}

/// Something of one record of a collection.
fn record(dice: &mut Dice, ty: &Type, records: &mut [Value]) {
    let Type::Records(fields) = ty else { return };
    let at = dice.roll(records.len());
    let Some(record) = records[at].as_object_mut() else { return };
    match dice.roll(5) {
        0 => drop(record.insert("restart".into(), json!(0))),
        1 => records[at] = dice.one(&[json!(null), json!("a"), json!([])]),
        _ => {
            let field = &fields[dice.roll(fields.len())];
            unsaid(dice, record, &field.name, &field.ty);
        }
    }
}

/// A member is lost, or becomes what no value of the type is.
fn unsaid(dice: &mut Dice, members: &mut Map<String, Value>, name: &str, ty: &Type) {
    match dice.roll(5) {
        0 => drop(members.remove(name)),
        1 => drop(members.insert(name.into(), json!("missing"))),
        2 => drop(members.insert(format!("{name}_"), json!(1))),
        _ => drop(members.insert(name.into(), garbage(dice, ty))),
    }
}

/// What is no value of the type.
fn garbage(dice: &mut Dice, ty: &Type) -> Value {
    let unlike = |own: Unit| if own == Unit::Ratio { "7ms" } else { "7%" };
    let always = [json!(null), json!({}), json!([[]]), json!({ "value": "NaN" })];
    match ty {
        // Any text is a text.
        Type::Text => dice.one(&[always.as_slice(), &[json!(5), json!(true)]].concat()),
        Type::Quantity(unit) => {
            let texts = ["NaN", "nan%", "inf", "-inf", "-", "", "5 apples", "1e9", "0x5", "NaNms", "missing?", HUGE];
            let digits = format!("1{}{}", "0".repeat(400), if *unit == Unit::Ratio { "%" } else { "ms" });
            let below = match unit {
                Unit::Count => json!(-1 - i64::try_from(dice.roll(9)).unwrap()),
                Unit::Duration => json!("-1ms"),
                Unit::Bytes => json!("-64Mi"),
                Unit::Cpu => json!("-1mcpu"),
                Unit::Rate => json!("-0.5/s"),
                // These can be below zero, and then they say so.
                Unit::Number | Unit::Ratio | Unit::Money | Unit::Spend => json!("-"),
            };
            let bare = if matches!(unit, Unit::Count | Unit::Number) { json!(true) } else { json!(0) };
            let half = if *unit == Unit::Count { json!(0.5) } else { json!("") };
            let texts: Vec<Value> = texts.into_iter().chain([unlike(*unit)]).map(|text| json!(text)).collect();
            dice.one(&[always.as_slice(), &texts, &[json!(digits), below, bare, half]].concat())
        }
        Type::Bool | Type::Enum(_) | Type::Records(_) | Type::List(_) => {
            dice.one(&[always.as_slice(), &[json!(5), json!("no_such_word"), json!("")]].concat())
        }
    }
}

fn metrics_of(dice: &mut Dice, policy: &Policy, metrics: &mut Map<String, Value>) {
    let metric = &policy.metrics[dice.roll(policy.metrics.len())];
    let ty = Type::Quantity(metric.unit);
    let Some(Value::Object(members)) = metrics.get_mut(metric.name.as_ref()).filter(|_| dice.roll(4) > 0) else {
        return unsaid(dice, metrics, &metric.name, &ty);
    };
    if let Some(Value::Array(samples)) = members.get_mut("series") {
        return series(dice, &ty, samples);
    }
    match dice.roll(6) {
        0 => drop(members.insert("age".into(), json!(dice.of(&["2m", "1h", "1d"])))),
        1 => drop(members.remove("held")),
        2 => drop(members.insert(dice.of(&["age", "held"]).into(), garbage(dice, &Type::Quantity(Unit::Duration)))),
        3 => drop(members.insert(dice.of(&["ages", "series"]).into(), json!("5s"))),
        4 => drop(members.remove("value")),
        _ => drop(members.insert("value".into(), garbage(dice, &ty))),
    }
}

fn series(dice: &mut Dice, ty: &Type, samples: &mut Vec<Value>) {
    // What an earlier harm left of a sample may be none.
    if samples.is_empty() || !samples.iter().all(|sample| sample.as_array().is_some_and(|pair| pair.len() == 2)) {
        return;
    }
    let at = dice.roll(samples.len());
    let sample = samples[at].clone();
    match dice.roll(12) {
        0 => samples[at][1] = json!("missing"),
        1 => samples[at][1] = garbage(dice, ty),
        // The same once more, and another value for the same moment: nobody can say which is right.
        2 => samples.push(sample),
        3 => samples.push(json!([sample[0].clone(), dice.value(ty)])),
        4 => samples.push(json!([dice.of(&["5s", "1ms", "1d"]), sample[1].clone()])),
        5 => samples.reverse(),
        6 => {
            for place in (1..samples.len()).rev() {
                samples.swap(place, dice.roll(place + 1));
            }
        }
        7 => {
            samples[at] =
                dice.one(&[json!(null), json!([]), json!(["-5s"]), json!([-5, sample[1].clone()]), sample[1].clone()])
        }
        8 => samples[at][0] = dice.one(&[json!("soon"), json!(5), json!(null), json!("-5%")]),
        // What is left out in between, at the beginning or at the end, leaves a hole that can be seen.
        9 => drop(samples.drain(at..(at + STEPS_TO_A_GAP).min(samples.len()))),
        10 => samples.clear(),
        _ => samples.iter_mut().for_each(|sample| sample[1] = json!("missing")),
    }
}

fn history(dice: &mut Dice, members: &mut Map<String, Value>) {
    let Some(Value::Array(entries)) = members.get_mut("history").filter(|_| dice.roll(4) > 0) else {
        return drop(members.insert("history".into(), json!("missing")));
    };
    if entries.is_empty() {
        return drop(members.insert("history".into(), dice.one(&[json!("missing"), json!(null), json!("none")])));
    }
    let at = dice.roll(entries.len());
    let Some(entry) = entries[at].as_object_mut() else { return };
    match dice.roll(8) {
        0 => drop(entry.remove("actor")),
        1 => drop(entry.remove("before")),
        2 => {
            if let Some(Value::Object(before)) = entry.get_mut("before")
                && let Some(name) = before.keys().nth(dice.roll(before.len().max(1))).cloned()
            {
                before.insert(name, dice.one(&[json!("missing"), json!(null), json!([[]])]));
            }
        }
        3 => drop(entry.insert("ago".into(), dice.one(&[json!("soon"), json!("-5s"), json!(null)]))),
        4 => drop(entry.insert("action".into(), dice.one(&[json!("nothing_known()"), json!(""), json!(5)]))),
        5 => drop(entry.insert("outcome".into(), json!("well"))),
        6 => drop(entry.insert("agoo".into(), json!("5m"))),
        _ => entries[at] = dice.one(&[json!(null), json!("scale(to: 1)"), json!({})]),
    }
}
