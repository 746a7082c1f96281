//! Compares the forwarded methods with the trait of the resolved rmcp.
