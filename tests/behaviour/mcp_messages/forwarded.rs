//! Compares the forwarded methods of handlers, transports and session managers with the traits.

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
fn every_method_of_a_handler_is_forwarded() {
    let methods = methods_of_rmcp("handler/server.rs", "macro_rules! server_handler_methods");
    for method in ["ping", "call_tool", "get_tool", "on_custom_notification"] {
        assert!(methods.contains(method), "{method} is not in {methods:?}");
    }
    let file = "mcp/metered/forward.rs";
    let mut forwarded = methods_of_crate(file, "ServerHandler for Metered");
    // Methods that the macro `forward!` generates.
    let source = include_str!("../../../mcp-metrics/src/mcp/metered/forward.rs");
    let (_, listed) = source
        .split_once("    forward! {\n")
        .expect("the list of methods");
    let (listed, _) = listed.split_once("\n    }\n").expect("the end of the list");
    let names = listed
        .lines()
        .filter_map(|line| line.trim().split_once('('));
    forwarded.extend(names.map(|(name, _)| name.to_owned()));
    assert_eq!(forwarded, methods);
}
