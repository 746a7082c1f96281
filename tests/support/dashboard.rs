//! The Grafana dashboard of the operations kit, and what Grafana would ask for it.

use serde::Deserialize;

use crate::kit;

/// A dashboard.
#[derive(Debug, Deserialize)]
pub struct Dashboard {
    /// What its address ends in.
    pub uid: String,
    /// The version of Grafana's format.
    #[serde(rename = "schemaVersion")]
    pub schema_version: u32,
    /// What a reader can choose.
    pub templating: Templating,
    /// Its panels, rows among them.
    pub panels: Vec<Panel>,
}

/// What a reader can choose.
#[derive(Debug, Deserialize)]
pub struct Templating {
    /// One after the other; later ones depend on earlier ones.
    pub list: Vec<Variable>,
}

/// Something that a reader can choose.
#[derive(Debug, Deserialize)]
pub struct Variable {
    /// Its name in queries, without the dollar sign.
    pub name: String,
    /// `datasource` or `query`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where its values come from.
    pub query: VariableQuery,
    /// What a query gets for all values.
    #[serde(rename = "allValue")]
    pub all: Option<String>,
}

/// Where a variable's values come from.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum VariableQuery {
    /// The kind of data source.
    Kind(String),
    /// A query.
    Query {
        /// `label_values(series, label)`.
        query: String,
    },
}

/// A panel, or the title of those below it.
#[derive(Debug, Deserialize)]
pub struct Panel {
    /// Its number.
    pub id: u32,
    /// Its kind; `row` for a title.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is written above it.
    pub title: String,
    /// What it shows.
    #[serde(default)]
    pub description: String,
    /// Where it is.
    #[serde(rename = "gridPos")]
    pub place: Place,
    /// What it asks for.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// How values are shown.
    #[serde(rename = "fieldConfig")]
    pub field_config: Option<FieldConfig>,
}

/// A place on a grid of 24 columns.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its left column.
    pub x: u32,
    /// Its upper line.
    pub y: u32,
    /// Its width.
    pub w: u32,
    /// Its height.
    pub h: u32,
}

/// A query.
#[derive(Debug, Deserialize)]
pub struct Target {
    /// Its name within the panel.
    #[serde(rename = "refId")]
    pub ref_id: String,
    /// `PromQL`, with variables.
    pub expr: String,
    /// What a line is called.
    #[serde(rename = "legendFormat")]
    pub legend: String,
}

/// How values are shown.
#[derive(Debug, Deserialize)]
pub struct FieldConfig {
    /// All of them.
    pub defaults: Defaults,
}

/// How all values are shown.
#[derive(Debug, Deserialize)]
pub struct Defaults {
    /// Grafana's name of their unit.
    pub unit: String,
}

impl Dashboard {
    /// The kit's dashboard.
    ///
    /// # Panics
    ///
    /// If it can't be read as one.
    pub fn of_the_kit() -> Self {
        serde_json::from_str(&text()).expect("a dashboard")
    }

    /// The panels that show something.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.panels.iter().filter(|panel| panel.kind != "row")
    }

    /// A query as Grafana sends it when everything is chosen and this is the rate interval.
    pub fn interpolate(&self, query: &str, rate_interval: &str) -> String {
        let query = query.replace("$__rate_interval", rate_interval);
        let variables = self.templating.list.iter();
        variables.fold(query, |query, variable| match &variable.all {
            Some(all) => query.replace(&format!("${}", variable.name), all),
            None => query,
        })
    }
}

impl Variable {
    /// The series and the label that its values come from, if it asks for any.
    ///
    /// # Panics
    ///
    /// If its query is not `label_values(series, label)`.
    pub fn label_values(&self) -> Option<(&str, &str)> {
        let VariableQuery::Query { query } = &self.query else {
            return None;
        };
        let inner = query.strip_prefix("label_values(");
        let inner = inner.and_then(|rest| rest.strip_suffix(')'));
        let parts = inner.and_then(|inner| inner.rsplit_once(", "));
        Some(parts.unwrap_or_else(|| panic!("{query} is not label_values(series, label)")))
    }
}

/// The dashboard's text.
///
/// # Panics
///
/// If it can't be read.
pub fn text() -> String {
    kit::read("grafana/dashboards/mcp-hub.json")
}
