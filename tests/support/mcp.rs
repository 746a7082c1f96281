//! Recordings in the families of MCP servers, through the facade, as the module `mcp` makes them.

use metrics::{Label, counter, gauge, histogram};

/// Names and values of labels.
type Pairs<'a> = &'a [(&'static str, &'a str)];

fn labels(pairs: Pairs<'_>) -> Vec<Label> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| Label::new(*name, (*value).to_owned()))
        .collect()
}

/// Records an operation of a server that took `seconds`, with these labels besides the transport.
pub fn operation(pairs: Pairs<'_>, seconds: f64) {
    let labels = labels(&[pairs, &[("network_transport", "tcp")]].concat());
    histogram!("mcp_server_operation_duration_seconds", labels).record(seconds);
}

/// Records a call of a tool that took `seconds`, and failed if there is an `error_type`.
pub fn tool_call(tool: &str, error_type: Option<&str>, seconds: f64) {
    let mut pairs = vec![
        ("mcp_method_name", "tools/call"),
        ("gen_ai_tool_name", tool),
    ];
    pairs.extend(error_type.map(|error_type| ("error_type", error_type)));
    operation(&pairs, seconds);
}

/// Records a session that began.
pub fn session(client: &str, version: &str, protocol: &str) {
    let labels = labels(&[
        ("client_name", client),
        ("client_version", version),
        ("mcp_protocol_version", protocol),
    ]);
    counter!("mcp_server_sessions_total", labels).increment(1);
    let labels = [("network_transport", "tcp")];
    gauge!("mcp_server_active_sessions", &labels).increment(1.0);
}

/// Records the start of a request, which stays in flight.
pub fn request(method: &str) {
    let labels = labels(&[("mcp_method_name", method)]);
    gauge!("mcp_server_active_requests", labels).increment(1.0);
}

/// Records a call of a tool that the server does not have.
pub fn unknown_tool_call() {
    counter!("mcp_server_unknown_tool_calls_total").increment(1);
    let labels = [("mcp_method_name", "tools/call"), ("error_type", "-32602")];
    operation(&labels, 0.001);
}

/// Records something in every family, with and without its optional labels.
pub fn everything() {
    tool_call("search", None, 0.02);
    tool_call("search", Some("tool_error"), 0.2);
    tool_call("fetch", Some("-32602"), 0.2);
    tool_call("fetch", Some("panic"), 0.2);
    unknown_tool_call();
    let prompt = [
        ("mcp_method_name", "prompts/get"),
        ("gen_ai_prompt_name", "greet"),
    ];
    operation(&prompt, 0.01);
    operation(&[("mcp_method_name", "initialize")], 0.01);
    let refused = [("mcp_method_name", "initialize"), ("error_type", "-32022")];
    operation(&refused, 0.01);
    request("tools/call");
    session("editor", "1.0", "2025-11-25");

    for direction in ["received", "sent"] {
        let labels = [
            ("mcp_method_name", "notifications/progress"),
            ("direction", direction),
        ];
        counter!("mcp_server_notifications_total", &labels).increment(1);
    }
    let tool = [("gen_ai_tool_name", "search")];
    counter!("mcp_server_input_required_total", &tool).increment(1);
    histogram!("mcp_server_result_size_bytes", &tool).record(1_000.0);
    let transport = ("network_transport", "tcp");
    for labels in [
        vec![transport],
        vec![transport, ("error_type", "cancelled")],
    ] {
        histogram!("mcp_server_session_duration_seconds", &labels).record(20.0);
    }
    let ping = ("mcp_method_name", "ping");
    for labels in [vec![ping], vec![ping, ("error_type", "-32601")]] {
        histogram!("mcp_server_client_request_duration_seconds", &labels).record(0.1);
    }
    counter!("mcp_server_undelivered_responses_total", &[transport]).increment(1);

    let response = [
        ("http_method", "POST"),
        ("code", "200"),
        ("session", "known"),
    ];
    counter!("mcp_http_responses_total", &response).increment(1);
    counter!("mcp_http_auth_failures_total", "reason" => "unauthorized").increment(1);
    gauge!("mcp_http_open_streams").set(2.0);
    counter!("mcp_http_aborted_responses_total").increment(1);

    let call = [
        ("mcp_method_name", "tools/call"),
        ("gen_ai_tool_name", "search"),
    ];
    for error_type in [None, Some(("error_type", "tool_error"))] {
        let labels: Vec<_> = call
            .into_iter()
            .chain(error_type)
            .chain([transport])
            .collect();
        histogram!("mcp_client_operation_duration_seconds", &labels).record(0.1);
    }
}
