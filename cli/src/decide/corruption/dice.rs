//! Lines of a batch put together at random: all that they say is possible, and they say everything.

use leeway_ir::Policy;
use leeway_units::{Type, Unit};
use serde_json::{Map, Value, json};

/// SplitMix64: a small stream of numbers from one seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap()
    }

    pub(super) fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len())]
    }

    pub(super) fn one<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }

    /// A value of the type.
    pub(super) fn value(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Bool => json!(self.roll(2) == 0),
            Type::Quantity(unit) => self.quantity(*unit),
            Type::Text => json!(self.of(&["LOG_LEVEL", "debug", "nobody", "x"])),
            Type::Enum(of) => json!(of.words[self.roll(of.words.len())].as_ref()),
            Type::Records(fields) => {
                let record = |dice: &mut Dice| -> Value {
                    let field = |field: &leeway_units::Field| (field.name.to_string(), dice.value(&field.ty));
                    fields.iter().map(field).collect::<Map<_, _>>().into()
                };
                (0..self.roll(4)).map(|_| record(self)).collect()
            }
            Type::List(_) => panic!("no fact is a bare list"),
        }
    }

    fn quantity(&mut self, unit: Unit) -> Value {
        match unit {
            Unit::Count => json!(self.roll(9)),
            Unit::Number => json!(self.roll(90)),
            Unit::Ratio => json!(self.of(&["0%", "0.5%", "29%", "45%", "70%", "81%", "95%"])),
            Unit::Duration => json!(self.of(&["0s", "10ms", "40ms", "120ms", "180ms", "260ms", "2s"])),
            Unit::Bytes => json!(self.of(&["64Mi", "128Mi", "256Mi", "270Mi", "1Gi"])),
            Unit::Cpu => json!(self.of(&["100mcpu", "250mcpu", "260mcpu", "2cpu"])),
            Unit::Rate => json!(self.of(&["0/s", "1/s", "10/s", "100/s", "105/s", "110/s", "790/s", "900/s"])),
            Unit::Money => json!(self.of(&["$1", "$100"])),
            Unit::Spend => json!(self.of(&["$100/month", "$1000/month"])),
        }
    }

    fn metric(&mut self, ty: &Type) -> Value {
        match self.roll(4) {
            0 => json!({ "value": self.value(ty) }),
            1 => json!({ "value": self.value(ty), "age": self.of(&["0s", "1s", "2s"]) }),
            2 => json!({ "value": self.value(ty), "held": self.of(&["30s", "2m", "15m", "1h"]) }),
            _ => {
                let samples = (0..20).map(|step| json!([format!("-{}s", step * 10), self.value(ty)]));
                json!({ "series": samples.collect::<Vec<_>>() })
            }
        }
    }

    fn call(&mut self, policy: &Policy) -> String {
        let action = &policy.actions[self.roll(policy.actions.len())];
        let arguments = action.parameters.iter().map(|parameter| {
            let value = self.value(&parameter.ty);
            let text = match (&value, &parameter.ty) {
                (Value::String(text), Type::Text) => format!("{text:?}"),
                (Value::String(text), _) => text.clone(),
                (other, _) => other.to_string(),
            };
            format!("{}: {text}", parameter.name)
        });
        let arguments: Vec<String> = arguments.collect();
        format!("{}({})", action.name, arguments.join(", "))
    }

    fn facts(&mut self, policy: &Policy) -> Map<String, Value> {
        policy.facts.iter().map(|fact| (fact.name.to_string(), self.value(&fact.ty))).collect()
    }

    fn operation(&mut self, policy: &Policy) -> Value {
        json!({ "action": self.call(policy),
                "ago": self.of(&["1s", "30s", "5m", "20m", "2h", "3d"]),
                "actor": self.of(&["human:ada", "agent:atlas"]),
                "before": self.facts(policy) })
    }

    fn claim(&mut self, policy: &Policy) -> Value {
        let metric = &policy.metrics[self.roll(policy.metrics.len())];
        json!({ "metric": metric.name.as_ref(), "op": self.of(&[">", "<=", "!="]),
                "value": self.quantity(metric.unit), "window": self.of(&["10s", "1m"]) })
    }

    /// A line that can be judged and knows everything.
    pub(super) fn line(&mut self, policy: &Policy) -> Value {
        let metrics: Map<String, Value> = policy
            .metrics
            .iter()
            .map(|metric| (metric.name.to_string(), self.metric(&Type::Quantity(metric.unit))))
            .collect();
        let history: Vec<Value> = (0..self.roll(4)).map(|_| self.operation(policy)).collect();
        let claims: Vec<Value> = (0..self.roll(3).saturating_sub(1)).map(|_| self.claim(policy)).collect();
        json!({
            "propose": self.call(policy),
            "actor": self.of(&["human:ada", "agent:atlas", "agent:other"]),
            "claims": claims,
            "state": { "at": "2026-01-07T12:00:00Z", "facts": self.facts(policy), "metrics": metrics, "history": history,
                       "safety": { "breaker": "closed", "held": false, "killed": false, "owner": null } }
        })
    }
}
