//! Loading a private key, and finding out why it cannot be loaded.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::sign::SigningKey;

use super::TlsError;

/// The sizes of RSA keys that ring can sign with.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;

/// The contents of the object identifiers `rsaEncryption` and `id-RSASSA-PSS`.
const RSA: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a],
];

/// Loads the private key of a PEM file.
pub(super) fn load(
    path: &Path,
    provider: &CryptoProvider,
) -> Result<Arc<dyn SigningKey>, TlsError> {
    let failed = |source| TlsError::File {
        path: path.to_owned(),
        source,
    };
    let text = fs::read(path).map_err(|error| failed(pem::Error::Io(error)))?;
    let key = match PrivateKeyDer::from_pem_slice(&text) {
        Ok(key) => key,
        // Its header lines are no base64.
        Err(_) if is_encrypted(&text) => return Err(TlsError::EncryptedKey(path.to_owned())),
        Err(pem::Error::NoItemsFound) => return Err(TlsError::NoKey(path.to_owned())),
        Err(error) => return Err(failed(error)),
    };
    let bits = rsa_bits(&key);
    provider
        .key_provider
        .load_private_key(key)
        .map_err(|source| match bits {
            Some(bits) if !RSA_BITS.contains(&bits) => TlsError::RsaKeySize {
                path: path.to_owned(),
                bits,
            },
            _ if is_encrypted(&text) => TlsError::EncryptedKey(path.to_owned()),
            _ => TlsError::UnsupportedKey {
                path: path.to_owned(),
                source,
            },
        })
}

/// Returns whether a PEM file has an encrypted key: in PKCS #8, or in the format of RFC 1421.
fn is_encrypted(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).lines().any(|line| {
        line.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----")
            || line.starts_with("Proc-Type:") && line.contains("ENCRYPTED")
    })
}

/// Returns the size of an RSA key; `None` for other keys.
fn rsa_bits(key: &PrivateKeyDer<'_>) -> Option<usize> {
    match key {
        PrivateKeyDer::Pkcs1(key) => modulus_bits(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => {
            let mut fields = Der::of(key.secret_pkcs8_der(), SEQUENCE)?;
            fields.next(INTEGER)?;
            let mut algorithm = Der(fields.next(SEQUENCE)?);
            if !RSA.contains(&algorithm.next(OBJECT_IDENTIFIER)?) {
                return None;
            }
            modulus_bits(fields.next(OCTET_STRING)?)
        }
        _ => None,
    }
}

/// Returns the size of the modulus of an `RSAPrivateKey` (RFC 8017, appendix A.1.2).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let mut fields = Der::of(key, SEQUENCE)?;
    fields.next(INTEGER)?;
    let modulus = fields.next(INTEGER)?;
    let start = modulus.iter().position(|byte| *byte != 0)?;
    let significant = &modulus[start..];
    Some(significant.len() * 8 - significant[0].leading_zeros() as usize)
}

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// A sequence of DER values.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Returns the content of a single value.
    fn of(value: &'a [u8], tag: u8) -> Option<Self> {
        Self(value).next(tag).map(Self)
    }

    /// Returns the content of the next value, if it has this tag.
    fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        // From 0x80 on, the number of bytes of the length.
        let (length, rest) = match first {
            ..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = length
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (found == tag).then_some(content)
    }
}
