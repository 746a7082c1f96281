//! A mock of an OpenAI-compatible server. It replies with the prompt, counts words as tokens, and
//! fails on request: the last word of a prompt may name a fault, such as `[429]` or `[disconnect]`.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::post,
};
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::{net::TcpSocket, task, time};

use super::wire::{ChatRequest, EmbeddingRequest, StreamOptions};

/// The API key.
pub(crate) const KEY: &str = "mock-key";

/// The number of connections that wait to be accepted. With the usual 128, some of a thousand
/// simultaneous ones would be delayed by a second or more.
const BACKLOG: u32 = 1_024;

/// The number of words before a fault in a streamed reply.
const WORDS_BEFORE_FAULT: usize = 2;

/// A fault that a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// `[429]`: a response with this status.
    Status(StatusCode),
    /// `[disconnect]`: the connection closes in the middle of a reply.
    Disconnect,
    /// `[error]`: a streamed reply ends with an error.
    Error,
    /// `[garbage]`: a reply, or a chunk of a streamed one, is not JSON.
    Garbage,
    /// `[truncate]`: a streamed reply ends without its last events.
    Truncate,
}

impl Fault {
    /// Returns the fault in a prompt.
    fn of(prompt: &str) -> Option<Self> {
        let last = prompt.split_whitespace().last()?;
        match last.strip_prefix('[')?.strip_suffix(']')? {
            "disconnect" => Some(Self::Disconnect),
            "error" => Some(Self::Error),
            "garbage" => Some(Self::Garbage),
            "truncate" => Some(Self::Truncate),
            status => status.parse().ok().map(Self::Status),
        }
    }
}

/// Starts the server on a free port, and returns its address. It pauses for `interval` before each
/// event of a streamed reply, and ends with the runtime, in which this must be called.
pub(crate) fn start(interval: Duration) -> io::Result<SocketAddr> {
    let app = Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/embeddings", post(embed))
        .layer(middleware::from_fn(authenticate))
        .with_state(interval);
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// Rejects requests without the key.
async fn authenticate(request: Request, next: Next) -> Response {
    let credentials = request.headers().get(header::AUTHORIZATION);
    let expected = format!("Bearer {KEY}");
    if credentials.is_some_and(|value| value.as_bytes() == expected.as_bytes()) {
        next.run(request).await
    } else {
        error_response(StatusCode::UNAUTHORIZED)
    }
}

/// `POST /v1/chat/completions`.
async fn complete(State(interval): State<Duration>, Json(request): Json<ChatRequest>) -> Response {
    let prompt = request.messages.last().map_or("", |last| &last.content);
    let fault = Fault::of(prompt);
    if let Some(Fault::Status(status)) = fault {
        return error_response(status);
    }
    let reply = format!("You asked: {prompt}");
    let usage = json!({
        "prompt_tokens": tokens(prompt),
        "completion_tokens": tokens(&reply),
        "total_tokens": tokens(prompt) + tokens(&reply),
    });
    if request.stream {
        let asked = matches!(
            request.stream_options,
            Some(StreamOptions {
                include_usage: true
            })
        );
        let parts = streamed(&request.model, &reply, fault, asked.then_some(usage));
        return Sse::new(events(parts, interval)).into_response();
    }
    match fault {
        Some(Fault::Garbage) => return "{".into_response(),
        Some(Fault::Disconnect) => return broken("{").into_response(),
        _ => {}
    }
    let reply = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": request.model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": reply },
            "finish_reason": "stop",
        }],
        "usage": usage,
    });
    Json(reply).into_response()
}

/// `POST /v1/embeddings`.
async fn embed(Json(request): Json<EmbeddingRequest>) -> Response {
    if let Some(Fault::Status(status)) = Fault::of(&request.input) {
        return error_response(status);
    }
    let tokens = tokens(&request.input);
    let response = json!({
        "object": "list",
        "data": [{ "object": "embedding", "index": 0, "embedding": [0.25, -0.5, 0.125] }],
        "model": request.model,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    });
    Json(response).into_response()
}

fn tokens(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A part of a streamed reply.
enum Part {
    /// An event without data, as some servers send it.
    Retry,
    /// An event with this data.
    Data(String),
    /// The connection closes.
    Disconnect,
}

/// Returns the parts of a streamed reply. The first chunk has the role, the others a word each.
fn streamed(model: &str, reply: &str, fault: Option<Fault>, usage: Option<Value>) -> Vec<Part> {
    let data = |value: Value| Part::Data(value.to_string());
    let chunk = |choices: Value, usage: Option<&Value>| {
        data(json!({
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": model,
            "choices": choices,
            "usage": usage,
        }))
    };
    let choice = |delta: Value, finish_reason: Option<&str>| {
        chunk(
            json!([{ "index": 0, "delta": delta, "finish_reason": finish_reason }]),
            None,
        )
    };
    let words = reply.split_inclusive(' ');
    let words = words.map(|word| choice(json!({ "content": word }), None));
    let role = choice(json!({ "role": "assistant", "content": "" }), None);
    let start = [Part::Retry, role].into_iter();
    let cut = words.clone().take(WORDS_BEFORE_FAULT);
    match fault {
        Some(Fault::Disconnect) => start.chain(cut).chain([Part::Disconnect]).collect(),
        Some(Fault::Truncate) => start.chain(cut).collect(),
        Some(Fault::Garbage) => {
            let garbage = Part::Data("{".to_owned());
            start.chain(cut).chain([garbage]).collect()
        }
        Some(Fault::Error) => {
            let error = data(error_body(StatusCode::INTERNAL_SERVER_ERROR));
            start.chain(cut).chain([error]).collect()
        }
        Some(Fault::Status(_)) | None => {
            let usage = usage.map(|usage| chunk(json!([]), Some(&usage)));
            let finish = choice(json!({}), Some("stop"));
            let end = [finish].into_iter().chain(usage);
            let done = Part::Data("[DONE]".to_owned());
            start.chain(words).chain(end).chain([done]).collect()
        }
    }
}

/// Returns the events of a streamed reply.
fn events(
    parts: Vec<Part>,
    interval: Duration,
) -> impl Stream<Item = Result<Event, io::Error>> + use<> {
    stream::iter(parts).then(move |part| async move {
        // While the stream is pending, the server sends the previous events. An error right behind
        // them would discard them.
        task::yield_now().await;
        time::sleep(interval).await;
        match part {
            Part::Retry => Ok(Event::default().retry(Duration::from_secs(1))),
            Part::Data(data) => Ok(Event::default().data(data)),
            Part::Disconnect => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    })
}

/// Returns the body of a reply that breaks off after this text.
fn broken(text: &'static str) -> Body {
    let parts = [Ok(text), Err(io::ErrorKind::ConnectionAborted.into())];
    let parts = stream::iter(parts).then(|part: io::Result<_>| async move {
        // As in `events`.
        task::yield_now().await;
        part
    });
    Body::from_stream(parts)
}

fn error_response(status: StatusCode) -> Response {
    (status, Json(error_body(status))).into_response()
}

/// Returns the body of a response with an error status.
fn error_body(status: StatusCode) -> Value {
    let (kind, code) = match status {
        StatusCode::UNAUTHORIZED => ("invalid_request_error", json!("invalid_api_key")),
        StatusCode::TOO_MANY_REQUESTS => ("requests", json!("rate_limit_exceeded")),
        _ if status.is_server_error() => ("server_error", Value::Null),
        _ => ("invalid_request_error", Value::Null),
    };
    let message = status.canonical_reason().unwrap_or("error");
    json!({ "error": { "message": message, "type": kind, "param": null, "code": code } })
}
