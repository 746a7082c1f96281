//! The forms of queries: one for each question. A query of another form is an error.

use mcp_metrics::catalog::Kind;
use promql_parser::parser::{self, Expr, VectorSelector};

use super::llm_forms::OF_LLM;
use super::shape::{Shape, family, is_between_series, selectors};

/// Where a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a document or in the documentation of a tracked function.
    Document,
    /// In a rule or on a dashboard. These show zero instead of nothing without failures, and
    /// nothing instead of NaN without requests.
    Kit,
}

/// A query with any selectors, grouping and window, and where it is used.
pub(super) type Form = (&'static [Place], &'static str);

pub(super) const DOCUMENTS: &[Place] = &[Place::Document];
pub(super) const KIT: &[Place] = &[Place::Kit];
const ALL: &[Place] = &[Place::Document, Place::Kit];

/// Ratios and other queries of several metrics.
const OF_METRICS: &[Form] = &[
    // Error ratio of completed requests.
    (
        DOCUMENTS,
        "sum by (agent) (rate(mcp_hub_requests_failed_total[5m])) / \
         (sum by (agent) (rate(mcp_hub_requests_success_total[5m])) + \
         sum by (agent) (rate(mcp_hub_requests_failed_total[5m])))",
    ),
    (
        KIT,
        "(sum by (agent) (rate(mcp_hub_requests_failed_total[5m])) or \
         0 * sum by (agent) (rate(mcp_hub_requests_success_total[5m]))) / \
         (((sum by (agent) (rate(mcp_hub_requests_success_total[5m])) or \
         0 * sum by (agent) (rate(mcp_hub_requests_failed_total[5m]))) + \
         (sum by (agent) (rate(mcp_hub_requests_failed_total[5m])) or \
         0 * sum by (agent) (rate(mcp_hub_requests_success_total[5m])))) > 0)",
    ),
    // The same in steps: completed requests, then the ratio.
    (
        KIT,
        "(sum by (job, agent) (rate(mcp_hub_requests_success_total[5m])) or \
         0 * job_agent:mcp_hub_requests_failed:rate5m) + on (job, agent) \
         job_agent:mcp_hub_requests_failed:rate5m",
    ),
    (
        KIT,
        "job_agent:mcp_hub_requests_failed:rate5m / on (job, agent) \
         (job_agent:mcp_hub_requests_ended:rate5m > 0)",
    ),
    // Use of the error budget.
    (
        KIT,
        "group by (job, agent) (mcp_hub_requests_total) * on (agent) group_left () \
         mcp_hub:slo_objective:ratio",
    ),
    (
        KIT,
        "group by (job, agent) (mcp_hub_requests_total) * on () group_left () \
         mcp_hub:slo_objective_default:ratio",
    ),
    (
        ALL,
        "job_agent:mcp_hub_requests_failed:ratio_rate1h / on (job, agent) \
         job_agent:mcp_hub_slo_error_budget:ratio",
    ),
    // Hit ratio of caches.
    (
        DOCUMENTS,
        "sum by (cache_type) (rate(mcp_hub_cache_hits_total[5m])) / \
         (sum by (cache_type) (rate(mcp_hub_cache_hits_total[5m])) + \
         sum by (cache_type) (rate(mcp_hub_cache_misses_total[5m])))",
    ),
    (
        KIT,
        "(sum by (cache_type) (rate(mcp_hub_cache_hits_total[5m])) or \
         0 * sum by (cache_type) (rate(mcp_hub_cache_misses_total[5m]))) / \
         (((sum by (cache_type) (rate(mcp_hub_cache_hits_total[5m])) or \
         0 * sum by (cache_type) (rate(mcp_hub_cache_misses_total[5m]))) + \
         (sum by (cache_type) (rate(mcp_hub_cache_misses_total[5m])) or \
         0 * sum by (cache_type) (rate(mcp_hub_cache_hits_total[5m])))) > 0)",
    ),
    (
        KIT,
        "job_cache_type:mcp_hub_cache_hits:rate5m + on (job, cache_type) \
         job_cache_type:mcp_hub_cache_misses:rate5m",
    ),
    (
        KIT,
        "job_cache_type:mcp_hub_cache_hits:rate5m / on (job, cache_type) \
         (job_cache_type:mcp_hub_cache_lookups:rate5m > 0)",
    ),
    // Failure ratio of code executions.
    (
        DOCUMENTS,
        "sum(rate(mcp_hub_code_executions_total{status=\"failure\"}[5m])) / \
         sum(rate(mcp_hub_code_executions_total[5m]))",
    ),
    // Error ratio of an MCP server's tools and methods.
    (
        KIT,
        "(sum by (mcp_method_name) \
         (rate(mcp_server_operation_duration_seconds_count{error_type!=\"\"}[5m])) or \
         0 * sum by (mcp_method_name) (rate(mcp_server_operation_duration_seconds_count[5m]))) / \
         (sum by (mcp_method_name) (rate(mcp_server_operation_duration_seconds_count[5m])) > 0)",
    ),
    (
        KIT,
        "job_gen_ai_tool_name:mcp_server_tool_calls_failed:rate5m / on (job, gen_ai_tool_name) \
         (job_gen_ai_tool_name:mcp_server_tool_calls:rate5m > 0)",
    ),
    (
        KIT,
        "job_mcp_method_name:mcp_server_operations_failed:rate5m / on (job, mcp_method_name) \
         (job_mcp_method_name:mcp_server_operations:rate5m > 0)",
    ),
];

/// Queries of one metric, which stands for all of its kind.
const OF_KINDS: &[Form] = &[
    // Counters.
    (ALL, "sum(rate(mcp_hub_requests_total[5m]))"),
    (ALL, "sum(increase(mcp_hub_requests_total[1h]))"),
    // Gauges with labels.
    (ALL, "sum(mcp_hub_active_operations)"),
    (ALL, "sum(min_over_time(mcp_hub_active_operations[10m]))"),
    // New series, which have no increase yet.
    (
        KIT,
        "sum(mcp_hub_requests_total unless mcp_hub_requests_total offset 1h)",
    ),
    // The number of series.
    (DOCUMENTS, "count(mcp_hub_requests_total)"),
    // Growth of a gauge.
    (
        KIT,
        "sum(mcp_server_active_sessions) - sum(mcp_server_active_sessions offset 6h)",
    ),
    // Quantiles, the mean and the heat map of a classic histogram.
    (
        ALL,
        "histogram_quantile(0.95, sum by (le) (rate(mcp_hub_request_duration_seconds_bucket[5m])))",
    ),
    (
        KIT,
        "sum by (le) (rate(mcp_hub_request_duration_seconds_bucket[5m]))",
    ),
    (
        KIT,
        "sum by (le) (increase(mcp_hub_request_duration_seconds_bucket[1h]))",
    ),
    (
        DOCUMENTS,
        "sum(rate(mcp_hub_request_duration_seconds_sum[5m])) / \
         sum(rate(mcp_hub_request_duration_seconds_count[5m]))",
    ),
    (
        KIT,
        "sum(rate(mcp_hub_request_duration_seconds_sum[5m])) / \
         (sum(rate(mcp_hub_request_duration_seconds_count[5m])) > 0)",
    ),
    // Its observations, and the time that they took together.
    (
        DOCUMENTS,
        "sum(increase(mcp_hub_request_duration_seconds_count[1h]))",
    ),
    (ALL, "sum(rate(mcp_hub_request_duration_seconds_count[5m]))"),
    (KIT, "sum(mcp_hub_request_duration_seconds_count)"),
    (
        DOCUMENTS,
        "sum(rate(mcp_hub_request_duration_seconds_sum[5m]))",
    ),
    // The same of a native histogram.
    (
        ALL,
        "histogram_quantile(0.95, sum(rate(mcp_hub_request_duration_seconds[5m])))",
    ),
    (
        ALL,
        "histogram_count(sum(rate(mcp_hub_request_duration_seconds[5m])))",
    ),
    (
        KIT,
        "histogram_count(sum(mcp_hub_request_duration_seconds))",
    ),
    (
        KIT,
        "histogram_sum(sum(rate(mcp_hub_request_duration_seconds[5m]))) / \
         (histogram_count(sum(rate(mcp_hub_request_duration_seconds[5m]))) > 0)",
    ),
];

/// Checks that a query consists of known forms. Returns the number of its parts that are instances.
pub(crate) fn check(place: Place, query: &Expr) -> Result<usize, String> {
    if let Some(instance) = instance(place, query) {
        return instance.map(|()| 1);
    }
    match query {
        Expr::Aggregate(it) => check(place, &it.expr),
        Expr::Call(it) => all(place, it.args.args.iter().map(|it| &**it)),
        Expr::Unary(it) => check(place, &it.expr),
        Expr::Paren(it) => check(place, &it.expr),
        Expr::Subquery(it) => check(place, &it.expr),
        Expr::Binary(it) => {
            let op = it.op;
            let is_arithmetic = !op.is_set_operator() && !op.is_comparison_operator();
            if is_arithmetic && is_between_series(it) && selectors(query).into_iter().any(is_ours) {
                return Err(format!("`{query}` combines series in a form of its own"));
            }
            // Series on the right side of these are only compared by their labels.
            if matches!(&*op.to_string(), "and" | "unless")
                && matches!(&*it.rhs, Expr::VectorSelector(_))
            {
                return check(place, &it.lhs);
            }
            all(place, [&*it.lhs, &*it.rhs])
        }
        Expr::VectorSelector(it) => gauge(it.name.as_deref()),
        Expr::MatrixSelector(it) => gauge(it.vs.name.as_deref()),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Ok(0),
    }
}

fn all<'a>(place: Place, parts: impl IntoIterator<Item = &'a Expr>) -> Result<usize, String> {
    parts.into_iter().map(|part| check(place, part)).sum()
}

/// Returns whether the query is an instance of a form; an error if its parts differ in what the form
/// leaves open.
fn instance(place: Place, query: &Expr) -> Option<Result<(), String>> {
    let is = |forms: &[Form], shape: fn(&Expr) -> Shape, found: &Shape| {
        let mut forms = forms.iter().filter(|(places, _)| places.contains(&place));
        forms.any(|(_, form)| shape(&parse(form)).text == found.text)
    };
    let (by_name, by_kind) = (Shape::by_name(query), Shape::by_kind(query));
    let is_known = is(OF_METRICS, Shape::by_name, &by_name)
        || is(OF_LLM, Shape::by_name, &by_name)
        || is(OF_KINDS, Shape::by_kind, &by_kind);
    if !is_known {
        return None;
    }
    let Shape {
        groupings, windows, ..
    } = by_name;
    Some(if groupings.len() > 1 {
        Err(format!(
            "`{query}` groups by different labels: {groupings:?}"
        ))
    } else if windows.len() > 1 {
        Err(format!("`{query}` has different windows: {windows:?}"))
    } else if place == Place::Document
        && query.to_string().contains("rate(")
        && !windows.contains("300s")
    {
        Err(format!("`{query}`: a rate has the window 5m"))
    } else {
        Ok(())
    })
}

/// Parses a query.
pub(crate) fn parse(query: &str) -> Expr {
    parser::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"))
}

fn is_ours(selector: &VectorSelector) -> bool {
    let name = selector.name.as_deref().unwrap_or_default();
    family(name).is_some() || name.contains(':')
}

/// Checks that a selector outside of all forms is one of a gauge without labels, of a recorded series
/// or of another program's metric.
fn gauge(name: Option<&str>) -> Result<usize, String> {
    let name = name.unwrap_or_default();
    match family(name) {
        Some((family, _)) if family.kind != Kind::Gauge || !family.labels.is_empty() => {
            Err(format!("{name} is not in any form"))
        }
        _ => Ok(0),
    }
}
