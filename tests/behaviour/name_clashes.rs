//! Families whose exposition names clash, compared with the rules in `mcp_metrics_tests::claims`.

#[path = "name_clashes/run.rs"]
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Barrier, OnceLock};
use std::thread;

use mcp_metrics::catalog::{self, Kind};
use mcp_metrics_tests::Scrape;
use mcp_metrics_tests::claims::{self, Claims, Format, KINDS, Registration, sanitize};
use metrics::with_local_recorder;

use run::{Run, assert_same, build, register, scrape, warnings};

/// The suffixes of family names.
const SUFFIXES: [&str; 20] = [
    "",
    "_total",
    "_created",
    "_bucket",
    "_sum",
    "_count",
    "_info",
    "_gcount",
    "_gsum",
    "_total_total",
    "_total_created",
    "_total_count",
    "_created_total",
    "_bucket_total",
    "_sum_total",
    "_count_total",
    "_count_bucket",
    "_count_created",
    "_info_total",
    "_seconds",
];

/// Recorded to the first family of a pair.
const FIRST: u32 = 3;
/// Recorded to the second one.
const SECOND: u32 = 7;

/// All pairs of kinds and suffixes in both orders.
fn pairs() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let pairs = claims::pairs("p", &SUFFIXES);
        let values = [FIRST, SECOND];
        let families = pairs
            .into_iter()
            .flat_map(|pair| pair.into_iter().zip(values));
        Run::new(families.collect())
    })
}

#[test]
fn second_family_with_a_claimed_name_is_not_in_the_text_format() {
    pairs().assert_exported(Format::Text);
}

#[test]
fn second_family_with_a_claimed_name_is_not_in_openmetrics() {
    pairs().assert_exported(Format::OpenMetrics);
}

#[test]
fn rejected_families_are_each_logged_once() {
    pairs().assert_warned();
}

#[test]
fn rejected_family_claims_no_names() {
    // Families in an order without a pattern, up to eight under each base.
    let mut state = 0x2545_f491_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    };
    let mut families = Vec::<(Registration, u32)>::new();
    for base in 0..400 {
        for _ in 0..8 {
            let name = format!("s{base}{}", SUFFIXES[random(SUFFIXES.len())]);
            let kind = KINDS[random(KINDS.len())];
            if families.iter().all(|(family, _)| family.name != name) {
                families.push((Registration::new(kind, name), 1));
            }
        }
    }
    let run = Run::new(families);
    run.assert_exported(Format::Text);
    run.assert_exported(Format::OpenMetrics);
    run.assert_warned();
}

#[test]
fn hub_family_keeps_its_names_against_every_kind() {
    let hub = || catalog::FAMILIES.iter().chain(catalog::EXPORTER_FAMILIES);
    let mut expected = BTreeMap::<String, usize>::new();
    for kind in KINDS {
        let names = hub().flat_map(|family| {
            let stem = family.name.trim_end_matches("_total");
            SUFFIXES.map(|suffix| format!("{stem}{suffix}"))
        });
        let names: BTreeSet<_> = names.collect();
        // The same name and kind is a registration of the hub's family itself.
        let foreign = |name: &String| hub().all(|it| (it.name, it.kind) != (name, kind));
        let families = names
            .into_iter()
            .filter(foreign)
            .map(|it| Registration::new(kind, it));
        let families: Vec<_> = families.map(|it| (it, FIRST)).collect();
        let (recorder, exporter) = build();
        // Not over HTTP, which is recorded itself.
        let render = || Scrape::parse(&exporter.render());
        let before = render();
        register(&recorder, &families);
        let (after, mut claims) = (render(), Claims::of_the_hub());
        for (family, value) in families {
            let shown = family.samples(value, Format::Text);
            let shown = shown.keys().all(|(name, labels)| {
                let of = |scrape: &Scrape| {
                    let mut samples = scrape.samples.iter();
                    samples.any(|it| (&it.0, &it.1) == (name, labels))
                };
                of(&after) && !of(&before)
            });
            let admitted = claims.admit(&family);
            assert_eq!(shown, admitted, "{family:?}");
            *expected.entry(family.name).or_default() += usize::from(!admitted);
        }
        for family in hub() {
            assert_eq!(after.kind.get(family.name), before.kind.get(family.name));
        }
    }
    let warnings = warnings();
    let found = expected
        .keys()
        .map(|name| (name.clone(), *warnings.get(name).unwrap_or(&0)));
    assert_same(&found.collect(), &expected, "warnings");
}

#[test]
fn counter_without_a_stem_is_unknown_in_openmetrics() {
    for name in ["_total", ".total", "-total", "?total"] {
        let run = Run::new(vec![
            (Registration::new(Kind::Counter, name), FIRST),
            // Its OpenMetrics name does not take that of another family either.
            (Registration::new(Kind::Counter, "total"), SECOND),
            (Registration::new(Kind::Gauge, "_"), SECOND),
        ]);
        run.assert_exported(Format::Text);
        run.assert_exported(Format::OpenMetrics);
        assert_eq!(sanitize(name), "_total");
        assert_eq!(run.openmetrics.kind["_total"], "unknown", "{name}");
        assert!(run.text.kind.contains_key("_total"), "{name}");
    }
}

#[test]
fn names_that_clash_once_sanitised_are_rejected() {
    let families = [
        (Kind::Histogram, "a.latency"),
        (Kind::Gauge, "a_latency.count"),
        (Kind::Counter, "b.hits"),
        (Kind::Gauge, "b-hits total"),
        (Kind::Gauge, "\u{fc}.c"),
        (Kind::Counter, "__c/total"),
        (Kind::Histogram, "1d"),
        (Kind::Counter, "_d-bucket"),
        (Kind::Gauge, "e.sum"),
        (Kind::Histogram, "e"),
        (Kind::Counter, "f/total"),
        (Kind::Histogram, "f"),
        (Kind::Counter, ""),
        (Kind::Gauge, "__total"),
        (Kind::Gauge, "g:x"),
        (Kind::Counter, "g:x.total"),
    ];
    let families = families.map(|(kind, name)| (Registration::new(kind, name), FIRST));
    let run = Run::new(families.into());
    assert!(run.admitted.iter().step_by(2).all(|admitted| *admitted));
    assert!(
        run.admitted
            .iter()
            .skip(1)
            .step_by(2)
            .all(|admitted| !admitted)
    );
    run.assert_exported(Format::Text);
    run.assert_exported(Format::OpenMetrics);
}

#[test]
fn description_claims_no_names() {
    let (recorder, exporter) = build();
    with_local_recorder(&recorder, || {
        metrics::describe_counter!("described", "As a counter.");
        metrics::describe_histogram!("described_total", "As a histogram.");
        metrics::histogram!("described").record(1.0);
        metrics::gauge!("described_total").set(5.0);
    });
    for format in [Format::Text, Format::OpenMetrics] {
        let scrape = scrape(&exporter, format);
        assert_eq!(scrape.value("described_count", &[]), 1.0, "{format:?}");
        assert_eq!(scrape.value("described_total", &[]), 5.0, "{format:?}");
        assert_eq!(scrape.kind["described"], "histogram");
        assert_eq!(scrape.kind["described_total"], "gauge");
    }
}

#[test]
fn racing_registrations_export_one_family_of_each_pair() {
    const ROUNDS: u32 = 300;
    let (recorder, exporter) = build();
    let barrier = Barrier::new(2);
    let pair = |round: u32| {
        let kind = KINDS[round as usize % 3];
        let (base, other) = (format!("race{round}"), KINDS[(round / 3) as usize % 3]);
        let first = Registration::new(kind, base.clone());
        let mut clashing = first.claims().into_iter().filter(|name| *name != base);
        let second = clashing.next_back().unwrap_or_else(|| base.clone());
        let other = if second == first.name && other == kind {
            Kind::Histogram
        } else {
            other
        };
        [first, Registration::new(other, second)]
    };
    thread::scope(|scope| {
        for index in 0..2 {
            let (recorder, barrier) = (&recorder, &barrier);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let family = &pair(round)[index];
                    barrier.wait();
                    with_local_recorder(recorder, || family.record(1));
                }
            });
        }
    });
    let text = scrape(&exporter, Format::Text);
    for round in 0..ROUNDS {
        let pair = pair(round);
        let shown = |it: &&Registration| {
            text.kind
                .get(&it.name)
                .is_some_and(|kind| kind == it.kind.as_str())
        };
        assert_eq!(pair.iter().filter(shown).count(), 1, "{pair:?}");
        let samples = text.samples.iter().filter(|(name, ..)| {
            name.strip_prefix(&pair[0].name)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        });
        let expected = pair
            .iter()
            .filter(shown)
            .flat_map(|it| it.samples(1, Format::Text));
        assert_eq!(samples.count(), expected.count(), "{pair:?}");
    }
}
