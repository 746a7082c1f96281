//! Warnings about failed handshakes, limited for each client.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The shortest time between two warnings about a client.
const INTERVAL: Duration = Duration::from_secs(60);

/// The most clients with a warning within [`INTERVAL`], so that memory and log stay bounded.
const MAX_CLIENTS: usize = 64;

/// The clients with a recent warning.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    clients: Mutex<HashMap<IpAddr, Recent>>,
}

#[derive(Debug)]
struct Recent {
    warned: Instant,
    /// The failures since the warning, which were not logged as warnings.
    suppressed: u64,
}

impl Warnings {
    /// Logs a failed handshake: as a warning at most once a minute for each client, otherwise as a
    /// debug event.
    pub(super) fn handshake_failed(&self, peer: SocketAddr, error: &io::Error) {
        // Also reads IPv4 addresses of a dual-stack socket.
        match self.admit(peer.ip().to_canonical(), Instant::now()) {
            Some(suppressed) => {
                tracing::warn!(%peer, %error, suppressed, "TLS handshake failed");
            }
            None => tracing::debug!(%peer, %error, "TLS handshake failed"),
        }
    }

    /// Returns the number of failures since the client's last warning if another one is due.
    fn admit(&self, client: IpAddr, now: Instant) -> Option<u64> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |recent: &Recent| now.duration_since(recent.warned) < INTERVAL;
        let suppressed = match clients.get_mut(&client) {
            Some(recent) if is_recent(recent) => {
                recent.suppressed += 1;
                return None;
            }
            known => known.map_or(0, |recent| recent.suppressed),
        };
        clients.retain(|_, recent| is_recent(recent));
        if clients.len() >= MAX_CLIENTS {
            return None;
        }
        let recent = Recent {
            warned: now,
            suppressed: 0,
        };
        clients.insert(client, recent);
        Some(suppressed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(n: u32) -> IpAddr {
        IpAddr::from(n.to_be_bytes())
    }

    #[test]
    fn client_is_warned_about_once_an_interval() {
        let (warnings, start) = (Warnings::default(), Instant::now());
        assert_eq!(warnings.admit(client(1), start), Some(0));
        for _ in 0..3 {
            assert_eq!(warnings.admit(client(1), start + INTERVAL / 2), None);
        }
        assert_eq!(warnings.admit(client(2), start + INTERVAL / 2), Some(0));
        assert_eq!(warnings.admit(client(1), start + INTERVAL), Some(3));
        assert_eq!(warnings.admit(client(1), start + INTERVAL), None);
    }

    #[test]
    fn number_of_warnings_is_bounded() {
        let (warnings, start) = (Warnings::default(), Instant::now());
        let admitted = (0..1_000).filter(|n| warnings.admit(client(*n), start).is_some());
        assert_eq!(admitted.count(), MAX_CLIENTS);
        assert_eq!(warnings.clients.lock().unwrap().len(), MAX_CLIENTS);
        assert_eq!(warnings.admit(client(5_000), start + INTERVAL), Some(0));
        assert_eq!(warnings.clients.lock().unwrap().len(), 1);
    }
}
