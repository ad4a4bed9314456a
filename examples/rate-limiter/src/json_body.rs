//! Reads a JSON body and tells what is wrong with one that cannot be read: its size, its syntax or its content.

use std::error::Error;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::problem::Problem;

/// The largest body, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;

/// A body parsed as `T`, whatever content type it came with.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|error| {
            let too_large = error.source().is_some_and(|source| source.is::<LengthLimitError>());
            if too_large { Problem::BodyTooLarge } else { Problem::BodyUnread }
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| match error.classify() {
            Category::Data => Problem::InvalidBody(error.to_string()),
            Category::Syntax | Category::Eof | Category::Io => Problem::MalformedJson(error),
        })
    }
}
