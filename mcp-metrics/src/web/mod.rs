//! Requests of web services: [`HttpLayer`] records each request of an axum router, or of another
//! tower service for HTTP, without annotations.
//!
//! The guide [`axum`](crate::guide::axum) shows a service, and [`axum_layer`](crate::guide::axum_layer)
//! which requests the layer records.

mod body;
mod future;
mod head;
mod layer;
mod outcome;
mod routes;
mod service;

pub use body::ResponseBody;
pub use future::ResponseFuture;
pub use layer::HttpLayer;
pub use outcome::is_event_stream;
pub use service::HttpService;
