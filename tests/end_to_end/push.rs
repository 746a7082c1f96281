//! Pushes to a real Pushgateway, and to stand-ins for one that does what a real one seldom does.

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

/// Often enough for a test to wait for.
const OFTEN: Duration = Duration::from_millis(100);

/// What a shutdown may take when the gateway does not answer: the five seconds that are promised,
/// and a busy machine's share.
const BOUND: Duration = Duration::from_secs(9);

/// A builder of exporters that show only what the tests record, their uptime and their pushes.
fn builder(gateway: PushGateway) -> ExporterBuilder {
    log::keep();
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .push_gateway(gateway)
}

fn build(gateway: PushGateway) -> (MetricsRecorder, Exporter) {
    builder(gateway).build().expect("a fine configuration")
}

/// Tracks a call on a recorder that is not the global one.
fn call(recorder: &MetricsRecorder, agent: &str, operation: &str) {
    metrics::with_local_recorder(recorder, || {
        track_request(agent.to_owned(), operation.to_owned()).run(|| ());
    });
}

/// How often the calls of `agent` have been counted in what a gateway shows of a group.
fn calls(scrape: &Scrape, agent: &str) -> f64 {
    scrape.sum("mcp_hub_requests_total", &[("agent", agent)])
}

/// How many pushes have come to this result.
fn pushes(exporter: &Exporter, result: &str) -> f64 {
    let scrape = Scrape::parse(&exporter.render());
    scrape.sum("mcp_metrics_pushes_total", &[("result", result)])
}

/// Shuts down, and tells how long it took.
fn shutdown(exporter: &Exporter) -> Duration {
    let started = Instant::now();
    exporter.shutdown();
    started.elapsed()
}

const OK: Option<(&str, &str)> = Some(("200 OK", ""));
const BUSY: Option<(&str, &str)> = Some(("503 Service Unavailable", "later"));
const REFUSED: Option<(&str, &str)> = Some(("400 Bad Request", "a metric\nis \"wrong\""));

#[test]
fn what_arrives_is_what_is_rendered() {
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

    // Two of them: the first may have been on its way when the calls were made.
    let before = pushes(&exporter, "success");
    eventually("two pushes more", || {
        pushes(&exporter, "success") >= before + 2.0
    });
    let mut arrived = gateway.group(&group);
    for (_, labels, _) in &mut arrived.samples {
        labels.retain(|name, _| group.iter().all(|(label, _)| label != name));
    }
    let moves = ["mcp_hub_uptime_seconds", "mcp_metrics_pushes_total"];
    let still = |scrape: &Scrape| {
        let mut samples = scrape.samples.clone();
        samples.retain(|(name, ..)| !moves.contains(&name.as_str()));
        // The gateway keeps bounds as numbers, and writes them in its own way.
        for bound in samples.iter_mut().filter_map(|it| it.1.get_mut("le")) {
            *bound = bound.parse::<f64>().expect("a number").to_string();
        }
        samples.sort_by(|a, b| (&a.0, &a.1).partial_cmp(&(&b.0, &b.1)).expect("text"));
        samples
    };
    let rendered = Scrape::parse(&exporter.render());
    assert_eq!(still(&arrived), still(&rendered));
    for moving in moves {
        assert!(arrived.select(moving, &[]).next().is_some(), "{moving}");
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
fn the_last_push_has_the_last_count() {
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

    // And no more than the last.
    call(&recorder, "importer", "run");
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "success"), 1.0);
    assert_eq!(gateway.group(&[("job", "short")]).samples, arrived.samples);
}

#[test]
fn metrics_of_the_process_and_the_machine_are_accepted() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let (_, exporter) = Exporter::builder()
        .push_gateway(PushGateway::new(gateway.url(), "whole"))
        .build()
        .expect("a fine configuration");
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "success"), 1.0);
    let arrived = gateway.group(&[("job", "whole")]);
    for name in ["mcp_hub_cpu_usage_percent", "process_cpu_seconds_total"] {
        assert!(arrived.select(name, &[]).next().is_some(), "{name}");
    }
}

#[test]
fn a_push_replaces_its_group_and_no_other() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    for (zone, agent) in [("north", "first"), ("south", "other"), ("north", "second")] {
        let push = PushGateway::new(gateway.url(), "import").grouping("zone", zone);
        let (recorder, exporter) = build(push.interval(NEVER));
        call(&recorder, agent, "run");
        // A family of its own: a `POST` would leave those alone that the next push doesn't have.
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
fn labels_of_the_group_take_the_place_of_a_series_own() {
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

    // Where that makes one series of two, nothing of the push is taken.
    let (recorder, exporter) = build(push.interval(NEVER));
    metrics::with_local_recorder(&recorder, || {
        metrics::gauge!("own", "zone" => "south").set(3.0);
        metrics::gauge!("own", "zone" => "east").set(4.0);
    });
    exporter.shutdown();
    assert_eq!(pushes(&exporter, "failure"), 1.0);
    let own = |scrape: &Scrape| scrape.select("own", &[]).cloned().collect::<Vec<_>>();
    assert_eq!(own(&gateway.scrape()), own(&arrived));
    let said = log::lines(&gateway.address.to_string());
    assert!(
        said.iter()
            .any(|line| line.contains("collected before with the same name"))
    );
}

#[test]
fn a_gateway_that_comes_late_and_goes_is_no_trouble() {
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
    eventually("the log says so", || {
        log::lines("pushed again")
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
    let lost = log::lines(&address);
    let lost = lost.last().expect("a line");
    assert!(
        lost.starts_with("ERROR") && lost.contains("last push"),
        "{lost}"
    );
}

#[test]
fn a_gateway_that_never_answers_holds_nothing_up() {
    for interval in [NEVER, OFTEN] {
        let gateway = StandIn::start(|_, _| None);
        let (recorder, exporter) =
            build(PushGateway::new(gateway.url(), "hung").interval(interval));
        if interval == OFTEN {
            eventually("a push is under way", || !gateway.received().is_empty());
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
fn a_gateway_that_does_not_even_accept_holds_nothing_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let (_, exporter) = build(PushGateway::new(url, "deaf").interval(NEVER));
    let took = shutdown(&exporter);
    assert!(took < BOUND, "{took:?}");
}

#[test]
fn a_request_is_what_a_gateway_expects() {
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
fn credentials_are_sent_and_wrong_ones_are_reported_without_them() {
    let knows = |request: &Received, _: usize| match request.authorization.as_deref() {
        // A user's name and a password, as `base64` encodes them.
        Some("Basic aW1wb3J0ZXI6c2VzYW1lOm9wZW4=") => OK,
        _ => Some(("401 Unauthorized", "who are you?")),
    };
    let gateway = StandIn::start(knows);
    for (password, result) in [("sesame:open", "success"), ("sesame", "failure")] {
        let push = PushGateway::new(gateway.url(), "private")
            .basic_auth("importer", Secret::new(password));
        let (_, exporter) = build(push.interval(NEVER));
        exporter.shutdown();
        assert_eq!(pushes(&exporter, result), 1.0, "{password}");
    }
    assert_eq!(gateway.received().len(), 2, "a 401 is not tried again");
    let said = log::lines(&gateway.address.to_string());
    assert!(
        said.iter()
            .any(|line| line.contains("401") && line.contains("who are you?"))
    );
    for line in said {
        assert!(
            !line.contains("sesame") && !line.contains("aW1wb3J0ZXI6"),
            "{line}"
        );
    }
}

#[test]
fn a_busy_gateway_is_tried_again_and_one_that_refuses_is_not() {
    for busy in [BUSY, Some(("429 Too Many Requests", ""))] {
        let gateway = StandIn::start(move |_, before| if before < 2 { busy } else { OK });
        let (_, exporter) = build(PushGateway::new(gateway.url(), "busy").interval(NEVER));
        exporter.shutdown();
        assert_eq!(gateway.received().len(), 3);
        assert_eq!(pushes(&exporter, "success"), 1.0);
        assert_eq!(pushes(&exporter, "failure"), 0.0);
    }
    for refused in [REFUSED, Some(("301 Moved Permanently", ""))] {
        let gateway = StandIn::start(move |_, _| refused);
        let (_, exporter) = build(PushGateway::new(gateway.url(), "refused").interval(NEVER));
        exporter.shutdown();
        assert_eq!(gateway.received().len(), 1);
        assert_eq!(pushes(&exporter, "failure"), 1.0);
    }
}

#[test]
fn a_refused_push_waits_for_the_next_interval_and_a_failed_one_does_not() {
    // The longest first pause is a second.
    let interval = Duration::from_secs(3);
    for (answer, again) in [(REFUSED, false), (BUSY, true)] {
        let gateway = StandIn::start(move |_, _| answer);
        let (_, exporter) = build(PushGateway::new(gateway.url(), "periodic").interval(interval));
        eventually("two requests", || gateway.received().len() >= 2);
        let received = gateway.received();
        let apart = received[1].at - received[0].at;
        let within = apart + OFTEN < interval;
        assert_eq!(within, again, "{apart:?}");

        let said = log::lines(&gateway.address.to_string());
        assert_eq!(said.len(), 1, "{said:?}");
        if answer == REFUSED {
            assert!(said[0].starts_with("ERROR"), "{said:?}");
            // The gateway's own words, on one line.
            assert!(said[0].contains(r#""a metric\nis \"wrong\"""#), "{said:?}");
        }
        exporter.shutdown();
    }
}

#[test]
fn a_shutdown_between_two_attempts_pushes_a_last_time() {
    let gateway = StandIn::start(|_, before| if before == 0 { BUSY } else { OK });
    // A pause of half a second to a second follows the first attempt.
    let (_, exporter) =
        build(PushGateway::new(gateway.url(), "prompt").interval(Duration::from_secs(2)));
    eventually("the first attempt", || gateway.received().len() == 1);
    exporter.shutdown();
    assert_eq!(gateway.received().len(), 2);
    assert_eq!(pushes(&exporter, "success"), 1.0);
}

/// The user `importer` with the password `sesame`, which is hashed with bcrypt at its lowest cost.
const USERS: &str =
    "basic_auth_users:\n  importer: $2b$04$abcdefghijklmnopqrstuuinwY/tkBVrn3xrxQI/TgnMHhkvl85RW\n";

#[test]
fn a_gateway_with_tls_and_users_is_pushed_to() {
    let folder = Folder::new("pushgateway");
    let file = |name: &str, text: &str| {
        fs::write(folder.join(name), text).expect("the folder is ours");
        folder.join(name)
    };
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("another");
    let certificate = file("gateway.pem", &own.cert.pem());
    file("gateway.key", &own.signing_key.serialize_pem());
    let other = file("other.pem", &stranger.cert.pem());
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
fn a_configuration_that_makes_no_sense_is_an_error() {
    let fine = PushGateway::new("http://127.0.0.1:9091", "job");
    let wrong = |gateway: &PushGateway| match builder(gateway.clone()).install() {
        Err(InstallError::PushGateway(wrong)) => wrong,
        other => panic!("{gateway:?}: {other:?}"),
    };
    assert!(matches!(
        wrong(&PushGateway::new("http://me:secret@gateway", "job")),
        InvalidPushGateway::Credentials
    ));
    assert!(matches!(
        wrong(&PushGateway::new("gateway:9091", "job")),
        InvalidPushGateway::Url(_)
    ));
    assert!(matches!(
        wrong(&PushGateway::new("ftp://gateway", "job")),
        InvalidPushGateway::Scheme(scheme) if scheme == "ftp"
    ));
    assert!(matches!(
        wrong(&PushGateway::new("http://gateway", "")),
        InvalidPushGateway::EmptyJob
    ));
    assert!(matches!(
        wrong(&fine.clone().grouping("bad-name", "x")),
        InvalidPushGateway::LabelName(name) if name == "bad-name"
    ));
    assert!(matches!(
        wrong(&fine.clone().grouping("job", "x")),
        InvalidPushGateway::JobLabel
    ));
    assert!(matches!(
        wrong(&fine.clone().grouping("zone", "a").grouping("zone", "b")),
        InvalidPushGateway::DuplicateLabel(name) if name == "zone"
    ));
    assert!(matches!(
        wrong(&fine.interval(Duration::ZERO)),
        InvalidPushGateway::Interval(Duration::ZERO)
    ));

    // Nothing has changed: there is no recorder yet, and what can't be installed pushes nothing.
    let gateway = StandIn::start(|_, _| OK);
    let push = PushGateway::new(gateway.url(), "job").interval(NEVER);
    let exporter = builder(push.clone())
        .install()
        .expect("the first of this process");
    let second = builder(push).install();
    assert!(matches!(second, Err(InstallError::AlreadyInstalled)));
    assert_eq!(gateway.received().len(), 0);
    exporter.shutdown();
    assert_eq!(gateway.received().len(), 1);
}
