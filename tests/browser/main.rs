//! The status page in a real browser.
//!
//! [`drive`] starts Debian's Chromium and controls it through its `WebDriver` program. The other
//! modules test the page of an exporter in this process, or of a server with staged responses.
//! Without Chromium, the tests log it and pass, unless `MCP_METRICS_TESTS_REQUIRE` is set.

mod drive;

mod connection;
mod export;
mod headers;
mod history;
mod hostile;
mod layout;
mod llm;
mod many_agents;
mod mcp;
mod prefix;
mod raw;
mod sorting;
mod values;
