//! A scrape of series that the facade registered, compared with the exporter's own.

use std::time::Instant;

use mcp_metrics::Exporter;
use mcp_metrics_benches::{Bar, in_own_process, median, quick};
use metrics::{Recorder, counter, with_local_recorder};
use metrics_exporter_prometheus::PrometheusBuilder;

const SERIES: usize = 20_000;

pub(crate) fn print() -> Bar {
    let numbers = in_own_process(&["--facade", &SERIES.to_string()]);
    let &[tracked, bare, ratio] = &*numbers else {
        panic!("expected three numbers, found {numbers:?}")
    };
    println!("\n## Series of the facade\n");
    println!("| {SERIES} counters with 2 labels | ms | mcp-metrics ÷ this |");
    println!("|---|--:|--:|");
    println!("| mcp-metrics | {:.2} | 1.00 |", tracked * 1e3);
    println!("| the exporter | {:.2} | {ratio:.2} |", bare * 1e3);
    Bar {
        what: format!("scrape of {SERIES} facade counters ÷ the exporter"),
        most: 1.3,
        measured: ratio,
    }
}

/// Prints the seconds of our scrape and of the exporter's, and the ratio.
pub(crate) fn measure(series: usize) {
    let builder = Exporter::builder()
        .without_system_metrics()
        .label_limit(series * 2);
    let (recorder, exporter) = builder.build().expect("the configuration is valid");
    let bare = PrometheusBuilder::new().build_recorder();
    let handle = bare.handle();
    let rounds: Vec<[f64; 2]> = (0..if quick() { 5 } else { 15 })
        .map(|_| {
            [
                seconds(&recorder, series, || exporter.render()),
                seconds(&bare, series, || handle.render()),
            ]
        })
        .collect();
    println!("{}", median(rounds.iter().map(|[tracked, _]| *tracked)));
    println!("{}", median(rounds.iter().map(|[_, bare]| *bare)));
    println!(
        "{}",
        median(rounds.iter().map(|[tracked, bare]| tracked / bare))
    );
}

/// Increments each series, and returns the seconds that `render` takes.
fn seconds(recorder: &dyn Recorder, series: usize, render: impl FnOnce() -> String) -> f64 {
    with_local_recorder(recorder, || {
        for user in 0..series {
            let labels = [("user", format!("user-{user}")), ("zone", "a".to_owned())];
            counter!("facade_calls_total", &labels).increment(1);
        }
    });
    let start = Instant::now();
    let text = render();
    let seconds = start.elapsed().as_secs_f64();
    assert!(text.lines().count() > series, "all series are rendered");
    seconds
}
