//! Failures allocate nothing, whatever their error's type. One test, because the allocator counts
//! for the whole process.

use std::alloc::System;
use std::error::Error;
use std::num::ParseIntError;
use std::{fmt, io};

use mcp_metrics::{Exporter, tracked};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

mod foreign {
    /// An error without a label of its own, with a name that many crates use.
    #[derive(Debug)]
    pub(crate) struct Error;
}

/// An error without a label of its own that has a source.
#[derive(Debug)]
struct Context(io::Error);

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no settings")
    }
}

impl Error for Context {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Fails with an error that is passed in and comes back, so that the call itself does not allocate,
/// and returns the allocations of all failures but the first.
macro_rules! allocations {
    ($type:ty, $error:expr) => {{
        #[tracked("failures")]
        fn call(error: $type) -> Result<(), $type> {
            Err(error)
        }

        let mut error: $type = $error;
        error = call(error).unwrap_err();
        let before = ALLOCATOR.stats();
        for _ in 0..100 {
            error = call(error).unwrap_err();
        }
        let after = ALLOCATOR.stats();
        assert!(call(error).is_err());
        after.allocations + after.reallocations - before.allocations - before.reallocations
    }};
}

type Boxed = Box<dyn Error + Send + Sync>;

#[test]
fn failures_after_the_first_of_a_type_do_not_allocate() {
    let exporter = Exporter::builder().without_system_metrics().install();
    let exporter = exporter.expect("nothing else installs a recorder in this process");
    let not_found = || io::Error::from(io::ErrorKind::NotFound);
    // An error of a kind that `io::ErrorKind` does not name publicly.
    let uncategorized = || io::Error::from_raw_os_error(i32::MAX);
    let parse = || "x".parse::<u8>().unwrap_err();
    let allocations = [
        allocations!(fmt::Error, fmt::Error),
        allocations!(foreign::Error, foreign::Error),
        allocations!(Vec<foreign::Error>, vec![foreign::Error]),
        allocations!(&str, "text"),
        allocations!((u8, u8), (1, 1)),
        allocations!(ParseIntError, parse()),
        allocations!(io::Error, not_found()),
        allocations!(io::Error, uncategorized()),
        allocations!(io::Error, io::Error::other("text")),
        allocations!(io::ErrorKind, io::ErrorKind::TimedOut),
        allocations!(
            serde_json::Error,
            serde_json::from_str::<u8>("?").unwrap_err()
        ),
        allocations!(Boxed, Box::new(fmt::Error)),
        allocations!(Boxed, Box::new(parse())),
        allocations!(Boxed, Box::new(Context(not_found()))),
        allocations!(Boxed, io::Error::other(Context(not_found())).into()),
        allocations!(Boxed, "text".into()),
        allocations!(Box<dyn Error>, Box::new(uncategorized())),
        allocations!(
            anyhow::Error,
            anyhow::Error::new(not_found()).context("text")
        ),
        allocations!(anyhow::Error, anyhow::anyhow!("text")),
        allocations!(
            rmcp::ErrorData,
            rmcp::ErrorData::internal_error("text", None)
        ),
    ];
    assert_eq!(allocations, [0; 20]);

    let text = exporter.render();
    for label in [
        "std::Error",
        "failures::Error",
        "Vec",
        "NotFound",
        "serde_json::Error",
        "Box",
        "anyhow::Error",
    ] {
        assert!(text.contains(&format!("error_type=\"{label}\"")), "{label}");
    }
}
