//! The methods that are values of the label `mcp_method_name`.

use metrics::{Gauge, Key, Label};

use super::record::Kept;
use crate::catalog::mcp::ACTIVE_REQUESTS;

/// The label value of methods that are not in the specification: their names are the client's text.
const OTHER: &str = "_OTHER";

/// The method of a request.
#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: &'static str,
    /// The requests in flight.
    pub(super) active: Kept<Gauge>,
}

macro_rules! methods {
    ($($method:ident = $name:expr;)+) => {
        $(pub(super) static $method: Method = {
            static LABELS: [Label; 1] = [Label::from_static_parts("mcp_method_name", $name)];
            Method {
                name: $name,
                active: Kept::new(Key::from_static_parts(ACTIVE_REQUESTS, &LABELS)),
            }
        };)+

        static ALL: &[&Method] = &[$(&$method),+];
    };
}

methods! {
    COMPLETE = "completion/complete";
    DISCOVER = "server/discover";
    ELICIT = "elicitation/create";
    INITIALIZE = "initialize";
    LIST_PROMPTS = "prompts/list";
    GET_PROMPT = "prompts/get";
    LIST_RESOURCES = "resources/list";
    LIST_RESOURCE_TEMPLATES = "resources/templates/list";
    LIST_ROOTS = "roots/list";
    LIST_SKILLS = "skills/list";
    LIST_TOOLS = "tools/list";
    CALL_TOOL = "tools/call";
    GET_SKILL = "skills/get";
    GET_TASK = "tasks/get";
    CANCEL_TASK = "tasks/cancel";
    UPDATE_TASK = "tasks/update";
    LISTEN = "subscriptions/listen";
    PING = "ping";
    READ_RESOURCE = "resources/read";
    READ_RESOURCE_DIRECTORY = "resources/directory/read";
    SAMPLE = "sampling/createMessage";
    SET_LEVEL = "logging/setLevel";
    SUBSCRIBE = "resources/subscribe";
    UNSUBSCRIBE = "resources/unsubscribe";
    OTHER_METHOD = OTHER;
}

impl Method {
    /// Returns the method with this name, or the one for all other names.
    pub(super) fn of(name: &str) -> &'static Self {
        let mut all = ALL.iter();
        let found = all.find(|method| method.name == name);
        found.copied().unwrap_or(&OTHER_METHOD)
    }
}

/// The notifications of the specification.
const NOTIFICATIONS: [&str; 13] = [
    "notifications/cancelled",
    "notifications/elicitation/complete",
    "notifications/elicitation/response",
    "notifications/initialized",
    "notifications/message",
    "notifications/progress",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed",
    "notifications/resources/updated",
    "notifications/roots/list_changed",
    "notifications/subscriptions/acknowledged",
    "notifications/tasks",
    "notifications/tools/list_changed",
];

/// Returns the label value of a notification's method.
pub(super) fn notification(name: &str) -> &'static str {
    let mut known = NOTIFICATIONS.iter();
    known.find(|it| **it == name).copied().unwrap_or(OTHER)
}
