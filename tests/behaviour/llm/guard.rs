//! Calls that the program starts and ends itself.

use std::future::pending;
use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use mcp_metrics::catalog::{self, llm};
use mcp_metrics::testing::{self, Recording};
use mcp_metrics::{Exporter, LlmCall, TokenUsage};
use mcp_metrics_tests::{PROVOKED, Scrape, exporter, panics, scrape};

use crate::read::Calls;

#[test]
fn successful_call_is_counted_and_measured() {
    exporter();
    let mut call = LlmCall::start("guard", "success");
    call.first_chunk();
    call.tokens(TokenUsage {
        input: 12,
        output: 3,
    });
    call.finish(&Ok::<_, io::Error>("Hi"));
    let expected = Calls::of(1.0, &[("", 1.0)])
        .with_first_chunks(&[("", 1.0)])
        .with_tokens(12.0, 3.0);
    assert_eq!(Calls::read(&scrape(), "guard", "success"), expected);
}

#[test]
fn failures_are_measured_with_their_label() {
    exporter();
    let failed: Result<(), io::Error> = Err(io::ErrorKind::TimedOut.into());
    LlmCall::start("guard", "failures").finish(&failed);
    LlmCall::start("guard", "failures").failure("RateLimited");
    LlmCall::start("guard", "failures").success();
    let mut call = LlmCall::start("guard", "failures");
    call.first_chunk();
    call.tokens(TokenUsage {
        input: 5,
        output: 2,
    });
    call.failure("RateLimited");
    let ended = [("", 1.0), ("RateLimited", 2.0), ("TimedOut", 1.0)];
    let expected = Calls::of(4.0, &ended)
        .with_first_chunks(&[("RateLimited", 1.0)])
        .with_tokens(5.0, 2.0);
    let scrape = scrape();
    assert_eq!(Calls::read(&scrape, "guard", "failures"), expected);
    // The tokens of a failed call are labelled, too.
    let wasted = [
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "guard"),
        ("gen_ai_request_model", "failures"),
        ("gen_ai_token_type", "output"),
        ("error_type", "RateLimited"),
    ];
    let tokens = format!("{}_sum", llm::TOKEN_USAGE);
    assert_eq!(scrape.get(&tokens, &wasted), Some(2.0));
}

#[test]
fn dropped_call_is_cancelled() {
    exporter();
    drop(LlmCall::start("guard", "dropped"));
    let expected = Calls::of(1.0, &[("cancelled", 1.0)]);
    assert_eq!(Calls::read(&scrape(), "guard", "dropped"), expected);
}

#[test]
fn call_that_a_panic_drops_is_a_panic() {
    exporter();
    panics(|| {
        let _call = LlmCall::start("guard", "panic");
        panic!("{PROVOKED}");
    });
    let expected = Calls::of(1.0, &[("panic", 1.0)]);
    assert_eq!(Calls::read(&scrape(), "guard", "panic"), expected);
}

#[test]
fn call_that_starts_during_a_panic_can_be_cancelled() {
    struct OnUnwind;

    impl Drop for OnUnwind {
        fn drop(&mut self) {
            drop(LlmCall::start("guard", "unwinding"));
        }
    }

    exporter();
    panics(|| {
        let _guard = OnUnwind;
        panic!("{PROVOKED}");
    });
    let expected = Calls::of(1.0, &[("cancelled", 1.0)]);
    assert_eq!(Calls::read(&scrape(), "guard", "unwinding"), expected);
}

#[tokio::test(start_paused = true)]
async fn call_in_a_future_that_times_out_is_cancelled() {
    exporter();
    let stuck = async {
        let _call = LlmCall::start("guard", "timeout");
        pending::<()>().await;
    };
    let timeout = tokio::time::timeout(Duration::from_secs(1), stuck).await;
    assert!(timeout.is_err());
    let expected = Calls::of(1.0, &[("cancelled", 1.0)]);
    assert_eq!(Calls::read(&scrape(), "guard", "timeout"), expected);
}

#[test]
fn last_token_usage_and_first_chunk_win() {
    exporter();
    let mut call = LlmCall::start("guard", "updates");
    for output in 1..=3 {
        call.first_chunk();
        call.tokens(TokenUsage { input: 7, output });
    }
    call.success();
    let expected = Calls::of(1.0, &[("", 1.0)])
        .with_first_chunks(&[("", 1.0)])
        .with_tokens(7.0, 3.0);
    assert_eq!(Calls::read(&scrape(), "guard", "updates"), expected);
}

#[test]
fn zero_tokens_are_not_recorded() {
    exporter();
    let mut call = LlmCall::start("guard", "embedding").operation("embeddings");
    call.tokens(TokenUsage {
        input: 8,
        output: 0,
    });
    call.success();
    let scrape = scrape();
    let labels = [
        ("gen_ai_operation_name", "embeddings"),
        ("gen_ai_provider_name", "guard"),
        ("gen_ai_request_model", "embedding"),
    ];
    let tokens = format!("{}_count", llm::TOKEN_USAGE);
    let recorded: Vec<_> = scrape.select(&tokens, &labels).collect();
    let [(_, only, count)] = recorded[..] else {
        panic!("expected one series: {recorded:?}");
    };
    assert_eq!((only["gen_ai_token_type"].as_str(), *count), ("input", 1.0));
}

#[test]
fn families_are_absent_until_they_are_recorded() {
    let (recorder, exporter) = Exporter::builder().build().unwrap();
    let names = || {
        let scrape = Scrape::parse(&exporter.render());
        let names = llm::FAMILIES.iter().map(|family| family.name);
        names
            .filter(|name| scrape.kind.contains_key(*name))
            .collect::<Vec<_>>()
    };
    assert!(names().is_empty());
    metrics::with_local_recorder(&recorder, || LlmCall::start("a", "b").success());
    assert_eq!(names(), [llm::OPERATION_DURATION]);
}

#[test]
fn documented_buckets_are_exported() {
    let (recorder, exporter) = Exporter::builder().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        let mut call = LlmCall::start("a", "b");
        call.first_chunk();
        call.tokens(TokenUsage {
            input: 1,
            output: 100_000_000,
        });
        call.success();
    });
    let scrape = Scrape::parse(&exporter.render());
    for family in llm::FAMILIES {
        let name = format!("{}_bucket", family.name);
        let mut bounds: Vec<f64> = scrape
            .select(&name, &[])
            .map(|(_, labels, _)| labels["le"].parse().unwrap())
            .filter(|bound: &f64| bound.is_finite())
            .collect();
        bounds.dedup();
        let series = if family.name == llm::TOKEN_USAGE {
            2
        } else {
            1
        };
        assert_eq!(bounds, family.buckets.repeat(series), "{}", family.name);
    }
}

#[test]
fn call_is_recorded_under_a_local_recorder() {
    let ((), metrics) = testing::record(|| {
        let mut call = LlmCall::start("local", "model");
        call.tokens(TokenUsage {
            input: 4,
            output: 1,
        });
        call.failure("Timeout");
    });
    let labels = [("gen_ai_request_model", "model"), ("error_type", "Timeout")];
    assert_eq!(
        metrics.counter(catalog::LLM_CALLS, &[("model", "model")]),
        1
    );
    let durations = metrics.histogram(llm::OPERATION_DURATION, &labels);
    assert_eq!(durations.count, 1, "{metrics}");
    let tokens = metrics.histogram(llm::TOKEN_USAGE, &labels);
    assert_eq!((tokens.count, tokens.sum), (2, 5.0), "{metrics}");
}

#[test]
fn call_that_ends_under_another_recorder_is_only_counted() {
    let (first, second) = (Recording::new(), Recording::new());
    let call = first.run(|| LlmCall::start("moved", "model"));
    second.run(|| call.success());
    assert_eq!(first.counter(catalog::LLM_CALLS, &[]), 1);
    for recording in [first, second] {
        assert_eq!(recording.histogram(llm::OPERATION_DURATION, &[]).count, 0);
    }
}

#[test]
fn call_without_a_recorder_does_nothing() {
    let mut call = LlmCall::start("nowhere", "model").operation("embeddings");
    call.first_chunk();
    call.tokens(TokenUsage::default());
    assert!(format!("{call:?}").contains("nowhere"));
    call.success();
}

#[test]
fn labels_above_the_limit_are_counted_under_other() {
    let (recorder, exporter) = Exporter::builder().label_limit(3).build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        for model in 0..5 {
            LlmCall::start("limited", model.to_string()).success();
        }
    });
    let scrape = Scrape::parse(&exporter.render());
    let durations = format!("{}_count", llm::OPERATION_DURATION);
    assert_eq!(scrape.sum(&durations, &[]), 5.0);
    let other = [("gen_ai_request_model", "other")];
    assert_eq!(scrape.sum(&durations, &other), 2.0);
    let overflowed = [("family", llm::OPERATION_DURATION)];
    assert_eq!(scrape.value(catalog::OVERFLOWED, &overflowed), 2.0);
}

#[test]
fn concurrent_calls_are_exact() {
    exporter();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for call in 0..500 {
                    let mut started = LlmCall::start("guard", "threads");
                    started.tokens(TokenUsage {
                        input: 2,
                        output: 1,
                    });
                    match (thread + call) % 10 {
                        0 => drop(started),
                        1 => started.failure("Timeout"),
                        _ => started.success(),
                    }
                }
            });
        }
    });
    let ended = [("", 3_200.0), ("Timeout", 400.0), ("cancelled", 400.0)];
    let expected = Calls::of(4_000.0, &ended).with_tokens(8_000.0, 4_000.0);
    assert_eq!(Calls::read(&scrape(), "guard", "threads"), expected);
}

#[test]
fn call_can_cross_an_unwind_boundary() {
    fn check<T: std::panic::UnwindSafe + Send>(_: &T) {}

    let call = LlmCall::start("guard", "unwind_safe");
    check(&call);
    let caught = std::panic::catch_unwind(AssertUnwindSafe(|| call.success()));
    assert!(caught.is_ok());
}
