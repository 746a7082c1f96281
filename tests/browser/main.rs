//! The status page in a real browser.
//!
//! [`drive`] starts Debian's Chromium and steers it through its `WebDriver` program; the other
//! modules look at the page of an exporter in this process, or of a server that answers what a test
//! wants. Where Chromium is missing the tests say so and pass, unless `MCP_METRICS_TESTS_REQUIRE` is
//! set.

mod drive;

mod connection;
mod headers;
mod history;
mod hostile;
mod layout;
mod prefix;
mod raw;
mod sorting;
mod values;
