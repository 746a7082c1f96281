//! The operations kit in `examples/monitoring`: Prometheus accepts it, its rules do what they are
//! to do, and it names nothing that the catalogue does not have.

mod alerts;
mod dashboard;
mod drift;
mod kit;
mod names;
mod promtool;
mod query;
