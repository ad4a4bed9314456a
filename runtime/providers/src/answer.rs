//! The JSON of a range query's answer. Numbers are read where they stand: an answer may be long.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What the server found.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `matrix` for a history.
    pub(crate) result_type: String,
    pub(crate) series: Vec<Series>,
    /// What the server says beside it: that the answer is partial, or that the query may not mean what it seems to.
    pub(crate) remarks: Vec<String>,
}

/// One series of a history.
#[derive(Debug, Deserialize)]
pub(crate) struct Series {
    #[serde(rename = "metric", default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(rename = "values", default)]
    pub(crate) points: Vec<Point>,
    #[serde(rename = "histograms", default, deserialize_with = "is_there")]
    pub(crate) is_histogram: bool,
}

/// One value of it: `[1435781430.781, "1.5"]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) at_s: f64,
    pub(crate) value: f64,
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    data: Data<'a>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    infos: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "resultType")]
    result_type: String,
    /// Its form depends on the type.
    #[serde(borrow)]
    result: &'a RawValue,
}

impl Answer {
    pub(crate) fn read(bytes: &[u8]) -> Result<Answer, serde_json::Error> {
        let Whole { data: Data { result_type, result }, warnings, infos } = serde_json::from_slice(bytes)?;
        let series = if result_type == "matrix" { serde_json::from_str(result.get())? } else { Vec::new() };
        let remarks = warnings.into_iter().chain(infos).flatten().collect();
        Ok(Answer { result_type, series, remarks })
    }
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Point, D::Error> {
        struct Pair;

        impl<'de> Visitor<'de> for Pair {
            type Value = Point;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time and a value, such as `[1435781430.781, \"1.5\"]`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Point, A::Error> {
                let at_s = pair.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let value: Number = pair.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                Ok(Point { at_s, value: value.0 })
            }
        }

        deserializer.deserialize_tuple(2, Pair)
    }
}

/// A number in a text: `"1.5"`, `"NaN"`, `"+Inf"`.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number in a text")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map(Number).map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}
