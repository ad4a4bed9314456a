//! What arrives over HTTP, with a bound, and what went wrong on the way in one line.

/// The body, unless it is over `bytes_max` long.
pub(crate) async fn body(mut answer: reqwest::Response, bytes_max: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// What arrives of the body, up to about `bytes_max`.
pub(crate) async fn beginning(mut answer: reqwest::Response, bytes_max: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= bytes_max {
            break;
        }
    }
    bytes
}

/// The error and its causes in one line.
pub(crate) fn plainly(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
