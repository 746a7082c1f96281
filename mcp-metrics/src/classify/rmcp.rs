//! Outcomes of MCP tool calls, and labels of MCP errors.

use std::borrow::Cow;

use rmcp::model::{CallToolResponse, CallToolResult, ErrorCode};
use rmcp::{ErrorData, RmcpError, ServiceError};

use super::known::known_types;
use super::{ErrorType, Outcome};

known_types!(ErrorData, ServiceError, RmcpError);

/// A result that says it is an error fails with `tool_error`.
///
/// ```
/// use mcp_metrics::Outcome;
/// use rmcp::model::{CallToolResult, ContentBlock};
///
/// let content = vec![ContentBlock::text("the index is being rebuilt")];
/// assert!(CallToolResult::success(content.clone()).failure().is_none());
/// assert_eq!(CallToolResult::error(content).failure().as_deref(), Some("tool_error"));
/// ```
impl Outcome for CallToolResult {
    fn failure(&self) -> Option<Cow<'static, str>> {
        (self.is_error == Some(true)).then(|| "tool_error".into())
    }
}

/// A completed call fails as its result does. One that asks for input or goes on as a task has
/// not failed.
impl Outcome for CallToolResponse {
    fn failure(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Complete(result) => result.failure(),
            _ => None,
        }
    }
}

/// The name of the code, such as `InvalidParams`; `ServerError` for one that JSON-RPC leaves to
/// servers, `ErrorData` for one of the application's own.
///
/// ```
/// use mcp_metrics::ErrorType;
/// use rmcp::ErrorData;
///
/// let error = ErrorData::invalid_params("the query is empty", None);
/// assert_eq!(error.error_type(), "InvalidParams");
/// ```
impl ErrorType for ErrorData {
    fn error_type(&self) -> Cow<'static, str> {
        let name = match self.code {
            ErrorCode::PARSE_ERROR => "ParseError",
            ErrorCode::INVALID_REQUEST => "InvalidRequest",
            ErrorCode::METHOD_NOT_FOUND => "MethodNotFound",
            ErrorCode::INVALID_PARAMS => "InvalidParams",
            ErrorCode::INTERNAL_ERROR => "InternalError",
            ErrorCode::RESOURCE_NOT_FOUND => "ResourceNotFound",
            ErrorCode::HEADER_MISMATCH => "HeaderMismatch",
            ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY => "MissingRequiredClientCapability",
            ErrorCode::UNSUPPORTED_PROTOCOL_VERSION => "UnsupportedProtocolVersion",
            // <https://www.jsonrpc.org/specification#error_object>
            ErrorCode(-32_099..=-32_000) => "ServerError",
            ErrorCode(_) => "ErrorData",
        };
        name.into()
    }
}

/// The variant's name, `Timeout` for instance, or the peer's error's label. A request that was
/// cancelled goes by `cancelled`, as any other.
impl ErrorType for ServiceError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::McpError(error) => error.error_type(),
            Self::TransportSend(_) => "TransportSend".into(),
            Self::TransportClosed => "TransportClosed".into(),
            Self::UnexpectedResponse => "UnexpectedResponse".into(),
            Self::SubscriptionLagged { .. } => "SubscriptionLagged".into(),
            Self::Cancelled { .. } => "cancelled".into(),
            Self::Timeout { .. } => "Timeout".into(),
            Self::InputRequiredRoundsExceeded { .. } => "InputRequiredRoundsExceeded".into(),
            _ => "ServiceError".into(),
        }
    }
}

/// The variant's name, or the service error's label.
impl ErrorType for RmcpError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Service(error) => error.error_type(),
            Self::ClientInitialize(_) => "ClientInitialize".into(),
            Self::Runtime(_) => "Runtime".into(),
            Self::TransportCreation { .. } => "TransportCreation".into(),
            Self::TaskError(_) => "TaskError".into(),
            _ => "RmcpError".into(),
        }
    }
}
