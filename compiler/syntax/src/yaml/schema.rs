//! The form of a YAML blueprint as JSON Schema, for editors: made of the same table that documents are checked against.

use leeway_units::Unit;
use serde_json::{Map, Value, json};

use super::fields::DOCUMENT;
use super::kind::Kind;
use super::shape::{Field, Presence, Shape};

const NAME: &str = "[a-z][a-z0-9_]{0,63}";
const NUMBER: &str = "[0-9]+(\\.[0-9]+)?";

/// The schema (2020-12) of a blueprint in YAML. What it admits may still have errors, of which the compiler knows more.
pub fn schema() -> Value {
    let mut schema = object(DOCUMENT);
    if let Value::Object(members) = &mut schema {
        members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".to_owned(), json!("A Leeway blueprint"));
    }
    schema
}

fn object(fields: &[Field]) -> Value {
    let keys = |presence| fields.iter().filter(move |field| field.presence == presence).map(|field| field.key);
    let properties: Map<String, Value> = fields.iter().map(|field| (field.key.to_owned(), property(field))).collect();
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": keys(Presence::Required).collect::<Vec<_>>(),
        "properties": properties,
    });
    let one_of: Vec<Value> = keys(Presence::OneOf).map(|key| json!({ "required": [key] })).collect();
    if let Value::Object(members) = &mut schema
        && !one_of.is_empty()
    {
        members.insert("oneOf".to_owned(), Value::Array(one_of));
    }
    schema
}

fn property(field: &Field) -> Value {
    let mut schema = shape(&field.shape);
    if let Value::Object(members) = &mut schema {
        members.insert("description".to_owned(), json!(field.about));
    }
    schema
}

fn shape(of: &Shape) -> Value {
    match of {
        Shape::Scalar(kind) => scalar(*kind),
        Shape::Map(fields) => object(fields),
        Shape::Named(key, of) => {
            json!({ "type": "object", "propertyNames": scalar(*key), "additionalProperties": shape(of) })
        }
        Shape::List(of) => json!({ "type": "array", "items": shape(of) }),
        Shape::Or(kind, fields) => json!({ "anyOf": [scalar(*kind), object(fields)] }),
    }
}

fn scalar(kind: Kind) -> Value {
    let pattern = |pattern: String| json!({ "type": "string", "pattern": format!("^{pattern}$") });
    // Kubernetes admits both `cpu: 2` and `cpu: "2"`.
    let amount =
        |units: &str| json!({ "type": ["string", "number"], "pattern": format!("^{NUMBER}({units})?$"), "minimum": 0 });
    let suffixes = |unit: Unit| unit.suffixes().iter().map(|suffix| suffix.text).collect::<Vec<_>>().join("|");
    match kind {
        Kind::Text | Kind::Query | Kind::Members | Kind::Scrape | Kind::Expression => json!({ "type": "string" }),
        Kind::Name => pattern(NAME.to_owned()),
        Kind::Path => pattern(format!("{NAME}(\\.{NAME})*")),
        Kind::Use => pattern(format!("{NAME}(\\.{NAME})*( as {NAME})?")),
        Kind::Word(["true"]) => json!({ "const": true }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0 }),
        Kind::Share => pattern(format!("{NUMBER}%")),
        Kind::Duration => pattern(format!("{NUMBER}({})", suffixes(Unit::Duration))),
        Kind::Cpu => amount(&format!("m|{}", suffixes(Unit::Cpu))),
        Kind::Memory => amount(&format!("k|M|G|T|{}", suffixes(Unit::Bytes))),
        Kind::Type => json!({ "enum": Unit::ALL.map(Unit::name) }),
        Kind::Literal | Kind::Argument => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Operation(words) => {
            let own = format!("^({NAME}|resize_within: *{NUMBER}%)$");
            json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": own }] })
        }
    }
}
