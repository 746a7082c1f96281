//! Heads of messages, for functions that do not depend on the type of the body.

use std::sync::Arc;

use http::{Request, Response, request, response};

/// A function of a head `H`.
pub(super) type HeadFn<H, T> = Arc<dyn Fn(&H) -> T + Send + Sync>;

/// Calls `f` with the head of a request. Returns its result, and the request.
pub(super) fn with_request_head<B, T>(
    request: Request<B>,
    f: impl FnOnce(&request::Parts) -> T,
) -> (T, Request<B>) {
    let (head, body) = request.into_parts();
    let result = f(&head);
    (result, Request::from_parts(head, body))
}

/// Calls `f` with the head of a response. Returns its result, and the response.
pub(super) fn with_response_head<B, T>(
    response: Response<B>,
    f: impl FnOnce(&response::Parts) -> T,
) -> (T, Response<B>) {
    let (head, body) = response.into_parts();
    let result = f(&head);
    (result, Response::from_parts(head, body))
}
