//! Bucket bounds by the names of histograms, in the scrape.

#[path = "buckets/errors.rs"]
mod errors;

use mcp_metrics::catalog::{DEFAULT_BUCKETS, FINE_BUCKETS, REQUEST_DURATION_BUCKETS};
use mcp_metrics::{Exporter, ExporterBuilder, Matcher, catalog, track_request};
use mcp_metrics_tests::{Scrape, log};
use metrics::with_local_recorder;

const REQUESTS: &str = catalog::REQUEST_DURATION;

fn quiet() -> ExporterBuilder {
    log::capture();
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
}

fn prefix(text: &str) -> Matcher {
    Matcher::Prefix(text.to_owned())
}

fn suffix(text: &str) -> Matcher {
    Matcher::Suffix(text.to_owned())
}

/// Returns a scrape after an observation of each of these histograms and of a request.
fn observed(builder: ExporterBuilder, names: &[&'static str]) -> Scrape {
    let (recorder, exporter) = builder.build().expect("the configuration is valid");
    with_local_recorder(&recorder, || {
        track_request("planner", "plan").run(|| ());
        for name in names {
            metrics::histogram!(*name).record(1.5);
        }
    });
    Scrape::parse(&exporter.render())
}

/// Returns the finite bounds of the only series of a histogram.
fn bounds(scrape: &Scrape, histogram: &str) -> Vec<f64> {
    let name = format!("{histogram}_bucket");
    let bounds = scrape
        .select(&name, &[])
        .map(|(_, labels, _)| &labels["le"]);
    let mut bounds: Vec<f64> = bounds.map(|le| le.parse().expect("a number")).collect();
    assert_eq!(bounds.pop(), Some(f64::INFINITY), "{histogram}");
    bounds
}

/// Returns the first bound of each histogram, which tells by which rule it was chosen.
fn chosen(builder: ExporterBuilder, names: &[&'static str]) -> Vec<f64> {
    let scrape = observed(builder, names);
    let first = |name: &&str| bounds(&scrape, name)[0];
    names.iter().map(first).collect()
}

#[test]
fn fine_buckets_include_the_documented_bounds() {
    assert!(FINE_BUCKETS.is_sorted_by(|a, b| a < b));
    assert_eq!((FINE_BUCKETS[0], FINE_BUCKETS[17]), (0.001, 600.0));
    for documented in REQUEST_DURATION_BUCKETS.iter().chain(&DEFAULT_BUCKETS) {
        assert!(FINE_BUCKETS.contains(documented), "{documented}");
    }
    let les = |builder| {
        let scrape = observed(builder, &[]);
        let buckets = scrape.select("mcp_hub_request_duration_seconds_bucket", &[]);
        let les = buckets.map(|(_, labels, _)| labels["le"].clone());
        les.collect::<Vec<_>>()
    };
    // Queries compare the text of a bound, so the text must be the same, too.
    let fine = les(quiet().buckets(&FINE_BUCKETS));
    assert_eq!(fine.len(), FINE_BUCKETS.len() + 1);
    for documented in les(quiet()) {
        assert!(fine.contains(&documented), "{documented}");
    }
}

#[test]
fn matchers_select_histograms_by_name() {
    let names = [
        "job_wait",
        "job_run_seconds",
        "db_seconds",
        "seconds",
        "job",
    ];
    let default = DEFAULT_BUCKETS[0];
    for (matcher, expected) in [
        ("job_wait".into(), [7.0, default, default, default, default]),
        ("job".into(), [default, default, default, default, 7.0]),
        (prefix("job"), [7.0, 7.0, default, default, 7.0]),
        (prefix("job_"), [7.0, 7.0, default, default, default]),
        (suffix("seconds"), [default, 7.0, 7.0, 7.0, default]),
        (suffix("_seconds"), [default, 7.0, 7.0, default, default]),
        (prefix("ob"), [default; 5]),
        (suffix("second"), [default; 5]),
    ] {
        let builder = quiet().buckets_for(matcher.clone(), &[7.0]);
        assert_eq!(chosen(builder, &names), expected, "{matcher:?}");
    }
}

#[test]
fn every_type_that_converts_into_a_string_is_a_full_name() {
    let name = String::from("job");
    for matcher in [
        Matcher::from("job"),
        Matcher::from(&name),
        Matcher::from(std::borrow::Cow::Borrowed("job")),
        Matcher::from(Box::<str>::from("job")),
        Matcher::from(name),
    ] {
        assert_eq!(matcher, Matcher::Full("job".to_owned()));
    }
}

/// Returns the rules in this order and in reverse.
fn both_orders(rules: &[(Matcher, f64)]) -> [ExporterBuilder; 2] {
    let add = |builder: ExporterBuilder, (matcher, bound): &(Matcher, f64)| {
        builder.buckets_for(matcher.clone(), &[*bound])
    };
    [
        rules.iter().fold(quiet(), add),
        rules.iter().rev().fold(quiet(), add),
    ]
}

#[test]
fn full_name_precedes_prefix_and_prefix_precedes_suffix() {
    let names = ["http_seconds", "http_wait_seconds", "db_seconds", "other"];
    let rules = [
        (suffix("_wait_seconds"), 5.0),
        (suffix("_seconds"), 4.0),
        (prefix("h"), 3.0),
        (Matcher::from("http_seconds"), 2.0),
    ];
    for builder in both_orders(&rules) {
        let builder = builder.default_buckets(&[9.0]);
        assert_eq!(chosen(builder, &names), [2.0, 3.0, 4.0, 9.0]);
    }
}

#[test]
fn longest_prefix_and_longest_suffix_apply() {
    let names = [
        "job_run_wait_ms",
        "job_wait_ms",
        "job_ms",
        "wait_ms",
        "a_ms",
    ];
    let rules = [
        (prefix("job_run"), 1.0),
        (prefix("job"), 2.0),
        (prefix("job_"), 3.0),
        (suffix("_ms"), 4.0),
        (suffix("wait_ms"), 5.0),
        (suffix("s"), 6.0),
    ];
    for builder in both_orders(&rules) {
        assert_eq!(chosen(builder, &names), [1.0, 3.0, 3.0, 5.0, 4.0]);
    }
}

#[test]
fn last_call_with_the_same_matcher_wins() {
    type Pair = fn(bool) -> Matcher;
    // As it is recorded and as it is exported: both are the same rule.
    let pairs: [Pair; 3] = [
        |raw| if raw { "a.b" } else { "a_b" }.into(),
        |raw| prefix(if raw { "a." } else { "a_" }),
        |raw| suffix(if raw { ".b" } else { "_b" }),
    ];
    for pair in pairs {
        for raw_last in [true, false] {
            let builder = quiet()
                .buckets_for(pair(!raw_last), &[1.0])
                .buckets_for(pair(raw_last), &[2.0]);
            assert_eq!(chosen(builder, &["a_b"]), [2.0], "{:?}", pair(raw_last));
        }
    }
    let twice = quiet().buckets(&[1.0]).buckets(&[2.0]);
    assert_eq!(bounds(&observed(twice, &[]), REQUESTS), [2.0]);
}

#[test]
fn matchers_compare_exported_names() {
    for (matcher, recorded, exported) in [
        (
            prefix("http.server."),
            "http.server.time",
            "http_server_time",
        ),
        (
            prefix("http_server_"),
            "http.server.time",
            "http_server_time",
        ),
        (
            prefix("http-server/"),
            "http.server.time",
            "http_server_time",
        ),
        (prefix("1st"), "1st.time", "_st_time"),
        (suffix(".time"), "http.server.time", "http_server_time"),
        (
            suffix("server-time"),
            "http.server.time",
            "http_server_time",
        ),
        // A digit is valid in a name, except at its beginning.
        (suffix("2xx"), "http.2xx", "http_2xx"),
        (suffix("99"), "http_p99", "http_p99"),
    ] {
        let builder = quiet().buckets_for(matcher.clone(), &[7.0]);
        let scrape = observed(builder, &[recorded]);
        assert_eq!(bounds(&scrape, exported), [7.0], "{matcher:?}");
    }
}

#[test]
fn prefix_and_suffix_keep_the_documented_buckets() {
    let builders = || {
        let matchers = [suffix("_duration_seconds"), prefix("mcp_"), prefix("m")];
        let apply = |matcher: Matcher| quiet().buckets_for(matcher, &[7.0]);
        matchers.map(apply)
    };
    for builder in builders() {
        let scrape = observed(builder, &["my_duration_seconds"]);
        assert_eq!(bounds(&scrape, REQUESTS), REQUEST_DURATION_BUCKETS);
    }
    // Histograms of the program that only share a part of the name are selected.
    let own = ["mcp_hub_own_duration_seconds", "mcp_hub_request_duration"];
    let builder = quiet().buckets_for(prefix("mcp_hub_"), &[7.0]);
    assert_eq!(chosen(builder, &own), [7.0, 7.0]);
    // Only the full name selects a documented histogram.
    for builder in builders() {
        let builder = builder.buckets_for(REQUESTS, &[8.0]);
        assert_eq!(bounds(&observed(builder, &[]), REQUESTS), [8.0]);
    }
}

#[test]
fn documented_buckets_that_are_kept_are_logged() {
    let logged = |text: &str| {
        let lines = log::lines("documented buckets kept");
        lines.iter().filter(|line| line.contains(text)).count()
    };
    drop(
        quiet()
            .buckets_for(suffix("b_request_duration_seconds"), &[7.0])
            .build(),
    );
    assert_eq!(logged(r#"Suffix("b_request_duration_seconds")"#), 1);
    assert_eq!(logged(r#"["mcp_hub_request_duration_seconds"]"#), 1);
    drop(quiet().buckets_for(prefix("logged_"), &[7.0]).build());
    assert_eq!(logged("logged_"), 0);
}

#[cfg(feature = "rmcp")]
#[test]
fn every_histogram_of_the_catalogue_keeps_its_buckets() {
    use mcp_metrics::catalog::{Kind, mcp};

    let histograms = mcp::FAMILIES.iter().filter(|it| it.kind == Kind::Histogram);
    let histograms: Vec<_> = histograms.collect();
    assert!(histograms.len() > 3);
    let (recorder, exporter) = quiet()
        .buckets_for(prefix("mcp_"), &[7.0])
        .buckets_for(suffix("s"), &[7.0])
        .default_buckets(&[7.0])
        .build()
        .expect("the configuration is valid");
    with_local_recorder(&recorder, || {
        for family in &histograms {
            let labels: Vec<_> = family.labels.iter().map(|label| (*label, "x")).collect();
            metrics::histogram!(family.name, &labels).record(1.0);
        }
    });
    let scrape = Scrape::parse(&exporter.render());
    for family in histograms {
        assert_eq!(
            bounds(&scrape, family.name),
            family.buckets,
            "{}",
            family.name
        );
    }
}
