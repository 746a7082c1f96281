//! The card of LLM calls.

use mcp_metrics::{
    DurationSummary, LlmCall, LlmSummary, MetricsSummary, TokenUsage, track_llm_call,
};
use metrics::histogram;

use crate::drive::{Answer, Browser, Look, Site, Staged};

/// The columns of the table.
#[derive(Clone, Copy)]
enum Column {
    Rate = 2,
    Errors = 4,
    Median,
    Slow,
    FirstMedian,
    FirstSlow,
    Input,
    Output,
    Calls,
}

/// Returns the number in a column of the first row.
fn cell(page: &Browser, column: Column) -> Option<f64> {
    let row = page.rows("#llm").into_iter().next()?;
    row.get(column as usize)?.parse().ok()
}

/// Records the end of a call that took `seconds`, and whose first chunk came after half of them.
fn ended(error_type: Option<&'static str>, seconds: f64) {
    let mut labels = vec![
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "openai"),
        ("gen_ai_request_model", "gpt-4"),
    ];
    labels.extend(error_type.map(|it| ("error_type", it)));
    let duration = "gen_ai_client_operation_duration_seconds";
    histogram!(duration, &labels).record(seconds);
    let first = "gen_ai_client_operation_time_to_first_chunk_seconds";
    histogram!(first, &labels).record(seconds / 2.0);
}

#[test]
fn llm_values_equal_those_recorded() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.record(|| {
        for _ in 0..30 {
            track_llm_call("openai", "gpt-4");
            ended(None, 1.0);
        }
        for error_type in ["Timeout", "Timeout", "cancelled"] {
            track_llm_call("openai", "gpt-4");
            ended(Some(error_type), 100.0);
        }
        // Still in flight.
        track_llm_call("openai", "gpt-4");
        let mut call = LlmCall::start("local", "extractive");
        call.tokens(TokenUsage {
            input: 1_234_567,
            output: 999,
        });
        call.success();
    });
    browser.open(&site.url());
    browser.wait("the card has rows", |page| page.rows("#llm").len() == 2);
    let rows = browser.rows("#llm");
    let names: Vec<_> = rows.iter().map(|row| (&*row[0], &*row[1])).collect();
    assert_eq!(names, [("extractive", "local"), ("gpt-4", "openai")]);

    let number = |column: Column| rows[1][column as usize].parse::<f64>().expect("a number");
    assert_eq!(number(Column::Calls), 34.0);
    assert_eq!(number(Column::Errors), 3.0 / 33.0);
    let row = "#llm tbody tr:last-child";
    assert_eq!(
        browser.attribute(&format!("{row} [data-column=errors]"), "title"),
        "3 of 33; since the start Timeout: 2, cancelled: 1"
    );
    // The 17th of 30 calls between 0.64 and 1.28 seconds, and the last finite bounds.
    let median = 0.64 + 0.64 * 16.5 / 30.0;
    assert!((number(Column::Median) - median).abs() < 1e-9, "{rows:?}");
    assert_eq!(number(Column::Slow), 81.92);
    // Between 0.25 and 0.5 seconds.
    let median = 0.25 + 0.25 * 16.5 / 30.0;
    let shown = number(Column::FirstMedian);
    assert!((shown - median).abs() < 1e-9, "{rows:?}");
    assert_eq!(number(Column::FirstSlow), 10.0);
    assert_eq!(
        browser.text(&format!("{row} [data-column=first95]")),
        "> 10 s"
    );
    for column in ["input", "output"] {
        let cell = format!("{row} [data-column={column}]");
        assert_eq!(browser.text(&cell), "–", "no call has reported tokens");
    }

    let row = "#llm tbody tr:first-child";
    assert_eq!(rows[0][Column::Input as usize], "1234567");
    assert_eq!(browser.text(&format!("{row} [data-column=input]")), "1.23M");
    assert_eq!(
        browser.attribute(&format!("{row} [data-column=input]"), "title"),
        "1,234,567 since the start"
    );
    assert_eq!(rows[0][Column::Output as usize], "999");
    assert_eq!(browser.text(&format!("{row} [data-column=first50]")), "–");
    browser.assert_quiet();
}

#[test]
fn llm_calls_that_were_only_counted_have_dashes() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.record(|| track_llm_call("openai", "gpt-4"));
    browser.open(&site.url());
    browser.wait("the call is shown", |page| {
        cell(page, Column::Calls) == Some(1.0) && cell(page, Column::Rate).is_some()
    });
    for column in [
        "errors", "p50", "p95", "first50", "first95", "input", "output",
    ] {
        let cell = browser.text(&format!("#llm tbody [data-column={column}]"));
        assert_eq!(cell, "–", "{column}");
    }
    assert_eq!(browser.text("#llm-note"), "", "no errors and durations");

    site.record(|| LlmCall::start("openai", "gpt-4").failure("Timeout"));
    browser.wait("the failure is shown", |page| {
        cell(page, Column::Errors) == Some(1.0)
    });
    assert!(
        browser
            .text("#llm-note")
            .starts_with("Errors and durations")
    );
    browser.assert_quiet();
}

/// Returns durations within two seconds: `fast` of them within one.
fn durations(fast: u64, count: u64) -> DurationSummary {
    let mut durations = DurationSummary::default();
    durations.count = count;
    durations.buckets = vec![(1.0, fast), (2.0, count), (3.0, count)];
    durations
}

/// Returns a summary with one model, whose calls all streamed.
fn summary(uptime: f64, calls: u64, failed: u64, fast: u64) -> Answer {
    let mut model = LlmSummary::default();
    model.provider = "openai".into();
    model.model = "gpt-4".into();
    model.calls = calls;
    model.failed.insert("Timeout".into(), failed);
    model.duration = durations(fast, calls);
    model.first_chunk = durations(fast, calls);
    model.input_tokens = calls * 1_000;
    let mut summary = MetricsSummary::default();
    summary.uptime_seconds = uptime;
    summary.llm_api_calls = vec![model];
    Answer::Summary(Box::new(summary))
}

#[test]
fn llm_errors_and_durations_are_those_between_two_summaries() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let server = Staged::new([summary(1_000.0, 10, 10, 0)]);
    browser.open(&server.url());
    let shown = |page: &Browser| {
        [
            Column::Rate,
            Column::Errors,
            Column::Median,
            Column::FirstMedian,
            Column::Input,
            Column::Calls,
        ]
        .map(|column| cell(page, column))
    };
    browser.wait("the first summary is shown", |page| {
        let median = Some(1.5);
        let tokens = Some(10_000.0);
        shown(page) == [None, Some(1.0), median, median, tokens, Some(10.0)]
    });
    // Ten more calls: five fail, and eight take a second at most, so only the bound of the median is
    // known.
    server.answer([summary(1_004.0, 20, 15, 8)]);
    browser.wait("the second summary is shown", |page| {
        let median = Some(1.0);
        let tokens = Some(20_000.0);
        shown(page) == [Some(2.5), Some(0.5), median, median, tokens, Some(20.0)]
    });
    // After a restart, the counters of the new process.
    server.answer([summary(1.0, 4, 1, 0)]);
    browser.wait("the restart is shown", |page| {
        let median = Some(1.5);
        let tokens = Some(4_000.0);
        shown(page) == [None, Some(0.25), median, median, tokens, Some(4.0)]
    });
    browser.assert_quiet();
}

#[test]
fn llm_models_have_pages() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.record(|| {
        for model in 1..=30 {
            track_llm_call("openai", format!("model {model}"));
        }
    });
    browser.open(&site.url());
    browser.wait("the first page is shown", |page| {
        page.rows("#llm").len() == 25
    });
    assert_eq!(
        browser.text("#models-pager [role=status]"),
        "1–25 of 30 models"
    );
    browser.click("#models-pager button:nth-of-type(2)");
    browser.wait("the second page is shown", |page| {
        page.rows("#llm").len() == 5
    });
    assert_eq!(browser.rows("#llm")[0][0], "model 26");
    browser.assert_quiet();
}
