//! What the tests share: a reader of the text format that knows nothing of the crate's own, and
//! one installed exporter per process.

#![allow(
    clippy::must_use_candidate,
    reason = "nobody forgets to look at what a test asked for"
)]

pub mod certificates;
pub mod claims;
pub mod dashboard;
pub mod errors;
pub mod http;
pub mod kit;
pub mod log;
pub mod process;
pub mod scrape;
pub mod tools;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use mcp_metrics::Exporter;

pub use process::Process;
pub use scrape::Scrape;

/// The exporter of this process, installed at the first call.
///
/// # Panics
///
/// If the process has another recorder.
///
/// A process has one global recorder, so the tests of one binary share it and keep apart by the
/// names of their agents.
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

/// What the exporter of this process shows now.
pub fn scrape() -> Scrape {
    Scrape::parse(&exporter().render())
}

/// Runs `body`, which panics, without the panic's message on the terminal.
///
/// # Panics
///
/// If `body` does not.
pub fn panics(body: impl FnOnce() + std::panic::UnwindSafe) {
    quiet_panics();
    assert!(
        std::panic::catch_unwind(body).is_err(),
        "the body should have panicked"
    );
}

/// Keeps the panics that tests provoke, which say so, off the terminal.
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

/// Scrapes without pause until it is done, checks what holds at any moment for an agent that has one
/// operation, and returns how often it has scraped.
///
/// # Panics
///
/// If the counts disagree.
pub fn check_until(
    done: &AtomicBool,
    (agent, operation): (&str, &str),
    mut scrape: impl FnMut() -> Scrape,
) -> u32 {
    let (mut scrapes, mut total) = (0, 0.0);
    while !done.load(Ordering::Relaxed) {
        let now = scrape().requests(agent, operation);
        let ended = now.success + now.failed.values().sum::<f64>();
        assert!(now.total >= total, "a counter went down: {now:?}");
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
/// If it never is.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !condition() {
        assert!(
            std::time::Instant::now() < deadline,
            "never happened: {what}"
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
