//! What a tracked call costs, next to the same recordings made in other ways.
//!
//! ```sh
//! cargo bench -p mcp-metrics-benches --bench calls
//! ```
//!
//! Each way wraps the same trivial function and records the same: a request started, one more under
//! way, how long it took in the hub's buckets, its success, one less under way. All ways take turns
//! in each round, in one process, so that whatever else the machine does meets them all; what is
//! compared are ratios of times of the same round, of which the median is printed. The times
//! themselves belong to the machine. At the end, what each way has counted is checked.
//!
//! `-- --rounds N` sets how often, `--milliseconds N` how long each way is measured in a round;
//! `--check` fails if a bar is not met.

mod autometrics;
mod exporter;
mod limits;
mod ours;
mod prometheus;
mod prometheus_client;
mod python;

use std::hint::{black_box, spin_loop};
use std::process::ExitCode;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use mcp_metrics::ErrorType;
use mcp_metrics_benches::{Bar, float, median, option, sum, verdict};
use rustix::time::{ClockId, clock_gettime};

/// A function as each way makes it.
type Call = fn(u32) -> Result<u32, Refused>;

#[derive(Debug, ErrorType)]
enum Refused {
    TooMuch,
}

// What autometrics asks of an error, so that it can print it.
impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too much")
    }
}

/// What is tracked.
#[inline]
fn work(n: u32) -> Result<u32, Refused> {
    if n == u32::MAX {
        refuse(n)
    } else {
        Ok(black_box(n))
    }
}

/// What is tracked when every call is to fail.
#[inline]
fn refuse(n: u32) -> Result<u32, Refused> {
    black_box(n);
    Err(Refused::TooMuch)
}

/// Labels for the ways that make them in each call.
const AGENTS: [&str; 4] = ["planner", "web_search", "llm_processor", "code_runner"];
const OPERATIONS: [&str; 2] = ["first", "second"];

#[derive(Clone)]
struct Way {
    name: &'static str,
    /// Of two call sites, which have nothing in common but the way.
    calls: [Call; 2],
    /// Called under the plain exporter's recorder, instead of ours.
    under_exporter: bool,
    /// How many durations it has recorded, if it can tell.
    counted: Option<fn() -> f64>,
}

impl Way {
    const fn new(name: &'static str, calls: [Call; 2]) -> Self {
        Self {
            name,
            calls,
            under_exporter: false,
            counted: None,
        }
    }

    const fn under_exporter(mut self) -> Self {
        self.under_exporter = true;
        self
    }

    const fn counted(mut self, counted: fn() -> f64) -> Self {
        self.counted = Some(counted);
        self
    }
}

/// How many durations the agent's histograms hold.
fn durations(text: &str, agent: &str) -> f64 {
    let name = "mcp_hub_request_duration_seconds_count";
    sum(text, name, &[("agent", agent)])
}

fn durations_of_all_agents(text: &str) -> f64 {
    AGENTS.iter().map(|agent| durations(text, agent)).sum()
}

fn by_exporter() -> String {
    exporter::RECORDER.handle().render()
}

/// A function of a way, for each of two call sites.
macro_rules! both {
    ($module:ident :: $function:ident) => {
        [$module::$function::<0>, $module::$function::<1>]
    };
}

const UNTRACKED: Way = Way::new("no tracking", both!(limits::untracked));
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
const TRACKED: Way = Way::new("#[tracked], literal labels", ours::TRACKED)
    .counted(|| durations(&ours::EXPORTER.render(), "tracked"));
const ASYNC: Way = Way::new("#[tracked] async, ready at once", ours::ASYNC)
    .counted(|| durations(&ours::EXPORTER.render(), "async"));
const FAILING: Way = Way::new("#[tracked], failing", ours::FAILING)
    .counted(|| durations(&ours::EXPORTER.render(), "failing"));
const DYNAMIC: Way = Way::new("#[tracked], labels chosen per call", both!(ours::dynamic))
    .counted(|| durations_of_all_agents(&ours::EXPORTER.render()));
const OWNED: Way =
    Way::new("#[tracked], labels formatted per call", both!(ours::owned)).counted(|| {
        let text = ours::EXPORTER.render();
        let agents = AGENTS.iter();
        agents
            .map(|agent| durations(&text, &format!("owned {agent}")))
            .sum()
    });
const BY_FUNCTION: Way = Way::new("track_request, kept strings", both!(ours::by_function))
    .counted(|| durations(&ours::EXPORTER.render(), "by function"));
const LOCALLY: Way = Way::new("#[tracked], local recorder", ours::TRACKED_LOCALLY)
    .under_exporter()
    .counted(|| durations(&by_exporter(), "tracked locally"));
const BY_HAND: Way = Way::new("our recorder, kept handles", both!(ours::by_hand))
    .counted(|| durations(&ours::EXPORTER.render(), "by hand"));
const EXPORTER_KEPT: Way = Way::new("metrics + exporter, kept handles", both!(exporter::kept))
    .counted(|| durations(&by_exporter(), "kept handles"));
const EXPORTER_LITERALS: Way = Way::new("metrics + exporter, literal labels", exporter::LITERALS)
    .under_exporter()
    .counted(|| durations(&by_exporter(), "literals"));
const EXPORTER_DYNAMIC: Way = Way::new(
    "metrics + exporter, labels chosen per call",
    both!(exporter::dynamic),
)
.under_exporter()
.counted(|| durations_of_all_agents(&by_exporter()));
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
        sum(
            &autometrics::text(),
            "function_calls_duration_seconds_count",
            &[],
        )
    });

const WAYS: [Way; 20] = [
    UNTRACKED,
    LIMIT_A,
    LIMIT_B,
    LIMIT_C,
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

/// Which site each thread calls.
struct Threads {
    name: &'static str,
    sites: &'static [usize],
}

const ONE: Threads = Threads {
    name: "1 thread",
    sites: &[0],
};
const TOGETHER: Threads = Threads {
    name: "2 threads, same call site",
    sites: &[0, 0],
};
const APART: Threads = Threads {
    name: "2 threads, a call site each",
    sites: &[0, 1],
};

/// Times of some ways, taken in turns.
struct Times {
    /// By way, then by round; nanoseconds a call.
    rounds: Vec<(&'static str, Vec<f64>)>,
}

impl Times {
    fn of(&self, way: &Way) -> &[f64] {
        let mut rounds = self.rounds.iter();
        let found = rounds.find(|(name, _)| *name == way.name);
        &found.expect("it was measured").1
    }

    fn median(&self, way: &Way) -> f64 {
        median(self.of(way).iter().copied())
    }

    fn ratio(&self, a: &Way, b: &Way) -> f64 {
        median(self.of(a).iter().zip(self.of(b)).map(|(a, b)| a / b))
    }

    fn difference(&self, a: &Way, b: &Way) -> f64 {
        median(self.of(a).iter().zip(self.of(b)).map(|(a, b)| a - b))
    }
}

/// How often a measurement is tried that other programs disturb.
const ATTEMPTS: u32 = 20;

/// What one thread took for its calls.
struct Run {
    elapsed: Duration,
    processor: Duration,
}

impl Run {
    /// Whether it could run all the time.
    fn had_a_processor(&self) -> bool {
        self.processor.as_secs_f64() > 0.97 * self.elapsed.as_secs_f64()
    }
}

/// All threads make their calls at the same time.
fn run(threads: &Threads, way: &Way, calls: u32) -> Vec<Run> {
    let ready = AtomicUsize::new(0);
    let loops = |call: Call| {
        // Not a barrier, from which one thread would be woken long after the other.
        ready.fetch_add(1, Relaxed);
        while ready.load(Relaxed) < threads.sites.len() {
            spin_loop();
        }
        let (start, processor) = (Instant::now(), processor_time());
        for n in 0..calls {
            let _ = black_box(black_box(call)(black_box(n)));
        }
        Run {
            processor: processor_time().saturating_sub(processor),
            elapsed: start.elapsed(),
        }
    };
    let run = |site: usize| {
        let call = way.calls[site];
        if way.under_exporter {
            metrics::with_local_recorder(&*exporter::RECORDER, || loops(call))
        } else {
            loops(call)
        }
    };
    thread::scope(|scope| {
        let run = &run;
        let sites = threads.sites.iter();
        let threads: Vec<_> = sites.map(|site| scope.spawn(move || run(*site))).collect();
        let runs = threads.into_iter().map(thread::ScopedJoinHandle::join);
        runs.map(|run| run.expect("no call panics")).collect()
    })
}

/// How long this thread has run on a processor.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.try_into().expect("it is not negative")
}

/// Measures ways in turns, and keeps count of the calls.
struct Measure {
    rounds: usize,
    time: Duration,
    calls: Vec<(&'static str, u32)>,
    made: Vec<(&'static str, f64)>,
    samples: u32,
    disturbed: u32,
}

impl Measure {
    fn new() -> Self {
        Self {
            rounds: option("--rounds").unwrap_or(41),
            time: Duration::from_millis(option("--milliseconds").unwrap_or(3)),
            calls: Vec::new(),
            made: Vec::new(),
            samples: 0,
            disturbed: 0,
        }
    }

    fn run(&mut self, threads: &Threads, ways: &[Way]) -> Times {
        self.calls = ways
            .iter()
            .map(|way| (way.name, self.enough(threads, way)))
            .collect();
        let mut rounds: Vec<_> = ways.iter().map(|way| (way.name, Vec::new())).collect();
        for round in 0..self.rounds {
            for turn in 0..ways.len() {
                // Nobody is always the first. (Seven has no divisor in common with their number.)
                let turn = (turn * 7 + round) % ways.len();
                let calls = self.calls[turn].1;
                let time = self.once(threads, &ways[turn], calls);
                rounds[turn].1.push(time);
            }
        }
        Times { rounds }
    }

    /// How many calls fill the time that a measurement may take; the way is warm afterwards.
    fn enough(&mut self, threads: &Threads, way: &Way) -> u32 {
        let mut calls = 1_000;
        loop {
            let nanoseconds = self.once(threads, way, calls) * f64::from(calls);
            if nanoseconds >= self.time.as_secs_f64() * 1e9 / 2.0 {
                return calls * 2;
            }
            calls *= 2;
        }
    }

    /// Nanoseconds a call, on all threads at once.
    ///
    /// Where another program took a processor away meanwhile, it is measured again: threads that
    /// do not run at the same time are not in each other's way.
    fn once(&mut self, threads: &Threads, way: &Way, calls: u32) -> f64 {
        let mut time = f64::NAN;
        for _ in 0..ATTEMPTS {
            let runs = run(threads, way, calls);
            exporter::RECORDER.handle().run_upkeep();
            let count = float(runs.len());
            self.note(way, f64::from(calls) * count);
            let elapsed: Duration = runs.iter().map(|run| run.elapsed).sum();
            time = elapsed.as_secs_f64() * 1e9 / count / f64::from(calls);
            self.samples += 1;
            if runs.iter().all(Run::had_a_processor) {
                return time;
            }
            self.disturbed += 1;
        }
        time
    }

    fn note(&mut self, way: &Way, calls: f64) {
        match self.made.iter_mut().find(|(name, _)| *name == way.name) {
            Some((_, made)) => *made += calls,
            None => self.made.push((way.name, calls)),
        }
    }

    /// The benchmark is worth something only if all ways have counted.
    fn check(&self) {
        for way in &WAYS {
            let mut made = self.made.iter();
            let made = made.find(|(name, _)| *name == way.name);
            if let (Some((_, made)), Some(counted)) = (made, way.counted) {
                assert_eq!(counted(), *made, "{}: counted and made", way.name);
            }
        }
    }
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

fn bars(one: &Times, together: &Times, apart: &Times, too_early: f64) -> Vec<Bar> {
    let bar = |threads: &Threads, times: &Times, a: &Way, b: &Way, most| Bar {
        what: format!("{} ÷ {}; {}", a.name, b.name, threads.name),
        most,
        measured: times.ratio(a, b),
    };
    vec![
        bar(&ONE, one, &TRACKED, &LIMIT_C, 1.6),
        bar(&TOGETHER, together, &TRACKED, &LIMIT_C, 2.0),
        bar(&APART, apart, &TRACKED, &LIMIT_C, 2.0),
        bar(&ONE, one, &TRACKED, &CLIENT_KEPT, 0.5),
        bar(&ONE, one, &TRACKED, &AUTOMETRICS, 0.15),
        bar(&TOGETHER, together, &TRACKED, &AUTOMETRICS, 0.1),
        bar(&ONE, one, &ASYNC, &TRACKED, 1.3),
        bar(&ONE, one, &FAILING, &TRACKED, 1.5),
        bar(&ONE, one, &DYNAMIC, &PROMETHEUS_DYNAMIC, 1.0),
        bar(&TOGETHER, together, &DYNAMIC, &PROMETHEUS_DYNAMIC, 1.0),
        Bar {
            what: "#[tracked] without a recorder − no tracking, in ns; 1 thread".to_owned(),
            most: 5.0,
            measured: too_early,
        },
    ]
}

fn main() -> ExitCode {
    let mut measure = Measure::new();

    // Before anything else: once a recorder is installed, it stays.
    let too_early = Way::new("too early", ours::TRACKED_TOO_EARLY);
    let times = measure.run(&ONE, &[UNTRACKED, too_early.clone()]);
    let too_early = times.difference(&too_early, &UNTRACKED);

    LazyLock::force(&ours::EXPORTER);
    LazyLock::force(&autometrics::SETTINGS);
    println!("# A tracked call, in {} rounds", measure.rounds);
    let [one, together, apart] = [&ONE, &TOGETHER, &APART].map(|threads| {
        let times = measure.run(threads, &WAYS);
        print(threads, &times);
        times
    });
    python::compare(&mut measure);
    measure.check();
    let share = f64::from(measure.disturbed) / f64::from(measure.samples);
    println!(
        "\n{:.0} % of the measurements were disturbed by other programs",
        share * 100.0
    );
    println!("and were repeated, up to {ATTEMPTS} times.");
    verdict(&bars(&one, &together, &apart, too_early))
}
