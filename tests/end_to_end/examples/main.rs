//! End-to-end tests of the small examples: the programs are built and started as a user does, called
//! over HTTP and MCP, and their scrapes are compared with the expected series.
//!
//! The library `translator` is tested by its own tests.

mod axum_service;
mod batch_job;
mod company;
mod llm_client;
mod programs;
mod quickstart;
mod rmcp_server;
mod stdio_server;
