//! The set of open connections, and which of them are evicted at the limit.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::{AbortHandle, Id, JoinSet};

use super::connection::Activity;

/// The open connections, at most `limit`.
///
/// At the limit, a new connection evicts the oldest one that has never sent a request, otherwise
/// the oldest idle one, otherwise the oldest one whose client may have left during its request. So
/// clients that only hold connections cannot keep out clients that scrape.
pub(super) struct Connections {
    tasks: JoinSet<()>,
    /// By age: the oldest connection has the smallest number.
    open: BTreeMap<u64, Connection>,
    ages: BTreeMap<Id, u64>,
    next: u64,
    limit: usize,
}

struct Connection {
    activity: Arc<Activity>,
    task: AbortHandle,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            tasks: JoinSet::new(),
            open: BTreeMap::new(),
            ages: BTreeMap::new(),
            next: 0,
            limit,
        }
    }

    /// Returns whether another connection can be accepted, by an eviction if necessary.
    pub(super) fn has_room(&self) -> bool {
        self.open.len() < self.limit || self.evictable().is_some()
    }

    /// Returns the connection to evict next.
    fn evictable(&self) -> Option<u64> {
        let find = |wanted: fn(&Activity) -> bool| {
            let mut open = self.open.iter();
            open.find_map(|(age, connection)| wanted(&connection.activity).then_some(*age))
        };
        find(Activity::is_new)
            .or_else(|| find(Activity::is_idle))
            .or_else(|| find(Activity::is_abandoned))
    }

    /// Closes the next evictable connection, if there is one.
    pub(super) fn make_room(&mut self) {
        if let Some(age) = self.evictable()
            && let Some(connection) = self.open.remove(&age)
        {
            connection.task.abort();
        }
    }

    /// Serves a connection on a task of its own; at the limit, evicts another one first.
    pub(super) fn add(
        &mut self,
        serve: impl Future<Output = ()> + Send + 'static,
        activity: Arc<Activity>,
    ) {
        if self.open.len() >= self.limit {
            self.make_room();
        }
        let task = self.tasks.spawn(serve);
        self.ages.insert(task.id(), self.next);
        self.open.insert(self.next, Connection { activity, task });
        self.next += 1;
    }

    /// Waits until a connection ends; pending forever without connections.
    pub(super) async fn ended(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                if error.is_panic() {
                    tracing::error!("metrics endpoint connection panicked");
                }
                error.id()
            }
            None => return std::future::pending().await,
        };
        if let Some(age) = self.ages.remove(&id) {
            self.open.remove(&age);
        }
    }
}
