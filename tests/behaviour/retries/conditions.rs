//! `while` loops whose condition makes the attempt.

use std::cell::Cell;

use mcp_metrics::tracked_retry;

use super::{Failure, run_four, service};

type Reply = Result<u32, Failure>;

/// Makes an attempt and stores its reply.
fn attempt(failures: &Cell<u32>, reply: &mut Reply) -> Result<Option<u32>, u8> {
    *reply = service(failures);
    match reply {
        Ok(value) => Ok(Some(*value)),
        Err(_) => Err(1),
    }
}

#[tracked_retry("chain")]
fn chain(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let Err(_) = attempt(failures, &mut reply)
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("chain_of_three")]
fn chain_of_three(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let Err(_) = attempt(failures, &mut reply)
        && number < 3
        && failures.get() < 5
    {
        number += 1;
    }
    reply
}

#[tracked_retry("attempt_last")]
fn attempt_last(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while number <= 3
        && let Err(_) = attempt(failures, &mut reply)
    {
        number += 1;
    }
    reply
}

#[tracked_retry("attempt_between")]
fn attempt_between(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while number <= 3
        && let Err(_) = attempt(failures, &mut reply)
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("parentheses")]
fn parentheses(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while (number <= 3 && failures.get() < 5)
        && let Err(_) = attempt(failures, &mut reply)
    {
        number += 1;
    }
    reply
}

#[tracked_retry("bound")]
fn bound(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let failed @ Err(_) = attempt(failures, &mut reply)
        && failed.is_err()
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("alternatives")]
fn alternatives(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let Err(0 | 1) | Ok(None) = attempt(failures, &mut reply)
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("alternative_last")]
fn alternative_last(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let Ok(None) | Err(_) = attempt(failures, &mut reply)
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("nested_pattern")]
#[expect(unused_parens, reason = "it is what is tested")]
fn nested_pattern(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let (Err(_)) = attempt(failures, &mut reply)
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("by_reference")]
fn by_reference(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let &Err(_) = &attempt(failures, &mut reply)
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("by_path")]
fn by_path(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let Result::Err(_) = attempt(failures, &mut reply)
        && number < 3
    {
        number += 1;
    }
    reply
}

#[tracked_retry("is_err")]
fn is_err(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while attempt(failures, &mut reply).is_err() && number < 3 {
        number += 1;
    }
    reply
}

#[tracked_retry("is_err_last")]
fn is_err_last(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while number <= 3 && attempt(failures, &mut reply).is_err() {
        number += 1;
    }
    reply
}

#[tracked_retry("is_not_ok")]
#[expect(clippy::nonminimal_bool, reason = "it is what is tested")]
fn is_not_ok(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while !attempt(failures, &mut reply).is_ok() && number < 3 {
        number += 1;
    }
    reply
}

#[tracked_retry("asynchronous")]
async fn asynchronous(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 1;
    while let Err(_) = async { attempt(failures, &mut reply) }.await
        && number < 3
    {
        number += 1;
        tokio::task::yield_now().await;
    }
    reply
}

/// The condition only tests a variable, so the body makes the attempts.
#[tracked_retry("variable")]
fn variable(failures: &Cell<u32>) -> Reply {
    let mut reply = Err(Failure::Forbidden);
    let mut number = 0;
    while reply.is_err() && number < 3 {
        number += 1;
        reply = service(failures);
    }
    reply
}

#[test]
fn failed_attempts_in_the_condition_are_counted() {
    run_four("chain", chain);
    run_four("chain_of_three", chain_of_three);
    run_four("attempt_last", attempt_last);
    run_four("attempt_between", attempt_between);
    run_four("parentheses", parentheses);
    run_four("bound", bound);
    run_four("alternatives", alternatives);
    run_four("alternative_last", alternative_last);
    run_four("nested_pattern", nested_pattern);
    run_four("by_reference", by_reference);
    run_four("by_path", by_path);
    run_four("is_err", is_err);
    run_four("is_err_last", is_err_last);
    run_four("is_not_ok", is_not_ok);
    run_four("variable", variable);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    run_four("asynchronous", |failures| {
        runtime.block_on(asynchronous(failures))
    });
}
