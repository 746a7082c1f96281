//! Label values: error types and transports.

use std::borrow::Cow;

use rmcp::model::{ErrorCode, Extensions};

/// `error_type` of an operation that panicked.
pub(super) const PANIC: &str = "panic";
/// `error_type` of an operation that was cancelled or whose future was dropped.
pub(super) const CANCELLED: &str = "cancelled";
/// `error_type` of a tool result with `isError`.
pub(super) const TOOL_ERROR: &str = "tool_error";

/// `error_type` of a request that was cancelled because it took too long, and of a session that ended
/// because it was idle for too long.
pub(super) const TIMEOUT: &str = "timeout";
/// `error_type` of a request that could not be sent, or whose connection ended before the answer.
pub(super) const TRANSPORT: &str = "transport";

/// Codes of JSON-RPC, of MCP and of rmcp.
const CODES: [(ErrorCode, &str); 12] = [
    (ErrorCode::PARSE_ERROR, "-32700"),
    (ErrorCode::INVALID_REQUEST, "-32600"),
    (ErrorCode::METHOD_NOT_FOUND, "-32601"),
    (ErrorCode::INVALID_PARAMS, "-32602"),
    (ErrorCode::INTERNAL_ERROR, "-32603"),
    (ErrorCode::RESOURCE_NOT_FOUND, "-32002"),
    (ErrorCode::HEADER_MISMATCH, "-32020"),
    (ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY, "-32021"),
    (ErrorCode::UNSUPPORTED_PROTOCOL_VERSION, "-32022"),
    (ErrorCode(-32_000), "-32000"),
    (ErrorCode(-32_001), "-32001"),
    (ErrorCode(-32_042), "-32042"),
];

/// Returns the `error_type` of a JSON-RPC error: the code if it is a known one, since a server may
/// use any number.
pub(super) fn error_type(code: ErrorCode) -> Cow<'static, str> {
    let mut known = CODES.iter();
    let label = known.find(|(known, _)| *known == code);
    Cow::Borrowed(label.map_or("_OTHER", |(_, label)| label))
}

/// The label `network_transport`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NetworkTransport {
    /// Standard input and output, or a duplex stream.
    Pipe,
    /// HTTP.
    Tcp,
}

impl NetworkTransport {
    /// Returns the transport of a message, to which rmcp attaches the HTTP request.
    pub(super) fn of(extensions: &Extensions) -> Self {
        match extensions.get::<http::request::Parts>() {
            Some(_) => Self::Tcp,
            None => Self::Pipe,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pipe => "pipe",
            Self::Tcp => "tcp",
        }
    }
}
