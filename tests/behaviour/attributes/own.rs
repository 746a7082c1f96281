//! Methods with an attribute of their own in a tracked block.

#![expect(clippy::unused_self, reason = "only the calls matter")]

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};

use super::telemetry;

struct Own;

#[tracked(agent = "own")]
impl Own {
    fn of_block(&self) {}

    #[mcp_metrics::tracked(operation = "renamed")]
    fn by_path(&self) {}

    #[::mcp_metrics::tracked(skip)]
    fn skipped_by_path(&self) {}

    #[cfg_attr(all(), tracked(skip))]
    fn skipped_by_cfg(&self) {}

    #[cfg_attr(any(), tracked(skip))]
    fn not_skipped_by_cfg(&self) {}

    #[cfg_attr(all(), doc = "Documented.", tracked("own", "cfg"), inline)]
    fn named_by_cfg(&self) {}

    #[cfg_attr(any(), tracked("own", "never"))]
    fn not_named_by_cfg(&self) {}

    #[cfg_attr(all(), tracked(operation = "inherits"))]
    fn inherits_by_cfg(&self) {}

    #[cfg_attr(all(), tracked(operation = "first"))]
    #[cfg_attr(any(), tracked(operation = "second"))]
    fn named_by_two_cfgs(&self) {}

    #[cfg_attr(all(), must_use)]
    fn other_cfg(&self) -> u8 {
        1
    }
}

#[test]
fn own_attribute_of_a_method_is_found_by_path_and_in_cfg_attr() {
    exporter();
    let own = Own;
    own.of_block();
    own.by_path();
    own.skipped_by_path();
    own.skipped_by_cfg();
    own.not_skipped_by_cfg();
    own.named_by_cfg();
    own.not_named_by_cfg();
    own.inherits_by_cfg();
    own.named_by_two_cfgs();
    assert_eq!(own.other_cfg(), 1);
    let scrape = scrape();
    for operation in [
        "of_block",
        "renamed",
        "not_skipped_by_cfg",
        "cfg",
        "not_named_by_cfg",
        "inherits",
        "first",
        "other_cfg",
    ] {
        scrape.requests("own", operation).assert(1, &[]);
    }
    assert_eq!(
        scrape.sum("mcp_hub_requests_total", &[("agent", "own")]),
        8.0
    );
}

struct Inherits;

#[telemetry::tracked("inherits", error_type = "Block", crate = telemetry)]
impl Inherits {
    fn of_block(&self) -> Result<(), ()> {
        Err(())
    }

    #[tracked(operation = "renamed")]
    fn named(&self) -> Result<(), ()> {
        Err(())
    }

    #[telemetry::tracked(operation = "labelled", error_type = "Own")]
    fn labelled(&self) -> Result<(), ()> {
        Err(())
    }

    #[tracked("elsewhere", "inherits")]
    fn elsewhere(&self) -> Result<(), ()> {
        Err(())
    }

    #[tracked()]
    fn without_arguments(&self) -> Result<(), ()> {
        Err(())
    }
}

#[test]
fn own_attribute_of_a_method_inherits_what_it_does_not_have() {
    exporter();
    let inherits = Inherits;
    for call in [
        Inherits::of_block,
        Inherits::named,
        Inherits::labelled,
        Inherits::elsewhere,
        Inherits::without_arguments,
    ] {
        assert_eq!(call(&inherits), Err(()));
    }
    let scrape = scrape();
    for (agent, operation, label) in [
        ("inherits", "of_block", "Block"),
        ("inherits", "renamed", "Block"),
        ("inherits", "labelled", "Own"),
        ("elsewhere", "inherits", "Block"),
        ("inherits", "without_arguments", "Block"),
    ] {
        let requests = scrape.requests(agent, operation);
        requests.assert(0, &[(label, 1)]);
    }
}

/// An attribute of another crate with the name of this crate's.
mod other {
    pub(super) use tracing::instrument as tracked;
}

struct Foreign;

#[tracked("foreign")]
impl Foreign {
    #[other::tracked(skip_all, name = "kept")]
    fn in_block(&self) {}
}

#[tracked("foreign")]
#[other::tracked(level = "debug")]
async fn function(text: &str) -> usize {
    text.len()
}

#[tokio::test]
async fn attribute_of_another_crate_with_the_same_name_is_kept() {
    exporter();
    Foreign.in_block();
    assert_eq!(function("ab").await, 2);
    let scrape = scrape();
    scrape.requests("foreign", "in_block").assert(1, &[]);
    scrape.requests("foreign", "function").assert(1, &[]);
}

macro_rules! pass {
    ($($item:item)*) => { $($item)* };
}

struct Passed;

#[tracked("passed")]
impl Passed {
    fn seen(&self) {}

    pass! {
        #[tracked("passed", "own")]
        fn with_own(&self) {}
    }

    #[tracked(skip)]
    pass! {
        fn without(&self) {}
    }
}

#[test]
fn method_in_a_macro_call_has_its_own_attribute_or_none() {
    exporter();
    Passed.seen();
    Passed.with_own();
    Passed.without();
    let scrape = scrape();
    scrape.requests("passed", "seen").assert(1, &[]);
    scrape.requests("passed", "own").assert(1, &[]);
    assert_eq!(
        scrape.sum("mcp_hub_requests_total", &[("agent", "passed")]),
        2.0
    );
}
