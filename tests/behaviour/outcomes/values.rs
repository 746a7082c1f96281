//! Outcomes by the returned value: errors and their labels, and types that are no `Result`.

use std::error::Error;

use mcp_metrics::{Outcome, tracked};
use mcp_metrics_tests::{exporter, scrape};

use super::{Alias, Failure, Opaque};

#[tracked("alias", "outcome")]
fn alias(case: u8) -> Alias<u8> {
    match case {
        0 => Ok(0),
        1 => Err(Failure::Timeout),
        2 => Err(Failure::Provider { status: 503 }),
        3 => Err(std::fs::read("/no/such/file")
            .map_err(Failure::Io)
            .unwrap_err()),
        _ => {
            serde_json::from_str::<u8>("?").map_err(|inner| Failure::Json { inner })?;
            Ok(0)
        }
    }
}

#[test]
fn err_of_an_aliased_result_is_a_failure_with_the_error_label() {
    exporter();
    (0..5).for_each(|case| drop(alias(case)));
    scrape().requests("alias", "outcome").assert(
        1,
        &[
            ("Timeout", 1),
            ("Upstream", 1),
            ("NotFound", 1),
            ("serde_json::Error", 1),
        ],
    );
}

#[tracked("std", "outcome")]
fn std_errors(case: u8) -> Result<(), Box<dyn Error + Send + Sync>> {
    match case {
        0 => drop("x".parse::<u8>()?),
        1 => drop(std::fs::read("/no/such/file")?),
        _ => {}
    }
    Ok(())
}

#[tracked("foreign", "outcome")]
fn foreign_error() -> Result<(), std::num::ParseIntError> {
    "x".parse::<u8>().map(drop)
}

#[tracked("text", "outcome")]
fn text_error() -> Result<(), String> {
    Err("it went wrong in a long sentence".into())
}

#[test]
fn unlabelled_errors_are_labelled_by_their_type() {
    exporter();
    (0..3).for_each(|case| drop(std_errors(case)));
    scrape()
        .requests("std", "outcome")
        .assert(1, &[("ParseIntError", 1), ("NotFound", 1)]);
    drop(foreign_error());
    scrape()
        .requests("foreign", "outcome")
        .assert(0, &[("ParseIntError", 1)]);
    drop(text_error());
    scrape()
        .requests("text", "outcome")
        .assert(0, &[("String", 1)]);
}

struct Reply(u16);

impl Outcome for Reply {
    fn failure(&self) -> Option<std::borrow::Cow<'static, str>> {
        (self.0 >= 500).then(|| "5xx".into())
    }
}

#[tracked("own", "outcome")]
fn reply(status: u16) -> Reply {
    Reply(status)
}

#[tracked("opaque", "outcome")]
fn opaque() -> Opaque {
    Opaque
}

#[tracked("option", "outcome")]
fn option() -> Option<u8> {
    None
}

#[test]
fn other_values_are_successes_unless_their_outcome_is_a_failure() {
    exporter();
    assert_eq!(reply(200).0 + reply(503).0, 703);
    scrape().requests("own", "outcome").assert(1, &[("5xx", 1)]);
    opaque();
    scrape().requests("opaque", "outcome").assert(1, &[]);
    assert_eq!(option(), None);
    scrape().requests("option", "outcome").assert(1, &[]);
}
