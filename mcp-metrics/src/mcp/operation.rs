//! An operation: from the start of its handler to its outcome.

use std::borrow::Cow;
use std::thread;
use std::time::Duration;

use metrics::Key;

use super::known_names::KnownName;
use super::labels::NetworkTransport;
use super::method::Method;
use super::record::{self, InFlight, key};
use crate::instrument::clock::Instant;
use crate::instrument::current_recorder;
use crate::instrument::request::OnDrop;

/// The tool or the prompt of an operation, if it is known to be one of the server's.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    None,
    Tool(&'static KnownName),
    Prompt(&'static KnownName),
}

/// An operation in flight.
///
/// Dropped before its [end](Self::end), it counts as a panic if the thread has begun to panic since
/// the start, and as cancelled otherwise.
pub(super) struct Operation {
    family: &'static str,
    method: &'static Method,
    /// `None` for a family without the label.
    transport: Option<NetworkTransport>,
    /// The target of an operation that is dropped.
    pub(super) target: Target,
    /// `None` if there was no recorder at the start, and after the end.
    started: Option<Started>,
}

struct Started {
    at: Instant,
    /// The address of the recorder. An operation that ends under another recorder is not recorded:
    /// that one has no start to match.
    recorder: usize,
    panicking: bool,
    _active: Option<InFlight>,
}

impl Operation {
    /// Starts an operation of a server, and counts it as in flight.
    pub(super) fn of_server(method: &'static Method, transport: NetworkTransport) -> Self {
        let family = crate::catalog::mcp::SERVER_OPERATION_DURATION;
        let active = || Some(InFlight::start(&method.active));
        Self::start(family, method, Some(transport), active)
    }

    /// Starts a request from a server to its client.
    pub(super) fn of_server_request(method: &'static Method) -> Self {
        let family = crate::catalog::mcp::CLIENT_REQUEST_DURATION;
        Self::start(family, method, None, || None)
    }

    /// Starts an operation that a client requests from a server.
    pub(super) fn of_client(method: &'static Method, transport: NetworkTransport) -> Self {
        let family = crate::catalog::mcp::CLIENT_OPERATION_DURATION;
        Self::start(family, method, Some(transport), || None)
    }

    fn start(
        family: &'static str,
        method: &'static Method,
        transport: Option<NetworkTransport>,
        active: impl FnOnce() -> Option<InFlight>,
    ) -> Self {
        let started = record::is_enabled().then(|| Started {
            recorder: current_recorder(),
            panicking: thread::panicking(),
            _active: active(),
            at: Instant::now(),
        });
        Self {
            family,
            method,
            transport,
            target: Target::None,
            started,
        }
    }

    /// Returns whether the operation is recorded.
    pub(super) const fn is_recorded(&self) -> bool {
        self.started.is_some()
    }

    /// Ends the operation, as failed if there is an `error_type`.
    pub(super) fn end(mut self, target: Target, error_type: Option<Cow<'static, str>>) {
        self.target = target;
        self.close(error_type);
    }

    fn close(&mut self, error_type: Option<Cow<'static, str>>) {
        let Some(started) = self.started.take() else {
            return;
        };
        if started.recorder != current_recorder() {
            return;
        }
        let seconds = Duration::from_nanos(started.at.elapsed()).as_secs_f64();
        match (self.target, self.transport, error_type) {
            (Target::Tool(known) | Target::Prompt(known), Some(transport), None) => {
                known.success(transport, || self.key(None)).observe(seconds);
            }
            (_, _, error_type) => record::observe(&self.key(error_type), seconds),
        }
    }

    fn key(&self, error_type: Option<Cow<'static, str>>) -> Key {
        let (tool, prompt) = match self.target {
            Target::None => (None, None),
            Target::Tool(tool) => (Some(tool.label.clone()), None),
            Target::Prompt(prompt) => (None, Some(prompt.label.clone())),
        };
        key(
            self.family,
            [
                ("mcp_method_name", Some(self.method.name.into())),
                ("gen_ai_tool_name", tool),
                ("gen_ai_prompt_name", prompt),
                ("error_type", error_type.map(Into::into)),
                (
                    "network_transport",
                    self.transport.map(|it| it.as_str().into()),
                ),
            ],
        )
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let Some(started) = &self.started else {
            return;
        };
        let error_type = OnDrop::DetectPanic.failure(started.panicking);
        self.close(error_type.map(Cow::Borrowed));
    }
}
