//! Pushes to a real Pushgateway, and to stand-ins for behaviour that a real one rarely shows.

use std::{
    fs,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use mcp_metrics::{
    Exporter, ExporterBuilder, InstallError, InvalidPushGateway, MetricsRecorder, PushGateway,
    Secret, track_request,
};
use mcp_metrics_tests::{Scrape, eventually, log};

use crate::drive::{Folder, Pushgateway, Received, StandIn, free_address};

/// Longer than any test.
const NEVER: Duration = Duration::from_hours(1);

/// The shortest push interval.
const OFTEN: Duration = Duration::from_millis(100);

/// The longest shutdown when the gateway does not respond: the documented five seconds, plus a
/// margin for a busy machine.
const BOUND: Duration = Duration::from_secs(9);

/// Returns a builder without system and process metrics, and keeps the log.
fn builder(gateway: PushGateway) -> ExporterBuilder {
    log::keep();
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .push_gateway(gateway)
}

fn build(gateway: PushGateway) -> (MetricsRecorder, Exporter) {
    builder(gateway).build().expect("a valid configuration")
}

/// Records a request on this recorder.
fn call(recorder: &MetricsRecorder, agent: &str, operation: &str) {
    metrics::with_local_recorder(recorder, || {
        track_request(agent.to_owned(), operation.to_owned()).run(|| ());
    });
}

/// Returns the number of requests of `agent` in a scrape.
fn calls(scrape: &Scrape, agent: &str) -> f64 {
    scrape.sum("mcp_hub_requests_total", &[("agent", agent)])
}

/// Returns the number of pushes with this result.
fn pushes(exporter: &Exporter, result: &str) -> f64 {
    let scrape = Scrape::parse(&exporter.render());
    scrape.sum("mcp_metrics_pushes_total", &[("result", result)])
}

/// Shuts down and returns the duration.
fn shutdown(exporter: &Exporter) -> Duration {
    let started = Instant::now();
    exporter.shutdown();
    started.elapsed()
}

const OK: Option<(&str, &str)> = Some(("200 OK", ""));
const BUSY: Option<(&str, &str)> = Some(("503 Service Unavailable", "later"));
const REJECTED: Option<(&str, &str)> = Some(("400 Bad Request", "a metric\nis \"wrong\""));

#[test]
fn pushed_group_equals_the_rendered_metrics() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let odd = "q\"b\\s\nl {ä}, %?#";
    let group = [
        ("job", "nightly import/1"),
        ("instance", "a/b"),
        ("empty", ""),
        ("dots", ".."),
        ("odd", odd),
    ];
    let mut push = PushGateway::new(gateway.url(), group[0].1).interval(OFTEN);
    for (label, value) in &group[1..] {
        push = push.grouping(*label, *value);
    }
    let (recorder, exporter) = build(push);
    call(&recorder, "importer", "plain");
    call(&recorder, odd, odd);
    metrics::with_local_recorder(&recorder, || {
        track_request(odd, "fails").start().failure("Timeout");
        metrics::counter!("imported_total", "table" => odd).increment(3);
        metrics::gauge!("odd_values", "value" => "inf").set(f64::INFINITY);
        metrics::histogram!("import_seconds").record(0.7);
    });

    // Two pushes, because the first may have been in flight before the calls.
    let before = pushes(&exporter, "success");
    eventually("two more pushes", || {
        pushes(&exporter, "success") >= before + 2.0
    });
    let mut arrived = gateway.group(&group);
    for (_, labels, _) in &mut arrived.samples {
        labels.retain(|name, _| group.iter().all(|(label, _)| label != name));
    }
    let changing = ["mcp_hub_uptime_seconds", "mcp_metrics_pushes_total"];
    let stable = |scrape: &Scrape| {
        let mut samples = scrape.samples.clone();
        samples.retain(|(name, ..)| !changing.contains(&name.as_str()));
        // The gateway parses bounds and formats them differently.
        for bound in samples.iter_mut().filter_map(|it| it.1.get_mut("le")) {
            *bound = bound.parse::<f64>().expect("a number").to_string();
        }
        samples.sort_by(|a, b| (&a.0, &a.1).partial_cmp(&(&b.0, &b.1)).expect("text"));
        samples
    };
    let rendered = Scrape::parse(&exporter.render());
    assert_eq!(stable(&arrived), stable(&rendered));
    for name in changing {
        assert!(arrived.select(name, &[]).next().is_some(), "{name}");
    }
    for (name, help) in &arrived.help {
        if rendered.help.contains_key(name) {
            assert_eq!(rendered.help.get(name), Some(help));
        }
    }
    assert!(
        rendered
            .samples
            .iter()
            .any(|it| it.0 == "import_seconds_bucket")
    );
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "failure"), 0.0);
    assert!(!gateway.log().contains("level=error"), "{}", gateway.log());
}

#[test]
fn shutdown_pushes_the_final_counts_once() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let (recorder, exporter) =
        build(PushGateway::new(gateway.url(), "short").interval(Duration::MAX));
    call(&recorder, "importer", "run");
    assert_eq!(gateway.group(&[("job", "short")]).samples, []);
    call(&recorder, "importer", "run");
    exporter.shutdown();
    let arrived = gateway.group(&[("job", "short")]);
    assert_eq!(calls(&arrived, "importer"), 2.0);
    assert_eq!(pushes(&exporter, "success"), 1.0);

    // A second shutdown does not push.
    call(&recorder, "importer", "run");
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "success"), 1.0);
    assert_eq!(gateway.group(&[("job", "short")]).samples, arrived.samples);
}

#[test]
fn process_and_system_metrics_are_accepted() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let (_, exporter) = Exporter::builder()
        .push_gateway(PushGateway::new(gateway.url(), "whole"))
        .build()
        .expect("a valid configuration");
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "success"), 1.0);
    let arrived = gateway.group(&[("job", "whole")]);
    for name in ["mcp_hub_cpu_usage_percent", "process_cpu_seconds_total"] {
        assert!(arrived.select(name, &[]).next().is_some(), "{name}");
    }
}

#[test]
fn push_replaces_only_its_own_group() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    for (zone, agent) in [("north", "first"), ("south", "other"), ("north", "second")] {
        let push = PushGateway::new(gateway.url(), "import").grouping("zone", zone);
        let (recorder, exporter) = build(push.interval(NEVER));
        call(&recorder, agent, "run");
        // A family that the next push lacks: unlike `PUT`, a `POST` would not delete it.
        metrics::with_local_recorder(&recorder, || metrics::gauge!(agent).set(1.0));
        exporter.shutdown();
    }
    let job = gateway.group(&[("job", "import")]);
    let north = gateway.group(&[("job", "import"), ("zone", "north")]);
    assert_eq!(calls(&north, "second"), 1.0);
    assert_eq!(calls(&job, "first"), 0.0);
    assert_eq!(calls(&job, "other"), 1.0);
    let families = ["first", "other", "second"].map(|name| job.select(name, &[]).count());
    assert_eq!(families, [0, 1, 1]);
}

#[test]
fn grouping_labels_replace_labels_of_series() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let push = PushGateway::new(gateway.url(), "import").grouping("zone", "north");
    let (recorder, exporter) = build(push.clone().interval(NEVER));
    metrics::with_local_recorder(&recorder, || {
        metrics::gauge!("own", "job" => "mine", "instance" => "worker-7").set(1.0);
        metrics::gauge!("own", "zone" => "south").set(2.0);
    });
    exporter.shutdown();
    let arrived = gateway.scrape();
    for (instance, value) in [("worker-7", 1.0), ("", 2.0)] {
        let labels = [("instance", instance), ("job", "import"), ("zone", "north")];
        assert_eq!(arrived.get("own", &labels), Some(value));
    }

    // If two series become equal by this, the gateway rejects the whole push.
    let (recorder, exporter) = build(push.interval(NEVER));
    metrics::with_local_recorder(&recorder, || {
        metrics::gauge!("own", "zone" => "south").set(3.0);
        metrics::gauge!("own", "zone" => "east").set(4.0);
    });
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "failure"), 1.0);
    let own = |scrape: &Scrape| scrape.select("own", &[]).cloned().collect::<Vec<_>>();
    assert_eq!(own(&gateway.scrape()), own(&arrived));
    let log = log::lines(&gateway.address.to_string());
    assert!(
        log.iter()
            .any(|line| line.contains("collected before with the same name"))
    );
}

#[test]
fn unreachable_gateway_is_logged_once_per_outage() {
    let address = free_address().to_string();
    let url = format!("http://{address}");
    let (recorder, exporter) = build(PushGateway::new(&url, "late").interval(OFTEN));
    eventually("pushes fail", || {
        call(&recorder, "undisturbed", "run");
        pushes(&exporter, "failure") >= 3.0
    });
    let Some(gateway) = Pushgateway::start_at(&address, &[]) else {
        return;
    };
    let calls_now = || calls(&Scrape::parse(&exporter.render()), "undisturbed");
    eventually("the calls arrive", || {
        calls(&gateway.group(&[("job", "late")]), "undisturbed") == calls_now()
    });
    eventually("the recovery is logged", || {
        log::lines("push recovered")
            .iter()
            .any(|line| line.contains(&address))
    });
    drop(gateway);
    let before = pushes(&exporter, "failure");
    eventually("pushes fail again", || {
        call(&recorder, "undisturbed", "run");
        pushes(&exporter, "failure") >= before + 3.0
    });
    let levels: Vec<_> = log::lines(&address)
        .iter()
        .map(|line| line.split(' ').next().expect("a level").to_owned())
        .collect();
    assert_eq!(levels, ["WARN", "INFO", "WARN"]);

    assert!(shutdown(&exporter) < BOUND);
    let log = log::lines(&address);
    let last = log.last().expect("a line");
    assert!(
        last.starts_with("ERROR") && last.contains("last push"),
        "{last}"
    );
}

#[test]
fn unresponsive_gateway_does_not_block_requests_or_shutdown() {
    for interval in [NEVER, OFTEN] {
        let gateway = StandIn::start(|_, _| None);
        let (recorder, exporter) =
            build(PushGateway::new(gateway.url(), "hung").interval(interval));
        if interval == OFTEN {
            eventually("a push is in flight", || !gateway.received().is_empty());
        }
        let over = Arc::new(AtomicBool::new(false));
        let calling = {
            let (recorder, over) = (recorder.clone(), Arc::clone(&over));
            thread::spawn(move || {
                let mut longest = Duration::ZERO;
                while !over.load(Ordering::Relaxed) {
                    let started = Instant::now();
                    call(&recorder, "undisturbed", "run");
                    longest = longest.max(started.elapsed());
                    thread::yield_now();
                }
                longest
            })
        };
        let took = shutdown(&exporter);
        over.store(true, Ordering::Relaxed);
        assert!(took < BOUND, "{took:?}");
        let longest = calling.join().expect("calls do not panic");
        assert!(longest < Duration::from_secs(1), "{longest:?}");
        assert!(calls(&Scrape::parse(&exporter.render()), "undisturbed") > 0.0);
        assert_eq!(pushes(&exporter, "success"), 0.0);
        assert!(pushes(&exporter, "failure") >= 1.0);
    }
}

#[test]
fn gateway_that_does_not_accept_connections_does_not_block_shutdown() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let (_, exporter) = build(PushGateway::new(url, "deaf").interval(NEVER));
    let took = shutdown(&exporter);
    assert!(took < BOUND, "{took:?}");
}

#[test]
fn request_has_the_method_path_and_headers_of_a_push() {
    let gateway = StandIn::start(|_, _| OK);
    let url = format!("{}/prefix/", gateway.url());
    let (_, exporter) = build(PushGateway::new(url, "a job").interval(NEVER));
    exporter.shutdown();
    let [request] = &gateway.received()[..] else {
        panic!("one request");
    };
    assert_eq!(request.what, "PUT /prefix/metrics/job@base64/YSBqb2I=");
    assert_eq!(
        request.content_type.as_deref(),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    assert_eq!(request.authorization, None);
    assert!(request.body.ends_with('\n') && !Scrape::parse(&request.body).samples.is_empty());
}

#[test]
fn credentials_are_sent_and_never_logged() {
    let authenticate = |request: &Received, _: usize| match request.authorization.as_deref() {
        // `importer:sesame:open` in base64.
        Some("Basic aW1wb3J0ZXI6c2VzYW1lOm9wZW4=") => OK,
        _ => Some(("401 Unauthorized", "who are you?")),
    };
    let gateway = StandIn::start(authenticate);
    for (password, result) in [("sesame:open", "success"), ("sesame", "failure")] {
        let push = PushGateway::new(gateway.url(), "private")
            .basic_auth("importer", Secret::new(password));
        let (_, exporter) = build(push.interval(NEVER));
        exporter.shutdown();
        assert_eq!(pushes(&exporter, result), 1.0, "{password}");
    }
    assert_eq!(gateway.received().len(), 2, "a 401 is not retried");
    let log = log::lines(&gateway.address.to_string());
    assert!(
        log.iter()
            .any(|line| line.contains("401") && line.contains("who are you?"))
    );
    for line in log {
        assert!(
            !line.contains("sesame") && !line.contains("aW1wb3J0ZXI6"),
            "{line}"
        );
    }
}

#[test]
fn overload_is_retried_and_rejection_is_not() {
    for busy in [BUSY, Some(("429 Too Many Requests", ""))] {
        let gateway = StandIn::start(move |_, before| if before < 2 { busy } else { OK });
        let (_, exporter) = build(PushGateway::new(gateway.url(), "busy").interval(NEVER));
        exporter.shutdown();
        assert_eq!(gateway.received().len(), 3);
        assert_eq!(pushes(&exporter, "success"), 1.0);
        assert_eq!(pushes(&exporter, "failure"), 0.0);
    }
    for rejected in [REJECTED, Some(("301 Moved Permanently", ""))] {
        let gateway = StandIn::start(move |_, _| rejected);
        let (_, exporter) = build(PushGateway::new(gateway.url(), "rejected").interval(NEVER));
        exporter.shutdown();
        assert_eq!(gateway.received().len(), 1);
        assert_eq!(pushes(&exporter, "failure"), 1.0);
    }
}

#[test]
fn rejected_push_is_retried_only_at_the_next_interval() {
    // The first backoff is at most one second.
    let interval = Duration::from_secs(3);
    for (answer, again) in [(REJECTED, false), (BUSY, true)] {
        let gateway = StandIn::start(move |_, _| answer);
        let (_, exporter) = build(PushGateway::new(gateway.url(), "periodic").interval(interval));
        eventually("two requests", || gateway.received().len() >= 2);
        let received = gateway.received();
        let apart = received[1].at - received[0].at;
        let within = apart + OFTEN < interval;
        assert_eq!(within, again, "{apart:?}");

        let log = log::lines(&gateway.address.to_string());
        assert_eq!(log.len(), 1, "{log:?}");
        if answer == REJECTED {
            assert!(log[0].starts_with("ERROR"), "{log:?}");
            // The body of the response, escaped, on one line.
            assert!(log[0].contains(r#""a metric\nis \"wrong\"""#), "{log:?}");
        }
        exporter.shutdown();
    }
}

#[test]
fn shutdown_during_backoff_pushes_a_last_time() {
    let gateway = StandIn::start(|_, before| if before == 0 { BUSY } else { OK });
    // A backoff of half a second to a second follows the first attempt.
    let (_, exporter) =
        build(PushGateway::new(gateway.url(), "prompt").interval(Duration::from_secs(2)));
    eventually("the first attempt", || gateway.received().len() == 1);
    exporter.shutdown();
    assert_eq!(gateway.received().len(), 2);
    assert_eq!(pushes(&exporter, "success"), 1.0);
}

/// The user `importer` with the password `sesame`, hashed with bcrypt at its lowest cost.
const USERS: &str =
    "basic_auth_users:\n  importer: $2b$04$abcdefghijklmnopqrstuuinwY/tkBVrn3xrxQI/TgnMHhkvl85RW\n";

#[test]
fn tls_push_requires_the_right_ca_and_password() {
    let folder = Folder::new("pushgateway");
    let file = |name: &str, text: &str| {
        fs::write(folder.join(name), text).expect("a writable folder");
        folder.join(name)
    };
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let unrelated = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("another");
    let certificate = file("gateway.pem", &own.cert.pem());
    file("gateway.key", &own.signing_key.serialize_pem());
    let other = file("other.pem", &unrelated.cert.pem());
    let tls = "tls_server_config:\n  cert_file: gateway.pem\n  key_file: gateway.key\n";
    let web = file("web.yml", &[tls, USERS].concat());
    let web = web.to_str().expect("a path in UTF-8");
    let Some(gateway) = Pushgateway::start_at("127.0.0.1:0", &["--web.config.file", web]) else {
        return;
    };
    let push = PushGateway::new(
        format!("https://localhost:{}", gateway.address.port()),
        "private",
    );
    for (ca_file, password, result) in [
        (&certificate, "sesame", "success"),
        (&certificate, "wrong", "failure"),
        (&other, "sesame", "failure"),
    ] {
        let push = push
            .clone()
            .ca_file(ca_file)
            .basic_auth("importer", Secret::new(password));
        let (_, exporter) = build(push.interval(NEVER));
        exporter.shutdown();
        assert_eq!(pushes(&exporter, result), 1.0, "{ca_file:?} {password}");
    }
}

#[test]
fn invalid_settings_are_install_errors_without_side_effects() {
    let valid = PushGateway::new("http://127.0.0.1:9091", "job");
    let error = |gateway: &PushGateway| match builder(gateway.clone()).install() {
        Err(InstallError::PushGateway(error)) => error,
        other => panic!("{gateway:?}: {other:?}"),
    };
    assert!(matches!(
        error(&PushGateway::new("http://me:secret@gateway", "job")),
        InvalidPushGateway::Credentials
    ));
    assert!(matches!(
        error(&PushGateway::new("gateway:9091", "job")),
        InvalidPushGateway::Url(_)
    ));
    assert!(matches!(
        error(&PushGateway::new("ftp://gateway", "job")),
        InvalidPushGateway::Scheme(scheme) if scheme == "ftp"
    ));
    assert!(matches!(
        error(&PushGateway::new("http://gateway", "")),
        InvalidPushGateway::EmptyJob
    ));
    assert!(matches!(
        error(&valid.clone().grouping("bad-name", "x")),
        InvalidPushGateway::LabelName(name) if name == "bad-name"
    ));
    assert!(matches!(
        error(&valid.clone().grouping("job", "x")),
        InvalidPushGateway::JobLabel
    ));
    assert!(matches!(
        error(&valid.clone().grouping("zone", "a").grouping("zone", "b")),
        InvalidPushGateway::DuplicateLabel(name) if name == "zone"
    ));
    assert!(matches!(
        error(&valid.interval(Duration::ZERO)),
        InvalidPushGateway::Interval(Duration::ZERO)
    ));

    // The errors installed no recorder, and an exporter that fails to install pushes nothing.
    let gateway = StandIn::start(|_, _| OK);
    let push = PushGateway::new(gateway.url(), "job").interval(NEVER);
    let exporter = builder(push.clone())
        .install()
        .expect("the first install of this process");
    let second = builder(push).install();
    assert!(matches!(second, Err(InstallError::AlreadyInstalled)));
    assert_eq!(gateway.received().len(), 0);
    exporter.shutdown();
    assert_eq!(gateway.received().len(), 1);
}
