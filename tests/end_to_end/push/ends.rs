//! The ends of programs that push: errors, panics, the report, and the deletion of the group.

use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;

use mcp_metrics::{Exporter, PushError, PushGateway};
use mcp_metrics_tests::{Process, Scrape, eventually, log};

use super::{NEVER, OFTEN, build, builder, call, calls, pushes};
use crate::drive::{Pushgateway, StandIn, free_address};

/// The gauge of the last success.
const LAST_SUCCESS: &str = "mcp_metrics_last_success_timestamp_seconds";

const OK: Option<(&str, &str)> = Some(("200 OK", ""));
const BUSY: Option<(&str, &str)> = Some(("503 Service Unavailable", "later"));
const REJECTED: Option<(&str, &str)> = Some(("400 Bad Request", "a wrong metric"));

/// Starts a program that pushes to the gateway at `url` and ends in this way.
fn start(url: &str, end: &str) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_push_program"));
    command.args([url, end]).stdin(Stdio::piped());
    Process::start("push_program", command.env("RUST_BACKTRACE", "0"))
}

/// Runs the program. Returns whether it succeeded, and its standard error.
fn run(url: &str, end: &str) -> (bool, String) {
    let mut program = start(url, end);
    (program.wait().success(), program.log())
}

#[test]
fn guard_pushes_after_an_error_and_a_panic() {
    for (end, succeeds) in [("error", false), ("panic", false), ("success", true)] {
        let gateway = StandIn::start(|_, _| OK);
        let (succeeded, log) = run(&gateway.url(), end);
        assert_eq!(succeeded, succeeds, "{log}");
        assert!(!log.contains("mcp-metrics"), "{log}");
        let received = gateway.received();
        assert_eq!(calls(&Scrape::parse(&received[0].body), "job"), 1.0);
        let others: Vec<_> = received[1..].iter().map(|it| &*it.what).collect();
        let success = "PUT /metrics/job/job/push_group/last_success";
        let expected: &[_] = if succeeds { &[success] } else { &[] };
        assert_eq!(others, expected);
    }
}

#[test]
fn failed_push_is_reported_on_standard_error_without_a_subscriber() {
    let refused = format!("http://{}", free_address());
    let rejecting = StandIn::start(|_, _| REJECTED);
    for (url, reason) in [(refused, "refused"), (rejecting.url(), "a wrong metric")] {
        for end in ["success", "error", "panic", "report"] {
            let (succeeded, log) = run(&url, end);
            assert_eq!(succeeded, end == "success", "{log}");
            let reports = log.lines().filter(|line| line.starts_with("mcp-metrics: "));
            let reports: Vec<_> = reports.collect();
            let [report] = reports[..] else {
                panic!("{log}");
            };
            assert!(report.contains("last push failed"), "{report}");
            assert!(report.contains(&url) && report.contains(reason), "{report}");
        }
    }
}

#[test]
fn pushes_continue_after_the_installed_exporter_is_dropped() {
    let gateway = StandIn::start(|_, _| OK);
    let _program = start(&gateway.url(), "forgotten");
    eventually("three pushes", || gateway.received().len() >= 3);
}

#[test]
fn shutdown_reports_whether_the_last_push_succeeded() {
    let gateway = StandIn::start(|_, before| if before == 0 { BUSY } else { OK });
    let (_, exporter) = build(PushGateway::new(gateway.url(), "job").interval(NEVER));
    let report = exporter.shutdown();
    assert!(matches!(report.last_push(), Some(Ok(()))), "{report:?}");
    assert!(report.into_result().is_ok());
    let again = exporter.shutdown();
    assert!(again.last_push().is_none() && again.into_result().is_ok());

    let gateway = StandIn::start(|_, _| REJECTED);
    let (_, exporter) = build(PushGateway::new(gateway.url(), "job").interval(NEVER));
    let error = exporter
        .shutdown()
        .into_result()
        .expect_err("a failed push");
    assert!(
        matches!(&error, PushError::Rejected { status: 400, body, .. } if body == "a wrong metric"),
        "{error:?}"
    );

    let url = format!("http://{}", free_address());
    let (_, exporter) = build(PushGateway::new(&url, "job").interval(NEVER));
    let error = exporter
        .shutdown()
        .into_result()
        .expect_err("a failed push");
    assert!(matches!(error, PushError::NoResponse { .. }), "{error:?}");
    assert!(error.to_string().contains(&url), "{error}");

    let gateway = StandIn::start(|_, _| None);
    let (_, exporter) = build(PushGateway::new(gateway.url(), "job").interval(NEVER));
    let error = exporter
        .shutdown()
        .into_result()
        .expect_err("a failed push");
    assert!(matches!(error, PushError::Timeout { .. }), "{error:?}");
}

#[test]
fn second_shutdown_waits_for_the_last_push() {
    let (arrived, arrival) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let gateway = StandIn::start(move |_, _| {
        arrived.send(()).expect("a waiting test");
        released.recv().expect("a waiting test");
        OK
    });
    let (_, exporter) = build(PushGateway::new(gateway.url(), "job").interval(NEVER));
    let first = {
        let exporter = exporter.clone();
        thread::spawn(move || exporter.shutdown())
    };
    arrival.recv().expect("the last push");
    let (ending, ended) = mpsc::channel();
    let guard = exporter.shutdown_on_drop();
    let second = thread::spawn(move || {
        drop(guard);
        ending.send(()).expect("a waiting test");
    });
    // Without the wait, it ends at once.
    assert!(ended.recv_timeout(OFTEN).is_err());
    release.send(()).expect("a waiting gateway");
    let report = first.join().expect("no panic");
    assert!(matches!(report.last_push(), Some(Ok(()))), "{report:?}");
    second.join().expect("no panic");
}

#[test]
fn hook_of_the_last_push_may_shut_down() {
    let gateway = StandIn::start(|_, _| OK);
    let slot = Arc::new(OnceLock::<Exporter>::new());
    let inside = Arc::clone(&slot);
    let (_, exporter) = builder(PushGateway::new(gateway.url(), "job").interval(NEVER))
        .on_scrape(move || drop(inside.get().map(Exporter::shutdown)))
        .build()
        .expect("a valid configuration");
    slot.set(exporter.clone()).expect("an empty slot");
    let report = exporter.shutdown();
    assert!(matches!(report.last_push(), Some(Ok(()))), "{report:?}");
}

#[test]
fn last_success_outlives_a_failed_run() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let last_success = || {
        let labels = [("job", "nightly"), ("zone", "north")];
        let group = gateway.group(&labels);
        let series: Vec<_> = group.select(LAST_SUCCESS, &[]).cloned().collect();
        assert!(series.len() <= 1, "{series:?}");
        series.first().map(|(_, _, value)| *value)
    };
    let run = |succeeds: bool| {
        let push = PushGateway::new(gateway.url(), "nightly").grouping("zone", "north");
        let (recorder, exporter) = build(push.interval(NEVER));
        let guard = exporter.shutdown_on_drop();
        call(&recorder, "importer", "run");
        if succeeds {
            exporter.record_success();
        }
        drop(guard);
        assert_eq!(pushes(&exporter, "success"), 1.0);
        let rendered = Scrape::parse(&exporter.render()).get(LAST_SUCCESS, &[]);
        assert_eq!(rendered.is_some(), succeeds);
        rendered
    };
    run(false);
    assert_eq!(last_success(), None);
    let first = run(true);
    assert_eq!(last_success(), first);
    run(false);
    assert_eq!(last_success(), first);
    let second = run(true);
    assert!(second > first);
    assert_eq!(last_success(), second);
}

#[test]
fn delete_on_shutdown_removes_the_group_and_no_other() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let push = PushGateway::new(gateway.url(), "service");
    let (recorder, other) = build(push.clone().grouping("zone", "south").interval(NEVER));
    call(&recorder, "kept", "run");
    other.shutdown();
    let push = push.grouping("zone", "north").delete_on_shutdown();
    let (recorder, exporter) = build(push.interval(OFTEN));
    call(&recorder, "deleted", "run");
    let group = || gateway.group(&[("job", "service"), ("zone", "north")]);
    eventually("a push", || calls(&group(), "deleted") == 1.0);
    exporter.record_success();
    eventually("the last success", || {
        group().select(LAST_SUCCESS, &[]).next().is_some()
    });
    let report = exporter.shutdown();
    assert!(matches!(report.last_push(), Some(Ok(()))), "{report:?}");
    let left = group();
    let names: Vec<_> = left.samples.iter().map(|(name, ..)| &**name).collect();
    assert_eq!(names, [LAST_SUCCESS]);
    let others = gateway.group(&[("job", "service"), ("zone", "south")]);
    assert_eq!(calls(&others, "kept"), 1.0);
}

#[test]
fn failed_deletion_is_retried_reported_and_logged() {
    let gateway = StandIn::start(|request, before| match (&*request.what, before) {
        (what, 0) if what.starts_with("DELETE ") => BUSY,
        _ => REJECTED,
    });
    let push = PushGateway::new(gateway.url(), "service").delete_on_shutdown();
    let (_, exporter) = build(push.interval(NEVER));
    let error = exporter
        .shutdown()
        .into_result()
        .expect_err("a failed deletion");
    assert!(
        matches!(error, PushError::Rejected { status: 400, .. }),
        "{error:?}"
    );
    let received: Vec<_> = gateway.received().into_iter().map(|it| it.what).collect();
    assert_eq!(received, ["DELETE /metrics/job/service"; 2]);
    let log = log::lines(&gateway.address.to_string());
    assert!(
        log.iter()
            .any(|line| line.starts_with("ERROR") && line.contains("deletion"))
    );
}
