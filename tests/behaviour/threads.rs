//! Counts of short-lived threads, of requests that move between threads, and of series with several
//! sources.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;

use mcp_metrics::{ErrorType, track_request, tracked};
use mcp_metrics_tests::{Scrape, check_until, exporter, scrape};
use metrics::{counter, gauge, histogram};

#[derive(Debug, ErrorType)]
enum Failure {
    Third,
}

#[tracked("threads", "short")]
fn short(n: u32) -> Result<u32, Failure> {
    if n.is_multiple_of(3) {
        Err(Failure::Third)
    } else {
        Ok(n)
    }
}

#[test]
fn short_lived_threads_lose_no_counts() {
    const THREADS: u32 = 2_000;
    exporter();
    let done = AtomicBool::new(false);
    let scrapes = thread::scope(|scope| {
        let scraper = scope.spawn(|| check_until(&done, ("threads", "short"), scrape));
        for _ in 0..THREADS / 4 {
            let callers =
                [(); 4].map(|()| scope.spawn(|| (0..9).filter(|n| short(*n).is_err()).count()));
            for caller in callers {
                assert_eq!(caller.join().expect("the caller does not panic"), 3);
            }
        }
        done.store(true, Ordering::Relaxed);
        scraper.join().expect("the scraper does not panic")
    });
    assert!(scrapes > 10, "only {scrapes} scrapes");
    scrape()
        .requests("threads", "short")
        .assert(THREADS * 6, &[("Third", THREADS * 3)]);
}

#[tracked("handed over", "wander")]
async fn wander(good: bool) -> Result<(), Failure> {
    tokio::task::yield_now().await;
    if good { Ok(()) } else { Err(Failure::Third) }
}

type Wandering = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Polls a future once.
fn poll(future: &mut Wandering) -> Poll<Result<(), Failure>> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn request_ended_on_another_thread_is_counted() {
    const EACH: u32 = 50_000;
    exporter();
    let done = AtomicBool::new(false);
    let scrapes = thread::scope(|scope| {
        let scraper = scope.spawn(|| check_until(&done, ("handed over", "wander"), scrape));
        let (sender, receiver) = mpsc::channel::<Wandering>();
        let ends = scope.spawn(move || {
            for mut future in receiver {
                assert!(
                    poll(&mut future).is_ready(),
                    "the future is pending only once"
                );
            }
        });
        for n in 0..EACH {
            let mut future: Wandering = Box::pin(wander(n % 2 == 0));
            assert!(poll(&mut future).is_pending(), "the future is pending once");
            sender.send(future).expect("the receiver is alive");
        }
        drop(sender);
        ends.join().expect("the other thread does not panic");
        done.store(true, Ordering::Relaxed);
        scraper.join().expect("the scraper does not panic")
    });
    assert!(scrapes > 10, "only {scrapes} scrapes");
    scrape()
        .requests("handed over", "wander")
        .assert(EACH / 2, &[("Third", EACH / 2)]);
}

#[tracked("late", "late")]
fn late() {}

/// Makes a tracked call during thread-local destruction.
struct CallsLate;

impl Drop for CallsLate {
    fn drop(&mut self) {
        late();
    }
}

thread_local! {
    static CALLS_LATE: CallsLate = const { CallsLate };
}

#[test]
fn calls_during_thread_local_destruction_are_counted() {
    exporter();
    // The order of initialisation decides which of the two thread-locals is destroyed first.
    let before = || {
        CALLS_LATE.with(|_| ());
        late();
    };
    let after = || {
        late();
        CALLS_LATE.with(|_| ());
    };
    thread::spawn(before)
        .join()
        .expect("the thread does not panic");
    thread::spawn(after)
        .join()
        .expect("the thread does not panic");
    scrape().requests("late", "late").assert(4, &[]);
}

#[tracked("shared", "site")]
fn site(n: u32) -> Result<u32, Failure> {
    if n == 3 { Err(Failure::Third) } else { Ok(n) }
}

#[tracked("shared", "site")]
fn other_site() {}

#[test]
fn callsites_requests_and_the_facade_share_a_series() {
    exporter();
    let labels = [("agent", "shared"), ("operation", "site")];
    let other = [("agent", "shared"), ("operation", "other \"one\"")];
    for n in 1..=3 {
        let _ = site(n);
        other_site();
        track_request("shared", "site").run(|| ());
        counter!("mcp_hub_requests_total", &labels).increment(1);
        counter!("mcp_hub_requests_success_total", &labels).increment(1);
        histogram!("mcp_hub_request_duration_seconds", &labels).record(7.0);
        counter!("mcp_hub_requests_total", &other).increment(1);
        histogram!("mcp_hub_request_duration_seconds", &other).record(7.0);
    }
    gauge!("mcp_hub_active_operations", "agent" => "shared").increment(2.0);

    let text = exporter().render();
    let scrape = Scrape::parse(&text);
    let requests = scrape.requests("shared", "site");
    assert_eq!((requests.total, requests.success), (12.0, 11.0));
    assert_eq!(requests.failed["Third"], 1.0);
    assert_eq!((requests.observed, requests.active), (12.0, 2.0));
    let within = |le| {
        let labels = [&labels[..], &[("le", le)]].concat();
        scrape.value("mcp_hub_request_duration_seconds_bucket", &labels)
    };
    assert_eq!((within("5.0"), within("10.0")), (9.0, 12.0));
    let sum = scrape.value("mcp_hub_request_duration_seconds_sum", &labels);
    assert!((21.0..22.0).contains(&sum), "{sum}");
    let requests = scrape.requests("shared", "other \"one\"");
    assert_eq!((requests.total, requests.observed), (3.0, 3.0));

    // The series of all sources are sorted together.
    for name in [
        "mcp_hub_requests_total{",
        "mcp_hub_request_duration_seconds_count{",
    ] {
        let lines: Vec<_> = text.lines().filter(|line| line.starts_with(name)).collect();
        assert!(lines.len() > 2 && lines.is_sorted(), "{lines:#?}");
    }

    other_site();
    let requests = mcp_metrics_tests::scrape().requests("shared", "site");
    assert_eq!((requests.total, requests.observed), (13.0, 13.0));
}
