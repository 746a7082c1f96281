//! A crate that re-exports this one, under its name or another.

#![deny(warnings)]

extern crate mcp_metrics as telemetry;

mod company {
    pub mod telemetry {
        pub use ::mcp_metrics as metrics;
    }
}

use company::telemetry::metrics;

#[telemetry::tracked("a")]
fn by_extern_crate() -> Result<(), Failure> {
    Ok(())
}

#[metrics::tracked("a", crate = crate::company::telemetry::metrics)]
fn by_import() -> Result<(), Renamed> {
    Ok(())
}

#[telemetry::tracked_retry("s", attempts = 2, crate = ::telemetry)]
async fn by_absolute_path() -> Result<(), Failure> {
    std::future::ready(Err(Failure::One)).await
}

#[derive(Debug, telemetry::ErrorType)]
enum Failure {
    One,
}

#[derive(Debug, metrics::ErrorType)]
#[error_type(crate = metrics)]
enum Renamed {
    #[error_type(transparent)]
    Failure(Failure),
}

struct Store;

#[metrics::tracked("a", crate = metrics)]
impl Store {
    #[metrics::tracked(operation = "named")]
    fn own(&self) -> Result<(), Renamed> {
        by_extern_crate().map_err(Renamed::Failure)
    }

    #[mcp_metrics::tracked(operation = "named")]
    fn by_the_crates_name(&self) {}

    #[metrics::tracked(skip)]
    fn skipped(&self) {}

    #[cfg_attr(all(), metrics::tracked(skip))]
    fn conditionally_skipped(&self) {}

    fn inherited(&self) -> Result<(), Renamed> {
        self.own()
    }
}

fn main() {
    println!("{:?} {:?} {:?}", by_import(), Store.own(), Store.inherited());
    drop(by_absolute_path());
    Store.skipped();
    Store.conditionally_skipped();
    Store.by_the_crates_name();
}
