//! The operations kit in `examples/monitoring`: Prometheus accepts it, its rules do what they are
//! to do, and it names nothing that the catalogue does not have.

mod alertmanager;
mod alerts;
mod checkers;
mod compose;
mod dashboard;
mod drift;
#[path = "../end_to_end/drive/folder.rs"]
mod folder;
mod image;
mod kit;
mod kubernetes;
mod names;
mod promtool;
mod query;
mod rule_object;
