//! `#[tracked]` together with attributes that rewrite the function.

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};

#[tracked("stacked")]
#[tracing::instrument(ret)]
async fn above_instrument(x: u8) -> Result<u8, u8> {
    tokio::task::yield_now().await;
    if x == 0 { Err(x) } else { Ok(x) }
}

#[tracing::instrument(err)]
#[tracked("stacked")]
fn below_instrument(x: u8) -> Result<u8, u8> {
    if x == 0 { Err(x) } else { Ok(x) }
}

#[tracked("stacked")]
#[tokio::main(flavor = "current_thread")]
async fn above_main() -> u8 {
    tokio::task::yield_now().await;
    1
}

#[tokio::main(flavor = "current_thread")]
#[tracked("stacked")]
async fn below_main() -> u8 {
    tokio::task::yield_now().await;
    2
}

#[tokio::test]
#[tracked("stacked_test")]
async fn tokio_test_stacks_with_tracked() {
    tokio::task::yield_now().await;
}

#[test]
fn attributes_that_rewrite_the_function_stack_with_tracked() {
    exporter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(
        runtime.block_on(async { (above_instrument(0).await, above_instrument(1).await) }),
        (Err(0), Ok(1))
    );
    assert_eq!((below_instrument(0), below_instrument(1)), (Err(0), Ok(1)));
    assert_eq!((above_main(), below_main()), (1, 2));
    let scrape = scrape();
    scrape
        .requests("stacked", "above_instrument")
        .assert(1, &[("u8", 1)]);
    scrape
        .requests("stacked", "below_instrument")
        .assert(1, &[("u8", 1)]);
    scrape.requests("stacked", "above_main").assert(1, &[]);
    scrape.requests("stacked", "below_main").assert(1, &[]);
}
