//! The spelling of queries: spaces, the place of `by`, and the order of labels.

use promql_parser::parser::{Expr, LabelModifier};

use super::shape::{family, selectors};

/// Checks the spelling of a query.
pub(crate) fn check(text: &str, query: &Expr) -> Result<(), String> {
    let printed = spaced(&query.to_string().replace("\",", "\", "));
    // The parser sorts the matchers.
    let written = with_sorted_matchers(&spaced(text));
    if written != printed {
        return Err(format!("`{text}` is written as `{printed}`"));
    }
    check_labels(query)
}

/// Returns the query on one line.
fn spaced(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace("( ", "(").replace(" )", ")")
}

/// Returns the query with the matchers of each selector in the order of their labels.
fn with_sorted_matchers(query: &str) -> String {
    let mut parts = query.split('{');
    let mut sorted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (matchers, rest) = part.split_once('}').unwrap_or((part, ""));
        let mut matchers: Vec<_> = matchers.split(", ").collect();
        matchers.sort_unstable();
        sorted.push('{');
        sorted.push_str(&matchers.join(", "));
        sorted.push('}');
        sorted.push_str(rest);
    }
    sorted
}

/// Checks the order of the labels in each `by` and `on`.
fn check_labels(query: &Expr) -> Result<(), String> {
    match query {
        Expr::Aggregate(it) => {
            check_order(query, it.modifier.as_ref())?;
            check_labels(&it.expr)
        }
        Expr::Binary(it) => {
            let matching = it.modifier.as_ref().and_then(|it| it.matching.as_ref());
            check_order(query, matching)?;
            check_labels(&it.lhs)?;
            check_labels(&it.rhs)
        }
        Expr::Call(it) => it.args.args.iter().try_for_each(|it| check_labels(it)),
        Expr::Unary(it) => check_labels(&it.expr),
        Expr::Paren(it) => check_labels(&it.expr),
        Expr::Subquery(it) => check_labels(&it.expr),
        _ => Ok(()),
    }
}

/// Checks that labels are in the order of the family, between those of the target and the bound of a
/// bucket.
fn check_order(query: &Expr, labels: Option<&LabelModifier>) -> Result<(), String> {
    let Some(LabelModifier::Include(labels)) = labels else {
        return Ok(());
    };
    let names = selectors(query)
        .into_iter()
        .filter_map(|it| it.name.as_deref());
    for (family, _) in names.filter_map(family) {
        let order = ["job", "instance"]
            .iter()
            .chain(family.labels)
            .chain(&["le"]);
        let order: Vec<_> = order
            .filter(|name| labels.labels.iter().any(|it| it == **name))
            .collect();
        if labels.labels.iter().ne(order.iter().copied()) {
            return Err(format!("the order of labels is {order:?}: {query}"));
        }
    }
    Ok(())
}
