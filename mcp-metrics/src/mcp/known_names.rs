//! The names of a server's tools and prompts: the only values of the labels `gen_ai_tool_name` and
//! `gen_ai_prompt_name`.
//!
//! Clients can send any name, so a name becomes a label only once the server is known to have it.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

use metrics::{Histogram, Key, SharedString};
use rmcp::model::ErrorCode;

use super::labels::NetworkTransport;
use super::record::Kept;

/// The number of names that are kept. A handler that answers every name has no closed set of names;
/// further names are treated as unknown. Well below the default label limit of a family, since a
/// name has a series for each outcome.
const MAX_NAMES: usize = 250;

/// What is known of the servers with one type of handler, or behind the transports of one role.
///
/// Shared by all handlers of the type, since an HTTP server may create one for each request, and by
/// all transports of the role, since they are created for each connection.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) tools: KnownNames,
    pub(super) prompts: KnownNames,
}

/// The names of tools, or of prompts.
#[derive(Debug, Default)]
pub(super) struct KnownNames(RwLock<BTreeMap<Box<str>, &'static KnownName>>);

/// A name that is a label.
#[derive(Debug)]
pub(super) struct KnownName {
    pub(super) label: SharedString,
    /// The durations of successful operations, by transport.
    successes: [OnceLock<Kept<Histogram>>; 2],
}

impl KnownName {
    fn new(name: &str) -> Self {
        Self {
            label: SharedString::from_shared(name.into()),
            successes: [const { OnceLock::new() }; 2],
        }
    }

    /// Returns the durations of successful operations, whose key `make` creates once.
    pub(super) fn success(
        &self,
        transport: NetworkTransport,
        make: impl FnOnce() -> Key,
    ) -> &Kept<Histogram> {
        self.successes[transport as usize].get_or_init(|| Kept::new(make()))
    }
}

impl Known {
    /// Returns what is known of servers with handlers, or with transports of the role, of type `S`.
    pub(super) fn of<S: 'static>() -> &'static Self {
        static ALL: Mutex<Option<HashMap<TypeId, &'static Known>>> = Mutex::new(None);

        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let all = all.get_or_insert_default();
        all.entry(TypeId::of::<S>())
            .or_insert_with(|| Box::leak(Box::default()))
    }
}

impl KnownNames {
    /// Returns a known name.
    pub(super) fn find(&self, name: &str) -> Option<&'static KnownName> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(name).copied()
    }

    /// Returns a name, and adds it if it is new. Returns `None` if there are too many.
    pub(super) fn add(&self, name: &str) -> Option<&'static KnownName> {
        if let Some(known) = self.find(name) {
            return Some(known);
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MAX_NAMES {
            return None;
        }
        let known = names.entry(name.into());
        Some(known.or_insert_with(|| Box::leak(Box::new(KnownName::new(name)))))
    }
}

/// Returns whether an error may mean that the server does not have the tool or
/// the prompt.
pub(super) fn means_unknown(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::METHOD_NOT_FOUND | ErrorCode::INVALID_PARAMS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shared_by_handlers_of_one_type() {
        struct Hub;
        struct Other;

        assert!(Known::of::<Hub>().tools.find("search").is_none());
        let added = Known::of::<Hub>().tools.add("search").unwrap();
        assert_eq!(&*added.label, "search");
        let found = Known::of::<Hub>().tools.find("search").unwrap();
        assert!(std::ptr::eq(found, added));
        assert!(Known::of::<Other>().tools.find("search").is_none());
    }

    #[test]
    fn number_of_names_is_limited() {
        let tools = KnownNames::default();
        let added = (0..2 * MAX_NAMES).filter(|n| tools.add(&n.to_string()).is_some());
        assert_eq!(added.count(), MAX_NAMES);
        assert!(tools.add("0").is_some());
    }
}
