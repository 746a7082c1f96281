//! The families of LLM calls in depth: durations, tokens and times to the first chunk.
//!
//! Names, labels and buckets follow the OpenTelemetry semantic conventions for generative AI
//! clients, which are in development:
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/>. Each family is exported
//! once it has a series. `error_type` is present on the series of failed calls only.

use metrics::Unit;

use super::{Family, histogram};

/// Upper bounds of [`OPERATION_DURATION`], in seconds.
pub const OPERATION_BUCKETS: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/// Upper bounds of [`TOKEN_USAGE`], in tokens.
pub const TOKEN_BUCKETS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Upper bounds of [`TIME_TO_FIRST_CHUNK`], in seconds.
pub const FIRST_CHUNK_BUCKETS: [f64; 16] = [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Name of the histogram of the durations of LLM calls.
pub const OPERATION_DURATION: &str = "gen_ai_client_operation_duration_seconds";
/// Name of the histogram of the tokens of LLM calls.
pub const TOKEN_USAGE: &str = "gen_ai_client_token_usage";
/// Name of the histogram of the times to the first chunk of streamed LLM calls.
pub const TIME_TO_FIRST_CHUNK: &str = "gen_ai_client_operation_time_to_first_chunk_seconds";

const LABELS: &[&str] = &[
    "gen_ai_operation_name",
    "gen_ai_provider_name",
    "gen_ai_request_model",
    "error_type",
];

const TOKEN_LABELS: &[&str] = &[
    "gen_ai_operation_name",
    "gen_ai_provider_name",
    "gen_ai_request_model",
    "gen_ai_token_type",
    "error_type",
];

/// The families of LLM calls in depth.
pub const FAMILIES: &[Family] = &[
    histogram(
        OPERATION_DURATION,
        Unit::Seconds,
        LABELS,
        &["error_type"],
        &OPERATION_BUCKETS,
        "Duration of LLM calls in seconds, for successful and failed calls.",
    ),
    histogram(
        TOKEN_USAGE,
        Unit::Count,
        TOKEN_LABELS,
        &["error_type"],
        &TOKEN_BUCKETS,
        "Tokens of LLM calls, by type: input or output.",
    ),
    histogram(
        TIME_TO_FIRST_CHUNK,
        Unit::Seconds,
        LABELS,
        &["error_type"],
        &FIRST_CHUNK_BUCKETS,
        "Time from the start of a streamed LLM call to its first chunk, in seconds.",
    ),
];
