//! A client for OpenAI-compatible chat-completions APIs.

use std::time::Duration;

use mcp_metrics::TokenUsage;
use reqwest::{Client, Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{Failure, agents::text};

use super::{Completion, LlmError, LlmRequest};

/// Timeouts of the connection attempt and of the whole call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_mins(1);
/// Maximum length of an error response's body in error messages, in characters.
const MAX_DETAIL: usize = 200;

/// The system message.
const INSTRUCTIONS: &str = "Answer briefly. Where context is given, use nothing but that context.";

/// A client for the API.
#[derive(Debug)]
pub(super) struct Remote {
    /// Reuses connections between calls.
    client: Client,
    /// The URL for completions.
    endpoint: String,
    /// The API key, sent as a bearer token and never logged.
    key: Option<Secret>,
    /// The model to use.
    model: String,
}

/// A string that is redacted in `Debug` output.
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

/// The relevant fields of a response.
#[derive(Debug, Deserialize)]
struct ChatReply {
    choices: Vec<Choice>,
    /// Some compatible servers do not report it.
    usage: Option<Usage>,
}

/// The tokens of a call. A missing number does not invalidate the answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

/// One of the alternative answers.
#[derive(Debug, Deserialize)]
struct Choice {
    message: ReplyMessage,
}

/// The message of an answer; it has no content if the model calls a tool instead.
#[derive(Debug, Deserialize)]
struct ReplyMessage {
    content: Option<String>,
}

impl Remote {
    /// Creates a client for the API at `base_url`.
    pub(super) fn new(base_url: &str, key: Option<&str>, model: &str) -> Result<Self, Failure> {
        let endpoint = format!("{}/chat/completions", base_url.trim_end_matches('/'));
        let parsed = reqwest::Url::parse(&endpoint)
            .map_err(|error| format!("invalid LLM_BASE_URL {base_url:?}: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(
                format!("LLM_BASE_URL must be an http or https URL (got {base_url:?})").into(),
            );
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

    /// Returns the URL for completions.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Calls the API once.
    pub(super) async fn complete(&self, request: &LlmRequest) -> Result<Completion, LlmError> {
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
        let response = call.send().await.map_err(send_error)?;
        if !response.status().is_success() {
            return Err(status_error(response).await);
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
        Ok(Completion {
            text: text.ok_or_else(|| LlmError::BadReply("no text".to_owned()))?,
            usage: reply.usage.map(|usage| TokenUsage {
                input: usage.prompt_tokens,
                output: usage.completion_tokens,
            }),
        })
    }
}

/// Converts the error of a call without a response.
fn send_error(error: reqwest::Error) -> LlmError {
    if error.is_timeout() {
        return LlmError::Timeout(error);
    }
    // The outermost message only states that sending failed; the innermost one has the cause.
    let mut reason: &dyn std::error::Error = &error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    LlmError::Unavailable(reason.to_string())
}

/// Converts a response with an error status.
async fn status_error(response: Response) -> LlmError {
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
