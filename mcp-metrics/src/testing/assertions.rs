//! Assertions about the requests of an agent.

use std::collections::BTreeMap;

use super::nearest::{nearest, typo};
use super::requests::{Requests, failures};

/// The number of other requests that a message names.
const NAMED: usize = 8;

impl Requests {
    /// Asserts that `success` requests succeeded, that exactly the requests in `failed` failed, and
    /// that none is in flight.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let ((), metrics) = testing::record(|| track_request("planner", "plan").run(|| ()));
    /// metrics.requests("planner", "plan").assert(1, &[]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the recorded requests differ. The message suggests similar names that were recorded, and
    /// counts what was recorded outside any recording.
    #[track_caller]
    pub fn assert(&self, success: u64, failed: &[(&str, u64)]) {
        let ended = success + failed.iter().map(|(_, count)| count).sum::<u64>();
        let mut expected = Self {
            success,
            failed: BTreeMap::new(),
            total: ended,
            observed: ended,
            active: 0,
            ..self.clone()
        };
        for (error_type, count) in failed.iter().filter(|(_, count)| *count > 0) {
            *expected.failed.entry((*error_type).to_owned()).or_default() += count;
        }
        if *self != expected {
            let error_types = expected.failed.keys().map(|it| &**it);
            self.fail(&expected.numbers(), error_types);
        }
    }

    /// Asserts that exactly `count` requests succeeded.
    ///
    /// Failed requests and requests in flight are not checked: add
    /// [`assert_failed`](Self::assert_failed), or use [`assert`](Self::assert) to check them all.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let ((), metrics) = testing::record(|| {
    ///     track_request("planner", "plan").run(|| ());
    ///     track_request("planner", "plan").start().failure("Timeout");
    /// });
    /// metrics.requests("planner", "plan").assert_success(1).assert_failed("Timeout", 1);
    /// ```
    ///
    /// # Panics
    ///
    /// If the number of successful requests differs.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "the value only chains assertions"
    )]
    pub fn assert_success(&self, count: u64) -> &Self {
        if self.success != count {
            self.fail(&format!("{count} succeeded"), []);
        }
        self
    }

    /// Asserts that exactly `count` requests failed with this `error_type`.
    ///
    /// Other requests are not checked: use [`assert`](Self::assert) to check them all.
    ///
    /// ```
    /// use mcp_metrics::{testing, track_request};
    ///
    /// let (_, metrics) = testing::record(|| track_request("a", "b").run(|| "x".parse::<u8>()));
    /// metrics.requests("a", "b").assert_failed("ParseIntError", 1).assert_failed("Timeout", 0);
    /// ```
    ///
    /// # Panics
    ///
    /// If the number of requests that failed with this `error_type` differs.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "the value only chains assertions"
    )]
    pub fn assert_failed(&self, error_type: &str, count: u64) -> &Self {
        if self.failed_as(error_type) != count {
            self.fail(&failures(error_type, count), [error_type]);
        }
        self
    }

    /// Panics with what was expected and recorded.
    #[track_caller]
    fn fail<'a>(&self, expected: &str, error_types: impl IntoIterator<Item = &'a str>) -> ! {
        let recorded = self.numbers();
        let mut notes = Vec::new();
        if self.total == 0 {
            notes.extend(self.misspelt());
            notes.push(self.others());
        } else {
            let unknown = error_types.into_iter().filter(|it| self.failed_as(it) == 0);
            notes.extend(unknown.filter_map(|it| self.misspelt_failure(it)));
        }
        if self.context.lost.count > 0 {
            notes.push(self.context.lost.to_string());
        }
        let mut message = vec![
            self.subject(),
            format!("expected: {expected}"),
            format!("recorded: {recorded}"),
        ];
        message.extend(notes.iter().map(|note| format!("note: {note}")));
        panic!("{}", message.join("\n"));
    }

    /// Returns a note if there are no such requests, but of a similar agent and operation.
    pub(super) fn misspelt(&self) -> Option<String> {
        let asked = [&*self.agent, &*self.operation];
        if self.total > 0 {
            return None;
        }
        let typos = self.context.pairs.iter().filter_map(|pair| {
            let [agent, operation] = pair.each_ref().map(|it| &**it);
            let typos = || Some(typo(asked[0], agent)? + typo(asked[1], operation)?);
            let swapped = || (asked == [operation, agent]).then_some(0);
            Some((typos().or_else(swapped)?, pair))
        });
        let (_, [agent, operation]) = typos.min()?;
        let subject = self.subject();
        Some(format!(
            "no {subject} were recorded; did you mean agent `{agent}`, operation `{operation}`?"
        ))
    }

    /// Returns a note with agent and operation of the recorded requests.
    fn others(&self) -> String {
        let pairs = &self.context.pairs;
        if pairs.is_empty() {
            return "no requests were recorded".to_owned();
        }
        let named = pairs.iter().take(NAMED);
        let named = named.map(|[agent, operation]| format!("`{agent}` `{operation}`"));
        let named = named.collect::<Vec<_>>().join(", ");
        let rest = pairs.len().saturating_sub(NAMED);
        let rest = if rest > 0 {
            format!(" and {rest} more")
        } else {
            String::new()
        };
        format!("agents and operations of the recorded requests: {named}{rest}")
    }

    /// Returns a note if no request failed with this `error_type`, but with a similar one.
    fn misspelt_failure(&self, error_type: &str) -> Option<String> {
        let near = nearest(error_type, self.failed.keys().map(|it| &**it))?;
        Some(format!(
            "no request failed as `{error_type}`; did you mean `{near}`?"
        ))
    }
}
