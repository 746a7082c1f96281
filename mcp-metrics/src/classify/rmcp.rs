//! Outcomes of MCP tool calls, and labels of MCP errors.

use std::borrow::Cow;

use rmcp::model::{CallToolResponse, CallToolResult, ErrorCode};
use rmcp::{ErrorData, RmcpError, ServiceError};

use super::downcast::known_types;
use super::{ErrorType, Outcome};

known_types!(ErrorData, ServiceError, RmcpError);

/// A result with `is_error` set is a failure with the label `tool_error`.
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

/// A completed call has the outcome of its result. A call that requests input or continues as a
/// task is not a failure.
impl Outcome for CallToolResponse {
    fn failure(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Complete(result) => result.failure(),
            _ => None,
        }
    }
}

/// The label is the name of the error code, such as `InvalidParams`. Codes that JSON-RPC reserves
/// for servers are labelled `ServerError`, application-defined codes `ErrorData`.
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

/// The label is the name of the variant, such as `Timeout`. Errors of the peer keep their own
/// label, and a cancelled request is labelled `cancelled`, like any other.
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

/// The label is the name of the variant, or the label of the service error.
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
