//! An OpenAI-compatible chat-completions API.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{Failure, agents::text};

use super::{LlmError, LlmRequest};

/// How long connecting, and the whole call, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_mins(1);
/// How much of an error's body is shown.
const MAX_DETAIL: usize = 200;

/// What the model is told before the prompt.
const INSTRUCTIONS: &str = "Answer briefly. Where context is given, use nothing but that context.";

/// The API.
#[derive(Debug)]
pub(super) struct Remote {
    /// Keeps connections open between calls.
    client: Client,
    /// Where prompts go.
    endpoint: String,
    /// Sent as a bearer token; never logged.
    key: Option<Secret>,
    /// The model to ask for.
    model: String,
}

/// Text that `Debug` doesn't show.
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The body of a request.
#[derive(Debug, Serialize)]
struct ChatRequest<'a> {
    model: &'a str,
    messages: [ChatMessage<'a>; 2],
}

/// One message of a conversation.
#[derive(Debug, Serialize)]
struct ChatMessage<'a> {
    role: &'static str,
    content: &'a str,
}

/// The parts of a reply that are used.
#[derive(Debug, Deserialize)]
struct ChatReply {
    choices: Vec<Choice>,
}

/// One answer of several.
#[derive(Debug, Deserialize)]
struct Choice {
    message: ReplyMessage,
}

/// The text of an answer; absent when the model calls a tool instead.
#[derive(Debug, Deserialize)]
struct ReplyMessage {
    content: Option<String>,
}

impl Remote {
    /// Prepares calls to the API below `base_url`.
    pub(super) fn new(base_url: &str, key: Option<&str>, model: &str) -> Result<Self, Failure> {
        let endpoint = format!("{}/chat/completions", base_url.trim_end_matches('/'));
        let parsed = reqwest::Url::parse(&endpoint)
            .map_err(|error| format!("LLM_BASE_URL {base_url:?} is no URL: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("LLM_BASE_URL {base_url:?} is neither http nor https").into());
        }
        crate::server::tls::use_ring();
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .build()?;
        let key = key.map(|key| Secret(key.to_owned()));
        Ok(Self {
            client,
            endpoint,
            key,
            model: model.to_owned(),
        })
    }

    /// Where prompts go.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes one call.
    pub(super) async fn complete(&self, request: &LlmRequest) -> Result<String, LlmError> {
        let content = if request.context.is_empty() {
            request.prompt.clone()
        } else {
            format!("{}\n\nContext:\n{}", request.prompt, request.context)
        };
        let body = ChatRequest {
            model: &self.model,
            messages: [
                ChatMessage {
                    role: "system",
                    content: INSTRUCTIONS,
                },
                ChatMessage {
                    role: "user",
                    content: &content,
                },
            ],
        };
        let mut call = self.client.post(&self.endpoint).json(&body);
        if let Some(Secret(key)) = &self.key {
            call = call.bearer_auth(key);
        }
        let response = call.send().await.map_err(unanswered)?;
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        let reply: ChatReply = response.json().await.map_err(|error| {
            if error.is_timeout() {
                LlmError::Timeout(error)
            } else {
                LlmError::BadReply(error.to_string())
            }
        })?;
        let text = reply
            .choices
            .into_iter()
            .find_map(|choice| choice.message.content);
        text.ok_or_else(|| LlmError::BadReply("it holds no text".to_owned()))
    }
}

/// Classifies a call that got no response.
fn unanswered(error: reqwest::Error) -> LlmError {
    if error.is_timeout() {
        return LlmError::Timeout(error);
    }
    // The outermost message says only that sending failed; the innermost says why.
    let mut reason: &dyn std::error::Error = &error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    LlmError::Unavailable(reason.to_string())
}

/// Classifies a response that is no success.
async fn refusal(response: Response) -> LlmError {
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    let detail = text::shorten(&text::normalise(&body), MAX_DETAIL).into_owned();
    match status {
        StatusCode::TOO_MANY_REQUESTS => LlmError::RateLimited(detail),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => LlmError::Unauthorized(detail),
        status if status.is_server_error() => LlmError::Unavailable(format!("{status} {detail}")),
        status => LlmError::Refused {
            status: status.as_u16(),
            detail,
        },
    }
}
