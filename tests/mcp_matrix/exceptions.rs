//! The exceptions of the table of expectations, with the reason for each.

use crate::expected::Changes;
use crate::situation::{Kind, Situation, Transport};

/// The changes of a step in some situations.
pub(crate) struct Exception {
    pub(crate) step: &'static str,
    pub(crate) applies: fn(Situation) -> bool,
    pub(crate) changes: Changes,
}

const fn except(step: &'static str, applies: fn(Situation) -> bool, changes: Changes) -> Exception {
    Exception {
        step,
        applies,
        changes,
    }
}

pub(crate) const EXCEPTIONS: &[Exception] = &[
    // Without sessions, rmcp does not hand notifications to a handler.
    except("connect", |it| !it.has_sessions(), &["initialize"]),
    // Protocol 2026-07-28 has no sessions.
    except("connect", |it| it.kind.is_modern(), &["server/discover"]),
    // Protocol 2026-07-28 has no requests to the client.
    except(
        "sampling",
        |it| it.kind.is_modern(),
        &["tools/call sampling !tool_error"],
    ),
    // Protocol 2026-07-28 has no requests to the client.
    except(
        "elicitation",
        |it| it.kind.is_modern(),
        &["tools/call elicitation !tool_error"],
    ),
    // Protocol 2026-07-28 has no requests to the client.
    except(
        "roots",
        |it| it.kind.is_modern(),
        &["tools/call roots !tool_error"],
    ),
    // The client's answers and cancellations do not reach the calls.
    except(
        "unanswered",
        |it| !it.has_one_handler(),
        &["3 active tools/call"],
    ),
    // The client closes the connection of a cancelled call.
    except(
        "unanswered",
        |it| !it.has_one_handler() && it.kind == Kind::Rmcp,
        &[
            "tools/call sampling !cancelled",
            "tools/call elicitation !cancelled",
            "tools/call roots !cancelled",
        ],
    ),
    // The step has no calls.
    except(
        "unanswered",
        |it| !it.has_one_handler() && it.kind == Kind::Python1,
        &[],
    ),
    // The client repeats the call with the input.
    except(
        "input required",
        |it| it.kind.is_modern(),
        &[
            "input required input_required",
            "2 tools/call input_required",
        ],
    ),
    // The client does not support tasks, or did not say so in this request.
    except(
        "task",
        |it| !it.supports_tasks(),
        &["tools/call task !-32021"],
    ),
    // Rmcp replaces the code for clients of protocol 2026-07-28.
    except(
        "unknown resource",
        |it| it.kind.is_modern(),
        &["resources/read !-32602"],
    ),
    // Rmcp answers: protocol 2026-07-28 has no ping.
    except("ping", |it| it.kind.is_modern(), &[]),
    // No notification reaches a handler.
    except("abandoned panic", |it| !it.notifies_cancellation(), &[]),
    // The end of the connection cancels the call.
    except(
        "cancelled cancellable",
        |it| !it.notifies_cancellation(),
        &["tools/call cancellable !cancelled", "-1 active tools/call"],
    ),
    // The client keeps the connection of a cancelled call.
    except("cancelled cancellable", |it| !it.cancel_reaches_call(), &[]),
    // The end of the connection cancels the call.
    except("deaf cancelled", |it| !it.notifies_cancellation(), &[]),
    // The call ends at its cancellation.
    except(
        "cancelled deaf",
        Situation::is_supervised,
        &[
            "tools/call deaf !cancelled",
            "-1 active tools/call",
            "received notifications/cancelled",
        ],
    ),
    // The end of the connection cancels the call.
    except(
        "cancelled deaf",
        |it| it.is_supervised() && !it.notifies_cancellation(),
        &["tools/call deaf !cancelled", "-1 active tools/call"],
    ),
    // The client keeps the connection of a cancelled call.
    except(
        "cancelled deaf",
        |it| !it.cancel_reaches_call(),
        &["tools/call deaf", "-1 active tools/call", "resources/read"],
    ),
    // The end of the connection cancels the call.
    except(
        "timeout",
        |it| !it.notifies_timeout(),
        &["tools/call deaf !cancelled", "resources/read"],
    ),
    // The call ends at its cancellation.
    except(
        "timeout",
        Situation::is_supervised,
        &[
            "tools/call deaf !cancelled",
            "received notifications/cancelled",
        ],
    ),
    // The end of the connection cancels the call.
    except(
        "timeout",
        |it| it.is_supervised() && !it.notifies_timeout(),
        &["tools/call deaf !cancelled"],
    ),
    // The server does not learn that the client stops to wait.
    except(
        "timeout",
        |it| !it.timeout_reaches_call(),
        &["tools/call deaf", "resources/read"],
    ),
    // The end of the connections cancels the calls in flight.
    // There is no session.
    except("end", |it| !it.has_sessions(), &[]),
    except(
        "end",
        |it| !it.cancel_reaches_call(),
        &[
            "tools/call sampling !cancelled",
            "tools/call elicitation !cancelled",
            "tools/call roots !cancelled",
            "tools/call cancellable !cancelled",
            "-4 active tools/call",
        ],
    ),
    // The end of the connection cancels the call in flight.
    except(
        "end",
        |it| !it.cancel_reaches_call() && it.kind == Kind::Python1,
        &["tools/call cancellable !cancelled", "-1 active tools/call"],
    ),
    // There is no session.
    except("expired", |it| !it.has_sessions(), &[]),
    // There is no session that could expire.
    except(
        "call after expiry",
        |it| !it.has_sessions(),
        &["tools/call fast"],
    ),
    // The client lists the tools to validate the result.
    except(
        "call after expiry",
        |it| it.kind == Kind::Python2Modern,
        &["tools/call fast", "tools/list"],
    ),
    // The client begins another session.
    except(
        "call after expiry",
        |it| it.kind == Kind::Rmcp,
        &[
            "tools/call fast",
            "initialize",
            "received notifications/initialized",
            "session 2025-11-25",
            "open session",
        ],
    ),
    // The other session ends.
    except(
        "end after expiry",
        |it| it.kind == Kind::Rmcp,
        &["ended session", "-1 open session"],
    ),
    // The end of the connection cancels the call.
    except(
        "disconnect",
        Situation::disconnect_cancels,
        &["tools/call deaf !cancelled", "-1 active tools/call"],
    ),
    // The server exits, which drops the call.
    except(
        "disconnect",
        |it| it.transport == Transport::Stdio,
        &["tools/call deaf !cancelled", "-1 active tools/call"],
    ),
    // The server exits, which drops the call and the session.
    except(
        "disconnect",
        |it| it.transport == Transport::Stdio && it.has_sessions(),
        &[
            "tools/call deaf !cancelled",
            "-1 active tools/call",
            "ended session",
            "-1 open session",
        ],
    ),
];
