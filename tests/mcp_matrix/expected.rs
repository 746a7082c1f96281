//! The table of expectations: how the metrics change in each step.
//!
//! A change is a name of [`counts`](crate::counts), with its sign and number unless it is one more.
//! [`STEPS`] has the changes of most clients. `exceptions` has those of the others, with the
//! reason; the last exception that applies to a situation replaces the changes of the step.

use crate::exceptions::EXCEPTIONS;
use crate::situation::Situation;

/// The changes of a step.
pub(crate) type Changes = &'static [&'static str];

/// The changes of a step for clients of earlier protocol versions with a session, and a server
/// without supervision.
const STEPS: &[(&str, Changes)] = &[
    (
        "connect",
        &[
            "initialize",
            "received notifications/initialized",
            "session 2025-11-25",
            "open session",
        ],
    ),
    ("list", &["tools/list"]),
    ("fast", &["tools/call fast"]),
    ("bad arguments", &["tools/call fast !tool_error"]),
    ("unknown tool", &["tools/call !-32602", "unknown tool"]),
    // rmcp treats it as a custom request, which no tool has to do with.
    ("malformed", &["tools/call !-32601"]),
    ("fails", &["tools/call fails !tool_error"]),
    ("breaks", &["tools/call breaks !-32000"]),
    ("progress", &["tools/call progress"]),
    ("unanswered", &[]),
    ("sampling", &["tools/call sampling"]),
    ("elicitation", &["tools/call elicitation"]),
    ("roots", &["tools/call roots"]),
    // The client does not get the request for input, but an error.
    ("input required", &["tools/call input_required !-32600"]),
    ("task", &["tools/call task"]),
    ("prompts", &["prompts/list"]),
    ("prompt", &["prompts/get greeting"]),
    ("unknown prompt", &["prompts/get !-32602"]),
    ("resources", &["resources/list"]),
    ("resource", &["resources/read"]),
    ("unknown resource", &["resources/read !-32002"]),
    ("ping", &["ping"]),
    ("panic", &["tools/call panics !panic"]),
    ("abandoned panic", &["received notifications/cancelled"]),
    ("begin", &["active tools/call"]),
    (
        "cancelled cancellable",
        &[
            "tools/call cancellable !cancelled",
            "-1 active tools/call",
            "received notifications/cancelled",
        ],
    ),
    ("deaf cancelled", &["received notifications/cancelled"]),
    (
        "cancelled deaf",
        &[
            "tools/call deaf !cancelled",
            "-1 active tools/call",
            "resources/read",
        ],
    ),
    (
        "timeout",
        &[
            "tools/call deaf !cancelled",
            "received notifications/cancelled",
            "resources/read",
        ],
    ),
    ("end", &["ended session", "-1 open session"]),
    ("expired", &["ended session", "-1 open session"]),
    // The server answers 404 before a handler exists.
    ("call after expiry", &[]),
    ("end after expiry", &[]),
    (
        "session ends during a call",
        &[
            "tools/call deaf !cancelled",
            "-1 active tools/call",
            "ended session",
            "-1 open session",
        ],
    ),
    // The call continues: the client could come back for the answer.
    ("disconnect", &["tools/call deaf", "-1 active tools/call"]),
];

/// Returns how the metrics change in a step.
pub(crate) fn expected(step: &str, situation: Situation) -> Vec<(String, i64)> {
    let base = STEPS.iter().find(|(name, _)| *name == step);
    let mut changes = base.unwrap_or_else(|| panic!("unknown step: {step}")).1;
    for exception in EXCEPTIONS {
        if exception.step == step && (exception.applies)(situation) {
            changes = exception.changes;
        }
    }
    let changes = changes.iter().map(|change| {
        let (number, name) = change.split_once(' ').unwrap_or((change, ""));
        match number.parse() {
            Ok(number) => (name.to_owned(), number),
            Err(_) => ((*change).to_owned(), 1),
        }
    });
    changes.collect()
}
