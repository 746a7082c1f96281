//! The script engine and its limits.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use mcp_metrics::tracked_execution;
use rhai::{Dynamic, Engine, EvalAltResult, Position, Scope};
use serde_json::Value;

use super::{
    CodeError, CodeReply, CodeRequest,
    stop::{Reason, Stop},
};

/// Maximum number of operations of the interpreter.
pub(super) const MAX_OPERATIONS: u64 = 20_000_000;
/// Maximum depth of calls and of expressions.
const MAX_CALLS: usize = 16;
const MAX_DEPTH: usize = 64;
/// Maximum size of a value, including all values in it, and maximum number of variables per call.
/// Together they bound the memory to tens of MB.
const MAX_STRING: usize = 64 * 1024;
const MAX_ARRAY: usize = 5_000;
const MAX_MAP: usize = 500;
const MAX_VARIABLES: usize = 32;
/// Number of variable accesses between two checks of the sizes of all variables.
const CHECK_EVERY: u32 = 16;
/// Maximum length of the captured output, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// Runs a script until it completes, fails or is stopped.
// Tracked here and not in the caller, because a rejected request is not an execution.
#[tracked_execution]
pub(super) fn run(request: &CodeRequest, stop: &Stop) -> Result<CodeReply, CodeError> {
    let output = Arc::default();
    let engine = engine(stop, &output);
    let mut scope = Scope::new();
    for (name, value) in &request.inputs {
        let bad = |reason: String| CodeError::BadInput(name.clone(), reason);
        if !is_name(name) {
            return Err(bad("not a valid variable name".to_owned()));
        }
        let value = rhai::serde::to_dynamic(value).map_err(|error| bad(error.to_string()))?;
        scope.push_constant_dynamic(name.as_str(), value);
    }
    let script = engine
        .compile_with_scope(&scope, &request.script)
        .map_err(|error| CodeError::Syntax(error.to_string()))?;
    let result = engine
        .eval_ast_with_scope::<Dynamic>(&mut scope, &script)
        .map_err(|error| classify(&error, stop))?;
    let output = std::mem::take(&mut *lock(&output));
    Ok(CodeReply {
        result: to_json(&result),
        output,
    })
}

/// Returns whether a name is a valid variable name.
fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Creates an engine without access to the host: the crate is built without modules, so scripts
/// cannot import files, and no function opens files or sockets.
fn engine(stop: &Stop, output: &Arc<Mutex<String>>) -> Engine {
    let mut engine = Engine::new();
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_call_levels(MAX_CALLS)
        .set_max_expr_depths(MAX_DEPTH, MAX_DEPTH)
        .set_max_string_size(MAX_STRING)
        .set_max_array_size(MAX_ARRAY)
        .set_max_map_size(MAX_MAP)
        .set_max_variables(MAX_VARIABLES)
        .set_max_functions(MAX_VARIABLES);
    bound_assignments(&mut engine);

    let progress_stop = stop.clone();
    engine.on_progress(move |_| progress_stop.reason().map(|_| Dynamic::UNIT));
    let sleep_stop = stop.clone();
    engine.register_fn("sleep", move |milliseconds: i64| {
        sleep(&sleep_stop, milliseconds)
    });

    let printed = Arc::clone(output);
    engine.on_print(move |text| print(&printed, text));
    let printed = Arc::clone(output);
    engine.on_debug(move |text, _, position| print(&printed, &format!("{position:?} {text}")));
    engine
}

/// Limits the size of arrays and maps that grow by assignments. For `map[key] = value`, the engine
/// checks the size of the value but not that of the map, which would otherwise grow without limit.
fn bound_assignments(engine: &mut Engine) {
    let uses = AtomicU32::new(0);
    #[expect(
        deprecated,
        reason = "deprecated only because it may change; the tests would detect that"
    )]
    engine.on_var(move |_, _, context| {
        if uses
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(CHECK_EVERY)
        {
            let variables = context.scope().iter_raw().map(|(_, _, value)| value);
            for value in variables.chain(context.this_ptr()) {
                context.engine().ensure_data_size_within_limits(value)?;
            }
        }
        Ok(None)
    });
}

/// Implements `sleep(ms)` for scripts.
fn sleep(stop: &Stop, milliseconds: i64) -> Result<(), Box<EvalAltResult>> {
    let time = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    match stop.sleep(time) {
        // The error that `on_progress` causes as well; scripts cannot catch it.
        Some(_) => Err(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE).into()),
        None => Ok(()),
    }
}

/// Appends a line to the output, unless it would exceed the limit.
fn print(output: &Mutex<String>, text: &str) {
    let mut output = lock(output);
    if output.len() + text.len() < MAX_OUTPUT {
        output.push_str(text);
        output.push('\n');
    }
}

/// Locks the output. Poisoning is ignored, because a panic cannot leave the string inconsistent.
fn lock(output: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    output.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Maps the engine's errors to the kinds that callers distinguish.
fn classify(error: &EvalAltResult, stop: &Stop) -> CodeError {
    match error.unwrap_inner() {
        EvalAltResult::ErrorTerminated(..) => match stop.reason() {
            Some(Reason::Timeout) => CodeError::Timeout(stop.limit()),
            _ => CodeError::Stopped,
        },
        EvalAltResult::ErrorTooManyOperations(_) => CodeError::TooManyOperations,
        limit @ (EvalAltResult::ErrorDataTooLarge(..)
        | EvalAltResult::ErrorTooManyVariables(_)
        | EvalAltResult::ErrorStackOverflow(_)) => CodeError::MemoryLimit(limit.to_string()),
        _ => CodeError::Runtime(error.to_string()),
    }
}

/// Converts a script's result to JSON; values without a JSON form are converted to strings.
fn to_json(result: &Dynamic) -> Value {
    rhai::serde::from_dynamic(result).unwrap_or_else(|_| Value::String(result.to_string()))
}
