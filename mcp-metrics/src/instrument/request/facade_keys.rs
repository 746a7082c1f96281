//! Keys of the request families, for recordings through the facade.

use std::borrow::Cow;

use metrics::{Key, Label};

use crate::catalog;
use crate::request_labels::RequestLabels;

/// The keys of a request's series in each family, built once.
#[derive(Debug)]
pub(crate) struct FacadeKeys {
    pub(super) labels: RequestLabels,
    pub(super) started: Key,
    pub(super) succeeded: Key,
    pub(super) duration: Key,
    pub(super) active: Key,
}

impl FacadeKeys {
    pub(crate) fn new(labels: RequestLabels) -> Self {
        let pairs = pairs(&labels);
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
pub(super) fn failed_key(labels: &RequestLabels, error_type: Cow<'static, str>) -> Key {
    let [agent, operation] = pairs(labels);
    let error_type = Label::new("error_type", error_type);
    Key::from_parts(catalog::REQUESTS_FAILED, vec![agent, operation, error_type])
}

fn pairs(labels: &RequestLabels) -> [Label; 2] {
    [
        Label::new("agent", labels.agent().clone()),
        Label::new("operation", labels.operation().clone()),
    ]
}
