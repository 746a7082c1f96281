//! The labels of requests: by route, or by functions of the request.

use std::collections::HashMap;
use std::fmt;
use std::sync::{OnceLock, PoisonError, RwLock};

use axum::extract::MatchedPath;
use http::Request;
use http::request::Parts;
use metrics::SharedString;

use super::head::{HeadFn, with_request_head};
use crate::http_message::HttpMethod;
use crate::request_labels::{RequestLabels, share};

/// The operation of requests without a matched path.
const UNMATCHED: &str = "unmatched";

/// Decides the labels of requests, and which ones are recorded.
#[derive(Clone)]
pub(super) struct Routes {
    pub(super) agent: SharedString,
    pub(super) unmatched: SharedString,
    pub(super) agent_with: Option<HeadFn<Parts, SharedString>>,
    pub(super) operation_with: Option<HeadFn<Parts, SharedString>>,
    pub(super) exclude_if: Option<HeadFn<Parts, bool>>,
    /// What is recorded of single routes: the last one that matches applies.
    pub(super) rules: Vec<(RoutePattern, RouteRule)>,
    /// Cleared in a clone, whose rules may change.
    known: KnownRoutes,
}

/// Selects requests by their matched path, and by their method if there is one.
#[derive(Clone, Debug)]
pub(super) struct RoutePattern {
    method: Option<String>,
    path: String,
}

#[derive(Clone, Debug)]
pub(super) enum RouteRule {
    Operation(SharedString),
    Exclude,
}

/// The operation of a method of a route.
#[derive(Clone)]
enum RouteOperation {
    /// Set for this route.
    Set(SharedString),
    /// The method and the path, unless a function returns another one.
    Default(SharedString),
    Excluded,
}

/// The operations of all routes that had requests, so that later requests do not allocate. A
/// service has a fixed number of routes.
#[derive(Default)]
struct KnownRoutes(RwLock<HashMap<Box<str>, MethodOperations>>);

type MethodOperations = [OnceLock<RouteOperation>; HttpMethod::COUNT];

impl RoutePattern {
    /// Parses `/path` or `METHOD /path`.
    pub(super) fn new(route: &str) -> Self {
        let (method, path) = match route.split_once(' ') {
            Some((method, path)) => (Some(method.to_owned()), path.trim_start()),
            None => (None, route),
        };
        let path = path.to_owned();
        Self { method, path }
    }

    fn matches(&self, method: HttpMethod, path: &str) -> bool {
        self.path == path && self.method.as_ref().is_none_or(|it| it == method.name())
    }
}

impl Routes {
    pub(super) fn new(agent: SharedString) -> Self {
        Self {
            agent: share(agent),
            unmatched: SharedString::const_str(UNMATCHED),
            agent_with: None,
            operation_with: None,
            exclude_if: None,
            rules: Vec::new(),
            known: KnownRoutes::default(),
        }
    }

    /// Returns the labels of a request, or `None` if it is excluded, and the request.
    pub(super) fn labels<B>(
        &self,
        method: HttpMethod,
        request: Request<B>,
    ) -> (Option<RequestLabels>, Request<B>) {
        let path = request.extensions().get::<MatchedPath>();
        let operation = match path {
            Some(path) => self.operation(method, path.as_str()),
            None => RouteOperation::Default(self.unmatched.clone()),
        };
        let (operation, is_set) = match operation {
            RouteOperation::Set(operation) => (operation, true),
            RouteOperation::Default(operation) => (operation, false),
            RouteOperation::Excluded => return (None, request),
        };
        let operation_with = self.operation_with.as_ref().filter(|_| !is_set);
        let agent_with = self.agent_with.as_ref();
        if operation_with.is_none() && agent_with.is_none() && self.exclude_if.is_none() {
            let labels = RequestLabels::new(self.agent.clone(), operation);
            return (Some(labels), request);
        }
        with_request_head(request, |head| {
            if self.exclude_if.as_ref().is_some_and(|rule| rule(head)) {
                return None;
            }
            let agent = agent_with.map_or_else(|| self.agent.clone(), |agent| agent(head));
            let operation = operation_with.map_or(operation, |operation| operation(head));
            Some(RequestLabels::new(agent, operation))
        })
    }

    /// Returns the operation of a matched path.
    fn operation(&self, method: HttpMethod, path: &str) -> RouteOperation {
        let find = |methods: &MethodOperations| {
            let operation = &methods[method.index()];
            operation.get_or_init(|| self.find(method, path)).clone()
        };
        let known = &self.known.0;
        {
            let known = known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(methods) = known.get(path) {
                return find(methods);
            }
        }
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        find(known.entry(path.into()).or_default())
    }

    fn find(&self, method: HttpMethod, path: &str) -> RouteOperation {
        let mut rules = self.rules.iter().rev();
        match rules.find(|(pattern, _)| pattern.matches(method, path)) {
            Some((_, RouteRule::Operation(operation))) => RouteOperation::Set(operation.clone()),
            Some((_, RouteRule::Exclude)) => RouteOperation::Excluded,
            None => {
                let operation = format!("{} {path}", method.name());
                RouteOperation::Default(share(operation.into()))
            }
        }
    }
}

impl Clone for KnownRoutes {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("agent", &self.agent)
            .field("unmatched", &self.unmatched)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
