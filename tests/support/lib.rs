//! Support for the tests: a parser of the text format that is independent of the crate's encoders,
//! one installed exporter per process, an HTTP client, child processes and captured logs.

#![allow(
    clippy::must_use_candidate,
    reason = "tests use the values that they request"
)]

pub mod binaries;
pub mod certificates;
pub mod claims;
pub mod dashboard;
pub mod errors;
pub mod http;
pub mod kit;
pub mod llm;
pub mod log;
pub mod mcp;
pub mod process;
pub mod scrape;
pub mod tools;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use mcp_metrics::Exporter;

pub use process::Process;
pub use scrape::Scrape;

/// Returns the exporter of this process, which the first call installs.
///
/// A process has one global recorder, so the tests of a binary share it and use distinct agents.
///
/// # Panics
///
/// If the process has another recorder.
pub fn exporter() -> &'static Exporter {
    static EXPORTER: OnceLock<Exporter> = OnceLock::new();
    EXPORTER.get_or_init(|| {
        Exporter::builder()
            .app("tests", "1.0.0")
            .listen(([127, 0, 0, 1], 0))
            .install()
            .expect("nothing else installs a recorder in this process")
    })
}

/// Scrapes the exporter of this process.
pub fn scrape() -> Scrape {
    Scrape::parse(&exporter().render())
}

/// Asserts that `body` panics. A panic with the message [`PROVOKED`] is not printed.
///
/// # Panics
///
/// If `body` does not panic.
pub fn panics(body: impl FnOnce() + std::panic::UnwindSafe) {
    quiet_panics();
    assert!(
        std::panic::catch_unwind(body).is_err(),
        "the body should have panicked"
    );
}

/// Suppresses the output of panics with the message [`PROVOKED`].
pub fn quiet_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let provoked = info.payload().downcast_ref::<&str>() == Some(&PROVOKED);
            if !provoked {
                usual(info);
            }
        }));
    });
}

/// The message of panics that tests provoke.
pub const PROVOKED: &str = "provoked by a test";

/// Scrapes in a loop until `done` is set, and checks the invariants of an agent with one operation.
/// Returns the number of scrapes.
///
/// # Panics
///
/// If the counts are inconsistent.
pub fn check_until(
    done: &AtomicBool,
    (agent, operation): (&str, &str),
    mut scrape: impl FnMut() -> Scrape,
) -> u32 {
    let (mut scrapes, mut total) = (0, 0.0);
    while !done.load(Ordering::Relaxed) {
        let now = scrape().requests(agent, operation);
        let ended = now.success + now.failed.values().sum::<f64>();
        assert!(now.total >= total, "a counter decreased: {now:?}");
        assert!(now.total >= now.observed && now.total >= ended, "{now:?}");
        assert_eq!(now.total - ended, now.active, "{now:?}");
        total = now.total;
        scrapes += 1;
    }
    scrapes
}

/// Polls `condition` until it is true.
///
/// # Panics
///
/// If it is still false after 30 seconds.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "timed out: {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
