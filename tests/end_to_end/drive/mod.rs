//! What starts and steers the programs under test.

mod alertmanager;
mod binary;
mod client;
mod folder;
mod hub;
mod numbers;
mod pushgateway;
mod server;
mod stand_in;
pub(crate) mod tools;

pub(crate) use mcp_metrics_tests::Process;

pub(crate) use self::{
    alertmanager::Alertmanager,
    client::{Call, Client, Era, Outcome, call},
    folder::Folder,
    hub::{Hub, METRICS_PATHS},
    numbers::{assert_sum, assert_value},
    pushgateway::{Pushgateway, free_address},
    server::Prometheus,
    stand_in::{Received, StandIn},
};
