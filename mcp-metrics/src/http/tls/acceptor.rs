//! TLS handshakes with the current files.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use super::warnings::Warnings;
use super::{Tls, TlsError, files};
use crate::http::reload::Reloading;

/// Performs TLS handshakes with the current files.
pub(crate) struct Acceptor {
    tls: Tls,
    config: Reloading<ServerConfig, TlsError>,
    warnings: Warnings,
}

/// How a connection began.
#[derive(Debug)]
pub(in crate::http) enum Handshake {
    /// With a handshake, which is complete.
    Complete(Box<TlsStream<TcpStream>>),
    /// With a request of plain HTTP. Nothing has been read.
    PlainHttp(TcpStream),
    /// The client failed; this was logged.
    Failed,
}

impl Acceptor {
    pub(crate) fn new(tls: Tls) -> Result<Self, TlsError> {
        let files = tls.clone();
        let load = move || files::load(&files);
        Ok(Self {
            config: Reloading::new("TLS files", tls.files(), load)?,
            tls,
            warnings: Warnings::default(),
        })
    }

    /// Performs the handshake of a connection, within `timeout`.
    pub(in crate::http) async fn accept(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        timeout: Duration,
    ) -> Handshake {
        let mut silent = true;
        let handshake = tokio::time::timeout(timeout, self.handshake(stream, &mut silent)).await;
        let error = match handshake {
            Ok(Ok(handshake)) => return handshake,
            Ok(Err(error)) => error,
            Err(_) => io::ErrorKind::TimedOut.into(),
        };
        // A client that sends nothing is a port check rather than a scraper that is misconfigured.
        if silent {
            tracing::debug!(%peer, %error, "connection without a TLS handshake");
        } else {
            self.warnings.handshake_failed(peer, &error);
        }
        Handshake::Failed
    }

    /// Performs the handshake. Clears `silent` when the client has sent something.
    async fn handshake(&self, stream: TcpStream, silent: &mut bool) -> io::Result<Handshake> {
        let mut first = [0; 1];
        if stream.peek(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        *silent = false;
        // A TLS record begins with the byte 22, a request with the name of a method.
        if first[0].is_ascii_uppercase() {
            return Ok(Handshake::PlainHttp(stream));
        }
        let config = self.config.get().await;
        let stream = TlsAcceptor::from(config).accept(stream).await?;
        Ok(Handshake::Complete(Box::new(stream)))
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tls.fmt(f)
    }
}
