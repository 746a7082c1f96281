//! Messages of failed queries and assertions of `mcp_metrics::testing`.
//!
//! Tests in this file do not record outside a recording, which would add notes to the messages.

#[path = "testing_messages/assertions.rs"]
mod assertions;
#[path = "testing_messages/queries.rs"]
mod queries;

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use mcp_metrics::testing::{Recording, record};

thread_local! {
    /// The file in which the last panic of this thread was reported.
    static REPORTED: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

fn report(info: &PanicHookInfo<'_>) {
    let file = info.location().map_or("", |location| location.file());
    REPORTED.set(file.to_owned());
}

/// Returns the message of the panic of `check` on what `body` records.
fn message(body: impl FnOnce(), check: impl FnOnce(&Recording)) -> String {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            report(info);
            usual(info);
        }));
    });
    let ((), metrics) = record(body);
    let panicked = panic::catch_unwind(AssertUnwindSafe(|| check(&metrics)));
    let payload = panicked.expect_err("the check should have panicked");
    let file = REPORTED.take();
    assert!(
        file.contains("testing_messages"),
        "the panic is reported in {file}"
    );
    *payload.downcast::<String>().expect("a formatted message")
}
