//! The dashboard is one that Grafana takes as it is, and asks for what there is.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use mcp_metrics::catalog::{self, Family};
use mcp_metrics_tests::{
    dashboard::{self, Dashboard, Place},
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

/// What a reader chooses, which each query is to heed where its metric has such a label.
const CHOSEN: [&str; 4] = ["job", "instance", "agent", "operation"];

/// What Grafana's models say of a dashboard; nothing if the tests are to do without.
fn judge(dashboard: &str) -> Option<Result<(), String>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = tools::found("Python", &here.join(".venv/bin/python"))?;
    let mut command = Command::new(python);
    let output = feed(command.arg(here.join("monitoring/grafana.py")), dashboard);
    Some(if output.status.success() {
        Ok(())
    } else {
        let said = [output.stdout, output.stderr].concat();
        Err(String::from_utf8_lossy(&said).into_owned())
    })
}

#[test]
fn grafana_s_models_know_all_of_it() {
    let Some(verdict) = judge(&dashboard::text()) else {
        return;
    };
    verdict.expect("nothing would be ignored");
}

#[test]
fn grafana_s_models_notice_a_slip() {
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
        assert_ne!(changed, text, "{right} is in the dashboard");
        if let Some(verdict) = judge(&changed) {
            verdict.expect_err(wrong);
        }
    }
}

/// Calls a function with each data source that is named.
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
fn the_data_source_is_the_reader_s_choice() {
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
fn panels_are_told_apart_and_explained() {
    let dashboard = Dashboard::of_the_kit();
    assert_eq!(dashboard.uid, "mcp-hub");
    assert!(dashboard.schema_version >= 39, "that of Grafana 11");
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for panel in &dashboard.panels {
        assert!(ids.insert(panel.id), "{} has a number twice", panel.title);
        assert!(
            titles.insert(&panel.title),
            "{} is there twice",
            panel.title
        );
    }
    for panel in dashboard.panels() {
        let title = &panel.title;
        assert!(panel.description.ends_with('.'), "{title} is not explained");
        let unit = panel.field_config.as_ref().map(|it| &*it.defaults.unit);
        assert!(
            unit.is_some_and(|unit| !unit.is_empty()),
            "{title}: no unit"
        );
        assert!(!panel.targets.is_empty(), "{title} asks for nothing");
        let names: BTreeSet<_> = panel.targets.iter().map(|it| &it.ref_id).collect();
        assert_eq!(names.len(), panel.targets.len(), "{title}: {names:?}");
    }
}

/// Whether two panels cover each other.
fn overlap(a: Place, b: Place) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

#[test]
fn panels_fit_the_grid_and_cover_nothing() {
    let panels = Dashboard::of_the_kit().panels;
    for (number, panel) in panels.iter().enumerate() {
        let place = panel.place;
        assert!(place.w > 0 && place.h > 0, "{}: {place:?}", panel.title);
        assert!(place.x + place.w <= 24, "{}: {place:?}", panel.title);
        for other in &panels[..number] {
            assert!(
                !overlap(place, other.place),
                "{} covers {}",
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

/// Checks that a query asks only for what the reader has chosen, where it has such a label.
fn check_choice(query: &str, chosen: &[&str], vocabulary: &Vocabulary) -> Result<(), String> {
    let mut selectors = Selectors::default();
    walk_expr(&mut selectors, &parser::parse(query)?)?;
    for selector in selectors.0 {
        let labels = vocabulary.selector(&selector)?;
        let heeded: Names = selector
            .matchers
            .matchers
            .iter()
            .filter(|it| matches!(it.op, MatchOp::Re(_)) && it.value == format!("${}", it.name))
            .map(|it| it.name.clone())
            .collect();
        for &label in chosen {
            if labels.contains(label) && !heeded.contains(label) {
                return Err(format!("{selector} does not heed ${label}"));
            }
        }
    }
    Ok(())
}

/// The names between double braces.
fn labels_of_a_legend(legend: &str) -> Vec<&str> {
    let uses = legend.split("{{").skip(1);
    uses.map(|rest| rest.split("}}").next().unwrap_or_default())
        .collect()
}

/// Checks all that the dashboard asks for.
fn check(dashboard: &Dashboard, vocabulary: &Vocabulary) -> Result<(), String> {
    let mut chosen = Vec::new();
    for variable in &dashboard.templating.list {
        if let Some((series, label)) = variable.label_values() {
            check_choice(series, &chosen, vocabulary)?;
            if !vocabulary.check(series)?.contains(label) {
                return Err(format!("{series} has no label {label}"));
            }
            chosen.push(label);
        }
    }
    if chosen != CHOSEN {
        return Err(format!("a reader can choose {chosen:?}"));
    }
    for panel in dashboard.panels() {
        for target in &panel.targets {
            // The other variables are values of labels, which may be anything.
            let query = target.expr.replace("$__rate_interval", "1m");
            let labels = vocabulary.check(&query)?;
            // Alerts name a hub only where they are about one.
            if !query.contains("ALERTS{") {
                check_choice(&query, &CHOSEN, vocabulary)?;
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
fn names_and_labels_of_the_dashboard_are_the_catalogue_s() {
    let vocabulary = Vocabulary::of_the_kit();
    check(&Dashboard::of_the_kit(), &vocabulary).expect("the dashboard agrees with the catalogue");
}

#[test]
fn a_name_that_changes_in_the_dashboard_is_noticed() {
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
        assert_ne!(changed, text, "{name} is in the dashboard");
        let changed: Dashboard = serde_json::from_str(&changed).expect("still a dashboard");
        check(&changed, &Vocabulary::of_the_kit()).expect_err(other);
    }
}

#[test]
fn a_name_that_changes_in_the_catalogue_is_noticed_in_the_dashboard() {
    let dashboard = Dashboard::of_the_kit();
    let rules = Rules::parse(&crate::kit::rules());
    // What needs no panel of its own.
    let unseen = [
        catalog::REQUESTS_SUCCESS,
        catalog::HOOK_PANICS,
        catalog::PUSHES,
        catalog::SCRAPES_IN_FLIGHT,
    ];
    let families = [&catalog::FAMILIES[..], &catalog::OWN_FAMILIES[..]].concat();
    let mut uses = BTreeMap::new();
    for (place, family) in families.iter().enumerate() {
        let mut renamed: Vec<Family> = families.clone();
        renamed[place].name = "mcp_hub_of_another_name";
        let mut vocabulary = Vocabulary::of(&renamed);
        // The rules have a test of their own; here they may be wrong.
        let _ = vocabulary.learn(&rules);
        uses.insert(family.name, check(&dashboard, &vocabulary).is_err());
    }
    for (name, used) in uses {
        assert_eq!(used, !unseen.contains(&name), "{name} in the dashboard");
    }
}
