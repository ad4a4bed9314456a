//! Reads a JSON body and tells what is wrong with one that cannot be read: its size, its syntax or its content.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use axum::body::{HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use http_body_util::LengthLimitError;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::problem::Problem;

/// The largest body, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;

/// A body parsed as `T`, whatever content type it came with.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A JSON object. Serde by itself would take an array of the fields' values in their order as well.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        // Whoever announces too much need not send it.
        if request.body().size_hint().lower() > BODY_BYTES_MAX as u64 {
            return Err(Problem::BodyTooLarge);
        }
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|error| {
            let too_large = error.source().is_some_and(|source| source.is::<LengthLimitError>());
            if too_large { Problem::BodyTooLarge } else { Problem::BodyUnread }
        })?;
        serde_json::from_slice(&bytes).map(|Object(content)| Self(content)).map_err(|error| complaint(&bytes, error))
    }
}

/// Whether it is no JSON at all, or only not what was asked for: the first error alone does not tell, as in `[1,`.
fn complaint(body: &[u8], error: serde_json::Error) -> Problem {
    match (std::str::from_utf8(body), serde_json::from_slice::<IgnoredAny>(body)) {
        (Ok(_), Ok(_)) => Problem::InvalidBody(in_words(&error)),
        (Ok(_), Err(syntax)) => Problem::MalformedJson(syntax),
        (Err(_), _) => Problem::MalformedJson(error),
    }
}

/// The numbers of this language are told in the caller's words.
fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string().replace("expected u32", "expected a whole number up to 4294967295");
    let whole = ["expected u64", "expected usize"];
    let text = whole.iter().fold(text, |text, name| text.replace(name, "expected a whole number"));
    text.replace("expected f64", "expected a number")
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}
