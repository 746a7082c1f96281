//! Error labels that start at zero: found by type before the first call, or at the first call where
//! no static can name the type.

#![allow(dead_code, reason = "labels are exported before they have values")]
#![allow(
    clippy::type_complexity,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "only the return types matter"
)]

use mcp_metrics::ErrorType;
use mcp_metrics_tests::{Scrape, exporter};

#[path = "declared_labels/blocks.rs"]
mod blocks;
#[path = "declared_labels/functions.rs"]
mod functions;
#[path = "declared_labels/futures.rs"]
mod futures;
#[path = "declared_labels/methods.rs"]
mod methods;
#[cfg(feature = "stream")]
#[path = "declared_labels/streams.rs"]
mod streams;
#[path = "declared_labels/types.rs"]
mod types;

#[derive(Debug, ErrorType)]
enum Error {
    Timeout,
    Refused,
}

/// Returns the failure labels that are exported.
fn exported(scrape: &Scrape, (agent, operation): (&str, &str)) -> Vec<String> {
    let labels = [("agent", agent), ("operation", operation)];
    scrape
        .select("mcp_hub_requests_failed_total", &labels)
        .map(|(_, labels, _)| labels["error_type"].clone())
        .collect()
}

/// A function and the labels of its failures that start at zero.
struct Case {
    operation: &'static str,
    call: fn(),
    before_the_first_call: &'static [&'static str],
    after_it: &'static [&'static str],
}

/// Cases of functions whose labels are the same before and after the first call, or start at it.
macro_rules! cases {
    ($($operation:ident: $labels:expr, $call:expr;)+ @at_first_call: $($later:ident: $found:expr, $first:expr;)*) => {
        pub(super) const CASES: &[crate::Case] = &[
            $(crate::Case {
                operation: stringify!($operation),
                call: || {
                    let _ = $call;
                },
                before_the_first_call: &$labels,
                after_it: &$labels,
            },)+
            $(crate::Case {
                operation: stringify!($later),
                call: || {
                    let _ = $first;
                },
                before_the_first_call: &[],
                after_it: &$found,
            },)*
        ];
    };
}
use cases;

/// Polls a future that is ready.
fn ready<T>(future: impl Future<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(future).expect("the future is ready")
}

#[test]
fn failures_start_at_zero_under_the_labels_of_their_type() {
    let cases = [
        ("blocks", blocks::CASES),
        ("functions", functions::CASES),
        ("futures", futures::CASES),
        ("methods", methods::CASES),
        #[cfg(feature = "stream")]
        ("streams", streams::CASES),
        ("types", types::CASES),
    ];
    let exporter = exporter();
    let before = Scrape::parse(&exporter.render());
    for (agent, cases) in cases {
        for case in cases {
            let name = (agent, case.operation);
            assert_eq!(
                exported(&before, name),
                case.before_the_first_call,
                "{name:?}"
            );
            (case.call)();
        }
    }
    let after = Scrape::parse(&exporter.render());
    for (agent, cases) in cases {
        for case in cases {
            let name = (agent, case.operation);
            assert_eq!(exported(&after, name), case.after_it, "{name:?}");
            let counts = after.requests(agent, case.operation);
            assert_eq!(counts.success, 1.0, "{name:?}: {counts:?}");
            assert!(
                counts.failed.values().all(|count| *count == 0.0),
                "{name:?}: {counts:?}"
            );
        }
    }
}
