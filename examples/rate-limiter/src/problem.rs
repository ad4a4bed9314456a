//! Every error answer, in its one shape: `{"error":{"code":"…","message":"…"}}`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::limit::Burst;
use crate::tenant::{TenantName, TenantState};

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
    Disabled(TenantName),
    BeyondBurst(Burst),
    MetricsUnwritable,
}

#[derive(Serialize)]
struct Envelope {
    error: Described,
    /// How the tenant is now, for a writer who was late.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<TenantState>,
}

#[derive(Serialize)]
struct Described {
    code: &'static str,
    message: String,
}

impl Problem {
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
            Self::Disabled(_) => (StatusCode::FORBIDDEN, "disabled"),
            Self::BeyondBurst(_) => (StatusCode::UNPROCESSABLE_ENTITY, "beyond_burst"),
            Self::MetricsUnwritable => (StatusCode::INTERNAL_SERVER_ERROR, "metrics_unwritable"),
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
            Self::Disabled(name) => format!("tenant `{name}` is disabled"),
            Self::BeyondBurst(burst) => {
                format!("the bucket holds at most {burst} tokens; ask for fewer at once")
            }
            Self::MetricsUnwritable => "the metrics could not be written as text".to_owned(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let message = self.message();
        let challenge = matches!(self, Self::Unauthorized);
        let current = if let Self::StaleVersion(current) = self { Some(current) } else { None };
        let body = Json(Envelope { error: Described { code, message }, current });
        let mut response = (status, body).into_response();
        if challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
