//! The operations kit in `examples/monitoring`: Prometheus accepts it, its rules pass their unit
//! tests, and it names only metrics and labels of the catalogue.

mod alertmanager;
mod alerts;
mod checkers;
mod compose;
mod dashboard;
mod dashboard_queries;
mod drift;
#[path = "../end_to_end/drive/folder.rs"]
mod folder;
mod image;
mod kit;
mod kubernetes;
mod names;
mod namespace;
mod promtool;
mod query;
mod ratios;
mod recorded;
mod rule_object;
