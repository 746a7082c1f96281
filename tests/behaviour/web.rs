//! The layer `web::HttpLayer`: labels, outcomes, and where a request ends.

#[path = "web/bodies.rs"]
mod bodies;
#[path = "web/clients.rs"]
mod clients;
#[path = "web/labels.rs"]
mod labels;
#[path = "web/outcomes.rs"]
mod outcomes;
#[path = "web/responses.rs"]
mod responses;
#[path = "web/routers.rs"]
mod routers;
#[path = "web/server.rs"]
mod server;
#[path = "web/services.rs"]
mod services;
