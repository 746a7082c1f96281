//! The names of a server's tools and prompts: the only values of the labels `gen_ai_tool_name` and
//! `gen_ai_prompt_name`.
//!
//! Clients can send any name, so a name becomes a label only once the server is known to have it.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use metrics::SharedString;

/// The number of names that are kept. A handler that answers every name has no closed set of names;
/// further names are treated as unknown.
const MAX_NAMES: usize = 1_000;

/// What is known of the servers with one type of handler.
///
/// Shared by all handlers of the type, since an HTTP server may create one for each request.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) tools: KnownNames,
    pub(super) prompts: KnownNames,
}

/// The names of tools, or of prompts.
#[derive(Debug, Default)]
pub(super) struct KnownNames(RwLock<HashMap<Box<str>, SharedString>>);

impl Known {
    /// Returns what is known of servers with handlers of type `S`.
    pub(super) fn of<S: 'static>() -> &'static Self {
        static ALL: Mutex<Option<HashMap<TypeId, &'static Known>>> = Mutex::new(None);

        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let all = all.get_or_insert_default();
        all.entry(TypeId::of::<S>())
            .or_insert_with(|| Box::leak(Box::default()))
    }
}

impl KnownNames {
    /// Returns the label of a known name.
    pub(super) fn label(&self, name: &str) -> Option<SharedString> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(name).cloned()
    }

    /// Adds a name, and returns its label. Returns `None` if there are too many.
    pub(super) fn add(&self, name: &str) -> Option<SharedString> {
        if let Some(label) = self.label(name) {
            return Some(label);
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MAX_NAMES {
            return None;
        }
        let label = SharedString::from_shared(name.into());
        names.insert(name.into(), label.clone());
        Some(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shared_by_handlers_of_one_type() {
        struct Hub;
        struct Other;

        assert_eq!(Known::of::<Hub>().tools.label("search"), None);
        assert_eq!(
            Known::of::<Hub>().tools.add("search").as_deref(),
            Some("search")
        );
        assert_eq!(
            Known::of::<Hub>().tools.label("search").as_deref(),
            Some("search")
        );
        assert_eq!(Known::of::<Other>().tools.label("search"), None);
    }

    #[test]
    fn number_of_names_is_limited() {
        let tools = KnownNames::default();
        let added = (0..2 * MAX_NAMES).filter(|n| tools.add(&n.to_string()).is_some());
        assert_eq!(added.count(), MAX_NAMES);
        assert!(tools.add("0").is_some());
    }
}
