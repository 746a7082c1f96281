//! The forms of queries about LLM calls.

use super::forms::{DOCUMENTS, Form, KIT};

/// Ratios, costs and other queries of several metrics.
pub(super) const OF_LLM: &[Form] = &[
    // Error ratio of completed calls.
    (
        DOCUMENTS,
        "sum by (gen_ai_request_model) \
         (rate(gen_ai_client_operation_duration_seconds_count{error_type!=\"\"}[5m])) / \
         sum by (gen_ai_request_model) (rate(gen_ai_client_operation_duration_seconds_count[5m]))",
    ),
    (
        KIT,
        "(sum by (gen_ai_request_model) \
         (rate(gen_ai_client_operation_duration_seconds_count{error_type!=\"\"}[5m])) or \
         0 * sum by (gen_ai_request_model) \
         (rate(gen_ai_client_operation_duration_seconds_count[5m]))) / \
         (sum by (gen_ai_request_model) \
         (rate(gen_ai_client_operation_duration_seconds_count[5m])) > 0)",
    ),
    (
        KIT,
        "job_gen_ai_provider_name_gen_ai_request_model:gen_ai_client_operations_failed:rate5m \
         / on (job, gen_ai_provider_name, gen_ai_request_model) \
         (job_gen_ai_provider_name_gen_ai_request_model:gen_ai_client_operations:rate5m > 0)",
    ),
    // Tokens.
    (
        KIT,
        "sum by (job) (rate(gen_ai_client_token_usage_sum[5m]))",
    ),
    (
        KIT,
        "sum by (job) (increase(gen_ai_client_token_usage_sum[1d]))",
    ),
    (
        KIT,
        "histogram_sum(sum by (job) (rate(gen_ai_client_token_usage[5m])))",
    ),
    (
        KIT,
        "histogram_sum(sum by (job) (increase(gen_ai_client_token_usage[1d])))",
    ),
    // Costs.
    (
        DOCUMENTS,
        "sum by (gen_ai_token_type) (rate(gen_ai_client_token_usage_sum[5m])) \
         * on (gen_ai_token_type) group_left () llm:price_per_million_tokens:usd",
    ),
    (
        KIT,
        "job_gen_ai_provider_name_gen_ai_request_model_gen_ai_token_type:\
         gen_ai_client_token_usage:rate5m \
         * on (gen_ai_token_type) group_left () llm:price_per_million_tokens:usd",
    ),
    (
        KIT,
        "job_gen_ai_provider_name_gen_ai_request_model_gen_ai_token_type:\
         gen_ai_client_token_usage:increase1d \
         * on (gen_ai_token_type) group_left () llm:price_per_million_tokens:usd",
    ),
];
