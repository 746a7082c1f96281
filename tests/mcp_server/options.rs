//! Arguments of the command line.

/// How the server is wrapped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    Bare,
    Metered,
    Supervised,
}

/// How clients reach the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport {
    Stdio,
    Http {
        /// Whether clients of earlier protocol versions have sessions.
        stateful: bool,
        /// Whether responses are JSON instead of event streams.
        json: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) mode: Mode,
    pub(crate) transport: Transport,
}

impl Options {
    /// Parses `MODE TRANSPORT`.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mode = match arguments.next().as_deref() {
            Some("bare") => Mode::Bare,
            Some("metered") => Mode::Metered,
            Some("supervised") => Mode::Supervised,
            other => panic!("expected one of `bare`, `metered`, `supervised`, got {other:?}"),
        };
        let http = |stateful, json| Transport::Http { stateful, json };
        let transport = match arguments.next().as_deref() {
            Some("stdio") => Transport::Stdio,
            Some("http") => http(true, false),
            Some("stateless") => http(false, false),
            Some("json") => http(false, true),
            other => panic!("expected one of `stdio`, `http`, `stateless`, `json`, got {other:?}"),
        };
        Self { mode, transport }
    }
}
