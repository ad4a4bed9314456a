//! A flat JSON object straight into slots, without a document in between.
//!
//! `{"action":"scale_up","to":5,"cpu":81.5,"enabled":true}`: numbers in base units, truth values, texts. What is null, absent, of
//! another type, no word of its enum or impossible is unknown, and an argument that is unknown is refused; names that the plan does not have are passed over.

use std::fmt;

use leeway_ir::ActionId;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::inputs::Inputs;
use super::{FIRST_INPUT, Kind, Plan, Slot};

/// The member that names the action.
const ACTION: &str = "action";

/// Why a document says nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(#[from] serde_json::Error);

/// Reads a document into `inputs`, of which nothing is known before, and says which action it names. It
/// allocates for texts with escapes and to pass over lists in lists alone.
///
/// # Errors
/// When the text is no JSON object, names no action of the plan, or says something twice.
pub fn read_json(plan: &Plan, text: &str, inputs: &mut Inputs) -> Result<ActionId, JsonError> {
    inputs.clear(plan);
    inputs.given.fill(0);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let action = Document { plan, inputs }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(action)
}

struct Document<'a> {
    plan: &'a Plan,
    inputs: &'a mut Inputs,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ActionId;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ActionId, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ActionId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the member `action`")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<ActionId, A::Error> {
        let mut action = None;
        while let Some(name) = members.next_key_seed(Name(self.plan))? {
            match name {
                Member::Action => {
                    let named = members.next_value_seed(NamedAction(self.plan))?;
                    if action.replace(named).is_some() {
                        return Err(A::Error::custom("`action` is said twice"));
                    }
                }
                Member::Input(slot) => {
                    if self.is_given(slot) {
                        return Err(A::Error::custom("an input is said twice"));
                    }
                    let value = members.next_value_seed(Input { plan: self.plan, slot, kind: self.plan.kind(slot) })?;
                    self.inputs.set(slot, value);
                }
                Member::Foreign => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        action.ok_or_else(|| A::Error::missing_field(ACTION))
    }
}

impl Document<'_> {
    /// Whether the slot was given before; it is now.
    fn is_given(&mut self, slot: Slot) -> bool {
        let at = slot.0.saturating_sub(FIRST_INPUT);
        let Some(word) = self.inputs.given.get_mut(at as usize / 64) else { return false };
        let bit = 1_u64 << (at % 64);
        let before = *word & bit != 0;
        *word |= bit;
        before
    }
}

/// The name of a member.
struct Name<'a>(&'a Plan);

enum Member {
    Action,
    Input(Slot),
    Foreign,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        Ok(match name {
            ACTION => Member::Action,
            name => self.0.named(name).map_or(Member::Foreign, Member::Input),
        })
    }
}

/// The action that a text names.
struct NamedAction<'a>(&'a Plan);

impl<'de> DeserializeSeed<'de> for NamedAction<'_> {
    type Value = ActionId;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ActionId, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NamedAction<'_> {
    type Value = ActionId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an action")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<ActionId, E> {
        self.0.action_named(name).ok_or_else(|| E::custom(format_args!("there is no action `{name}`")))
    }
}

/// The number of an input; NaN where it is of another kind than the slot.
struct Input<'a> {
    plan: &'a Plan,
    slot: Slot,
    kind: Kind,
}

impl Input<'_> {
    fn number(&self, base: f64) -> f64 {
        match self.kind {
            Kind::Quantity(unit) if unit.can_measure(base) => base,
            Kind::Quantity(_) | Kind::Bool | Kind::Text | Kind::Symbol | Kind::Other => f64::NAN,
        }
    }

    fn is_of_the_enum(&self, word: &str) -> bool {
        let words = self.plan.symbols.get(&self.slot.0);
        words.is_some_and(|words| words.iter().any(|known| known.as_ref() == word))
    }
}

impl<'de> DeserializeSeed<'de> for Input<'_> {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<f64, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Input<'_> {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_f64<E>(self, base: f64) -> Result<f64, E> {
        Ok(self.number(base))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what a double cannot hold is read as the nearest one, as everywhere"
    )]
    fn visit_u64<E>(self, base: u64) -> Result<f64, E> {
        Ok(self.number(base as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what a double cannot hold is read as the nearest one, as everywhere"
    )]
    fn visit_i64<E>(self, base: i64) -> Result<f64, E> {
        Ok(self.number(base as f64))
    }

    fn visit_bool<E>(self, holds: bool) -> Result<f64, E> {
        Ok(if self.kind == Kind::Bool { f64::from(u8::from(holds)) } else { f64::NAN })
    }

    fn visit_str<E>(self, word: &str) -> Result<f64, E> {
        Ok(match self.kind {
            Kind::Text => self.plan.words.number(word),
            Kind::Symbol if self.is_of_the_enum(word) => self.plan.words.number(word),
            Kind::Symbol | Kind::Bool | Kind::Quantity(_) | Kind::Other => f64::NAN,
        })
    }

    fn visit_unit<E>(self) -> Result<f64, E> {
        Ok(f64::NAN)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<f64, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(f64::NAN)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<f64, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(f64::NAN)
    }
}
