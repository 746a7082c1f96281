//! Call sites that run before `install`, and around it. One test: a process installs once.

use mcp_metrics::{Exporter, InstallError, track_search_call, tracked};
use mcp_metrics_tests::{Scrape, http};

#[tracked("early", "site")]
fn site() -> Result<(), u8> {
    Ok(())
}

#[tracked("early", "spanning")]
async fn spanning(fail: bool) -> Result<(), u8> {
    tokio::task::yield_now().await;
    if fail { Err(1) } else { Ok(()) }
}

#[test]
fn a_site_that_ran_before_install_counts_from_install_on() {
    // No tokio runtime anywhere: the endpoint has its own.
    site().unwrap();
    track_search_call();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (mut good, mut bad) = (Box::pin(spanning(false)), Box::pin(spanning(true)));
    runtime.block_on(async {
        tokio::select! { biased; _ = &mut good => {} _ = &mut bad => {} () = async {} => {} }
    });

    let builder = || Exporter::builder().listen(([127, 0, 0, 1], 0));
    let exporter = builder().install().unwrap();
    site().unwrap();
    // A request that began under no recorder ends there, however it ends.
    assert_eq!(
        runtime.block_on(async { (good.await, bad.await) }),
        (Ok(()), Err(1))
    );

    let scrape = Scrape::parse(&exporter.render());
    scrape.requests("early", "site").assert(1, &[]);
    assert!(
        scrape
            .select("mcp_hub_requests_total", &[("operation", "spanning")])
            .next()
            .is_none()
    );
    assert_eq!(scrape.sum("mcp_hub_requests_failed_total", &[]), 0.0);
    assert_eq!(scrape.value("mcp_hub_search_api_calls_total", &[]), 0.0);

    // A second install is refused, and neither its port nor its threads stay behind.
    let threads = std::fs::read_dir("/proc/self/task")
        .map(Iterator::count)
        .ok();
    let error = builder().install().unwrap_err();
    assert!(matches!(error, InstallError::AlreadyInstalled), "{error}");
    assert!(error.to_string().contains("installed already"), "{error}");
    assert_eq!(
        std::fs::read_dir("/proc/self/task")
            .map(Iterator::count)
            .ok(),
        threads
    );
    site().unwrap();
    let address = exporter.local_addr().unwrap();
    let scrape = Scrape::parse(&http::get(address, "/metrics").body);
    scrape.requests("early", "site").assert(2, &[]);

    // A port in use is an error that names the address, and nothing is installed by it.
    let error = Exporter::builder().listen(address).install().unwrap_err();
    assert!(matches!(error, InstallError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}
