//! The queries of the repository.

use std::path::Path;

use mcp_metrics_tests::dashboard::{Dashboard, HUB, MCP_SERVER};
use mcp_metrics_tests::kit;
use serde_json::Value;

use super::forms::Place;
use crate::markdown::Document;

/// The pages for operators who have installed the monitoring kit.
const OF_THE_KIT: [&str; 3] = ["monitoring/README", "runbook", "mcp_runbook"];

/// The rules that record the names of another project's dashboard, and not in forms of this crate.
const FOREIGN_RULES: &str = "mcp-public-dashboard.yml";

/// A query.
#[derive(Debug)]
pub(crate) struct Query {
    /// The document, the rule file or the dashboard.
    pub(crate) source: String,
    pub(crate) place: Place,
    /// The query, with a fixed window instead of Grafana's variable.
    pub(crate) text: String,
    /// Whether its readers have the recorded series of the kit.
    pub(crate) of_the_kit: bool,
    /// Whether rules record its result.
    pub(crate) recorded_as: Option<String>,
}

impl Query {
    fn new(source: &str, place: Place, text: &str) -> Self {
        Self {
            source: source.to_owned(),
            place,
            text: text.trim().to_owned(),
            of_the_kit: OF_THE_KIT.iter().any(|page| source.ends_with(page)),
            recorded_as: None,
        }
    }
}

/// Returns all queries.
pub(crate) fn all() -> Vec<Query> {
    let mut queries = in_documents();
    queries.extend(in_rules());
    queries.extend(on_dashboards());
    queries
}

/// Returns the queries in Markdown files: in blocks, separated by empty lines, and in prose.
pub(crate) fn in_documents() -> Vec<Query> {
    let mut documents = crate::guides::documents();
    let others = crate::links::documents().into_iter();
    documents.extend(
        others
            .filter(|path| !path.ends_with("README.md") || is_of_the_kit(path))
            .map(|path| {
                let name = path.with_extension("");
                (name.to_string_lossy().into_owned(), kit::text(&path))
            }),
    );
    let corpus = kit::folder().join("../hub/documents/promql.md");
    documents.push(("corpus".to_owned(), kit::text(&corpus)));
    let queries = documents.iter().flat_map(|(name, text)| {
        let texts = in_markdown(text);
        texts
            .into_iter()
            .map(|query| Query::new(name, Place::Document, &query))
    });
    queries.collect()
}

fn is_of_the_kit(path: &Path) -> bool {
    path.ends_with("monitoring/README.md")
}

fn in_markdown(text: &str) -> Vec<String> {
    let document = Document::parse(text);
    let blocks = document.blocks.iter().filter(|it| it.language == "promql");
    let blocks = blocks.map(|block| block.lines.join("\n"));
    let in_blocks = blocks.flat_map(|block| {
        let queries = block.split("\n\n").map(str::to_owned);
        queries.collect::<Vec<_>>()
    });
    let in_prose = document.code().into_iter().filter(|code| is_query(code));
    let in_prose = in_prose.map(str::to_owned);
    in_blocks.chain(in_prose).collect()
}

/// Returns whether code in prose is a query, not a part of one.
pub(crate) fn is_query(code: &str) -> bool {
    const PARTS: [&str; 8] = [
        "rate(",
        "increase(",
        "_over_time(",
        "histogram_quantile(",
        "count by (",
        "sum by (",
        "sum(",
        " by (",
    ];
    !code.contains('…') && code.contains('_') && PARTS.iter().any(|part| code.contains(part))
}

fn in_rules() -> Vec<Query> {
    let folder = kit::folder().join("rules");
    let files = std::fs::read_dir(folder).expect("the kit has rules");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| !path.ends_with(FOREIGN_RULES));
    let rules = paths.iter().flat_map(|path| {
        let file: Value = serde_saphyr::from_str(&kit::text(path)).expect("YAML");
        let groups = file["groups"].as_array().expect("groups").clone();
        let rules = groups
            .into_iter()
            .filter_map(|group| group["rules"].as_array().cloned());
        let source = path.to_string_lossy().into_owned();
        rules.flatten().map(move |rule| Query {
            recorded_as: rule["record"].as_str().map(str::to_owned),
            ..Query::new(&source, Place::Kit, rule["expr"].as_str().expect("a query"))
        })
    });
    rules.collect()
}

fn on_dashboards() -> Vec<Query> {
    let mut queries = Vec::new();
    for name in [HUB, MCP_SERVER] {
        let dashboard = Dashboard::read(name);
        let targets = dashboard.panels().flat_map(|panel| &panel.targets);
        let texts = targets.map(|target| target.expr.replace("$__rate_interval", "1m"));
        queries.extend(texts.map(|text| Query::new(name, Place::Kit, &text)));
    }
    queries
}
