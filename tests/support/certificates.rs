//! Certificate authorities and the certificates that they issue, generated for each test.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256,
};

/// A certificate authority.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// Generates an authority that no trust store contains.
    ///
    /// # Panics
    ///
    /// If the system provides no randomness.
    pub fn new() -> Self {
        let params = CertificateParams::new(Vec::new());
        let mut params = params.expect("an empty list of names is valid");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, key()).expect("the certificate is valid"))
    }

    /// Returns its own certificate in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Issues a certificate for a host or a client of this name.
    ///
    /// # Panics
    ///
    /// If `name` is not a valid name.
    pub fn issue(&self, name: &str) -> Identity {
        let key = key();
        let params = CertificateParams::new([name.to_owned()]).expect("the name is valid");
        let certificate = params.signed_by(&key, &self.0);
        let certificate = certificate.expect("the certificate is valid");
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key can be generated")
}
