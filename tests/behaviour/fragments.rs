//! Attributes in the expansion of a `macro_rules` macro, whose fragments are invisible groups.

use std::time::Duration;

use mcp_metrics::{tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry};
use mcp_metrics_tests::{exporter, scrape};

macro_rules! agent {
    ($vis:vis $name:ident, $agent:literal, $operation:expr, $error:expr, $ty:ty, $body:block) => {
        #[tracked($agent, $operation, error_type = $error)]
        $vis fn $name() -> $ty $body
    };
}

agent!(pub(crate) plan, "fragments", "plan", "Literal", Result<u8, ()>, {
    if std::hint::black_box(true) {
        return Err(());
    }
    Ok(1)
});

/// Passes the fragments on, which nests the groups.
macro_rules! nested {
    ($agent:expr, $operation:literal, $body:block) => {
        agent!(nested, $agent, $operation, |()| "Closure", Result<u8, ()>, $body);
    };
}

nested!("fragments", "nested", { Err(()) });

macro_rules! item {
    ($item:item) => {
        #[tracked("fragments")]
        $item
    };
}

item! {
    /// Documented.
    fn in_item() -> Option<u8> {
        Some(1)
    }
}

struct InBlock(u8);

item! {
    impl InBlock {
        fn in_block(&self) -> u8 {
            self.0
        }
    }
}

macro_rules! retries {
    ($service:literal, $attempts:literal, $delay:expr, $factor:literal, $name:ident, $body:block) => {
        #[tracked_retry($service, attempts = $attempts, delay = $delay, factor = $factor)]
        fn $name() -> Result<u8, ()> $body
    };
}

retries!("fragments", 3, "1ns", 1.5, retried, { Err(()) });
retries!("fragments", 2, Duration::ZERO, 1.0, retried_twice, {
    Err(())
});

macro_rules! events {
    ($provider:literal, $model:expr, $cache:literal, $name:ident, $output:ty, $body:block) => {
        #[tracked_llm(provider = $provider, model = $model)]
        #[tracked_cache($cache)]
        #[tracked_execution]
        async fn $name() -> $output $body
    };
}

events!("fragments", "model", "fragments", events, Option<u8>, {
    None
});

macro_rules! boxed {
    ($future:ty) => {
        #[tracked("fragments")]
        fn boxed() -> std::pin::Pin<Box<$future>> {
            Box::pin(async { Err(1) })
        }
    };
}

boxed!(dyn Future<Output = Result<u8, u8>>);

#[tokio::test]
async fn fragments_of_macros_are_arguments_and_bodies() {
    exporter();
    let before = scrape();
    for operation in ["plan", "nested", "in_item", "in_block", "boxed"] {
        before.requests("fragments", operation).assert(0, &[]);
    }
    let attempt = [("service", "fragments"), ("attempt", "3")];
    assert_eq!(before.get("mcp_hub_retries_total", &attempt), Some(0.0));

    assert_eq!((plan(), nested()), (Err(()), Err(())));
    assert_eq!((in_item(), InBlock(1).in_block()), (Some(1), 1));
    assert_eq!((retried(), retried_twice()), (Err(()), Err(())));
    assert_eq!((events().await, boxed().await), (None, Err(1)));
    let scrape = scrape();
    let requests = |operation| scrape.requests("fragments", operation);
    requests("plan").assert(0, &[("Literal", 1)]);
    requests("nested").assert(0, &[("Closure", 1)]);
    requests("in_item").assert(1, &[]);
    requests("in_block").assert(1, &[]);
    requests("boxed").assert(0, &[("u8", 1)]);
    let failed = |attempt| {
        scrape.value(
            "mcp_hub_retries_total",
            &[("service", "fragments"), ("attempt", attempt)],
        )
    };
    assert_eq!((failed("1"), failed("2"), failed("3")), (2.0, 2.0, 1.0));
    let misses = [("cache_type", "fragments")];
    assert_eq!(scrape.value("mcp_hub_cache_misses_total", &misses), 1.0);
}
