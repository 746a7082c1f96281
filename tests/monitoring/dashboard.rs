//! Grafana's models accept the dashboard, and its queries name metrics and labels that exist.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use mcp_metrics::catalog::{self, Family};
use mcp_metrics_tests::{
    dashboard::{self, Area, Dashboard},
    process::feed,
    tools,
};
use promql_parser::{
    label::MatchOp,
    parser::{self, Expr, VectorSelector},
    util::{ExprVisitor, walk_expr},
};
use serde_json::Value;

use crate::{
    kit::Rules,
    names::{Names, Vocabulary},
};

/// The label variables. Each query must filter by those that its metric has as labels.
const FILTERS: [&str; 4] = ["job", "instance", "agent", "operation"];

/// Returns the verdict of Grafana's models, or `None` if they are missing and not required.
fn verdict(dashboard: &str) -> Option<Result<(), String>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = tools::found("Python", &here.join(".venv/bin/python"))?;
    let mut command = Command::new(python);
    let output = feed(command.arg(here.join("monitoring/grafana.py")), dashboard);
    Some(if output.status.success() {
        Ok(())
    } else {
        let errors = [output.stdout, output.stderr].concat();
        Err(String::from_utf8_lossy(&errors).into_owned())
    })
}

#[test]
fn grafana_models_accept_the_dashboard() {
    let Some(verdict) = verdict(&dashboard::text()) else {
        return;
    };
    verdict.expect("Grafana ignores nothing");
}

#[test]
fn grafana_models_reject_mistakes() {
    for (right, wrong) in [
        ("\"gridPos\"", "\"gridPosition\""),
        ("\"unit\": \"reqps\"", "\"unit\": \"requests\""),
        ("\"displayMode\"", "\"display\""),
        ("\"legendFormat\"", "\"legend\""),
        ("\"drawStyle\"", "\"style\""),
        ("\"includeAll\"", "\"all\""),
    ] {
        let text = dashboard::text();
        let changed = text.replacen(right, wrong, 1);
        assert_ne!(changed, text, "`{right}` is not in the dashboard");
        if let Some(verdict) = verdict(&changed) {
            verdict.expect_err(wrong);
        }
    }
}

/// Collects all data sources.
fn data_sources<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                if key == "datasource" {
                    found.push(value);
                } else {
                    data_sources(value, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| data_sources(value, found)),
        _ => {}
    }
}

#[test]
fn data_source_is_a_variable() {
    let dashboard: Value = serde_json::from_str(&dashboard::text()).expect("JSON");
    let mut found = Vec::new();
    data_sources(&dashboard, &mut found);
    assert!(found.len() > 50, "{} data sources", found.len());
    for source in found {
        assert_eq!(source["type"], "prometheus");
        assert_eq!(source["uid"], "${datasource}");
    }
    let variables = Dashboard::of_the_kit().templating.list;
    assert_eq!(
        (&*variables[0].name, &*variables[0].kind),
        ("datasource", "datasource")
    );
}

#[test]
fn panels_have_unique_titles_and_descriptions() {
    let dashboard = Dashboard::of_the_kit();
    assert_eq!(dashboard.uid, "mcp-hub");
    assert!(dashboard.schema_version >= 39, "older than Grafana 11");
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for panel in &dashboard.panels {
        assert!(
            ids.insert(panel.id),
            "the id of {} is not unique",
            panel.title
        );
        assert!(
            titles.insert(&panel.title),
            "the title {} is not unique",
            panel.title
        );
    }
    for panel in dashboard.panels() {
        let title = &panel.title;
        assert!(panel.description.ends_with('.'), "{title}: no description");
        let unit = panel.field_config.as_ref().map(|it| &*it.defaults.unit);
        assert!(
            unit.is_some_and(|unit| !unit.is_empty()),
            "{title}: no unit"
        );
        assert!(!panel.targets.is_empty(), "{title}: no query");
        let names: BTreeSet<_> = panel.targets.iter().map(|it| &it.ref_id).collect();
        assert_eq!(names.len(), panel.targets.len(), "{title}: {names:?}");
    }
}

/// Returns whether two panels overlap.
fn overlap(a: Area, b: Area) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

#[test]
fn panels_fit_the_grid_and_do_not_overlap() {
    let panels = Dashboard::of_the_kit().panels;
    for (number, panel) in panels.iter().enumerate() {
        let area = panel.area;
        assert!(area.w > 0 && area.h > 0, "{}: {area:?}", panel.title);
        assert!(area.x + area.w <= 24, "{}: {area:?}", panel.title);
        for other in &panels[..number] {
            assert!(
                !overlap(area, other.area),
                "{} overlaps {}",
                panel.title,
                other.title
            );
        }
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
fn check(dashboard: &Dashboard, vocabulary: &Vocabulary) -> Result<(), String> {
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
    if variables != FILTERS {
        return Err(format!(
            "the label variables are {variables:?}, expected {FILTERS:?}"
        ));
    }
    for panel in dashboard.panels() {
        for target in &panel.targets {
            // The other variables are label values, which are not checked.
            let query = target.expr.replace("$__rate_interval", "1m");
            let labels = vocabulary.check(&query)?;
            // Alerts have the labels of a hub only if they concern a single one.
            if !query.contains("ALERTS{") {
                check_filters(&query, &FILTERS, vocabulary)?;
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
fn names_and_labels_of_the_dashboard_are_in_the_catalogue() {
    let vocabulary = Vocabulary::of_the_kit();
    check(&Dashboard::of_the_kit(), &vocabulary).expect("the dashboard matches the catalogue");
}

#[test]
fn name_changed_in_the_dashboard_is_an_error() {
    let text = dashboard::text();
    for (name, other) in [
        ("mcp_hub_requests_total", "mcp_hub_calls_total"),
        ("by (agent, operation)", "by (agent, op)"),
        ("{{cache_type}}", "{{cache}}"),
        ("operation=~\\\"$operation\\\"", "operation!=\\\"\\\""),
        ("instance=~\\\"$instance\\\"", "instance=~\\\"$job\\\""),
        (", error_type)", ")"),
        (
            "label_values(mcp_hub_app_info, job)",
            "label_values(mcp_hub_app_info, kind)",
        ),
    ] {
        let changed = text.replace(name, other);
        assert_ne!(changed, text, "`{name}` is not in the dashboard");
        let changed: Dashboard = serde_json::from_str(&changed).expect("the text is a dashboard");
        check(&changed, &Vocabulary::of_the_kit()).expect_err(other);
    }
}

#[test]
fn name_changed_in_the_catalogue_is_an_error_in_the_dashboard() {
    let dashboard = Dashboard::of_the_kit();
    let rules = Rules::parse(&crate::kit::rules());
    // Families without a panel.
    let unseen = [
        catalog::REQUESTS_SUCCESS,
        catalog::HOOK_PANICS,
        catalog::PUSHES,
        catalog::SCRAPES_IN_FLIGHT,
    ];
    let families = [catalog::FAMILIES, catalog::EXPORTER_FAMILIES].concat();
    let mut uses = BTreeMap::new();
    for (index, family) in families.iter().enumerate() {
        let mut renamed: Vec<Family> = families.clone();
        renamed[index].name = "mcp_hub_of_another_name";
        let mut vocabulary = Vocabulary::of(&renamed);
        // Errors in the rules are ignored here; `drift` tests the rules.
        let _ = vocabulary.learn(&rules);
        uses.insert(family.name, check(&dashboard, &vocabulary).is_err());
    }
    for (name, used) in uses {
        assert_eq!(used, !unseen.contains(&name), "{name} in the dashboard");
    }
}
