//! The recorder inside a global recorder of the user. One test, because a process has only one
//! global recorder.

use mcp_metrics::{Exporter, InstallError, tracked};
use mcp_metrics_tests::Scrape;
use metrics_util::layers::RouterBuilder;

#[tracked("foreign", "site")]
fn site(fail: bool) -> Result<(), u8> {
    if fail { Err(1) } else { Ok(()) }
}

#[test]
fn composed_recorder_records_as_the_global_recorder() {
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
