//! Keys of the request families, for recordings through the facade.

use std::borrow::Cow;

use metrics::{Key, Label};

use super::requests::RequestLabels;
use crate::catalog;

/// The keys of a request's series in each family, built once.
#[derive(Debug)]
pub(crate) struct RequestKeys {
    pub(crate) labels: RequestLabels,
    pub(crate) started: Key,
    pub(crate) succeeded: Key,
    pub(crate) duration: Key,
    pub(crate) active: Key,
}

impl RequestKeys {
    pub(crate) fn new(labels: RequestLabels) -> Self {
        let [agent, operation] = &labels;
        let pairs = [
            Label::new("agent", agent.clone()),
            Label::new("operation", operation.clone()),
        ];
        let key = |name| Key::from_parts(name, pairs.to_vec());
        Self {
            started: key(catalog::REQUESTS),
            succeeded: key(catalog::REQUESTS_SUCCESS),
            duration: key(catalog::REQUEST_DURATION),
            active: Key::from_parts(catalog::ACTIVE_OPERATIONS, pairs[..1].to_vec()),
            labels,
        }
    }
}

/// Returns the key of a request's failures with this `error_type`.
pub(crate) fn failed_key(labels: &RequestLabels, error_type: Cow<'static, str>) -> Key {
    let [agent, operation] = labels.clone();
    let pairs = vec![
        Label::new("agent", agent),
        Label::new("operation", operation),
        Label::new("error_type", error_type),
    ];
    Key::from_parts(catalog::REQUESTS_FAILED, pairs)
}
