//! Compares the forwarded methods of transports and session managers with the traits.

use super::rmcp_source::{methods_of_crate, methods_of_rmcp};

#[test]
fn every_method_of_a_session_manager_is_forwarded() {
    assert_eq!(
        methods_of_crate("mcp/sessions.rs", "SessionManager for MeteredSessions"),
        methods_of_rmcp(
            "transport/streamable_http_server/session.rs",
            "pub trait SessionManager"
        ),
    );
}

#[test]
fn every_method_of_a_transport_is_forwarded() {
    let methods = methods_of_rmcp("transport.rs", "pub trait Transport<R>");
    for role in ["RoleServer", "RoleClient"] {
        let start = format!("Transport<{role}> for MeteredTransport");
        assert_eq!(methods_of_crate("mcp/transport/mod.rs", &start), methods);
    }
}

#[test]
fn methods_of_a_handler_are_found_in_a_macro() {
    let methods = methods_of_rmcp("handler/server.rs", "macro_rules! server_handler_methods");
    for method in ["ping", "call_tool", "get_tool", "on_custom_notification"] {
        assert!(methods.contains(method), "{method} is not in {methods:?}");
    }
}
