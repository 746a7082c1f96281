//! Computes the labels of a query's results, and checks that all names in it exist.
//!
//! If the labels of an operator's sides can't match, the query is valid but never has a result.
//! That is an error here.

use promql_parser::{
    label::{Labels, MatchOp},
    parser::{
        AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality,
        VectorSelector, value::ValueType,
    },
};

use crate::names::{Names, Vocabulary, demand, set};

impl Vocabulary {
    /// Returns the labels of an expression's results.
    pub(crate) fn labels(&self, expr: &Expr) -> Result<Names, String> {
        match expr {
            Expr::Aggregate(it) => self.aggregate(it),
            Expr::Binary(it) => self.binary(it),
            Expr::Call(it) => self.call(it),
            Expr::Unary(it) => self.labels(&it.expr),
            Expr::Paren(it) => self.labels(&it.expr),
            Expr::Subquery(it) => self.labels(&it.expr),
            Expr::VectorSelector(it) => self.selector(it),
            Expr::MatrixSelector(it) => self.selector(&it.vs),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(Names::new()),
            Expr::Extension(_) => Err("extensions are not supported".to_owned()),
        }
    }

    /// Returns the labels of a selector's metric, if it has all labels of the matchers.
    pub(crate) fn selector(&self, selector: &VectorSelector) -> Result<Names, String> {
        let name = selector.name.as_deref().ok_or("a selector has no name")?;
        let labels = self
            .of_metric(name)
            .ok_or(format!("unknown metric {name}"))?;
        let matchers = &selector.matchers;
        let matchers = matchers
            .matchers
            .iter()
            .chain(matchers.or_matchers.iter().flatten());
        demand(name, labels, matchers.map(|matcher| &matcher.name))?;
        Ok(labels.clone())
    }

    fn aggregate(&self, aggregate: &AggregateExpr) -> Result<Names, String> {
        let labels = self.labels(&aggregate.expr)?;
        let (named, left) = match &aggregate.modifier {
            Some(LabelModifier::Include(by)) => (names(by), names(by)),
            Some(LabelModifier::Exclude(without)) => (names(without), &labels - &names(without)),
            None => (Names::new(), Names::new()),
        };
        demand(&aggregate.expr.to_string(), &labels, &named)?;
        match aggregate.op.to_string().as_str() {
            // These select series and keep their labels.
            "topk" | "bottomk" => Ok(labels),
            "count_values" => Err("count_values is not supported".to_owned()),
            _ => Ok(left),
        }
    }

    fn binary(&self, binary: &BinaryExpr) -> Result<Names, String> {
        let (left, right) = (self.labels(&binary.lhs)?, self.labels(&binary.rhs)?);
        let is_scalar = |side: &Expr| side.value_type() == ValueType::Scalar;
        if is_scalar(&binary.lhs) {
            return Ok(right);
        }
        if is_scalar(&binary.rhs) {
            return Ok(left);
        }
        let matching = binary.modifier.as_ref().and_then(|it| it.matching.as_ref());
        let kept = match matching {
            Some(LabelModifier::Include(on)) => {
                demand(&binary.lhs.to_string(), &left, &names(on))?;
                demand(&binary.rhs.to_string(), &right, &names(on))?;
                names(on)
            }
            Some(LabelModifier::Exclude(ignoring)) => &left - &names(ignoring),
            None => left.clone(),
        };
        let operator = binary.op.to_string();
        if operator == "or" {
            return Ok(&left | &right);
        }
        let other = match matching {
            Some(LabelModifier::Include(on)) => names(on),
            Some(LabelModifier::Exclude(ignoring)) => &right - &names(ignoring),
            None => right.clone(),
        };
        if kept != other {
            return Err(format!("the sides never match: {left:?} and {right:?}"));
        }
        if binary.op.is_set_operator() {
            return Ok(left);
        }
        match binary.modifier.as_ref().map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(more)) => {
                demand(&binary.rhs.to_string(), &right, &names(more))?;
                Ok(&left | &names(more))
            }
            Some(VectorMatchCardinality::OneToMany(more)) => {
                demand(&binary.lhs.to_string(), &left, &names(more))?;
                Ok(&right | &names(more))
            }
            _ => Ok(kept),
        }
    }

    /// Returns the labels with the new one, if the label that it is computed from exists.
    fn label_replace(&self, call: &Call) -> Result<Names, String> {
        let [vector, new, _, source, _] = &call.args.args[..] else {
            return Err("label_replace has five arguments".to_owned());
        };
        let mut labels = self.labels(vector)?;
        demand(&vector.to_string(), &labels, [&text(source)?])?;
        labels.insert(text(new)?);
        Ok(labels)
    }

    fn call(&self, call: &Call) -> Result<Names, String> {
        let mut labels = Names::new();
        for argument in &call.args.args {
            labels.extend(self.labels(argument)?);
        }
        match call.func.name {
            "absent" | "absent_over_time" => {
                Ok(call.args.args.iter().flat_map(|it| equal(it)).collect())
            }
            "scalar" | "vector" | "time" => Ok(Names::new()),
            "label_replace" => self.label_replace(call),
            "label_join" => Err("label_join is not supported".to_owned()),
            "histogram_quantile" if !self.reads_native(histograms(call)) => {
                demand("histogram_quantile's argument", &labels, &set(&["le"]))?;
                Ok(&labels - &set(&["le"]))
            }
            name @ ("histogram_count" | "histogram_sum")
                if !self.reads_native(histograms(call)) =>
            {
                Err(format!(
                    "{name} has no native histogram in {}",
                    histograms(call)
                ))
            }
            _ => Ok(labels),
        }
    }
}

/// Returns the vector of a function that computes from histograms.
fn histograms(call: &Call) -> &Expr {
    call.args.args.last().expect("the parser checks arguments")
}

/// Returns the text of an argument.
fn text(expr: &Expr) -> Result<String, String> {
    match expr {
        Expr::StringLiteral(it) => Ok(it.val.clone()),
        _ => Err(format!("{expr} is not a text")),
    }
}

/// Returns the labels with a fixed value in a selector, which are the labels of `absent`.
fn equal(expr: &Expr) -> Names {
    let matchers = match expr {
        Expr::VectorSelector(it) => &it.matchers,
        Expr::MatrixSelector(it) => &it.vs.matchers,
        _ => return Names::new(),
    };
    let fixed = matchers
        .matchers
        .iter()
        .filter(|it| it.op == MatchOp::Equal);
    fixed.map(|it| it.name.clone()).collect()
}

fn names(labels: &Labels) -> Names {
    labels.labels.iter().cloned().collect()
}
