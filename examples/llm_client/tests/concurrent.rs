//! A thousand streamed calls at once, some of which fail or are abandoned.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _};
use mcp_metrics::ErrorType as _;
use mcp_metrics_tests::scrape;
use tokio::task::JoinSet;

use crate::{
    client::{Chunk, OpenAi},
    error::LlmError,
};

use super::{Recorded, client, read, text};

/// The number of calls.
const CALLS: u32 = 1_000;
const MODEL: &str = "concurrent";

/// Client and server are in this process and have a socket each per call. The usual soft limit is
/// 1,024 open files.
#[cfg(unix)]
const OPEN_FILES: u64 = 2 * CALLS as u64 + 1_000;

/// The stream of a call.
type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, LlmError>> + Send>>;

/// How a call ends.
#[derive(Clone, Copy)]
enum End {
    Success,
    /// The server's fault, and the error type of the client.
    Failure(&'static str, &'static str),
    /// The client drops the stream after this number of chunks.
    Abandoned(usize),
}

/// Returns the end of a call. Of ten calls, one fails and one is abandoned.
fn end(call: u32) -> End {
    match (call % 10, call / 10 % 4) {
        (3, 0 | 1) => End::Failure("disconnect", "Disconnected"),
        (3, 2) => End::Failure("error", "Aborted"),
        (3, _) => End::Failure("truncate", "Truncated"),
        (7, after) => End::Abandoned(1 + after as usize),
        _ => End::Success,
    }
}

/// Returns the number of words in the prompt of a call, without a fault.
fn words(call: u32) -> u32 {
    2 + call % 23
}

fn prompt(call: u32) -> String {
    let mut words = vec!["word"; words(call) as usize];
    let fault;
    if let End::Failure(name, _) = end(call) {
        fault = format!("[{name}]");
        words.push(&fault);
    }
    words.join(" ")
}

/// Raises the soft limit on open files, as servers do.
#[cfg(unix)]
fn allow_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_some_and(|current| current < OPEN_FILES) {
        let limits = Rlimit {
            current: Some(OPEN_FILES),
            maximum,
        };
        setrlimit(Resource::Nofile, limits).unwrap_or_else(|error| {
            panic!("the test needs {OPEN_FILES} open files (hard limit: {maximum:?}): {error}")
        });
    }
}

async fn open(client: &OpenAi, call: u32) -> Chunks {
    let stream = client.stream(MODEL, &prompt(call)).await;
    Box::pin(stream.unwrap_or_else(|error| panic!("call {call}: {error:?}")))
}

/// Reads the stream of a call to its end, or drops it before.
async fn finish(call: u32, mut chunks: Chunks) {
    match end(call) {
        End::Success => {
            let (chunks, failed) = read(chunks).await;
            assert!(failed.is_none(), "call {call}: {failed:?}");
            assert_eq!(text(&chunks), format!("You asked: {}", prompt(call)));
        }
        End::Failure(_, error_type) => {
            let (chunks, failed) = read(chunks).await;
            let failed = failed.map(|error| error.error_type());
            assert_eq!(failed.as_deref(), Some(error_type), "call {call}");
            assert_eq!(text(&chunks), "You asked: ", "call {call}");
        }
        End::Abandoned(after) => {
            for _ in 0..after {
                let chunk = chunks.next().await;
                assert!(matches!(chunk, Some(Ok(_))), "call {call}: {chunk:?}");
            }
        }
    }
}

/// Returns the number of tokens of all successful calls: each word is one.
fn tokens_of_successes(tokens: impl Fn(u32) -> u32) -> u32 {
    let calls = (0..CALLS).filter(|call| matches!(end(*call), End::Success));
    calls.map(tokens).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn thousand_concurrent_streams_are_measured_exactly() {
    #[cfg(unix)]
    allow_open_files();
    let client = client();

    let mut opening = JoinSet::new();
    for call in 0..CALLS {
        let client = client.clone();
        opening.spawn(async move { (call, open(&client, call).await) });
    }
    let opened = opening.join_all().await;
    // All calls are in flight, and none has ended.
    assert_eq!(Recorded::read(&scrape(), MODEL), Recorded::of(CALLS, &[]));

    let mut reading = JoinSet::new();
    for (call, chunks) in opened {
        reading.spawn(finish(call, chunks));
    }
    reading.join_all().await;

    let ended = [
        ("", 800),
        ("Aborted", 25),
        ("Disconnected", 50),
        ("Truncated", 25),
        ("cancelled", 100),
    ];
    let expected = Recorded::of(CALLS, &ended)
        .with_first_chunks(&ended)
        .with_tokens(
            tokens_of_successes(words),
            tokens_of_successes(|call| words(call) + 2),
        );
    assert_eq!(Recorded::read(&scrape(), MODEL), expected);
}
