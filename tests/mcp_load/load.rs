//! The clients.

use mcp_metrics::mcp::Metered;
use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest};
use rmcp::service::{PeerRequestOptions, RequestHandle, RunningService};
use rmcp::{RoleClient, ServiceExt as _};
use serde_json::json;
use tokio::task::JoinSet;

use crate::tools::Hub;

/// Each client cancels a call, calls an unknown tool and a failing one at these intervals.
const CANCEL_EVERY: usize = 50;
const UNKNOWN_EVERY: usize = 10;
const FAIL_EVERY: usize = 15;
/// The number of times that a client disconnects during a call.
const DISCONNECTS: usize = 5;

/// The number of calls by outcome, and of sessions.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) fast: f64,
    pub(crate) fails: f64,
    pub(crate) unknown: f64,
    pub(crate) cancelled: f64,
    pub(crate) disconnected: f64,
    pub(crate) sessions: f64,
}

impl Made {
    /// Returns the number of all calls.
    pub(crate) fn calls(&self) -> f64 {
        self.fast + self.fails + self.unknown + self.cancelled + self.disconnected
    }
}

/// Runs all clients, with this number of calls each. Returns what they have done together.
pub(crate) async fn run(clients: usize, calls: usize) -> Made {
    let mut running = JoinSet::new();
    for _ in 0..clients {
        running.spawn(client(calls));
    }
    let mut all = Made::default();
    for made in running.join_all().await {
        all.fast += made.fast;
        all.fails += made.fails;
        all.unknown += made.unknown;
        all.cancelled += made.cancelled;
        all.disconnected += made.disconnected;
        all.sessions += made.sessions;
    }
    all
}

async fn client(calls: usize) -> Made {
    let mut made = Made::default();
    let mut client = connect(&mut made).await;
    for n in 0..calls {
        if n % (calls / DISCONNECTS).max(1) == 1 {
            let handle = begin(&client, "deaf").await;
            // The next request is answered, so that the server has received the call.
            client.list_tools(None).await.expect("a list");
            drop((handle, client));
            made.disconnected += 1.0;
            client = connect(&mut made).await;
        } else if n % CANCEL_EVERY == 0 {
            let handle = begin(&client, "cancellable").await;
            handle.cancel(None).await.expect("an open session");
            made.cancelled += 1.0;
        } else if n % UNKNOWN_EVERY == 0 {
            let call = CallToolRequestParams::new("invented");
            client.call_tool(call).await.expect_err("an unknown tool");
            made.unknown += 1.0;
        } else if n % FAIL_EVERY == 0 {
            let result = client.call_tool(CallToolRequestParams::new("fails")).await;
            assert_eq!(result.expect("a result").is_error, Some(true));
            made.fails += 1.0;
        } else {
            let text = json!({ "text": "hi" }).as_object().cloned();
            let call = CallToolRequestParams::new("fast");
            let call = call.with_arguments(text.unwrap_or_default());
            client.call_tool(call).await.expect("a result");
            made.fast += 1.0;
        }
    }
    client.cancel().await.expect("the session ends");
    made
}

type Client = RunningService<RoleClient, ()>;

/// Connects a client to a supervised server. A call that ignores its cancellation is dropped.
async fn connect(made: &mut Made) -> Client {
    let (server, client) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async {
        let service = Metered::new(Hub::new()).supervised().serve(server).await;
        // The client may disconnect at any time.
        if let Ok(service) = service {
            let _ = service.waiting().await;
        }
    });
    made.sessions += 1.0;
    ().serve(client).await.expect("the client connects")
}

/// Begins a call, and does not wait for its answer.
async fn begin(client: &Client, tool: &'static str) -> RequestHandle<RoleClient> {
    let request = CallToolRequest::new(CallToolRequestParams::new(tool));
    let request = ClientRequest::CallToolRequest(request);
    let options = PeerRequestOptions::no_options();
    let sent = client.send_cancellable_request(request, options).await;
    sent.expect("an open session")
}
