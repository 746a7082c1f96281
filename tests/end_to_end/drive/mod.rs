//! Starts and controls the programs under test.

mod alertmanager;
mod binary;
mod client;
mod folder;
mod hub;
mod numbers;
mod pushgateway;
mod query;
mod recording;
mod server;
mod stand_in;
mod store;
pub(crate) mod tools;

use std::net::SocketAddr;

pub(crate) use mcp_metrics_tests::Process;

pub(crate) use self::{
    alertmanager::Alertmanager,
    client::{Call, Client, Era, Outcome, call},
    folder::Folder,
    hub::{Hub, METRICS_PATHS},
    numbers::{assert_sum, assert_value},
    pushgateway::{Pushgateway, free_address},
    recording::Recording,
    server::Prometheus,
    stand_in::{Received, StandIn},
    store::VictoriaMetrics,
};

/// Returns the listen address of a program of the Prometheus project, from its log.
fn listening_at(process: &mut Process) -> SocketAddr {
    process.wait_for("the listen address in the log", |line| {
        let (_, fields) = line.split_once("msg=\"Listening on\"")?;
        fields.split_once("address=")?.1.trim().parse().ok()
    })
}
