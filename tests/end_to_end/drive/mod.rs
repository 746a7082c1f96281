//! What starts and steers the programs under test.

mod binary;
mod client;
mod hub;
mod numbers;
mod server;
pub(crate) mod tools;

pub(crate) use mcp_metrics_tests::Process;

pub(crate) use self::{
    client::{Call, Client, Era, Outcome, call},
    hub::{Hub, METRICS_PATHS},
    numbers::{assert_sum, assert_value},
    server::Prometheus,
};
