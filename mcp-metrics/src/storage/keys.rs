//! The names under which a pair of agent and operation is recorded.

use std::borrow::Cow;

use metrics::{Key, Label, SharedString};

use crate::catalog;

/// The keys of one pair of agent and operation in every family, made once.
#[derive(Debug)]
pub(crate) struct RequestKeys {
    pub(crate) pair: [SharedString; 2],
    pub(crate) started: Key,
    pub(crate) succeeded: Key,
    pub(crate) duration: Key,
    pub(crate) active: Key,
}

impl RequestKeys {
    pub(crate) fn new(pair: [SharedString; 2]) -> Self {
        let [agent, operation] = &pair;
        let labels = [
            Label::new("agent", agent.clone()),
            Label::new("operation", operation.clone()),
        ];
        let key = |name| Key::from_parts(name, labels.to_vec());
        Self {
            started: key(catalog::REQUESTS),
            succeeded: key(catalog::REQUESTS_SUCCESS),
            duration: key(catalog::REQUEST_DURATION),
            active: Key::from_parts(catalog::ACTIVE_OPERATIONS, labels[..1].to_vec()),
            pair,
        }
    }
}

/// The key of a pair's failures of one type.
pub(crate) fn failed_key(pair: &[SharedString; 2], error_type: Cow<'static, str>) -> Key {
    let [agent, operation] = pair.clone();
    let labels = vec![
        Label::new("agent", agent),
        Label::new("operation", operation),
        Label::new("error_type", error_type),
    ];
    Key::from_parts(catalog::REQUESTS_FAILED, labels)
}
