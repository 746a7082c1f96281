//! Full scrapes of one program in every format, compared with the files in `golden/`.
//!
//! `MCP_METRICS_TESTS_BLESS=1` rewrites the files. `golden/mask.rs` lists what is masked because it
//! depends on time; everything else is compared verbatim.

use mcp_metrics_tests::quiet_panics;

#[path = "golden/compare.rs"]
mod compare;
#[path = "golden/dump.rs"]
mod dump;
#[path = "golden/facade.rs"]
mod facade;
#[path = "golden/hub.rs"]
mod hub;
#[path = "golden/mask.rs"]
mod mask;
#[path = "golden/program.rs"]
mod program;
#[path = "golden/wire.rs"]
mod wire;

use program::{Exported, builder};

#[test]
fn scrape_in_every_format_matches_the_golden_files() {
    quiet_panics();
    let Exported {
        text,
        open_metrics,
        mut families,
        mut summary,
    } = program::run(builder());

    mask::families(&mut families);
    mask::summary(&mut summary);
    let summary = serde_json::to_string_pretty(&summary).expect("a summary is JSON");
    compare::with_golden_files(&[
        ("scrape.txt", mask::text(&text)),
        ("scrape.openmetrics.txt", mask::text(&open_metrics)),
        ("scrape.protobuf.txt", dump::text(&families)),
        ("summary.json", summary + "\n"),
    ]);
}

/// The recorder is not the global one, so requests are recorded through the facade.
#[test]
fn render_of_a_local_recorder_matches_the_golden_file() {
    quiet_panics();
    let (recorder, exporter) = builder().build().expect("the configuration is valid");
    let text = metrics::with_local_recorder(&recorder, || {
        let _in_flight = hub::record();
        facade::record();
        exporter.render()
    });
    compare::with_golden_files(&[("local.txt", mask::text(&text))]);
}
