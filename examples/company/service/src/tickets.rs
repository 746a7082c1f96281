//! The desk, which assigns tickets.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use acme_telemetry::{ErrorType, tracked, tracked_cache};

use crate::{
    directory::{self, DirectoryError},
    model::{self, ModelError},
};

/// An error of [`Desk::open`]. The names of the variants are the values of the label `error_type`,
/// apart from transparent ones, which have the label of their error.
#[derive(Debug, PartialEq, Eq, ErrorType)]
pub(crate) enum TicketError {
    Empty,
    #[error_type(transparent)]
    Model(ModelError),
    #[error_type(transparent)]
    Directory(DirectoryError),
}

/// Assigns tickets, and caches who is on duty.
#[derive(Default)]
pub(crate) struct Desk {
    on_duty: Mutex<HashMap<&'static str, &'static str>>,
}

#[tracked(agent = "desk")]
impl Desk {
    /// Opens a ticket and returns the person to whom it is assigned.
    pub(crate) async fn open(&self, text: &str) -> Result<&'static str, TicketError> {
        if text.trim().is_empty() {
            return Err(TicketError::Empty);
        }
        let topic = model::classify(text)
            .await
            .map_err(TicketError::Model)?
            .topic;
        if let Some(person) = self.cached(topic) {
            return Ok(person);
        }
        let person = directory::assignee(topic).await;
        let person = person.map_err(TicketError::Directory)?;
        self.lock().insert(topic, person);
        Ok(person)
    }

    #[tracked(skip)]
    #[tracked_cache("on_duty")]
    fn cached(&self, topic: &str) -> Option<&'static str> {
        self.lock().get(topic).copied()
    }

    /// Locks the cache. Poisoning is ignored, because a panic cannot leave it inconsistent.
    #[tracked(skip)]
    fn lock(&self) -> MutexGuard<'_, HashMap<&'static str, &'static str>> {
        self.on_duty.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use acme_telemetry::testing;

    use super::*;

    #[tokio::test]
    async fn second_ticket_of_a_topic_is_assigned_from_the_cache() {
        let desk = Desk::default();
        let tickets = async {
            assert_eq!(desk.open("my cable is broken").await, Ok("grace"));
            assert_eq!(desk.open("a cable, please").await, Ok("grace"));
        };
        let ((), metrics) = testing::record_async(tickets).await;
        metrics.requests("desk", "open").assert(2, &[]);
        metrics
            .requests("outgoing", "directory.assignee")
            .assert(1, &[]);
        let cache = [("cache_type", "on_duty")];
        assert_eq!(
            metrics.counter("acme_cache_hits_total", &cache),
            1,
            "{metrics}"
        );
    }

    // The clock is paused, so that the delay between attempts takes no time.
    #[tokio::test(start_paused = true)]
    async fn failures_have_the_labels_of_their_causes() {
        let desk = Desk::default();
        let tickets = async {
            for text in ["", "my cable [overloaded]", "my chair is broken"] {
                assert!(desk.open(text).await.is_err(), "{text}");
            }
        };
        let ((), metrics) = testing::record_async(tickets).await;
        let failures = [("Empty", 1), ("Overloaded", 1), ("Vacant", 1)];
        metrics.requests("desk", "open").assert(0, &failures);
        let model = [("service", "model")];
        assert_eq!(
            metrics.counter("acme_retries_exhausted_total", &model),
            1,
            "{metrics}"
        );
    }
}
