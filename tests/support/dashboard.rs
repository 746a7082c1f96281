//! The Grafana dashboards of the operations kit, and the queries that Grafana sends for it.

use serde::Deserialize;

use crate::kit;

/// The dashboard of hubs.
pub const HUB: &str = "mcp-hub";
/// The dashboard of MCP servers.
pub const MCP_SERVER: &str = "mcp-server";

/// A dashboard.
#[derive(Debug, Deserialize)]
pub struct Dashboard {
    /// The last part of its URL.
    pub uid: String,
    /// The version of Grafana's dashboard schema.
    #[serde(rename = "schemaVersion")]
    pub schema_version: u32,
    /// Its template variables.
    pub templating: Templating,
    /// Its panels, rows among them.
    pub panels: Vec<Panel>,
}

/// The template variables of a dashboard.
#[derive(Debug, Deserialize)]
pub struct Templating {
    /// The variables in order; later ones depend on earlier ones.
    pub list: Vec<Variable>,
}

/// A template variable.
#[derive(Debug, Deserialize)]
pub struct Variable {
    /// Its name in queries, without the dollar sign.
    pub name: String,
    /// `datasource` or `query`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The source of its values.
    pub query: VariableQuery,
    /// The value that selects everything.
    #[serde(rename = "allValue")]
    pub all: Option<String>,
}

/// The source of a variable's values.
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

/// A panel, or a row that groups the panels below it.
#[derive(Debug, Deserialize)]
pub struct Panel {
    /// Its id.
    pub id: u32,
    /// Its type; `row` for a row.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// Its area on the grid.
    #[serde(rename = "gridPos")]
    pub area: Area,
    /// Its queries.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// The display options of its values.
    #[serde(rename = "fieldConfig")]
    pub field_config: Option<FieldConfig>,
}

/// An area of a grid of 24 columns.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its left column.
    pub x: u32,
    /// Its upper line.
    pub y: u32,
    /// Its width.
    pub w: u32,
    /// Its height.
    pub h: u32,
}

/// A query of a panel.
#[derive(Debug, Deserialize)]
pub struct Target {
    /// Its name within the panel.
    #[serde(rename = "refId")]
    pub ref_id: String,
    /// `PromQL`, with variables.
    pub expr: String,
    /// The template of the series' legends.
    #[serde(rename = "legendFormat")]
    pub legend: String,
}

/// The display options of a panel.
#[derive(Debug, Deserialize)]
pub struct FieldConfig {
    /// The options for all values.
    pub defaults: Defaults,
}

/// The display options for all values.
#[derive(Debug, Deserialize)]
pub struct Defaults {
    /// Grafana's identifier of the unit.
    pub unit: String,
}

impl Dashboard {
    /// Reads one of the kit's dashboards.
    ///
    /// # Panics
    ///
    /// If it is missing or not a dashboard.
    pub fn read(name: &str) -> Self {
        serde_json::from_str(&text(name)).expect("a dashboard")
    }

    /// Returns the panels that are not rows.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.panels.iter().filter(|panel| panel.kind != "row")
    }

    /// Returns a query as Grafana sends it with all values selected and this rate interval.
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
    /// Returns the series and the label of its values, if they are queried.
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

/// Reads the JSON of one of the kit's dashboards.
///
/// # Panics
///
/// If it can't be read.
pub fn text(name: &str) -> String {
    kit::read(&format!("grafana/dashboards/{name}.json"))
}
