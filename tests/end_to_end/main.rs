//! End-to-end tests of the example hub: started as a process, called by a real MCP client and
//! scraped by a real Prometheus.
//!
//! [`drive`] starts and controls the programs; the other modules contain the tests. The MCP client
//! is the Python SDK; Prometheus, Alertmanager, the Pushgateway and VictoriaMetrics come from
//! Debian. `tests/run` installs all of them. If one is missing, the tests that need it print a
//! message and pass, unless `MCP_METRICS_TESTS_REQUIRE` is set.

mod drive;

mod agents;
mod calls;
mod cancellation;
mod container;
mod contract;
mod inhibition;
mod kit;
mod lint;
mod llm;
mod llm_kit;
mod many_hubs;
mod mcp_kit;
mod namespace;
mod native_kit;
mod openmetrics;
mod prometheus;
mod protected;
mod protobuf;
mod push;
mod routes;
mod startup;
mod strict;
mod system;
