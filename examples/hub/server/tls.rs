//! The TLS crypto provider.

/// Installs ring as the process-wide crypto provider of rustls. reqwest leaves the choice to the
/// program; ring compiles fastest and needs the fewest tools.
pub(crate) fn use_ring() {
    // An error means that a provider is already installed, which is sufficient.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
