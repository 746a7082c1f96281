//! Drives a client through the steps, and checks the metrics after each of them.

use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use mcp_metrics_tests::{eventually, exporter};
use serde_json::{Value, json};

use crate::client::Client;
use crate::counts::{Counts, call_counts, mcp_counts};
use crate::duplex;
use crate::expected::expected;
use crate::server::{HttpServer, Target, metrics};
use crate::situation::{Mode, Situation, Transport};

/// How long the metrics may take to become those of the table.
const DEADLINE: Duration = Duration::from_secs(20);

/// A drive in progress.
pub(crate) struct Drive<'a> {
    pub(crate) situation: Situation,
    client: &'a mut dyn Client,
    pub(crate) server: Option<HttpServer>,
    _exclusive: Option<MutexGuard<'static, ()>>,
    /// The number of servers that the client has started.
    started: usize,
    /// The metrics according to the table.
    counts: Counts,
    /// The answers to the commands, by step.
    pub(crate) answers: Vec<(String, Value)>,
}

impl<'a> Drive<'a> {
    pub(crate) fn new(situation: Situation, client: &'a mut dyn Client) -> Self {
        let is_http = !situation.transport.is_stream();
        let is_duplex = situation.transport == Transport::Duplex;
        let exclusive = is_duplex.then(duplex::exclusive);
        let counts = match exclusive {
            // Those of earlier drives.
            Some(_) => mcp_counts(&exporter().render(), situation.transport.label()),
            None => Counts::new(),
        };
        Self {
            situation,
            client,
            server: is_http.then(|| HttpServer::start(situation)),
            _exclusive: exclusive,
            started: 0,
            counts,
            answers: Vec::new(),
        }
    }

    /// Connects to the server. Over standard input and output, this is a new server.
    pub(crate) fn connect(&mut self) {
        let Situation {
            mode, transport, ..
        } = self.situation;
        let target = match &self.server {
            Some(server) => Target::Http(server.address),
            None if transport == Transport::Duplex => Target::Duplex(mode),
            None => {
                self.counts.clear();
                Target::Stdio([mode.argument(), transport.argument()])
            }
        };
        let answer = self.client.connect(&target);
        self.answers.push(("connect".to_owned(), answer));
        if transport == Transport::Stdio {
            self.started += 1;
            let started = self.started;
            eventually("the server is in the log", || {
                self.client.log().matches("metrics: ").count() == started
            });
        }
        self.check("connect");
    }

    /// Executes a command, and checks the metrics after the step.
    pub(crate) fn step(&mut self, step: &str, command: &Value) -> Value {
        let answer = self.command(step, command);
        self.check(step);
        answer
    }

    /// Executes a command.
    pub(crate) fn command(&mut self, step: &str, command: &Value) -> Value {
        let mut answer = self.client.execute(command);
        remove_ids_and_times(&mut answer);
        self.answers.push((step.to_owned(), answer.clone()));
        answer
    }

    /// Begins a call, and waits until it is in flight.
    pub(crate) fn begin(&mut self, tool: &str) {
        let started = self.calls(&format!("{tool} started"));
        self.command("begin", &json!({ "begin": tool }));
        self.wait_for(&format!("{tool} started"), started + 1);
    }

    /// Waits until the last server over standard input and output has printed its metrics.
    pub(crate) fn wait_for_exit(&self) {
        let exits = |log: &str| log.lines().filter(|line| *line == "exit").count();
        eventually("the server exits", || {
            exits(&self.client.log()) == self.started
        });
    }

    /// Kills the client.
    pub(crate) fn kill(&mut self) {
        self.client.kill();
    }

    /// Returns how often a tool has had an event.
    pub(crate) fn calls(&self, event: &str) -> i64 {
        let counts = call_counts(&self.scrape());
        counts.get(event).copied().unwrap_or_default()
    }

    /// Waits until a tool has had an event this often.
    pub(crate) fn wait_for(&self, event: &str, count: i64) {
        let deadline = Instant::now() + DEADLINE;
        while self.calls(event) != count {
            let in_time = Instant::now() < deadline;
            assert!(in_time, "{:?}: not {count} times: {event}", self.situation);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Checks that the metrics have changed as the table has it for this step.
    pub(crate) fn check(&mut self, step: &str) {
        let changes = match self.situation.mode {
            // Only `Metered` records the families.
            Mode::Bare => Vec::new(),
            Mode::Metered | Mode::Supervised => expected(step, self.situation),
        };
        let mut wanted = self.counts.clone();
        for (name, change) in changes {
            *wanted.entry(name).or_default() += change;
        }
        wanted.retain(|_, value| *value != 0);
        let transport = self.situation.transport.label();
        let deadline = Instant::now() + DEADLINE;
        loop {
            let found = mcp_counts(&self.scrape(), transport);
            if found == wanted {
                break;
            }
            if Instant::now() > deadline {
                let unexpected = difference(&found, &wanted);
                let situation = self.situation;
                panic!("{situation:?}, step `{step}`: found, apart from the table: {unexpected}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.counts = wanted;
    }

    fn scrape(&self) -> String {
        match &self.server {
            Some(server) => metrics(&server.log()),
            None if self.situation.transport == Transport::Duplex => exporter().render(),
            None => metrics(&self.client.log()),
        }
    }
}

/// Removes what differs between two servers: identifiers and times of tasks.
fn remove_ids_and_times(answer: &mut Value) {
    match answer {
        Value::Object(fields) => {
            for name in ["taskId", "createdAt", "lastUpdatedAt"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(remove_ids_and_times);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_ids_and_times),
        _ => {}
    }
}

/// Returns the changes from `before` to `after`.
fn difference(after: &Counts, before: &Counts) -> String {
    let names = after
        .keys()
        .chain(before.keys().filter(|name| !after.contains_key(*name)));
    let count = |counts: &Counts, name| counts.get(name).copied().unwrap_or_default();
    let changes = names.map(|name| (name, count(after, name) - count(before, name)));
    let changes = changes.filter(|(_, change)| *change != 0);
    let texts = changes.map(|(name, change)| format!("{change:+} {name}"));
    texts.collect::<Vec<_>>().join(", ")
}
