//! A recorder of the user's own as the global one. One test: a process has one.

use mcp_metrics::{Exporter, InstallError, tracked};
use mcp_metrics_tests::Scrape;
use metrics_util::layers::RouterBuilder;

#[tracked("foreign", "site")]
fn site(fail: bool) -> Result<(), u8> {
    if fail { Err(1) } else { Ok(()) }
}

#[test]
fn a_recorder_from_build_can_be_composed_and_made_global() {
    site(false).unwrap();
    let (recorder, exporter) = Exporter::builder().build().unwrap();
    metrics::set_global_recorder(RouterBuilder::from_recorder(recorder).build())
        .ok()
        .unwrap();

    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(|| (0..1_000).filter(|n| site(n % 10 == 0).is_err()).count()))
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 100);
    }
    Scrape::parse(&exporter.render())
        .requests("foreign", "site")
        .assert(3_600, &[("u8", 400)]);

    let error = Exporter::builder().install().unwrap_err();
    assert!(matches!(error, InstallError::AlreadyInstalled), "{error}");
    site(false).unwrap();
    Scrape::parse(&exporter.render())
        .requests("foreign", "site")
        .assert(3_601, &[("u8", 400)]);
}
