//! Buckets and sums of other crates' histograms.

use mcp_metrics::catalog::DEFAULT_BUCKETS;
use mcp_metrics_tests::Scrape;
use mcp_metrics_tests::claims::sanitize;

use crate::{OPENMETRICS, TEXT, quiet, recorded, scrape};

#[test]
fn buckets_for_a_raw_name_apply_to_the_sanitised_one() {
    for (rule, name) in [
        ("http.server.duration", "http.server.duration"),
        ("http-server duration", "http.server.duration"),
        ("http_server_duration", "http-server-duration"),
        ("http.server.duration", "http_server_duration"),
        ("1st.duration", "1st.duration"),
        ("\u{fc}ber", "_ber"),
    ] {
        let exporter = recorded(quiet().buckets_for(rule, &[1.0, 2.0]), || {
            metrics::histogram!(name).record(1.5);
            metrics::histogram!("another").record(1.5);
        });
        let scrape = Scrape::parse(&exporter.render());
        let bounds = |name: &str| {
            let name = format!("{}_bucket", sanitize(name));
            scrape
                .select(&name, &[])
                .map(|(_, labels, n)| (labels["le"].clone(), *n))
                .collect()
        };
        let expected = [("1.0", 0.0), ("2.0", 1.0), ("+Inf", 1.0)];
        let found: Vec<_> = bounds(name);
        assert_eq!(found, expected.map(|(le, n)| (le.to_owned(), n)), "{rule}");
        assert_eq!(bounds("another").len(), DEFAULT_BUCKETS.len() + 1, "{rule}");
    }
}

#[test]
fn sum_that_may_decrease_is_omitted_from_openmetrics() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let usual: &[f64] = &[1.0, 5.0];
    let cases: [(&[f64], &[f64], bool); 14] = [
        (usual, &[], true),
        (usual, &[0.0], true),
        (usual, &[0.5, 7.0], true),
        (usual, &[inf], true),
        (&[0.0, 1.0], &[0.5], true),
        (usual, &[-5.0], false),
        (usual, &[-1.0, 5.0], false),
        (usual, &[5.0, -1.0, 5.0], false),
        (usual, &[nan], false),
        (usual, &[1.0, nan, 2.0], false),
        (usual, &[-inf], false),
        (usual, &[inf, -inf], false),
        (&[-1.0, 1.0], &[0.5], false),
        (&[-5.0, -1.0], &[], false),
    ];
    for (bounds, values, has_sum) in cases {
        let exporter = recorded(quiet().buckets_for("delta", bounds), || {
            metrics::histogram!("delta", "series" => "good").record_many(0.5, 2);
            let delta = metrics::histogram!("delta", "series" => "tested");
            for value in values {
                delta.record(*value);
            }
        });
        let (text, open) = (scrape(&exporter, TEXT), scrape(&exporter, OPENMETRICS));
        let (context, labels) = (format!("{bounds:?} {values:?}"), [("series", "tested")]);
        let count = f64::from(u32::try_from(values.len()).expect("a few"));
        assert_eq!(text.value("delta_count", &labels), count, "{context}");
        let (sum, found) = (values.iter().sum::<f64>(), text.value("delta_sum", &labels));
        assert!(
            sum == found || sum.is_nan() && found.is_nan(),
            "{context}: {found}"
        );
        for name in ["delta_sum", "delta_count"] {
            assert_eq!(
                open.get(name, &labels).is_some(),
                has_sum,
                "{name} {context}"
            );
            // Only negative bounds concern the other series of the family.
            let other = open.get(name, &[("series", "good")]);
            assert_eq!(other.is_some(), bounds[0] >= 0.0, "{name} {context}");
        }
        let buckets = |scrape: &Scrape| {
            scrape
                .select("delta_bucket", &[])
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(buckets(&open), buckets(&text), "{context}");
        assert_eq!(buckets(&open).len(), 2 * (bounds.len() + 1), "{context}");
    }
}
