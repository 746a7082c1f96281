//! Callsites before and during `install`. Only one test installs, because a process can do so once.

use mcp_metrics::{ErrorType, Exporter, InstallError, track_search_call, tracked};
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

#[tracked("early", "uncalled")]
fn uncalled() {}

#[derive(Debug, ErrorType)]
#[error_type(rename_all = "kebab-case")]
#[expect(dead_code, reason = "its labels are exported before it has values")]
enum Outer {
    TimedOut,
    #[error_type("Chosen")]
    Named,
    #[error_type(transparent)]
    Inner(inner::Inner),
    #[error_type(transparent)]
    Io(std::io::Error),
}

mod inner {
    #[derive(Debug, mcp_metrics::ErrorType)]
    #[expect(dead_code, reason = "its labels are exported before it has values")]
    pub(crate) enum Inner {
        Deep,
        #[error_type(transparent)]
        Around(Box<super::Outer>),
    }

    // Another type with the same name.
    #[derive(Debug, mcp_metrics::ErrorType)]
    #[expect(dead_code, reason = "only its name matters")]
    pub(crate) enum Outer {
        Wrong,
    }
}

#[tracked("early", "uncalled_failing")]
async fn uncalled_failing() -> Result<(), Outer> {
    Ok(())
}

#[test]
fn tracked_functions_are_listed_without_being_called() {
    let early: Vec<_> = mcp_metrics::tracked_functions()
        .into_iter()
        .filter(|f| f.agent == "early")
        .collect();
    let operations: Vec<_> = early.iter().map(|f| f.operation).collect();
    assert_eq!(
        operations,
        ["site", "spanning", "uncalled", "uncalled_failing"]
    );
    assert_eq!(early[2].module, module_path!());
    assert!(early[2].file.ends_with("before_install.rs"));
    let line = include_str!("before_install.rs")
        .lines()
        .nth(early[2].line as usize - 1)
        .unwrap();
    assert_eq!(line, "#[tracked(\"early\", \"uncalled\")]");
    // The references keep the functions in the program.
    let _ = (uncalled as fn(), uncalled_failing());
}

#[test]
fn callsite_called_before_install_counts_from_install_on() {
    // Outside a tokio runtime: the endpoint has its own.
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
    // A request that started without a recorder is not recorded, whatever its outcome.
    assert_eq!(
        runtime.block_on(async { (good.await, bad.await) }),
        (Ok(()), Err(1))
    );

    let scrape = Scrape::parse(&exporter.render());
    scrape.requests("early", "site").assert(1, &[]);
    scrape.requests("early", "spanning").assert(0, &[]);
    // Callsites that were not called are exported at zero.
    let uncalled = [("agent", "early"), ("operation", "uncalled")];
    assert_eq!(scrape.value("mcp_hub_requests_total", &uncalled), 0.0);
    assert_eq!(
        scrape.value("mcp_hub_requests_success_total", &uncalled),
        0.0
    );
    assert_eq!(
        scrape.value("mcp_hub_request_duration_seconds_count", &uncalled),
        0.0
    );
    assert_eq!(scrape.sum("mcp_hub_requests_failed_total", &[]), 0.0);
    assert_eq!(scrape.value("mcp_hub_search_api_calls_total", &[]), 0.0);

    let failing = [("agent", "early"), ("operation", "uncalled_failing")];
    let labels: Vec<_> = scrape
        .select("mcp_hub_requests_failed_total", &failing)
        .map(|(_, labels, count)| (labels["error_type"].as_str(), *count))
        .collect();
    assert_eq!(labels, [("Chosen", 0.0), ("Deep", 0.0), ("timed-out", 0.0)]);

    // A second install fails, and leaves no listener and no threads behind.
    let threads = std::fs::read_dir("/proc/self/task")
        .map(Iterator::count)
        .ok();
    let error = builder().install().unwrap_err();
    assert!(matches!(error, InstallError::AlreadyInstalled), "{error}");
    assert!(error.to_string().contains("already installed"), "{error}");
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

    // A port in use is an error that names the address, and nothing is installed.
    let error = Exporter::builder().listen(address).install().unwrap_err();
    assert!(matches!(error, InstallError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
}
