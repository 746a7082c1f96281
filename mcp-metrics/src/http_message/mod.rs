//! What labels and outcomes need of HTTP messages: methods, and how much of a body is left.

mod body;
mod method;

pub(crate) use body::{BodyProgress, is_event_stream};
pub(crate) use method::HttpMethod;
