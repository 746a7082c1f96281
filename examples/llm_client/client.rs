//! A client of an OpenAI-compatible API. Each call of a method is an LLM call in the metrics.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _, future::ready, stream};
use mcp_metrics::{LlmCall, TokenUsage, tracked_llm};
use reqwest::{Client, Response};
use serde::Serialize;
use sse_stream::SseStream;

use super::{
    error::LlmError,
    wire::{
        ChatRequest, ChatResponse, EmbeddingRequest, EmbeddingResponse, Message, StreamEvent,
        StreamOptions,
    },
};

/// Timeouts of the connection attempt, and of each read. A limit on the whole call would cut off
/// long streamed replies.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// The data of the event that ends a streamed reply.
const DONE: &str = "[DONE]";

/// A part of a streamed reply.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The text, which may be empty.
    pub(crate) text: String,
    /// The tokens of the call; present in the last chunk.
    pub(crate) usage: Option<TokenUsage>,
}

/// A complete reply.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The text.
    pub(crate) text: String,
    /// The tokens of the call, if the server reports them.
    pub(crate) usage: Option<TokenUsage>,
}

/// The client. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct OpenAi {
    http: Client,
    base_url: String,
    key: String,
}

impl OpenAi {
    /// Creates a client of the API at this URL, such as `https://api.openai.com/v1`.
    pub(crate) fn new(base_url: &str, key: &str) -> Result<Self, reqwest::Error> {
        // An error means that a provider is already installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            // The mock server is local; a proxy in the environment cannot reach it.
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build()?;
        Ok(Self {
            http,
            base_url: base_url.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Streams the reply to a prompt. The LLM call ends with the stream: it fails with the first
    /// error, and counts as cancelled if the stream is dropped before its end.
    #[tracked_llm("openai", model.to_owned(), usage = |chunk| chunk.usage, stream)]
    pub(crate) async fn stream(
        &self,
        model: &str,
        prompt: &str,
    ) -> Result<impl Stream<Item = Result<Chunk, LlmError>> + use<>, LlmError> {
        let request = ChatRequest {
            stream: true,
            // Without it, the tokens of streamed replies are unknown.
            stream_options: Some(StreamOptions {
                include_usage: true,
            }),
            ..chat(model, prompt)
        };
        let response = self.post("chat/completions", &request).await?;
        Ok(chunks(response))
    }

    /// Returns the complete reply to a prompt.
    #[tracked_llm("openai", model.to_owned(), usage = |reply| reply.usage)]
    pub(crate) async fn complete(&self, model: &str, prompt: &str) -> Result<Reply, LlmError> {
        let response = self.post("chat/completions", &chat(model, prompt)).await?;
        let response: ChatResponse = response.json().await?;
        let mut choices = response.choices.into_iter();
        let text = choices.find_map(|choice| choice.message.content);
        Ok(Reply {
            text: text.ok_or_else(|| LlmError::BadReply("no text".into()))?,
            usage: response.usage.map(TokenUsage::from),
        })
    }

    /// Returns the embedding of a text. A guard instead of an attribute, because the value that is
    /// returned does not contain the tokens.
    pub(crate) async fn embed(&self, model: &str, input: &str) -> Result<Vec<f32>, LlmError> {
        let mut call = LlmCall::start("openai", model.to_owned()).operation("embeddings");
        let response = self.request_embedding(model, input).await;
        if let Ok(EmbeddingResponse {
            usage: Some(usage), ..
        }) = &response
        {
            call.tokens((*usage).into());
        }
        let embedding = response.and_then(|response| {
            let first = response.data.into_iter().next();
            first.ok_or_else(|| LlmError::BadReply("no embedding".into()))
        });
        call.finish(&embedding);
        Ok(embedding?.embedding)
    }

    async fn request_embedding(
        &self,
        model: &str,
        input: &str,
    ) -> Result<EmbeddingResponse, LlmError> {
        let request = EmbeddingRequest {
            model: model.to_owned(),
            input: input.to_owned(),
        };
        Ok(self.post("embeddings", &request).await?.json().await?)
    }

    /// Sends a request. Returns a response with a status of success.
    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response, LlmError> {
        let request = self.http.post(format!("{}/{path}", self.base_url));
        let response = request.bearer_auth(&self.key).json(body).send().await?;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(LlmError::of_response(response).await)
        }
    }
}

/// Returns a request with one message, which is not streamed.
fn chat(model: &str, prompt: &str) -> ChatRequest {
    ChatRequest {
        model: model.to_owned(),
        messages: vec![Message {
            role: "user".to_owned(),
            content: prompt.to_owned(),
        }],
        stream: false,
        stream_options: None,
    }
}

/// Returns the chunks of a streamed reply. The stream ends after the first error.
fn chunks(response: Response) -> impl Stream<Item = Result<Chunk, LlmError>> + use<> {
    let events = SseStream::from_bytes_stream(response.bytes_stream());
    // Events without data only configure the reconnection of browsers.
    let data = events.filter_map(|event| ready(event.map(|event| event.data).transpose()));
    stream::unfold(Some(Box::pin(data)), |data| async move {
        let mut data = data?;
        match next_chunk(data.next().await) {
            Ok(Some(chunk)) => Some((Ok(chunk), Some(data))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// Converts the data of an event to a chunk. Returns `None` for the event that ends the reply. A
/// connection that ends without this event is an error.
fn next_chunk(data: Option<Result<String, sse_stream::Error>>) -> Result<Option<Chunk>, LlmError> {
    let data = data.ok_or(LlmError::Truncated)??;
    if data == DONE {
        return Ok(None);
    }
    let event: StreamEvent = serde_json::from_str(&data)?;
    if let Some(error) = event.error {
        return Err(LlmError::Aborted(error.message));
    }
    let texts = event
        .choices
        .into_iter()
        .filter_map(|choice| choice.delta.content);
    Ok(Some(Chunk {
        text: texts.collect(),
        usage: event.usage.map(TokenUsage::from),
    }))
}
