//! The structure of a query, without what its forms leave open: selectors, grouping and windows.

use std::collections::BTreeSet;

use mcp_metrics::catalog::{self, Family, Kind};
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, VectorSelector,
};

/// The ends of the sample names of a histogram.
const SAMPLES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// The structure of a query.
#[derive(Default)]
pub(crate) struct Shape {
    /// The query in a form that is equal for all queries of the same structure.
    pub(crate) text: String,
    /// The label lists of aggregations and of `on`, without `le`.
    pub(crate) groupings: BTreeSet<String>,
    /// The ranges and offsets.
    pub(crate) windows: BTreeSet<String>,
    /// Whether metrics are replaced by their kinds.
    by_kind: bool,
    /// The families that were replaced.
    families: Vec<&'static str>,
}

impl Shape {
    /// Returns the structure with the names of the metrics, and the matchers that select failures.
    pub(crate) fn by_name(query: &Expr) -> Self {
        Self::of(query, false)
    }

    /// Returns the structure with the kinds of the metrics: `counter0`, `histogram0_bucket`.
    pub(crate) fn by_kind(query: &Expr) -> Self {
        Self::of(query, true)
    }

    fn of(query: &Expr, by_kind: bool) -> Self {
        let mut shape = Self {
            by_kind,
            ..Self::default()
        };
        shape.text = shape.print(query);
        shape
    }

    fn print(&mut self, query: &Expr) -> String {
        match query {
            Expr::Aggregate(it) => self.aggregate(it),
            Expr::Binary(it) => self.binary(it),
            Expr::Call(it) => self.call(it),
            Expr::Unary(it) => format!("-{}", self.print(&it.expr)),
            Expr::Paren(it) => self.print(&it.expr),
            Expr::VectorSelector(it) => self.selector(it),
            Expr::MatrixSelector(it) => {
                self.windows.insert(format!("{:?}", it.range));
                format!("{}[…]", self.selector(&it.vs))
            }
            other => other.to_string(),
        }
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr) -> String {
        let labels = match &aggregate.modifier {
            Some(LabelModifier::Include(by)) => by.labels.clone(),
            Some(LabelModifier::Exclude(_)) => return format!("without: {aggregate}"),
            None => Vec::new(),
        };
        let (bounds, labels): (Vec<_>, Vec<_>) = labels.into_iter().partition(|it| it == "le");
        self.groupings.insert(labels.join(", "));
        let op = aggregate.op;
        format!("{op}{}({})", bounds.concat(), self.print(&aggregate.expr))
    }

    fn binary(&mut self, binary: &BinaryExpr) -> String {
        let modifier = binary.modifier.as_ref();
        let group = match modifier.map(|it| &it.card) {
            Some(VectorMatchCardinality::ManyToOne(_)) => " group_left",
            Some(VectorMatchCardinality::OneToMany(_)) => " group_right",
            _ => "",
        };
        if let Some(LabelModifier::Include(on)) = modifier.and_then(|it| it.matching.as_ref())
            && group.is_empty()
        {
            self.groupings.insert(on.labels.join(", "));
        }
        let (left, right) = (self.print(&binary.lhs), self.print(&binary.rhs));
        format!("({left} {}{group} {right})", binary.op)
    }

    fn call(&mut self, call: &Call) -> String {
        let arguments = call.args.args.iter().map(|argument| match &**argument {
            // Any quantile.
            Expr::NumberLiteral(_) => "…".to_owned(),
            argument => self.print(argument),
        });
        let arguments: Vec<_> = arguments.collect();
        format!("{}({})", call.func.name, arguments.join(", "))
    }

    fn selector(&mut self, selector: &VectorSelector) -> String {
        let name = selector.name.as_deref().unwrap_or_default();
        let mut text = match family(name) {
            Some((family, sample)) if self.by_kind => {
                let known = self.families.iter().position(|it| *it == family.name);
                let index = known.unwrap_or_else(|| {
                    self.families.push(family.name);
                    self.families.len() - 1
                });
                format!("{}{index}{sample}", family.kind.as_str())
            }
            _ => without_window(name),
        };
        let matchers = selector.matchers.matchers.iter();
        for matcher in matchers.filter(|it| !self.by_kind && selects_failures(it)) {
            text.push_str(&matcher.to_string());
        }
        if let Some(offset) = &selector.offset {
            self.windows.insert(offset.to_string());
            text.push_str(" offset");
        }
        text
    }
}

/// Returns the family of a metric, and what the metric's name has in addition.
pub(crate) fn family(name: &str) -> Option<(&'static Family, &'static str)> {
    let families = [
        catalog::FAMILIES,
        catalog::EXPORTER_FAMILIES,
        catalog::llm::FAMILIES,
        catalog::mcp::FAMILIES,
    ];
    let mut families = families.into_iter().flatten();
    families.find_map(|family| match family.kind {
        _ if family.name == name => Some((family, "")),
        Kind::Histogram => {
            let sample = name.strip_prefix(family.name)?;
            let sample = SAMPLES.into_iter().find(|it| *it == sample)?;
            Some((family, sample))
        }
        _ => None,
    })
}

/// Returns the selectors in a query.
pub(crate) fn selectors(query: &Expr) -> Vec<&VectorSelector> {
    match query {
        Expr::Aggregate(it) => selectors(&it.expr),
        Expr::Binary(it) => [selectors(&it.lhs), selectors(&it.rhs)].concat(),
        Expr::Call(it) => it.args.args.iter().flat_map(|it| selectors(it)).collect(),
        Expr::Unary(it) => selectors(&it.expr),
        Expr::Paren(it) => selectors(&it.expr),
        Expr::Subquery(it) => selectors(&it.expr),
        Expr::VectorSelector(it) => vec![it],
        Expr::MatrixSelector(it) => vec![&it.vs],
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Vec::new(),
    }
}

/// Returns whether both operands of an operator are series.
pub(crate) fn is_between_series(binary: &BinaryExpr) -> bool {
    [&binary.lhs, &binary.rhs]
        .iter()
        .all(|side| side.value_type() == ValueType::Vector)
}

fn selects_failures(matcher: &Matcher) -> bool {
    matches!(
        (&*matcher.name, &matcher.op, &*matcher.value),
        ("error_type", MatchOp::NotEqual, "") | ("status", MatchOp::Equal, "failure")
    )
}

/// Returns the name of a recorded series without its level and window, such as
/// `mcp_hub_requests:rate`; other names unchanged.
fn without_window(name: &str) -> String {
    match name.split(':').collect::<Vec<_>>()[..] {
        [_, metric, operation] => {
            let is_window = |c: char| c.is_ascii_digit() || "smhd".contains(c);
            let start = operation.find(|c: char| c.is_ascii_digit());
            let window = start.filter(|start| operation[*start..].chars().all(is_window));
            let end = window.unwrap_or(operation.len());
            format!("{metric}:{}", &operation[..end])
        }
        _ => name.to_owned(),
    }
}
