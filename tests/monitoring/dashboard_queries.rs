//! The queries of the dashboards name metrics and labels that exist, and filter by the variables.

use std::collections::BTreeMap;

use mcp_metrics::catalog::{self, Family};
use mcp_metrics_tests::dashboard::{self, Dashboard, HUB, MCP_SERVER};
use promql_parser::{
    label::MatchOp,
    parser::{self, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};

use crate::{
    kit::Rules,
    names::{Names, Vocabulary, families},
};

/// The label variables of a dashboard. Each query must filter by those that its metric has as
/// labels.
fn filters(dashboard: &Dashboard) -> &'static [&'static str] {
    match &*dashboard.uid {
        HUB => &["job", "instance", "agent", "operation"],
        _ => &["job", "instance", "gen_ai_tool_name"],
    }
}

/// The selectors of a query.
#[derive(Default)]
struct Selectors(Vec<VectorSelector>);

impl ExprVisitor for Selectors {
    type Error = String;

    fn pre_visit(&mut self, expr: &Expr) -> Result<bool, String> {
        match expr {
            Expr::VectorSelector(it) => self.0.push(it.clone()),
            Expr::MatrixSelector(it) => self.0.push(it.vs.clone()),
            _ => {}
        }
        Ok(true)
    }
}

/// Checks that each selector of a query filters by the `variables` that are labels of its metric.
fn check_filters(query: &str, variables: &[&str], vocabulary: &Vocabulary) -> Result<(), String> {
    let mut selectors = Selectors::default();
    walk_expr(&mut selectors, &parser::parse(query)?)?;
    for selector in selectors.0 {
        let labels = vocabulary.selector(&selector)?;
        let filtered: Names = selector
            .matchers
            .matchers
            .iter()
            .filter(|it| matches!(it.op, MatchOp::Re(_)) && it.value == format!("${}", it.name))
            .map(|it| it.name.clone())
            .collect();
        for &label in variables {
            if labels.contains(label) && !filtered.contains(label) {
                return Err(format!("{selector} does not filter by ${label}"));
            }
        }
    }
    Ok(())
}

/// Returns the names between double braces.
fn labels_of_a_legend(legend: &str) -> Vec<&str> {
    let uses = legend.split("{{").skip(1);
    uses.map(|rest| rest.split("}}").next().unwrap_or_default())
        .collect()
}

/// Checks all queries of the dashboard.
pub(crate) fn check(dashboard: &Dashboard, vocabulary: &Vocabulary) -> Result<(), String> {
    let mut variables = Vec::new();
    for variable in &dashboard.templating.list {
        if let Some((series, label)) = variable.label_values() {
            check_filters(series, &variables, vocabulary)?;
            if !vocabulary.check(series)?.contains(label) {
                return Err(format!("{series} has no label {label}"));
            }
            variables.push(label);
        }
    }
    let filters = filters(dashboard);
    if variables != filters {
        return Err(format!(
            "the label variables are {variables:?}, expected {filters:?}"
        ));
    }
    for panel in dashboard.panels() {
        for target in &panel.targets {
            // The other variables are label values, which are not checked.
            let query = target.expr.replace("$__rate_interval", "1m");
            let labels = vocabulary.check(&query)?;
            // Alerts have the labels of a hub only if they concern a single one.
            if !query.contains("ALERTS{") {
                check_filters(&query, filters, vocabulary)?;
            }
            for label in labels_of_a_legend(&target.legend) {
                if !labels.contains(label) {
                    return Err(format!("{}: no label {label} in {query}", panel.title));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn names_and_labels_of_the_dashboards_are_in_the_catalogue() {
    let vocabulary = Vocabulary::of_the_kit();
    for name in [HUB, MCP_SERVER] {
        check(&Dashboard::read(name), &vocabulary).expect("the dashboard matches the catalogue");
    }
}

#[test]
fn name_changed_in_a_dashboard_is_an_error() {
    let of_hubs = [
        ("mcp_hub_requests_total", "mcp_hub_calls_total"),
        ("by (agent, operation)", "by (agent, op)"),
        ("{{cache_type}}", "{{cache}}"),
        ("gen_ai_client_token_usage_sum", "gen_ai_client_tokens_sum"),
        ("{{gen_ai_request_model}}", "{{model}}"),
        ("operation=~\\\"$operation\\\"", "operation!=\\\"\\\""),
        ("instance=~\\\"$instance\\\"", "instance=~\\\"$job\\\""),
        (", error_type)", ")"),
        (
            "label_values(mcp_hub_app_info, job)",
            "label_values(mcp_hub_app_info, kind)",
        ),
    ];
    let of_servers = [
        ("mcp_http_open_streams", "mcp_http_streams"),
        ("by (gen_ai_tool_name)", "by (tool)"),
        ("{{client_version}}", "{{version}}"),
        (
            "gen_ai_tool_name=~\\\"$gen_ai_tool_name\\\"",
            "gen_ai_tool_name!=\\\"\\\"",
        ),
    ];
    let of_hubs = of_hubs.map(|change| (HUB, change));
    let of_servers = of_servers.map(|change| (MCP_SERVER, change));
    for (dashboard, (name, other)) in of_hubs.into_iter().chain(of_servers) {
        let text = dashboard::text(dashboard);
        let changed = text.replace(name, other);
        assert_ne!(changed, text, "`{name}` is not in the dashboard");
        let changed: Dashboard = serde_json::from_str(&changed).expect("the text is a dashboard");
        check(&changed, &Vocabulary::of_the_kit()).expect_err(other);
    }
}

/// Returns the names of the families that a dashboard uses: it does not match a catalogue in which
/// they have another name.
fn used(dashboard: &Dashboard) -> BTreeMap<&'static str, bool> {
    let rules = Rules::parse(&crate::kit::rules());
    let families = families();
    let uses = families.iter().enumerate().map(|(index, family)| {
        let mut renamed: Vec<Family> = families.clone();
        renamed[index].name = "mcp_hub_of_another_name";
        let mut vocabulary = Vocabulary::of(&renamed);
        // Errors in the rules are ignored here; `drift` tests the rules.
        let _ = vocabulary.learn(&rules);
        (family.name, check(dashboard, &vocabulary).is_err())
    });
    uses.collect()
}

#[test]
fn name_changed_in_the_catalogue_is_an_error_in_a_dashboard() {
    // Families without a panel.
    let unseen = [
        catalog::HOOK_PANICS,
        catalog::LAST_SUCCESS,
        catalog::PUSHES,
        catalog::SCRAPES_IN_FLIGHT,
    ];
    let of_hubs = used(&Dashboard::read(HUB));
    let families = [
        catalog::FAMILIES,
        catalog::EXPORTER_FAMILIES,
        catalog::llm::FAMILIES,
    ];
    for family in families.into_iter().flatten() {
        let name = family.name;
        assert_eq!(of_hubs[name], !unseen.contains(&name), "{name}");
    }
    let of_servers = used(&Dashboard::read(MCP_SERVER));
    for family in catalog::mcp::FAMILIES {
        assert!(of_servers[family.name], "{} has no panel", family.name);
    }
}
