#![doc = include_str!("../docs/guide/index.md")]

#[doc = include_str!("../docs/guide/quickstart.md")]
pub mod quickstart {}

#[doc = include_str!("../docs/guide/mcp_server.md")]
pub mod mcp_server {}

#[doc = include_str!("../docs/guide/mcp_tools.md")]
pub mod mcp_tools {}

#[doc = include_str!("../docs/guide/axum.md")]
pub mod axum {}

#[doc = include_str!("../docs/guide/axum_layer.md")]
pub mod axum_layer {}

#[doc = include_str!("../docs/guide/library.md")]
pub mod library {}

#[doc = include_str!("../docs/guide/batch.md")]
pub mod batch {}

#[doc = include_str!("../docs/guide/errors.md")]
pub mod errors {}

#[doc = include_str!("../docs/guide/retries.md")]
pub mod retries {}

#[doc = include_str!("../docs/guide/streams.md")]
pub mod streams {}

#[doc = include_str!("../docs/guide/llm.md")]
pub mod llm {}

#[doc = include_str!("../docs/guide/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/guide/metrics.md")]
pub mod metrics {}

#[doc = include_str!("../docs/guide/security.md")]
pub mod security {}

#[doc = include_str!("../docs/guide/runbook.md")]
pub mod runbook {}

#[doc = include_str!("../docs/guide/mcp_runbook.md")]
pub mod mcp_runbook {}

#[doc = include_str!("../docs/guide/llm_runbook.md")]
pub mod llm_runbook {}

#[doc = include_str!("../docs/guide/cardinality.md")]
pub mod cardinality {}

#[doc = include_str!("../docs/guide/migrating.md")]
pub mod migrating {}

#[doc = include_str!("../docs/guide/troubleshooting.md")]
pub mod troubleshooting {}

// Compiles the example of the README, which is not part of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
