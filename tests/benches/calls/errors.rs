//! Tracked calls that fail, with error types whose label is found in different ways.
//!
//! The succeeding call makes the same error and drops it, so that the ratio is the cost of
//! recording the failure, without that of making the error.

use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::io;
use std::num::ParseIntError;

use axum::http::{Error as ForeignError, StatusCode};
use mcp_metrics::catalog::REQUEST_DURATION;
use mcp_metrics::tracked;
use mcp_metrics_benches::{Bar, sum};

use crate::measure::Measure;
use crate::requests::{FAILING, TRACKED};
use crate::way::{self, Pair, Way};
use crate::{Refused, tracked};

fn io_error() -> io::Error {
    black_box(io::ErrorKind::TimedOut).into()
}

fn parse_error() -> ParseIntError {
    let parsed = black_box("x").parse::<u32>();
    parsed.expect_err("it is not a number")
}

/// Returns an error of a type called `Error` that has no label of its own.
fn foreign_error() -> ForeignError {
    let status = StatusCode::from_u16(black_box(0));
    status.expect_err("0 is not a status").into()
}

const AT_MOST: f64 = 1.3;

/// A failing and a succeeding way with the same error type.
///
/// `$what` is a `tt`: a `literal` fragment reaches the attribute in an invisible group, which it
/// takes for a dynamic label.
macro_rules! pair {
    ($what:tt, $error:ty, $make:expr) => {{
        #[tracked("failing with", $what)]
        #[inline(never)]
        fn failing(n: u32) -> Result<u32, $error> {
            let error = $make;
            if n != u32::MAX {
                return Err(error);
            }
            let _ = black_box(error);
            Ok(black_box(n))
        }

        #[tracked("succeeding with", $what)]
        #[inline(never)]
        fn succeeding(n: u32) -> Result<u32, $error> {
            let error = $make;
            if n == u32::MAX {
                return Err(error);
            }
            let _ = black_box(error);
            Ok(black_box(n))
        }

        Pair {
            way: Way::single(concat!("#[tracked], failing with ", $what), |n| {
                failing(n).map_err(|_| Refused::TooMuch)
            })
            .counted(|| counted("failing with", $what)),
            other: Way::single(concat!("#[tracked], succeeding, ", $what), |n| {
                succeeding(n).map_err(|_| Refused::TooMuch)
            })
            .counted(|| counted("succeeding with", $what)),
            at_most: [Some(AT_MOST), None],
        }
    }};
}

pub(crate) fn compare(measure: &mut Measure) -> Vec<Bar> {
    let pairs = [
        Pair {
            way: FAILING,
            other: TRACKED,
            at_most: [Some(AT_MOST), None],
        },
        pair!("fmt::Error", fmt::Error, black_box(fmt::Error)),
        pair!("io::Error", io::Error, io_error()),
        pair!("ParseIntError", ParseIntError, parse_error()),
        pair!("a foreign Error", ForeignError, foreign_error()),
        pair!(
            "a boxed io::Error",
            Box<dyn Error + Send + Sync>,
            io_error().into()
        ),
        pair!(
            "a boxed foreign Error",
            Box<dyn Error + Send + Sync>,
            foreign_error().into()
        ),
    ];
    way::compare(measure, "Failing calls", &pairs)
}

fn counted(agent: &str, operation: &str) -> f64 {
    let labels = [("agent", agent), ("operation", operation)];
    let name = format!("{REQUEST_DURATION}_count");
    sum(&tracked::EXPORTER.render(), &name, &labels)
}
