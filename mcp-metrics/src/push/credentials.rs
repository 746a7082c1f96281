//! The credentials of a push, which may be rotated while the program runs.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::ExposeSecret as _;
use ureq::http::HeaderValue;

use crate::secret::{Secret, SecretError};

/// A user name and a password.
#[derive(Debug)]
pub(super) struct Credentials {
    user: String,
    password: Secret,
    /// The value of the `Authorization` header, marked as sensitive.
    header: HeaderValue,
    /// Whether the last attempt to read the password failed.
    is_stale: bool,
}

impl Credentials {
    /// Reads the password.
    pub(super) fn new(user: String, password: Secret) -> Result<Self, SecretError> {
        Ok(Self {
            header: header(&user, &password)?,
            user,
            password,
            is_stale: false,
        })
    }

    /// Returns the value of the `Authorization` header.
    pub(super) const fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// Reads a password that is in a file again. Keeps the previous one if that fails.
    pub(super) fn reload(&mut self) {
        if self.password.path().is_none() {
            return;
        }
        match header(&self.user, &self.password) {
            Ok(header) => {
                self.header = header;
                self.is_stale = false;
            }
            Err(error) if !self.is_stale => {
                self.is_stale = true;
                tracing::error!(
                    %error,
                    "failed to reload the password of the Pushgateway; keeping the previous one"
                );
            }
            Err(_) => {}
        }
    }
}

fn header(user: &str, password: &Secret) -> Result<HeaderValue, SecretError> {
    let credentials = format!("{user}:{}", password.read()?.expose_secret());
    let credentials = BASE64_STANDARD.encode(credentials);
    let value = HeaderValue::try_from(format!("Basic {credentials}"));
    let mut value = value.expect("base64 is valid in a header");
    value.set_sensitive(true);
    Ok(value)
}
