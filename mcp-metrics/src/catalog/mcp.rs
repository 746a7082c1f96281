//! The families of the module `mcp`: an MCP server's operations, sessions and HTTP responses.
//!
//! Names and labels follow the OpenTelemetry semantic conventions for MCP, which are in
//! development: <https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/>. Each family is exported
//! once it has a series. A series has no label of [`Family::optional_labels`] that does not apply
//! to it.

use metrics::Unit;

use super::{Family, counter, gauge, histogram};

/// Upper bounds of the histograms of operations and of requests to clients, in seconds.
pub const OPERATION_BUCKETS: [f64; 14] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
];

/// Upper bounds of [`SESSION_DURATION`], in seconds.
pub const SESSION_BUCKETS: [f64; 10] = [
    1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0,
];

/// Upper bounds of [`RESULT_SIZE`], in bytes.
pub const SIZE_BUCKETS: [f64; 8] = [
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
];

/// Name of the histogram of operations that a server handled.
pub const SERVER_OPERATION_DURATION: &str = "mcp_server_operation_duration_seconds";
/// Name of the gauge of requests that a server is handling.
pub const ACTIVE_REQUESTS: &str = "mcp_server_active_requests";
/// Name of the counter of calls of tools that the server does not have.
pub const UNKNOWN_TOOL_CALLS: &str = "mcp_server_unknown_tool_calls_total";
/// Name of the counter of tool calls that were answered with a request for input.
pub const INPUT_REQUIRED: &str = "mcp_server_input_required_total";
/// Name of the counter of notifications.
pub const NOTIFICATIONS: &str = "mcp_server_notifications_total";
/// Name of the counter of sessions.
pub const SESSIONS: &str = "mcp_server_sessions_total";
/// Name of the gauge of open sessions.
pub const ACTIVE_SESSIONS: &str = "mcp_server_active_sessions";
/// Name of the histogram of sessions that ended. `error_type` is `timeout` for a session that was
/// idle for too long.
pub const SESSION_DURATION: &str = "mcp_server_session_duration_seconds";
/// Name of the histogram of requests from a server to its clients.
pub const CLIENT_REQUEST_DURATION: &str = "mcp_server_client_request_duration_seconds";
/// Name of the histogram of the sizes of tool results.
pub const RESULT_SIZE: &str = "mcp_server_result_size_bytes";
/// Name of the counter of responses that could not be sent. Requests that were never answered and
/// event streams that could not be resumed count, too.
pub const UNDELIVERED_RESPONSES: &str = "mcp_server_undelivered_responses_total";
/// Name of the counter of HTTP responses.
pub const HTTP_RESPONSES: &str = "mcp_http_responses_total";
/// Name of the counter of HTTP requests that were refused.
pub const HTTP_AUTH_FAILURES: &str = "mcp_http_auth_failures_total";
/// Name of the gauge of open event streams.
pub const HTTP_OPEN_STREAMS: &str = "mcp_http_open_streams";
/// Name of the counter of HTTP responses whose client disconnected.
pub const HTTP_ABORTED_RESPONSES: &str = "mcp_http_aborted_responses_total";
/// Name of the histogram of operations that a client requested from a server.
pub const CLIENT_OPERATION_DURATION: &str = "mcp_client_operation_duration_seconds";

const OPERATION_LABELS: &[&str] = &[
    "mcp_method_name",
    "gen_ai_tool_name",
    "gen_ai_prompt_name",
    "error_type",
    "network_transport",
];
const OPTIONAL_OPERATION_LABELS: &[&str] =
    &["gen_ai_tool_name", "gen_ai_prompt_name", "error_type"];

/// The families of the module `mcp`.
pub const FAMILIES: &[Family] = &[
    histogram(
        SERVER_OPERATION_DURATION,
        Unit::Seconds,
        OPERATION_LABELS,
        OPTIONAL_OPERATION_LABELS,
        &OPERATION_BUCKETS,
        "Duration of the operations that an MCP server handled, in seconds.",
    ),
    gauge(
        ACTIVE_REQUESTS,
        Some(Unit::Count),
        &["mcp_method_name"],
        "Requests that an MCP server is handling.",
    ),
    counter(
        UNKNOWN_TOOL_CALLS,
        &[],
        "Calls of tools that the MCP server does not have.",
    ),
    counter(
        INPUT_REQUIRED,
        &["gen_ai_tool_name"],
        "Tool calls that were answered with a request for input.",
    ),
    counter(
        NOTIFICATIONS,
        &["mcp_method_name", "direction"],
        "Notifications that an MCP server received or sent.",
    ),
    counter(
        SESSIONS,
        &["client_name", "client_version", "mcp_protocol_version"],
        "Sessions of an MCP server, by client and negotiated protocol version.",
    ),
    gauge(
        ACTIVE_SESSIONS,
        Some(Unit::Count),
        &["network_transport"],
        "Open sessions of an MCP server.",
    ),
    histogram(
        SESSION_DURATION,
        Unit::Seconds,
        &["network_transport", "error_type"],
        &["error_type"],
        &SESSION_BUCKETS,
        "Duration of the sessions of an MCP server that ended, in seconds.",
    ),
    histogram(
        CLIENT_REQUEST_DURATION,
        Unit::Seconds,
        &["mcp_method_name", "error_type"],
        &["error_type"],
        &OPERATION_BUCKETS,
        "Duration of requests from an MCP server to its clients, in seconds.",
    ),
    histogram(
        RESULT_SIZE,
        Unit::Bytes,
        &["gen_ai_tool_name"],
        &[],
        &SIZE_BUCKETS,
        "Size of tool results, as JSON.",
    ),
    counter(
        UNDELIVERED_RESPONSES,
        &["network_transport"],
        "Responses that an MCP server could not send.",
    ),
    counter(
        HTTP_RESPONSES,
        &["http_method", "code", "session"],
        "HTTP responses of an MCP server, by the request's session: none, known or unknown.",
    ),
    counter(
        HTTP_AUTH_FAILURES,
        &["reason"],
        "HTTP requests to an MCP server that were refused.",
    ),
    gauge(
        HTTP_OPEN_STREAMS,
        Some(Unit::Count),
        &[],
        "Open event streams of an MCP server.",
    ),
    counter(
        HTTP_ABORTED_RESPONSES,
        &[],
        "HTTP responses of an MCP server whose client disconnected before their end.",
    ),
    histogram(
        CLIENT_OPERATION_DURATION,
        Unit::Seconds,
        OPERATION_LABELS,
        OPTIONAL_OPERATION_LABELS,
        &OPERATION_BUCKETS,
        "Duration of the operations that an MCP client requested, in seconds.",
    ),
];
