//! Measures ways in turns, in one process, so that other load on the machine affects all of them.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use mcp_metrics_benches::{float, median, option, quick};
use rustix::time::{ClockId, clock_gettime};

use crate::exporter;
use crate::way::{Call, Way};

/// The callsite that each thread calls.
pub(crate) struct Threads {
    pub(crate) name: &'static str,
    pub(crate) callsites: &'static [usize],
}

pub(crate) const ONE: Threads = Threads {
    name: "1 thread",
    callsites: &[0],
};
pub(crate) const TOGETHER: Threads = Threads {
    name: "2 threads, same call site",
    callsites: &[0, 0],
};
pub(crate) const APART: Threads = Threads {
    name: "2 threads, a call site each",
    callsites: &[0, 1],
};

/// Samples of ways that were measured in turns, by way and round.
pub(crate) struct Times {
    rounds: Vec<(&'static str, Vec<Sample>)>,
}

/// Undisturbed rounds below which all rounds are used.
const ENOUGH_ROUNDS: usize = 3;

impl Times {
    fn of(&self, way: &Way) -> &[Sample] {
        let mut rounds = self.rounds.iter();
        let found = rounds.find(|(name, _)| *name == way.name);
        &found.expect("the way was measured").1
    }

    pub(crate) fn median(&self, way: &Way) -> f64 {
        self.combined(way, way, |time, _| time)
    }

    /// Returns the median of the ratios of the same round.
    pub(crate) fn ratio(&self, a: &Way, b: &Way) -> f64 {
        self.combined(a, b, |a, b| a / b)
    }

    pub(crate) fn difference(&self, a: &Way, b: &Way) -> f64 {
        self.combined(a, b, |a, b| a - b)
    }

    /// Returns the median over the undisturbed rounds.
    fn combined(&self, a: &Way, b: &Way, combine: fn(f64, f64) -> f64) -> f64 {
        let rounds = || self.of(a).iter().zip(self.of(b));
        let undisturbed = || rounds().filter(|(a, b)| a.undisturbed() && b.undisturbed());
        if undisturbed().count() < ENOUGH_ROUNDS {
            median(rounds().map(|(a, b)| combine(a.time, b.time)))
        } else {
            median(undisturbed().map(|(a, b)| combine(a.time, b.time)))
        }
    }
}

/// The time that one thread took for its calls.
struct Run {
    start: Instant,
    end: Instant,
    processor: Duration,
}

impl Run {
    fn elapsed(&self) -> Duration {
        self.end - self.start
    }

    /// Returns the share of the time that the thread spent on a processor.
    fn share(&self) -> f64 {
        self.processor.as_secs_f64() / self.elapsed().as_secs_f64()
    }
}

/// Returns the share of the time that all threads ran together.
///
/// The scheduler can run one thread after the other on the same processor. Each then has a
/// processor all the time, but they do not contend.
fn overlap(runs: &[Run]) -> f64 {
    let starts = || runs.iter().map(|run| run.start);
    let ends = || runs.iter().map(|run| run.end);
    let (Some(first), Some(last)) = (starts().min(), ends().max()) else {
        return 0.0;
    };
    let (latest, earliest) = (starts().max(), ends().min());
    let together = earliest.unwrap_or(last) - latest.unwrap_or(first);
    together.as_secs_f64() / (last - first).as_secs_f64()
}

/// One measurement.
pub(crate) struct Sample {
    /// Nanoseconds per call.
    pub(crate) time: f64,
    /// Share of the time on a processor, of the thread with the smallest.
    share: f64,
    overlap: f64,
}

impl Sample {
    fn undisturbed(&self) -> bool {
        // Contending threads differ in speed, so they do not end at the same time.
        self.share > 0.97 && self.overlap > 0.7
    }
}

/// Makes `calls` calls on each thread, all threads at the same time.
fn run(threads: &Threads, way: &Way, calls: u32) -> Vec<Run> {
    let ready = AtomicUsize::new(0);
    let calls_in_loop = |call: Call| {
        // A barrier would wake one thread long after the other.
        ready.fetch_add(1, Relaxed);
        while ready.load(Relaxed) < threads.callsites.len() {
            spin_loop();
        }
        let (start, processor) = (Instant::now(), processor_time());
        for n in 0..calls {
            let _ = black_box(black_box(call)(black_box(n)));
        }
        Run {
            processor: processor_time().saturating_sub(processor),
            start,
            end: Instant::now(),
        }
    };
    let run = |callsite: usize| {
        let call = way.calls[callsite];
        match way.recorder {
            Some(recorder) => metrics::with_local_recorder(recorder(), || calls_in_loop(call)),
            None => calls_in_loop(call),
        }
    };
    thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = threads
            .callsites
            .iter()
            .map(|callsite| scope.spawn(move || run(*callsite)))
            .collect();
        let runs = threads.into_iter().map(thread::ScopedJoinHandle::join);
        runs.map(|run| run.expect("no call panics")).collect()
    })
}

/// Returns how long this thread has run on a processor.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.try_into().expect("the time is not negative")
}

/// Measures ways in turns and counts the calls.
pub(crate) struct Measure {
    pub(crate) rounds: usize,
    time: Duration,
    /// Maximum number of attempts of a disturbed measurement.
    attempts: u32,
    /// The ways and their numbers of calls.
    expected: Vec<(Way, f64)>,
    results: u32,
    /// Results that were disturbed in each attempt.
    disturbed: u32,
}

impl Measure {
    pub(crate) fn new() -> Self {
        let (rounds, milliseconds, attempts) = if quick() { (11, 2, 3) } else { (41, 3, 10) };
        Self {
            rounds: option("--rounds").unwrap_or(rounds),
            time: Duration::from_millis(option("--milliseconds").unwrap_or(milliseconds)),
            attempts,
            expected: Vec::new(),
            results: 0,
            disturbed: 0,
        }
    }

    pub(crate) fn run(&mut self, threads: &Threads, ways: &[Way]) -> Times {
        let calls: Vec<u32> = ways.iter().map(|way| self.enough(threads, way)).collect();
        let mut rounds: Vec<_> = ways.iter().map(|way| (way.name, Vec::new())).collect();
        // The order differs between rounds. A step that divides the number of ways would skip some.
        let step = [7, 11, 13]
            .into_iter()
            .find(|step| !ways.len().is_multiple_of(*step));
        let step = step.unwrap_or(1);
        for round in 0..self.rounds {
            for turn in 0..ways.len() {
                let turn = (turn * step + round) % ways.len();
                let sample = self.once(threads, &ways[turn], calls[turn]);
                rounds[turn].1.push(sample);
            }
        }
        Times { rounds }
    }

    /// Returns how many calls fill the time of a measurement. Warms the way up.
    fn enough(&mut self, threads: &Threads, way: &Way) -> u32 {
        let mut calls = 1_000;
        loop {
            let nanoseconds = self.sample(threads, way, calls).time * f64::from(calls);
            if nanoseconds >= self.time.as_secs_f64() * 1e9 / 2.0 {
                return calls * 2;
            }
            calls *= 2;
        }
    }

    /// Measures calls on all threads at once.
    ///
    /// A measurement during which another program took a processor is repeated, and the least
    /// disturbed one is returned.
    pub(crate) fn once(&mut self, threads: &Threads, way: &Way, calls: u32) -> Sample {
        self.results += 1;
        let mut best = self.sample(threads, way, calls);
        for _ in 1..self.attempts {
            if best.undisturbed() {
                return best;
            }
            let sample = self.sample(threads, way, calls);
            if sample.share * sample.overlap > best.share * best.overlap {
                best = sample;
            }
        }
        if !best.undisturbed() {
            self.disturbed += 1;
        }
        best
    }

    fn sample(&mut self, threads: &Threads, way: &Way, calls: u32) -> Sample {
        let runs = run(threads, way, calls);
        exporter::RECORDER.handle().run_upkeep();
        let count = float(runs.len());
        self.note(way, f64::from(calls) * count);
        let elapsed: Duration = runs.iter().map(Run::elapsed).sum();
        Sample {
            time: elapsed.as_secs_f64() * 1e9 / count / f64::from(calls),
            share: runs.iter().map(Run::share).fold(f64::INFINITY, f64::min),
            overlap: overlap(&runs),
        }
    }

    fn note(&mut self, way: &Way, calls: f64) {
        let mut ways = self.expected.iter_mut();
        match ways.find(|(other, _)| other.name == way.name) {
            Some((_, expected)) => *expected += calls,
            None => self.expected.push((*way, calls)),
        }
    }

    /// Asserts that each way has counted its calls.
    pub(crate) fn check(&self) {
        for (way, calls) in &self.expected {
            let Some(counted) = &way.counted else {
                continue;
            };
            let others = self
                .expected
                .iter()
                .filter(|(other, _)| counted.together_with.contains(&other.name));
            let expected = calls + others.map(|(_, calls)| calls).sum::<f64>();
            assert_eq!((counted.read)(), expected, "{}", way.name);
        }
    }

    pub(crate) fn print_disturbed(&self) {
        let share = f64::from(self.disturbed) / f64::from(self.results) * 100.0;
        println!(
            "\nOther programs disturbed {share:.0} % of the results, although each measurement"
        );
        println!("was made up to {} times.", self.attempts);
    }
}
