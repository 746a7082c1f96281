//! Series whose handles the program keeps, with `idle_timeout` and `label_limit`.

use std::{collections::BTreeSet, sync::Barrier, thread, time::Duration};

use mcp_metrics::{Exporter, MetricsRecorder};
use mcp_metrics_tests::{Scrape, eventually};
use metrics::{Counter, Histogram, with_local_recorder};

/// The idle timeout of series.
const IDLE: Duration = Duration::from_millis(250);
const OTHER: &str = "other";
const OVERFLOWED: &str = "mcp_metrics_overflowed_total";

/// An exporter with an idle timeout, and its recorder.
struct Hub {
    recorder: MetricsRecorder,
    exporter: Exporter,
}

impl Hub {
    fn new(limit: usize) -> Self {
        let (recorder, exporter) = Exporter::builder()
            .without_system_metrics()
            .without_process_metrics()
            .idle_timeout(IDLE)
            .label_limit(limit)
            .build()
            .expect("the configuration is valid");
        Self { recorder, exporter }
    }

    fn record<T>(&self, body: impl FnOnce() -> T) -> T {
        with_local_recorder(&self.recorder, body)
    }

    fn scrape(&self) -> Scrape {
        Scrape::parse(&self.exporter.render())
    }

    /// Records to a counter and a histogram without a kept handle, and waits until both are
    /// evicted: every series that was idle before is overdue then. Runs `meanwhile` at each scrape.
    fn wait_past_idle_timeout(&self, mut meanwhile: impl FnMut()) {
        self.record(|| {
            metrics::counter!("canary_total").increment(1);
            metrics::histogram!("canary_seconds").record(1.0);
        });
        assert_eq!(self.scrape().value("canary_total", &[]), 1.0);
        eventually("the canaries are evicted", || {
            meanwhile();
            let scrape = self.scrape();
            ["canary_total", "canary_seconds_count"].map(|name| scrape.get(name, &[])) == [None; 2]
        });
    }
}

/// A kept handle of either kind that can idle.
#[derive(Clone)]
enum Handle {
    Counter(Counter),
    Histogram(Histogram),
}

/// A kind of kept handle: its family, the sample with its count, and its registration.
#[derive(Clone, Copy)]
struct Kind {
    family: &'static str,
    sample: &'static str,
    register: fn(String) -> Handle,
}

const KINDS: [Kind; 2] = [
    Kind {
        family: "kept_total",
        sample: "kept_total",
        register: |stream| Handle::Counter(metrics::counter!("kept_total", "stream" => stream)),
    },
    Kind {
        family: "kept_seconds",
        sample: "kept_seconds_count",
        register: |stream| {
            Handle::Histogram(metrics::histogram!("kept_seconds", "stream" => stream))
        },
    },
];

impl Kind {
    /// Registers the series of a stream and records `n` to it.
    fn record(self, hub: &Hub, stream: &str, n: u32) -> Handle {
        let handle = hub.record(|| (self.register)(stream.to_owned()));
        handle.record(n);
        handle
    }

    fn get(self, hub: &Hub, stream: &str) -> Option<f64> {
        hub.scrape().get(self.sample, &[("stream", stream)])
    }

    /// Returns the streams that have a series of their own.
    fn streams(self, hub: &Hub) -> BTreeSet<String> {
        let scrape = hub.scrape();
        let streams = scrape.select(self.sample, &[]);
        let streams = streams.map(|(_, labels, _)| labels["stream"].clone());
        streams.filter(|stream| stream != OTHER).collect()
    }
}

impl Handle {
    fn record(&self, n: u32) {
        match self {
            Self::Counter(counter) => counter.increment(n.into()),
            Self::Histogram(histogram) => histogram.record_many(0.5, n as usize),
        }
    }
}

#[test]
fn kept_handle_continues_counting_after_the_idle_timeout() {
    for kind in KINDS {
        let hub = Hub::new(100);
        let handle = kind.record(&hub, "a", 1);
        for round in 1..=3 {
            hub.wait_past_idle_timeout(|| ());
            let counted = f64::from(round);
            assert_eq!(kind.get(&hub, "a"), Some(counted), "{}", kind.sample);
            handle.record(1);
            assert_eq!(kind.get(&hub, "a"), Some(counted + 1.0), "{}", kind.sample);
        }
        // A new handle records to the same series.
        kind.record(&hub, "a", 1_000);
        assert_eq!(kind.get(&hub, "a"), Some(1_004.0), "{}", kind.sample);
        hub.wait_past_idle_timeout(|| ());
        assert_eq!(kind.get(&hub, "a"), Some(1_004.0), "{}", kind.sample);
    }
}

#[test]
fn kept_histogram_keeps_its_buckets_and_sum() {
    let hub = Hub::new(100);
    let histogram = hub.record(|| metrics::histogram!("kept_seconds"));
    histogram.record(1.0);
    hub.wait_past_idle_timeout(|| ());
    histogram.record(2.0);
    let scrape = hub.scrape();
    let bucket = |le| scrape.value("kept_seconds_bucket", &[("le", le)]);
    assert_eq!(
        ["0.5", "1.0", "2.5", "+Inf"].map(bucket),
        [0.0, 1.0, 2.0, 2.0]
    );
    assert_eq!(scrape.value("kept_seconds_sum", &[]), 3.0);
}

#[test]
fn kept_handle_without_recordings_keeps_its_series() {
    for kind in KINDS {
        let hub = Hub::new(100);
        let handle = kind.record(&hub, "a", 0);
        hub.wait_past_idle_timeout(|| ());
        assert_eq!(kind.get(&hub, "a"), Some(0.0), "{}", kind.sample);
        handle.record(2);
        assert_eq!(kind.get(&hub, "a"), Some(2.0), "{}", kind.sample);
    }
}

#[test]
fn series_is_evicted_after_its_last_handle_is_dropped() {
    for kind in KINDS {
        let hub = Hub::new(100);
        let [first, second] = [1, 1].map(|n| kind.record(&hub, "a", n));
        let clone = second.clone();
        for dropped in [first, second] {
            drop(dropped);
            hub.wait_past_idle_timeout(|| ());
            assert_eq!(kind.get(&hub, "a"), Some(2.0), "{}", kind.sample);
        }
        drop(clone);
        eventually("the series is evicted", || kind.get(&hub, "a").is_none());
        // As documented, it starts at zero if it is registered again.
        kind.record(&hub, "a", 5);
        assert_eq!(kind.get(&hub, "a"), Some(5.0), "{}", kind.sample);
    }
}

#[test]
fn handle_kept_by_another_thread_keeps_its_series() {
    static BARRIER: Barrier = Barrier::new(2);
    let hub = Hub::new(100);
    let counter = hub.record(|| metrics::counter!("kept_total", "stream" => "a"));
    let thread = thread::spawn(move || {
        counter.increment(1);
        BARRIER.wait();
        BARRIER.wait();
        counter.increment(1);
    });
    BARRIER.wait();
    hub.wait_past_idle_timeout(|| ());
    assert_eq!(KINDS[0].get(&hub, "a"), Some(1.0));
    BARRIER.wait();
    thread.join().expect("the thread does not panic");
    assert_eq!(KINDS[0].get(&hub, "a"), Some(2.0));
}

#[test]
fn gauges_keep_their_slots_after_the_idle_timeout() {
    let hub = Hub::new(3);
    for session in 0..30 {
        hub.record(|| metrics::gauge!("session_bytes", "session" => session.to_string()).set(1));
        // Twice the limit is past the timeout; the rest need not wait for it.
        if session < 6 {
            hub.wait_past_idle_timeout(|| ());
        }
    }
    let scrape = hub.scrape();
    let sessions = scrape.select("session_bytes", &[]);
    let sessions: Vec<_> = sessions.map(|(_, labels, _)| &*labels["session"]).collect();
    assert_eq!(sessions, ["0", "1", "2", OTHER]);
    // This counter may have been evicted in between.
    let overflowed = scrape.get(OVERFLOWED, &[("family", "session_bytes")]);
    assert!(overflowed > Some(0.0), "{overflowed:?}");
}

#[test]
fn kept_handles_keep_their_slots() {
    for kind in KINDS {
        for busy in [true, false] {
            let context = format!("{}, busy: {busy}", kind.sample);
            let hub = Hub::new(3);
            let kept = ["a", "b", "c"].map(|stream| kind.record(&hub, stream, 1));
            let mut late = Vec::new();
            for round in 0..3 {
                hub.wait_past_idle_timeout(|| {
                    kept.iter()
                        .filter(|_| busy)
                        .for_each(|handle| handle.record(1));
                });
                late.push(kind.record(&hub, &format!("late {round}"), 1));
            }
            assert_eq!(
                kind.streams(&hub),
                ["a", "b", "c"].map(String::from).into(),
                "{context}"
            );
            // A kept handle of the overflow series keeps that one.
            assert_eq!(kind.get(&hub, OTHER), Some(3.0), "{context}");
            for handle in &late {
                handle.record(1);
            }
            assert_eq!(kind.get(&hub, OTHER), Some(6.0), "{context}");
            let overflowed = hub.scrape().get(OVERFLOWED, &[("family", kind.family)]);
            assert!(overflowed > Some(0.0), "{context}");
        }
    }
}

#[test]
fn dropped_series_frees_its_slot_when_it_leaves_the_export() {
    for kind in KINDS {
        let hub = Hub::new(2);
        let kept = kind.record(&hub, "kept", 1);
        drop(kind.record(&hub, "dropped", 1));
        assert_eq!(
            kind.streams(&hub),
            ["dropped", "kept"].map(String::from).into()
        );
        let (mut probes, mut gone) = (0_u32, false);
        eventually("a new label set is admitted", || {
            let probe = format!("probe {probes}");
            probes += 1;
            let _ = kind.record(&hub, &probe, 1);
            let streams = kind.streams(&hub);
            let admitted = streams.contains(&probe);
            assert!(streams.len() <= 2, "{}: {streams:?}", kind.sample);
            assert!(streams.contains("kept"), "{}: {streams:?}", kind.sample);
            // The slot was free if an earlier scrape no longer had the series.
            assert!(admitted || !gone, "{}: {streams:?}", kind.sample);
            gone = !streams.contains("dropped");
            admitted
        });
        kept.record(1);
        assert_eq!(kind.get(&hub, "kept"), Some(2.0), "{}", kind.sample);
    }
}

#[test]
fn series_above_the_limit_are_evicted_after_the_idle_timeout() {
    for kind in KINDS {
        let hub = Hub::new(3);
        for round in 0..3 {
            for stream in 0..10 {
                let _ = kind.record(&hub, &format!("{round} {stream}"), 1);
            }
            assert_eq!(kind.streams(&hub).len(), 3, "{}", kind.sample);
            assert_eq!(kind.get(&hub, OTHER), Some(7.0), "{}", kind.sample);
            hub.wait_past_idle_timeout(|| ());
            eventually("every series is evicted", || {
                kind.streams(&hub).is_empty() && kind.get(&hub, OTHER).is_none()
            });
        }
    }
}
