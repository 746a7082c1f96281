//! Access control for the endpoint: networks, bearer tokens, passwords.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::reload::Reloading;
use crate::secret::{Secret, SecretError};

/// An invalid token, user or network in the endpoint's configuration. The endpoint does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// A bearer token cannot be read, or is empty.
    #[error("invalid bearer token")]
    Token(#[source] SecretError),
    /// A bearer token contains characters that are invalid in a request header.
    #[error("a bearer token must consist of visible ASCII characters without spaces")]
    TokenCharacters,
    /// A user's password hash cannot be read, or is empty.
    #[error("invalid password hash for user `{user}`")]
    Password {
        /// The user.
        user: String,
        /// The reason.
        source: SecretError,
    },
    /// A password hash is not a bcrypt hash.
    #[error(
        "the password hash of user `{user}` is not a bcrypt hash; generate one with \
         `htpasswd -nBC 10 {user}` and pass the part after the colon"
    )]
    Hash {
        /// The user.
        user: String,
    },
    /// A user name is empty or contains a colon, which basic authentication does not support.
    #[error("invalid user name `{0}`; it must not be empty or contain a colon")]
    User(String),
    /// A network is neither an IP address nor a CIDR range.
    #[error(
        "invalid network `{0}`; expected an address like `10.0.0.7` or a range like `10.0.0.0/8`"
    )]
    Network(String),
}

/// The configured tokens, users and networks, not yet validated.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthConfig {
    pub(crate) tokens: Vec<Secret>,
    pub(crate) users: Vec<(String, Secret)>,
    pub(crate) networks: Vec<String>,
}

impl AuthConfig {
    /// Returns whether access is unrestricted.
    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.users.is_empty() && self.networks.is_empty()
    }
}

/// The validated access rules of the endpoint.
#[derive(Debug)]
pub(crate) struct AuthPolicy {
    networks: Vec<IpNet>,
    requires_credentials: bool,
    accepts_passwords: bool,
    credentials: Reloading<Credentials, AccessError>,
}

/// The tokens and users that grant access.
pub(crate) struct Credentials {
    tokens: Vec<SecretString>,
    users: HashMap<String, User>,
}

/// A user's password hash.
struct User {
    hash: String,
    /// The last verified password, since bcrypt is too slow to run at every scrape.
    verified: Mutex<Option<SecretString>>,
}

impl AuthPolicy {
    /// Reads the secrets and validates the configuration.
    pub(crate) fn new(config: AuthConfig) -> Result<Self, AccessError> {
        let AuthConfig {
            tokens,
            users,
            networks,
        } = config;
        let networks = networks
            .iter()
            .map(|text| network(text))
            .collect::<Result<_, _>>()?;
        let (accepts_passwords, has_tokens) = (!users.is_empty(), !tokens.is_empty());
        let secrets = tokens.iter().chain(users.iter().map(|(_, hash)| hash));
        let files = secrets.filter_map(Secret::path).map(Into::into).collect();
        let load = move || Credentials::load(&tokens, &users);
        Ok(Self {
            networks,
            requires_credentials: has_tokens || accepts_passwords,
            accepts_passwords,
            credentials: Reloading::new("secrets of the metrics endpoint", files, load)?,
        })
    }

    /// Returns whether requests need a token or a password.
    pub(crate) const fn requires_credentials(&self) -> bool {
        self.requires_credentials
    }

    /// Returns whether basic authentication is configured.
    pub(crate) const fn accepts_passwords(&self) -> bool {
        self.accepts_passwords
    }

    /// Returns the current credentials, from the files as they are now.
    pub(crate) async fn credentials(&self) -> Arc<Credentials> {
        self.credentials.get().await
    }

    /// Returns whether clients at `peer` are served. An unknown address is refused if networks are
    /// configured.
    pub(crate) fn allows_peer(&self, peer: Option<IpAddr>) -> bool {
        if self.networks.is_empty() {
            return true;
        }
        // A dual-stack socket reports IPv4 clients with IPv4-mapped IPv6 addresses.
        peer.map(|address| address.to_canonical())
            .is_some_and(|peer| self.networks.iter().any(|network| network.contains(&peer)))
    }
}

impl Credentials {
    fn load(tokens: &[Secret], users: &[(String, Secret)]) -> Result<Self, AccessError> {
        Ok(Self {
            tokens: tokens.iter().map(token).collect::<Result<_, _>>()?,
            users: users
                .iter()
                .map(|(name, hash)| user(name, hash))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Returns whether `token` is one of the tokens, in constant time.
    pub(crate) fn has_token(&self, token: &str) -> bool {
        let equal = self
            .tokens
            .iter()
            .map(|expected| expected.expose_secret().as_bytes().ct_eq(token.as_bytes()));
        // Compares all tokens: an early exit would reveal which one matches.
        equal
            .fold(subtle::Choice::from(0), |any, this| any | this)
            .into()
    }

    /// Returns whether `password` is the user's last verified password. Does not compute a hash.
    pub(crate) fn is_verified(&self, user: &str, password: &str) -> bool {
        self.users.get(user).is_some_and(|user| {
            let verified = user.verified.lock().unwrap_or_else(PoisonError::into_inner);
            verified.as_ref().is_some_and(|verified| {
                let verified = verified.expose_secret().as_bytes();
                verified.ct_eq(password.as_bytes()).into()
            })
        })
    }

    /// Verifies a password against the user's hash, and remembers it if it is valid.
    ///
    /// Takes about 50 ms of CPU time. An unknown user takes as long, so that the response time does
    /// not reveal which users exist.
    pub(crate) fn verify(&self, name: &str, password: &str) -> bool {
        let user = self.users.get(name);
        // For an unknown user, another user's hash keeps the cost the same.
        let Some(any) = user.or_else(|| self.users.values().next()) else {
            return false;
        };
        let valid = bcrypt::verify(password, &any.hash).unwrap_or(false);
        let Some(user) = user.filter(|_| valid) else {
            return false;
        };
        let mut verified = user.verified.lock().unwrap_or_else(PoisonError::into_inner);
        *verified = Some(password.into());
        true
    }
}

fn token(secret: &Secret) -> Result<SecretString, AccessError> {
    let token = secret.read().map_err(AccessError::Token)?;
    if token
        .expose_secret()
        .bytes()
        .all(|byte| byte.is_ascii_graphic())
    {
        Ok(token)
    } else {
        Err(AccessError::TokenCharacters)
    }
}

fn user(name: &str, hash: &Secret) -> Result<(String, User), AccessError> {
    if name.is_empty() || name.contains(':') {
        return Err(AccessError::User(name.to_owned()));
    }
    let hash = hash.read().map_err(|source| AccessError::Password {
        user: name.to_owned(),
        source,
    })?;
    let hash = hash.expose_secret().to_owned();
    if hash.parse::<bcrypt::HashParts>().is_err() {
        return Err(AccessError::Hash {
            user: name.to_owned(),
        });
    }
    let user = User {
        hash,
        verified: Mutex::new(None),
    };
    Ok((name.to_owned(), user))
}

fn network(text: &str) -> Result<IpNet, AccessError> {
    let range = text.parse::<IpNet>();
    range
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| AccessError::Network(text.to_owned()))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("tokens", &self.tokens.len())
            .field("users", &self.users.keys())
            .finish()
    }
}
