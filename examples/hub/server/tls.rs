//! The cryptography behind https.

/// Makes rustls use ring, once and for the whole process. reqwest leaves the choice to the program;
/// ring takes the least time and the fewest tools to compile.
pub(crate) fn use_ring() {
    // An error says that a provider is installed already, which is all that is needed.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
