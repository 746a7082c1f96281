//! Grafana's models accept the dashboards, and their panels are complete.

use std::{collections::BTreeSet, path::Path, process::Command};

use mcp_metrics_tests::{
    dashboard::{self, Area, Dashboard, HUB, MCP_SERVER},
    process::feed,
    tools,
};
use serde_json::Value;

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
fn grafana_models_accept_the_dashboards() {
    for name in [HUB, MCP_SERVER] {
        if let Some(verdict) = verdict(&dashboard::text(name)) {
            verdict.expect("Grafana ignores nothing");
        }
    }
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
        let text = dashboard::text(HUB);
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
    for name in [HUB, MCP_SERVER] {
        let dashboard: Value = serde_json::from_str(&dashboard::text(name)).expect("JSON");
        let mut found = Vec::new();
        data_sources(&dashboard, &mut found);
        assert!(found.len() > 50, "{} data sources", found.len());
        for source in found {
            assert_eq!(source["type"], "prometheus");
            assert_eq!(source["uid"], "${datasource}");
        }
        let variables = Dashboard::read(name).templating.list;
        assert_eq!(
            (&*variables[0].name, &*variables[0].kind),
            ("datasource", "datasource")
        );
    }
}

#[test]
fn panels_have_unique_titles_and_descriptions() {
    for name in [HUB, MCP_SERVER] {
        let dashboard = Dashboard::read(name);
        assert_eq!(dashboard.uid, name);
        check_panels(&dashboard);
    }
}

/// Asserts that the panels of a dashboard have unique titles, and everything that they need.
fn check_panels(dashboard: &Dashboard) {
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
    for panels in [HUB, MCP_SERVER].map(|name| Dashboard::read(name).panels) {
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
}
