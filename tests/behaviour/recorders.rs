//! Callsites under recorders other than the installed one.

use mcp_metrics::{Exporter, track_request, tracked};
use mcp_metrics_tests::{Scrape, exporter, panics, scrape};
use metrics::with_local_recorder;
use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

#[tracked("local", "site")]
fn site(case: u8) -> Result<(), u8> {
    assert!(case != 2, "provoked by a test");
    if case == 1 { Err(1) } else { Ok(()) }
}

fn all_cases() {
    site(0).unwrap();
    site(1).unwrap_err();
    panics(|| assert!(site(2).is_ok()));
}

#[test]
fn local_recorder_receives_only_its_own_requests() {
    exporter();
    all_cases();
    for _ in 0..100 {
        // Most of these recorders reuse one address, which must not identify a recorder.
        let (recorder, local) = Exporter::builder()
            .without_system_metrics()
            .build()
            .unwrap();
        with_local_recorder(&recorder, all_cases);
        let local = Scrape::parse(&local.render());
        local
            .requests("local", "site")
            .assert(1, &[("panic", 1), ("u8", 1)]);
    }
    scrape()
        .requests("local", "site")
        .assert(1, &[("panic", 1), ("u8", 1)]);
}

#[test]
fn foreign_recorder_receives_every_recording() {
    exporter();
    let debugging = DebuggingRecorder::new();
    with_local_recorder(&debugging, || {
        track_request("debugged", "run").run(|| ());
    });
    let mut found: Vec<_> = debugging
        .snapshotter()
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| (key.key().name().to_owned(), value))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let [
        active,
        (duration, DebugValue::Histogram(samples)),
        success,
        total,
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(
        (duration.as_str(), samples.len()),
        ("mcp_hub_request_duration_seconds", 1)
    );
    assert_eq!(active.1, DebugValue::Gauge(0.0.into()));
    assert_eq!(
        (&success.1, &total.1),
        (&DebugValue::Counter(1), &DebugValue::Counter(1))
    );

    let plain = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&plain, all_cases);
    let plain = Scrape::parse(&plain.handle().render());
    assert_eq!(
        plain.sum("mcp_hub_requests_failed_total", &[("agent", "local")]),
        2.0
    );
    assert_eq!(
        plain.sum("mcp_hub_request_duration_seconds_count", &[]),
        3.0
    );
}

#[tracked("moving", "future")]
async fn moving() -> Result<(), u8> {
    tokio::task::yield_now().await;
    Ok(())
}

#[test]
fn request_is_recorded_by_the_recorder_of_its_start() {
    exporter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (recorder, local) = Exporter::builder()
        .without_system_metrics()
        .build()
        .unwrap();
    let mut future = Box::pin(moving());
    with_local_recorder(&recorder, || {
        runtime.block_on(async {
            tokio::select! { biased; _ = &mut future => unreachable!(), () = async {} => {} }
        });
    });
    runtime.block_on(future).unwrap();
    Scrape::parse(&local.render())
        .requests("moving", "future")
        .assert(1, &[]);
    assert_eq!(scrape().requests("moving", "future").total, 0.0);
}
