//! rmcp's `#[tool]`, above and below `#[tracked]`.

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};
use rmcp::model::{CallToolResult, ContentBlock, ErrorData};
use rmcp::{tool, tool_router};

struct Server(&'static str);

#[tool_router]
impl Server {
    /// Tracked above.
    #[tracked("tools", "above")]
    #[tool]
    async fn above(&self) -> Result<CallToolResult, ErrorData> {
        tokio::task::yield_now().await;
        Err(ErrorData::invalid_params("no", None))
    }

    // Not a doc comment: `#[tool]` drops it if another attribute follows.
    #[tool(description = "Tracked below.")]
    #[tracked("tools", "below")]
    async fn below(&self) -> Result<CallToolResult, ErrorData> {
        tokio::task::yield_now().await;
        Ok(CallToolResult::error(vec![ContentBlock::text(
            "it went wrong",
        )]))
    }

    /// Tracked, and not async.
    #[tracked("tools", "plain")]
    #[tool]
    fn plain(&self) -> String {
        self.0.to_owned()
    }
}

#[tokio::test]
async fn tools_are_counted_above_and_below_the_tool_attribute() {
    exporter();
    let server = Server("fine");
    assert!(server.above().await.is_err());
    assert!(server.below().await.is_ok());
    assert_eq!(server.plain(), "fine");
    // Called, but not polled.
    drop((server.above(), server.below()));

    let scrape = scrape();
    scrape
        .requests("tools", "above")
        .assert(0, &[("InvalidParams", 1)]);
    scrape
        .requests("tools", "below")
        .assert(0, &[("tool_error", 1)]);
    scrape.requests("tools", "plain").assert(1, &[]);
}

#[test]
fn tool_descriptions_are_unchanged() {
    let mut descriptions: Vec<_> = Server::tool_router()
        .list_all()
        .into_iter()
        .map(|tool| tool.description.unwrap_or_default().into_owned())
        .collect();
    descriptions.sort();
    assert_eq!(
        descriptions,
        [
            "Tracked above.",
            "Tracked below.",
            "Tracked, and not async."
        ]
    );
}
