//! Who may read the endpoint: networks, bearer tokens, passwords.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::secret::{Secret, SecretError};

/// Why the rules of who may read the endpoint make no sense. Nothing is served then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// A bearer token cannot be read.
    #[error("a bearer token: {0}")]
    Token(#[source] SecretError),
    /// A bearer token has characters that no request can carry.
    #[error("a bearer token may have visible ASCII characters only, and no space")]
    TokenCharacters,
    /// A user's password hash cannot be read.
    #[error("the password hash of `{user}`: {source}")]
    Password {
        /// The user.
        user: String,
        /// What is wrong with the secret.
        source: SecretError,
    },
    /// What was given as a hash is none.
    #[error(
        "the password of `{user}` is not a bcrypt hash; make one with `htpasswd -nBC 10 {user}` \
         and give what follows the colon"
    )]
    Hash {
        /// The user.
        user: String,
    },
    /// A user's name is empty or has a colon, which no request can carry.
    #[error("the user name `{0}` is empty or has a colon in it")]
    User(String),
    /// A network is none.
    #[error(
        "`{0}` is not a network; write an address like `10.0.0.7` or a range like `10.0.0.0/8`"
    )]
    Network(String),
}

/// Who may read, as it was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) tokens: Vec<Secret>,
    pub(crate) users: Vec<(String, Secret)>,
    pub(crate) networks: Vec<String>,
}

impl Rules {
    /// Whether anybody may read.
    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.users.is_empty() && self.networks.is_empty()
    }
}

/// Who may read.
#[derive(Default)]
pub(crate) struct Access {
    networks: Vec<IpNet>,
    tokens: Vec<SecretString>,
    users: HashMap<String, User>,
}

/// A user who has a password.
struct User {
    hash: String,
    /// The password, once it was given: its hash takes too long to compute at every scrape.
    verified: Mutex<Option<SecretString>>,
}

impl Access {
    /// Reads and checks the rules.
    pub(crate) fn new(rules: &Rules) -> Result<Self, AccessError> {
        let tokens = rules.tokens.iter().map(token).collect::<Result<_, _>>()?;
        let users = rules
            .users
            .iter()
            .map(|(name, hash)| user(name, hash))
            .collect::<Result<_, _>>()?;
        let networks = rules
            .networks
            .iter()
            .map(|text| network(text))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            networks,
            tokens,
            users,
        })
    }

    /// Whether a client has to say who it is.
    pub(crate) fn asks(&self) -> bool {
        !(self.tokens.is_empty() && self.users.is_empty())
    }

    /// Whether passwords are among what a client may say.
    pub(crate) fn asks_for_password(&self) -> bool {
        !self.users.is_empty()
    }

    /// Whether a client at this address is served at all; one whose address is not known is not,
    /// if there are rules.
    pub(crate) fn admits(&self, peer: Option<IpAddr>) -> bool {
        if self.networks.is_empty() {
            return true;
        }
        // A socket for both families sees an IPv4 client at an IPv6 address.
        peer.map(|address| address.to_canonical())
            .is_some_and(|peer| self.networks.iter().any(|network| network.contains(&peer)))
    }

    /// Whether this is one of the tokens; takes as long for a wrong one as for a right one.
    pub(crate) fn has_token(&self, token: &str) -> bool {
        let equal = self
            .tokens
            .iter()
            .map(|known| known.expose_secret().as_bytes().ct_eq(token.as_bytes()));
        // All are compared, whichever it is.
        equal
            .fold(subtle::Choice::from(0), |any, this| any | this)
            .into()
    }

    /// Whether the password was this one before; quick.
    pub(crate) fn is_known(&self, user: &str, password: &str) -> bool {
        self.users.get(user).is_some_and(|user| {
            let verified = user.verified.lock().unwrap_or_else(PoisonError::into_inner);
            verified.as_ref().is_some_and(|known| {
                let known = known.expose_secret().as_bytes();
                known.ct_eq(password.as_bytes()).into()
            })
        })
    }

    /// Whether this is the user's password. Takes some fifty milliseconds of a processor, of a user
    /// who does not exist as well.
    pub(crate) fn verify(&self, name: &str, password: &str) -> bool {
        let user = self.users.get(name);
        let Some(any) = user.or_else(|| self.users.values().next()) else {
            return false;
        };
        let right = bcrypt::verify(password, &any.hash).unwrap_or(false);
        let Some(user) = user.filter(|_| right) else {
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

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("networks", &self.networks)
            .field("tokens", &self.tokens.len())
            .field("users", &self.users.keys())
            .finish()
    }
}
