//! The relevant fields of the API's requests and responses.

use mcp_metrics::TokenUsage;
use serde::{Deserialize, Serialize};

/// The body of `POST /chat/completions`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ChatRequest {
    pub(super) model: String,
    pub(super) messages: Vec<Message>,
    #[serde(default)]
    pub(super) stream: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stream_options: Option<StreamOptions>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Message {
    pub(super) role: String,
    pub(super) content: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct StreamOptions {
    /// Whether the last chunk has the tokens of the call.
    pub(super) include_usage: bool,
}

/// The body of `POST /embeddings`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct EmbeddingRequest {
    pub(super) model: String,
    pub(super) input: String,
}

/// The body of a response with an error status.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: ApiError,
}

#[derive(Debug, Deserialize)]
pub(super) struct ApiError {
    pub(super) message: String,
}

/// The data of an event of a streamed reply: a chunk or an error.
#[derive(Debug, Deserialize)]
pub(super) struct StreamEvent {
    pub(super) error: Option<ApiError>,
    #[serde(default)]
    pub(super) choices: Vec<ChunkChoice>,
    pub(super) usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChunkChoice {
    pub(super) delta: Content,
}

/// The response to a chat request that is not streamed.
#[derive(Debug, Deserialize)]
pub(super) struct ChatResponse {
    pub(super) choices: Vec<Choice>,
    pub(super) usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    pub(super) message: Content,
}

/// A text, which is missing if the model calls a tool instead.
#[derive(Debug, Deserialize)]
pub(super) struct Content {
    pub(super) content: Option<String>,
}

/// The response to an embedding request.
#[derive(Debug, Deserialize)]
pub(super) struct EmbeddingResponse {
    pub(super) data: Vec<Embedding>,
    pub(super) usage: Option<Usage>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Embedding {
    pub(super) embedding: Vec<f32>,
}

/// The tokens of a call. An embedding has no completion, and a missing number does not invalidate
/// the response.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

impl From<Usage> for TokenUsage {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.prompt_tokens,
            output: usage.completion_tokens,
        }
    }
}
