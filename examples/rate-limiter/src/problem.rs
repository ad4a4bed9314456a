//! Every error answer, in its one shape: `{"error":{"code":"…","message":"…"}}`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::limit::Burst;
use crate::tenant::{TenantName, TenantState};
use crate::tenants::{TenantsError, WriteError};

/// Why a request is not answered as it was meant.
#[derive(Debug)]
pub(crate) enum Problem {
    MalformedJson(serde_json::Error),
    InvalidBody(String),
    BodyTooLarge,
    BodyUnread,
    TooSlow,
    NoSuchRoute,
    MethodNotAllowed,
    Unauthorized,
    TokenUnusable,
    NoSuchTenant(TenantName),
    StaleVersion(TenantState),
    NoUpstream,
    Overloaded,
    OverCapacity,
    Disabled(String),
    BeyondBurst(Burst),
    MetricsUnwritable,
    Draining,
    Contradicts(TenantsError),
    NotKept,
    NotDone,
}

#[derive(Serialize)]
struct Envelope {
    error: Described,
    /// How the tenant is now, for a writer who was late.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<TenantState>,
}

/// An error as it is told.
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    code: &'static str,
    message: String,
}

impl Problem {
    /// How it is told.
    pub(crate) fn described(&self) -> Described {
        let (_, code) = self.status_and_code();
        Described { code, message: self.message() }
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::MalformedJson(_) => (StatusCode::BAD_REQUEST, "malformed_json"),
            Self::InvalidBody(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::BodyUnread => (StatusCode::BAD_REQUEST, "body_unread"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::NoSuchRoute => (StatusCode::NOT_FOUND, "no_such_route"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::TokenUnusable => (StatusCode::SERVICE_UNAVAILABLE, "token_unusable"),
            Self::NoSuchTenant(_) => (StatusCode::NOT_FOUND, "no_such_tenant"),
            Self::StaleVersion(_) => (StatusCode::CONFLICT, "stale_version"),
            Self::NoUpstream => (StatusCode::CONFLICT, "no_upstream"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
            Self::OverCapacity => (StatusCode::SERVICE_UNAVAILABLE, "over_capacity"),
            Self::Disabled(_) => (StatusCode::FORBIDDEN, "disabled"),
            Self::BeyondBurst(_) => (StatusCode::UNPROCESSABLE_ENTITY, "beyond_burst"),
            Self::MetricsUnwritable => (StatusCode::INTERNAL_SERVER_ERROR, "metrics_unwritable"),
            Self::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
            Self::Contradicts(_) => (StatusCode::UNPROCESSABLE_ENTITY, "contradicts"),
            Self::NotKept => (StatusCode::SERVICE_UNAVAILABLE, "not_kept"),
            Self::NotDone => (StatusCode::INTERNAL_SERVER_ERROR, "not_done"),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::MalformedJson(error) => format!("the body is not JSON: {error}"),
            Self::InvalidBody(reason) => reason.clone(),
            Self::BodyTooLarge => "the body is larger than 16 KiB".to_owned(),
            Self::BodyUnread => "the body broke off".to_owned(),
            Self::TooSlow => "the request took longer than 10s".to_owned(),
            Self::NoSuchRoute => "there is nothing at this path".to_owned(),
            Self::MethodNotAllowed => "this path does not take this method".to_owned(),
            Self::Unauthorized => "send `Authorization: Bearer …` with the token from the admin token file".to_owned(),
            // Where the file is, is told in the log only: whoever asks has not shown a token yet.
            Self::TokenUnusable => "the admin token file holds no usable token; see the server's log".to_owned(),
            Self::NoSuchTenant(name) => format!("no tenant `{name}` is configured"),
            Self::StaleVersion(current) => {
                format!("tenant `{}` is at version {}; read it again and decide anew", current.tenant, current.version)
            }
            Self::NoUpstream => "there is no upstream; start the server with `--upstream-workers`".to_owned(),
            Self::Overloaded => "the request was granted, but the upstream's queue is full".to_owned(),
            Self::OverCapacity => "there is no room for this key: the table is full of buckets in use".to_owned(),
            Self::Disabled(name) => format!("tenant `{name}` is disabled"),
            Self::BeyondBurst(burst) => {
                format!("the bucket holds at most {burst} tokens; ask for fewer at once")
            }
            Self::MetricsUnwritable => "the metrics could not be written as text".to_owned(),
            Self::Draining => "the server is draining; ask another".to_owned(),
            Self::Contradicts(error) => error.to_string(),
            Self::NotKept => {
                "the change could not be kept in the journal, so it was not made; see the server's log".to_owned()
            }
            Self::NotDone => "the change broke off; see the server's log".to_owned(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, _) = self.status_and_code();
        let error = self.described();
        let challenge = matches!(self, Self::Unauthorized);
        let soon = matches!(self, Self::OverCapacity | Self::Overloaded);
        let current = if let Self::StaleVersion(current) = self { Some(current) } else { None };
        let mut response = (status, Json(Envelope { error, current })).into_response();
        if challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if soon {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        let text = rejection.body_text();
        Self::InvalidBody(text.replace("Failed to deserialize query string: ", "the query cannot be read: "))
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Unknown(name) => Self::NoSuchTenant(name),
            WriteError::Stale(current) => Self::StaleVersion(current),
            WriteError::Tenants(error) => Self::Contradicts(error),
            WriteError::NotKept(error) => {
                // Where the journal is, is told in the log only.
                tracing::error!(%error, "a change could not be kept");
                Self::NotKept
            }
        }
    }
}
