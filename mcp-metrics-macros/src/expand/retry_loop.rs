//! Instrumentation of the retry loop in a function's body.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::visit::{Visit, visit_expr};
use syn::visit_mut::{VisitMut, visit_expr_mut};
use syn::{
    BinOp, Block, Error, Expr, ExprLoop, Item, Lifetime, Pat, Path, Result, ReturnType, Stmt, Type,
    UnOp, parse_quote,
};

use super::outcome::is_failure;
use crate::returns::nameable;
use crate::value_type::ValueType;

/// Instruments the only outermost loop of `body` to count its attempts in the local `attempts`.
///
/// `output` is the return type of the function.
pub(super) fn count_attempts(body: &mut Block, krate: &Path, output: &ReturnType) -> Result<()> {
    let value = match output {
        ReturnType::Type(_, ty) if ends_with_loop(body) => nameable(ty),
        _ => parse_quote!(_),
    };
    let mut finder = LoopFinder {
        found: Vec::new(),
        instrument: None,
    };
    finder.visit_block_mut(body);
    match finder.found.as_slice() {
        [_] => {
            LoopFinder {
                found: Vec::new(),
                instrument: Some((krate, &value)),
            }
            .visit_block_mut(body);
            Ok(())
        }
        [] => Err(Error::new(
            Span::call_site(),
            "expected exactly one loop, found 0; add `attempts = …` to retry the whole function, \
             or apply the attribute to the function that contains the loop",
        )),
        loops @ [_, second, ..] => Err(Error::new(
            *second,
            format!(
                "expected exactly one loop, found {}; move the retry loop into a function of its \
                 own and apply the attribute to it",
                loops.len()
            ),
        )),
    }
}

/// Visits the loops of a body that are not inside another loop, a closure, an `async` block or an
/// item.
struct LoopFinder<'a> {
    found: Vec<Span>,
    /// The path of the runtime crate and the type of the loop's value, to instrument the loops.
    instrument: Option<(&'a Path, &'a Type)>,
}

impl VisitMut for LoopFinder<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
                self.found.push(expr.span());
                if let Some((krate, value)) = self.instrument {
                    instrument(expr, krate, value);
                }
            }
            Expr::Closure(_) | Expr::Async(_) => {}
            _ => visit_expr_mut(self, expr),
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}

fn instrument(expr: &mut Expr, krate: &Path, ty: &Type) {
    // Methods by their path, since a trait of the user may have one of the same name for all types.
    let begin = quote_spanned! {Span::mixed_site()=>
        #krate::__private::Attempts::begin(attempts);
    };
    match expr {
        // Input:  for n in 1..=3 { … }
        // Output: { let ran_out = …; for n in watch(&ran_out, 1..=3) { attempts.begin(); … }
        //           if ran_out.get() { attempts.exhausted(); } }
        Expr::ForLoop(for_loop) => {
            prepend(&mut for_loop.body, &begin);
            let items = &for_loop.expr;
            let watched = quote_spanned! {Span::mixed_site()=>
                #krate::__private::watch(&ran_out, #items)
            };
            *for_loop.expr = Expr::Verbatim(watched);
            *expr = Expr::Verbatim(quote_spanned! {Span::mixed_site()=> {
                let ran_out = #krate::__private::RanOut::new();
                #for_loop
                if #krate::__private::RanOut::get(&ran_out) {
                    #krate::__private::Attempts::exhausted(attempts);
                }
            }});
        }
        // In `while let Err(…) = call()`, the condition is the attempt, and the body runs only
        // after a failed one. In a chain, such as `let Err(…) = call() && n < 5`, the attempt may
        // have failed without a run of the body. In other loops, the body is the attempt.
        Expr::While(while_loop) => {
            let failed = quote_spanned! {Span::mixed_site()=>
                #krate::__private::Attempts::failed_attempt(attempts)
            };
            match attempt_in(&mut while_loop.cond, &failed) {
                Attempt::None => prepend(&mut while_loop.body, &begin),
                Attempt::Whole => prepend(&mut while_loop.body, &quote!(#failed;)),
                Attempt::Operand => {}
            }
        }
        // Input:  loop { … break result … }
        // Output: { let value = loop { attempts.begin(); … break result … };
        //           attempts.broke_with(…value…); value }
        Expr::Loop(endless) => {
            let has_value = breaks_with_value(endless);
            prepend(&mut endless.body, &begin);
            if has_value {
                let value = quote_spanned!(Span::mixed_site()=> &value);
                let failed = is_failure(krate, &value, &ValueType::unknown());
                *expr = Expr::Verbatim(quote_spanned! {Span::mixed_site()=> {
                    let value: #ty = #endless;
                    #krate::__private::Attempts::broke_with(attempts, #failed);
                    value
                }});
            }
        }
        _ => {}
    }
}

fn prepend(body: &mut Block, statement: &TokenStream) {
    let statement = Expr::Verbatim(statement.clone());
    body.stmts.insert(0, Stmt::Expr(statement, None));
}

/// How the condition of a `while` loop makes an attempt.
enum Attempt {
    /// It makes none.
    None,
    /// The condition is the attempt, and holds if it fails.
    Whole,
    /// An operand of `&&` is the attempt. The operand that counts a failed one is inserted.
    Operand,
}

/// Looks for the attempt in a condition: `let Err(…) = …`, `call().is_err()` or `!call().is_ok()`.
/// Before a loop that tests a variable in this way, the variable may have been initialized without
/// an attempt. Inserts `failed` after an
/// operand of `&&`.
fn attempt_in(condition: &mut Expr, failed: &TokenStream) -> Attempt {
    match condition {
        Expr::Let(it) if matches_err(&it.pat) => Attempt::Whole,
        Expr::MethodCall(check) if check.method == "is_err" && !is_place(&check.receiver) => {
            Attempt::Whole
        }
        Expr::Unary(negated) if matches!(negated.op, UnOp::Not(_)) => match &*negated.expr {
            Expr::MethodCall(check) if check.method == "is_ok" && !is_place(&check.receiver) => {
                Attempt::Whole
            }
            _ => Attempt::None,
        },
        Expr::Binary(chain) if matches!(chain.op, BinOp::And(_)) => {
            match attempt_in(&mut chain.left, failed) {
                Attempt::Whole => {
                    insert_after(&mut chain.left, failed);
                    return Attempt::Operand;
                }
                Attempt::Operand => return Attempt::Operand,
                Attempt::None => {}
            }
            match attempt_in(&mut chain.right, failed) {
                Attempt::Whole => {
                    let chain = condition.to_token_stream();
                    *condition = Expr::Verbatim(quote!(#chain && #failed));
                    Attempt::Operand
                }
                other => other,
            }
        }
        _ => Attempt::None,
    }
}

/// Returns whether an expression is a variable or a field.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Paren(paren) => is_place(&paren.expr),
        _ => false,
    }
}

/// Replaces an operand of `&&` by the operand and `failed`.
fn insert_after(operand: &mut Expr, failed: &TokenStream) {
    *operand = Expr::Verbatim(quote!(#operand && #failed));
}

/// Returns whether a pattern matches an `Err`.
fn matches_err(pat: &Pat) -> bool {
    match pat {
        Pat::TupleStruct(pat) => {
            let last = pat.path.segments.last();
            last.is_some_and(|segment| segment.ident == "Err")
        }
        Pat::Ident(pat) => pat.subpat.as_ref().is_some_and(|(_, pat)| matches_err(pat)),
        Pat::Or(alternatives) => alternatives.cases.iter().any(matches_err),
        Pat::Paren(pat) => matches_err(&pat.pat),
        Pat::Reference(pat) => matches_err(&pat.pat),
        _ => false,
    }
}

/// Returns whether a body returns the value of a loop at its end. The compiler then infers the
/// loop's type from the return type, which it must also do if the value is read before.
fn ends_with_loop(body: &Block) -> bool {
    match body.stmts.last() {
        Some(Stmt::Expr(Expr::Loop(_), None)) => true,
        Some(Stmt::Expr(Expr::Return(returned), _)) => {
            matches!(returned.expr.as_deref(), Some(Expr::Loop(_)))
        }
        _ => false,
    }
}

/// Returns whether the loop has a `break` with a value.
fn breaks_with_value(endless: &ExprLoop) -> bool {
    struct Breaks<'a> {
        label: Option<&'a Lifetime>,
        nested: bool,
        value: bool,
    }

    impl<'ast> Visit<'ast> for Breaks<'_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Break(found) if found.expr.is_some() => {
                    let targets_loop = match &found.label {
                        Some(label) => Some(label) == self.label,
                        None => !self.nested,
                    };
                    self.value |= targets_loop;
                }
                Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => {
                    let outside = std::mem::replace(&mut self.nested, true);
                    visit_expr(self, expr);
                    self.nested = outside;
                    return;
                }
                Expr::Closure(_) | Expr::Async(_) => return,
                _ => {}
            }
            visit_expr(self, expr);
        }

        fn visit_item(&mut self, _: &'ast Item) {}
    }

    let label = endless.label.as_ref().map(|label| &label.name);
    let mut breaks = Breaks {
        label,
        nested: false,
        value: false,
    };
    breaks.visit_block(&endless.body);
    breaks.value
}
