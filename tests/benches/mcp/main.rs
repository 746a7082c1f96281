//! The cost of `mcp::Metered` per request, over the bare handler.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench mcp --profile release
//! ```
//!
//! Handlers are called directly, with the context of a real request, since a round trip takes many
//! times as long as what is measured. The handlers take turns in each round.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use mcp_metrics::Exporter;
use mcp_metrics::mcp::Metered;
use mcp_metrics_benches::{Bar, median, quick, verdict};
use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Tool};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, ServiceExt as _};
use tokio::sync::mpsc::UnboundedSender;

/// A handler with one tool, which passes on the context of its first call.
#[derive(Clone)]
struct Hub {
    contexts: Option<UnboundedSender<RequestContext<RoleServer>>>,
}

impl ServerHandler for Hub {
    fn get_tool(&self, name: &str) -> Option<Tool> {
        let schema = std::sync::Arc::new(serde_json::Map::new());
        (name == "search").then(|| Tool::new("search", "Searches", schema))
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if let Some(contexts) = &self.contexts {
            let _ = contexts.send(context);
        }
        Ok(CallToolResult::success(Vec::new()).into())
    }
}

/// Returns the nanoseconds per call.
async fn measure(
    handler: &impl ServerHandler,
    context: &RequestContext<RoleServer>,
    calls: u32,
) -> f64 {
    let request = CallToolRequestParams::new("search");
    let start = Instant::now();
    for _ in 0..calls {
        let answer = handler.call_tool(black_box(request.clone()), context.clone());
        let _ = black_box(answer.await);
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let exporter = Exporter::builder().install().expect("no other recorder");
    let (contexts, mut received) = tokio::sync::mpsc::unbounded_channel();
    let contexts = Some(contexts);
    let (server, client) = tokio::io::duplex(4096);
    let (server, client) = tokio::join!(Hub { contexts }.serve(server), ().serve(client));
    let (_server, client) = (server.expect("it starts"), client.expect("it connects"));
    let request = CallToolRequestParams::new("search");
    client.call_tool(request).await.expect("the tool answers");
    let mut context = received.recv().await.expect("the context of the call");
    // rmcp cancels the token of a request that was answered.
    context.ct = RequestContext::<RoleServer>::new(context.id.clone(), context.peer.clone()).ct;

    let bare = Hub { contexts: None };
    let metered = Metered::new(bare.clone());
    let with_agent = Metered::new(bare.clone()).agent("hub");
    let supervised = Metered::new(bare.clone()).supervised();
    let (rounds, calls) = if quick() { (11, 20_000) } else { (51, 100_000) };
    let mut over = [Vec::new(), Vec::new(), Vec::new()];
    let mut alone = Vec::new();
    for _ in 0..rounds {
        let nanoseconds = measure(&bare, &context, calls).await;
        alone.push(nanoseconds);
        over[0].push(measure(&metered, &context, calls).await - nanoseconds);
        over[1].push(measure(&with_agent, &context, calls).await - nanoseconds);
        over[2].push(measure(&supervised, &context, calls).await - nanoseconds);
    }
    let counted = exporter.render();
    let expected = 3 * rounds * calls;
    assert!(
        counted.contains(&format!(
            "{{mcp_method_name=\"tools/call\",gen_ai_tool_name=\"search\",\
             network_transport=\"pipe\"}} {expected}\n"
        )),
        "not all calls were counted:\n{counted}",
    );
    println!("bare handler: {:.0} ns per call", median(alone));
    let [metered, with_agent, supervised] = over.map(median);
    let bar = |what: &str, most, measured| Bar {
        what: format!("{what} − the bare handler, in ns"),
        most,
        measured,
    };
    verdict(&[
        bar("Metered", 300.0, metered),
        bar("Metered with an agent", 500.0, with_agent),
        bar("Metered under supervision", 400.0, supervised),
    ])
}
