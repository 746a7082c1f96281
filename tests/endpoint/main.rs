//! The HTTP endpoint: what it answers, to whom, and what it puts up with.

mod access;
mod files;
mod formats;
mod limits;
mod routes;
mod tls;
