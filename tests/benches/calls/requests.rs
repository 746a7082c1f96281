//! Ways to make the five recordings of a request.

use mcp_metrics_benches::{Bar, sum};

use crate::measure::{APART, Measure, ONE, TOGETHER, Threads, Times};
use crate::way::{Way, durations, durations_of_all_agents};
use crate::{AGENTS, autometrics, exporter, limits, prometheus, prometheus_client, tracked};

/// Instantiates a function of a way for each of two callsites.
macro_rules! both {
    ($module:ident :: $function:ident) => {
        [$module::$function::<0>, $module::$function::<1>]
    };
}

const UNTRACKED: Way = Way::new("no tracking", both!(limits::untracked));
const TOO_EARLY: Way = Way::new("#[tracked] without a recorder", tracked::TRACKED_TOO_EARLY);
const LIMIT_A: Way = Way::new(
    "limit A: standard clock, shared atomics",
    both!(limits::std_clock_shared_atomics),
);
const LIMIT_B: Way = Way::new(
    "limit B: quanta, shared atomics",
    both!(limits::quanta_shared_atomics),
);
const LIMIT_C: Way = Way::new(
    "limit C: quanta, each thread's own cells",
    both!(limits::quanta_own_cells),
);
const LIMIT_D: Way = Way::new(
    "limit D: raw time stamp counter, each thread's own cells",
    both!(limits::raw_own_cells),
);
pub(crate) const TRACKED: Way = Way::new("#[tracked], literal labels", tracked::TRACKED)
    .counted(|| durations(&tracked::EXPORTER.render(), "tracked"));
const ASYNC: Way = Way::new("#[tracked] async, ready at once", tracked::ASYNC)
    .counted(|| durations(&tracked::EXPORTER.render(), "async"));
pub(crate) const FAILING: Way = Way::new("#[tracked], failing", tracked::FAILING)
    .counted(|| durations(&tracked::EXPORTER.render(), "failing"));
const DYNAMIC: Way = Way::new(
    "#[tracked], labels chosen per call",
    both!(tracked::dynamic),
)
.counted(|| durations_of_all_agents(&tracked::EXPORTER.render()));
const OWNED: Way = Way::new(
    "#[tracked], labels formatted per call",
    both!(tracked::owned),
)
.counted(|| {
    let text = tracked::EXPORTER.render();
    let agents = AGENTS.iter();
    agents
        .map(|agent| durations(&text, &format!("owned {agent}")))
        .sum()
});
const BY_FUNCTION: Way = Way::new("track_request, kept strings", both!(tracked::by_function))
    .counted(|| durations(&tracked::EXPORTER.render(), "by function"));
const LOCALLY: Way = Way::new("#[tracked], local recorder", tracked::TRACKED_LOCALLY)
    .under(Some(exporter::local))
    .counted(|| durations(&exporter::text(), "tracked locally"));
const BY_HAND: Way = Way::new("our recorder, kept handles", both!(tracked::by_hand))
    .counted(|| durations(&tracked::EXPORTER.render(), "by hand"));
const EXPORTER_KEPT: Way = Way::new("metrics + exporter, kept handles", both!(exporter::kept))
    .counted(|| durations(&exporter::text(), "kept handles"));
const EXPORTER_LITERALS: Way = Way::new("metrics + exporter, literal labels", exporter::LITERALS)
    .under(Some(exporter::local))
    .counted(|| durations(&exporter::text(), "literals"));
const EXPORTER_DYNAMIC: Way = Way::new(
    "metrics + exporter, labels chosen per call",
    both!(exporter::dynamic),
)
.under(Some(exporter::local))
.counted(|| durations_of_all_agents(&exporter::text()));
const PROMETHEUS_KEPT: Way = Way::new("prometheus, kept handles", both!(prometheus::kept))
    .counted(|| durations(&prometheus::text(), "kept handles"));
const PROMETHEUS_DYNAMIC: Way =
    Way::new("prometheus, with_label_values", both!(prometheus::dynamic))
        .counted(|| durations_of_all_agents(&prometheus::text()));
const CLIENT_KEPT: Way = Way::new(
    "prometheus-client, kept handles",
    both!(prometheus_client::kept),
)
.counted(|| durations(&prometheus_client::text(), "kept handles"));
const CLIENT_DYNAMIC: Way = Way::new(
    "prometheus-client, get_or_create",
    both!(prometheus_client::dynamic),
)
.counted(|| durations_of_all_agents(&prometheus_client::text()));
const AUTOMETRICS: Way = Way::new("#[autometrics], prometheus backend", autometrics::CALLS)
    .counted(|| {
        let name = "function_calls_duration_seconds_count";
        sum(&autometrics::text(), name, &[])
    });

const WAYS: [Way; 21] = [
    UNTRACKED,
    LIMIT_A,
    LIMIT_B,
    LIMIT_C,
    LIMIT_D,
    TRACKED,
    ASYNC,
    FAILING,
    DYNAMIC,
    OWNED,
    BY_FUNCTION,
    LOCALLY,
    BY_HAND,
    EXPORTER_KEPT,
    EXPORTER_LITERALS,
    EXPORTER_DYNAMIC,
    PROMETHEUS_KEPT,
    PROMETHEUS_DYNAMIC,
    CLIENT_KEPT,
    CLIENT_DYNAMIC,
    AUTOMETRICS,
];

/// Measures calls without a recorder. Must run before a recorder is installed, because that cannot
/// be undone.
pub(crate) fn without_recorder(measure: &mut Measure) -> Bar {
    let times = measure.run(&ONE, &[UNTRACKED, TOO_EARLY]);
    Bar {
        what: format!(
            "{} − {}, in ns; {}",
            TOO_EARLY.name, UNTRACKED.name, ONE.name
        ),
        most: 5.0,
        measured: times.difference(&TOO_EARLY, &UNTRACKED),
    }
}

pub(crate) fn compare(measure: &mut Measure) -> Vec<Bar> {
    let [one, together, apart] = [&ONE, &TOGETHER, &APART].map(|threads| {
        let times = measure.run(threads, &WAYS);
        print(threads, &times);
        times
    });
    let bar = |threads: &Threads, times: &Times, a: &Way, b: &Way, most| Bar {
        what: format!("{} ÷ {}; {}", a.name, b.name, threads.name),
        most,
        measured: times.ratio(a, b),
    };
    vec![
        bar(&ONE, &one, &TRACKED, &LIMIT_C, 1.4),
        bar(&TOGETHER, &together, &TRACKED, &LIMIT_C, 1.4),
        bar(&APART, &apart, &TRACKED, &LIMIT_C, 1.4),
        bar(&ONE, &one, &TRACKED, &LIMIT_D, 1.4),
        bar(&TOGETHER, &together, &TRACKED, &LIMIT_D, 1.4),
        bar(&APART, &apart, &TRACKED, &LIMIT_D, 1.4),
        bar(&ONE, &one, &TRACKED, &CLIENT_KEPT, 0.5),
        bar(&ONE, &one, &TRACKED, &AUTOMETRICS, 0.15),
        bar(&TOGETHER, &together, &TRACKED, &AUTOMETRICS, 0.1),
        bar(&ONE, &one, &ASYNC, &TRACKED, 1.3),
        bar(&ONE, &one, &DYNAMIC, &PROMETHEUS_DYNAMIC, 1.0),
        bar(&TOGETHER, &together, &DYNAMIC, &PROMETHEUS_DYNAMIC, 1.0),
    ]
}

fn print(threads: &Threads, times: &Times) {
    println!("\n## {}\n", threads.name);
    println!("| way | ns a call | ÷ limit C | tracked ÷ this |");
    println!("|---|--:|--:|--:|");
    for way in &WAYS {
        println!(
            "| {} | {:.1} | {:.2} | {:.2} |",
            way.name,
            times.median(way),
            times.ratio(way, &LIMIT_C),
            times.ratio(&TRACKED, way),
        );
    }
}
