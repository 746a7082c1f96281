//! Programs whose names, labels, values and help texts are hard to export.

use mcp_metrics::track_request;

use super::programs::{Program, program};

/// Label values that contain the syntax of the formats.
const HOSTILE: [&str; 23] = [
    "\"",
    "\\",
    "\\\\",
    "\\\"",
    "\\n",
    "\n",
    "a\\",
    "}",
    "{",
    "},{",
    "} 1",
    "{count:1,sum:2}",
    " # {} 1",
    "# EOF\n",
    "=\"",
    "\r",
    "\r\n",
    "\t",
    " ",
    "\u{0}",
    "\u{85}\u{2028}",
    "\u{feff}\u{1f980}",
    "+Inf",
];

pub(super) const PROGRAMS: [Program; 15] = [
    program(
        "labels of buckets and quantiles",
        || {
            for (le, n) in [("0.1", 3), ("1", 5), ("+Inf", 9), ("low", 2)] {
                metrics::counter!("db_wait_seconds_bucket", "le" => le).absolute(n);
                metrics::gauge!("pool_level", "le" => le).set(2.0);
                metrics::gauge!("pool_share", "quantile" => le).set(2.0);
                metrics::counter!("pool_waits_total", "quantile" => le, "le" => le).absolute(n);
                metrics::histogram!("pool_seconds", "quantile" => le, "le" => le).record(0.1);
            }
        },
        &[
            ("db_wait_seconds_bucket", &[("le", "1")], 5.0),
            ("pool_level", &[("le", "low")], 2.0),
        ],
        &[],
    ),
    program(
        "buckets for recorded names",
        || {
            metrics::describe_histogram!("http.server.duration", "Seconds it takes.");
            metrics::histogram!("http.server.duration").record(1.5);
        },
        &[("http_server_duration_bucket", &[("le", "2.0")], 1.0)],
        &[],
    )
    .with(|builder| builder.buckets_for("http.server.duration", &[1.0, 2.0])),
    program(
        "negative observations",
        || {
            metrics::histogram!("delta").record(-5.0);
            metrics::histogram!("drift", "of" => "both").record(-1.0);
            metrics::histogram!("drift", "of" => "both").record(5.0);
            metrics::histogram!("drift", "of" => "none").record(0.5);
            metrics::histogram!("abyss").record(f64::NEG_INFINITY);
        },
        &[
            ("delta_sum", &[], -5.0),
            ("drift_sum", &[("of", "both")], 4.0),
        ],
        &[],
    ),
    program(
        "observations that are not finite",
        || {
            metrics::histogram!("nan_seconds").record(f64::NAN);
            metrics::histogram!("void_seconds", "of" => "nan").record_many(f64::NAN, 0);
            metrics::histogram!("void_seconds", "of" => "inf").record_many(f64::INFINITY, 0);
            metrics::histogram!("ends_seconds").record(f64::INFINITY);
            metrics::histogram!("ends_seconds", "of" => "both").record(f64::INFINITY);
            metrics::histogram!("ends_seconds", "of" => "both").record(f64::NEG_INFINITY);
            metrics::histogram!("huge_seconds").record_many(f64::MAX, 3);
        },
        &[
            ("nan_seconds_count", &[], 1.0),
            ("ends_seconds_sum", &[], f64::INFINITY),
        ],
        &[],
    ),
    program(
        "negative bounds",
        || {
            metrics::histogram!("change").record(0.5);
            metrics::histogram!("change", "of" => "none").record_many(0.5, 0);
            metrics::histogram!("fall").record(-7.0);
        },
        &[
            ("change_sum", &[], 0.5),
            ("change_bucket", &[("le", "-1.0")], 0.0),
        ],
        &[],
    )
    .with(|builder| builder.default_buckets(&[-5.0, -1.0, 1.0])),
    program(
        "bounds of all sizes",
        || metrics::histogram!("bounds").record(0.5),
        &[],
        &[],
    )
    .with(|builder| {
        builder.default_buckets(&[
            0.0,
            5e-324,
            2.5e-7,
            1e-5,
            1e-4,
            0.1 + 0.2,
            1.0,
            999_999.0,
            1e6,
            1_234_567.5,
            1e21,
            f64::MAX,
        ])
    }),
    program(
        "empty labels",
        || {
            metrics::counter!("hits_total").increment(5);
            metrics::counter!("hits_total", "tenant" => "").increment(4);
            metrics::counter!("hits_total", "tenant" => "", "zone" => "a").increment(2);
            metrics::gauge!("ln", "x" => "").set(1.0);
            metrics::histogram!("hit_seconds", "tenant" => "").record(1.0);
            track_request("", "").run(|| ());
        },
        &[
            ("hits_total", &[], 9.0),
            ("hits_total", &[("zone", "a")], 2.0),
        ],
        &[],
    )
    .with(|builder| builder.global_label("zone", "").global_label("region", "")),
    program(
        "names that become equal",
        || {
            metrics::gauge!("queue.depth").set(1.0);
            metrics::gauge!("queue_depth").set(2.0);
            metrics::counter!("queue.hits").increment(1);
            metrics::counter!("queue-hits").increment(2);
        },
        &[("queue_depth", &[], 2.0), ("queue_hits", &[], 3.0)],
        &[],
    ),
    program(
        "hostile label values",
        || {
            for (index, value) in HOSTILE.into_iter().enumerate() {
                metrics::counter!("values_total", "value" => value).increment(index as u64);
                metrics::gauge!("values", "value" => value, "z" => "z").set(1.0);
                metrics::histogram!("value_seconds", "value" => value).record(0.5);
                track_request(value, value).run(|| ());
            }
        },
        &[],
        &["values"],
    ),
    program(
        "hostile label names",
        || {
            metrics::gauge!("names", "" => "1").set(1.0);
            metrics::gauge!("names", "__name__" => "up", "exported__name__" => "up").set(2.0);
            metrics::gauge!("names", "a.b" => "1", "a_b" => "2", "1st" => "3").set(3.0);
            metrics::gauge!("names", "job" => "mine", "instance" => "mine").set(4.0);
            metrics::gauge!("names", "\u{fc}" => "1", "A:b" => "2").set(5.0);
            metrics::histogram!("name_seconds", "le" => "1", "exported_le" => "2").record(0.5);
            metrics::histogram!("name_seconds", "__le" => "1", "quantile" => "2").record(0.5);
        },
        &[("names", &[("_", "1")], 1.0)],
        &[],
    ),
    program(
        "hostile global labels",
        || {
            metrics::counter!("global_total", "region" => "mine").increment(1);
            metrics::histogram!("global_seconds").record(0.5);
            track_request("a", "run").run(|| ());
        },
        &[],
        &[],
    )
    .with(|builder| {
        let builder = builder
            .global_label("le", "1")
            .global_label("__name__", "up");
        let builder = builder
            .global_label("region", HOSTILE.concat())
            .global_label("a.b", "\\");
        builder
            .global_label("quantile", "0.5")
            .global_label("", "\"")
    }),
    program(
        "hostile help texts",
        || {
            let texts = [
                "",
                " ",
                "  two  ",
                "\"",
                "say \"hi",
                "\\",
                "\\\"",
                "a\nb",
                "# EOF",
                "\t",
                "counter",
                "\u{1f980}",
            ];
            for (index, text) in texts.into_iter().enumerate() {
                metrics::describe_counter!(format!("help{index}_total"), text);
                metrics::counter!(format!("help{index}_total")).increment(1);
                metrics::describe_gauge!(format!("help{index}_gauge"), metrics::Unit::Bytes, text);
                metrics::gauge!(format!("help{index}_gauge")).set(1.0);
                metrics::describe_histogram!(format!("help{index}_seconds"), text);
                metrics::histogram!(format!("help{index}_seconds")).record(1.0);
            }
        },
        &[("help0_total", &[], 1.0)],
        &[],
    ),
    program(
        "hostile names",
        || {
            let long = "n".repeat(2_000);
            for name in [
                "1st",
                "a b",
                "\u{fc}\u{fc}",
                "HELP",
                "# EOF",
                "NaN",
                ":",
                "a:b",
                "\"q\"",
                "l{a=\"b\"}",
                "\n",
                &long,
            ] {
                metrics::counter!(format!("{name}.c")).increment(1);
                metrics::gauge!(format!("{name}.g")).set(1.0);
                metrics::histogram!(format!("{name}.h")).record(1.0);
            }
        },
        &[("a:b_c", &[], 1.0), ("_st_g", &[], 1.0)],
        &[],
    ),
    program(
        "extreme values",
        || {
            let values = [
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -0.0,
                f64::MAX,
                f64::MIN,
                5e-324,
                0.1 + 0.2,
            ];
            for (index, value) in values.into_iter().enumerate() {
                metrics::gauge!("extremes", "of" => index.to_string()).set(value);
            }
            metrics::counter!("most_total").absolute(u64::MAX);
            metrics::counter!("none_total").increment(0);
        },
        &[("none_total", &[], 0.0)],
        &[],
    ),
    program(
        "label sets above the limit",
        || {
            for n in 0..10 {
                metrics::counter!("over_total", "a" => n.to_string(), "b" => "").increment(1);
                metrics::gauge!("over_level", "le" => n.to_string()).set(1.0);
                metrics::histogram!("over_seconds", "le" => n.to_string()).record(1.0);
                track_request(n.to_string(), "run").run(|| ());
            }
        },
        &[
            ("over_total", &[("a", "other")], 8.0),
            ("over_seconds_count", &[("exported_le", "other")], 8.0),
        ],
        &[],
    )
    .with(|builder| builder.label_limit(2)),
];
