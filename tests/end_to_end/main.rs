//! The example hub as its users meet it: started as a program, called by a real MCP client, scraped
//! by a real Prometheus, and every number checked.
//!
//! [`drive`] starts and steers the programs, the other modules check. The MCP client is the Python
//! SDK; Prometheus, Alertmanager, the Pushgateway and VictoriaMetrics are Debian's; `tests/run` sets
//! them all up. Where one is missing the tests that need it say so and pass, unless
//! `MCP_METRICS_TESTS_REQUIRE` is set.

mod drive;

mod agents;
mod calls;
mod cancellation;
mod container;
mod contract;
mod inhibition;
mod kit;
mod lint;
mod many_hubs;
mod openmetrics;
mod prometheus;
mod protected;
mod protobuf;
mod push;
mod routes;
mod startup;
mod strict;
