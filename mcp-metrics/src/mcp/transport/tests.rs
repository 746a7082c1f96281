//! Requests in flight, under a transport with given messages.

use std::collections::VecDeque;
use std::future::ready;
use std::io;

use metrics::set_default_local_recorder;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use serde_json::{Value, from_value, json};

use super::*;

/// A transport that receives these messages. Its sends fail, or not.
struct Scripted<R: ServiceRole> {
    received: VecDeque<RxJsonRpcMessage<R>>,
    fails: bool,
}

impl<R: ServiceRole> Transport<R> for Scripted<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        _: TxJsonRpcMessage<R>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let failed = self.fails.then(|| io::ErrorKind::BrokenPipe.into());
        ready(failed.map_or(Ok(()), Err))
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<R>> {
        self.received.pop_front()
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Returns a metered transport that receives these messages.
fn metered<R: ServiceRole>(received: &[Value]) -> MeteredTransport<R, Scripted<R>> {
    let received = received.iter().cloned();
    MeteredTransport::new(Scripted {
        received: received.map(|it| from_value(it).unwrap()).collect(),
        fails: false,
    })
}

fn call(id: impl Into<Value>) -> Value {
    let params = json!({ "name": "tool" });
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": "tools/call", "params": params })
}

fn ping(id: i32) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "ping" })
}

fn empty(id: impl Into<Value>) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "result": {} })
}

fn cancel(id: i32, reason: &str) -> Value {
    let params = json!({ "requestId": id, "reason": reason });
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params })
}

/// Returns the number of observations or events of a family with each of these `error_type`s.
fn recorded<const N: usize>(
    recorder: &DebuggingRecorder,
    family: &str,
    error_types: [Option<&str>; N],
) -> [u64; N] {
    // A snapshot empties the histograms.
    let series = recorder.snapshotter().snapshot().into_vec();
    error_types.map(|error_type| {
        let matching = series.iter().filter(|(key, ..)| {
            let mut labels = key.key().labels();
            let label = labels.find(|label| label.key() == "error_type");
            key.key().name() == family && label.map(metrics::Label::value) == error_type
        });
        let counts = matching.map(|(_, _, _, value)| match value {
            DebugValue::Counter(count) => *count,
            DebugValue::Histogram(observations) => observations.len() as u64,
            DebugValue::Gauge(_) => 0,
        });
        counts.sum()
    })
}

impl<R, T> MeteredTransport<R, T> {
    fn in_flight(&self) -> (usize, usize) {
        (self.meter.incoming.len(), self.meter.outgoing.len())
    }
}

#[tokio::test]
async fn requests_from_a_client_are_removed_however_they_end() {
    let recorder = DebuggingRecorder::new();
    let _guard = set_default_local_recorder(&recorder);
    let cancelled = cancel(1, "enough");
    let received = [call(0), call(1), call(2), call(3), cancelled];
    let mut transport = metered::<RoleServer>(&received);
    for _ in 0..4 {
        transport.receive().await.unwrap();
    }
    assert_eq!(transport.in_flight(), (4, 0));
    transport.receive().await.unwrap();
    assert_eq!(transport.in_flight(), (3, 0), "one was cancelled");
    transport.send(from_value(empty(0)).unwrap()).await.unwrap();
    assert_eq!(transport.in_flight(), (2, 0), "one was answered");
    drop(transport.send(from_value(empty(2)).unwrap()));
    assert_eq!(transport.in_flight(), (1, 0), "the send of one was dropped");
    assert!(transport.receive().await.is_none());
    assert_eq!(transport.in_flight(), (1, 0), "it can still be answered");
    transport.close().await.unwrap();
    assert_eq!(transport.in_flight(), (0, 0));
    drop(transport);

    let family = crate::catalog::mcp::UNDELIVERED_RESPONSES;
    assert_eq!(recorded(&recorder, family, [None]), [2]);
}

#[tokio::test]
async fn requests_to_a_client_are_removed_however_they_end() {
    let recorder = DebuggingRecorder::new();
    let _guard = set_default_local_recorder(&recorder);
    // Some clients answer with the id as text.
    let mut transport = metered::<RoleServer>(&[empty(0), empty("1")]);
    for id in 0..6 {
        transport.send(from_value(ping(id)).unwrap()).await.unwrap();
    }
    for cancellation in [cancel(2, "enough"), cancel(3, "request timeout")] {
        let message = from_value(cancellation).unwrap();
        transport.send(message).await.unwrap();
    }
    assert_eq!(transport.in_flight(), (0, 4));
    transport.receive().await.unwrap();
    transport.receive().await.unwrap();
    assert_eq!(transport.in_flight(), (0, 2));
    transport.inner.fails = true;
    let send = transport.send(from_value(ping(6)).unwrap());
    assert_eq!(transport.in_flight(), (0, 3));
    send.await.unwrap_err();
    drop(transport.send(from_value(ping(7)).unwrap()));
    assert_eq!(transport.in_flight(), (0, 2));
    assert!(transport.receive().await.is_none());
    assert_eq!(transport.in_flight(), (0, 0));

    let family = crate::catalog::mcp::CLIENT_REQUEST_DURATION;
    let error_types = [None, Some("timeout"), Some("transport"), Some("cancelled")];
    let counts = recorded(&recorder, family, error_types);
    assert_eq!(counts, [2, 1, 1, 4]);
}

#[tokio::test]
async fn error_with_the_mark_of_a_closed_stream_is_a_transport_failure() {
    let recorder = DebuggingRecorder::new();
    let _guard = set_default_local_recorder(&recorder);
    let data = json!({ "io.modelcontextprotocol/transportClosed": 7 });
    let error = json!({ "code": -32603, "message": "closed", "data": data });
    let marked = json!({ "jsonrpc": "2.0", "id": 0, "error": error });
    let mut transport = metered::<RoleClient>(&[marked]);
    transport.send(from_value(call(0)).unwrap()).await.unwrap();
    transport.receive().await.unwrap();
    assert_eq!(transport.in_flight(), (0, 0));

    let family = crate::catalog::mcp::CLIENT_OPERATION_DURATION;
    let counts = recorded(&recorder, family, [Some("transport")]);
    assert_eq!(counts, [1]);
}
