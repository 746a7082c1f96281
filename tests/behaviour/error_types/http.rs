//! reqwest errors, each provoked by a misbehaving server.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};

use reqwest::Client;

use super::*;

/// Starts a server that sends `answer` to each request and closes the connection.
fn server(answer: impl Into<String>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = answer.into();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4_096];
            let read = stream.read(&mut request).unwrap_or(0);
            if answer == "nothing" {
                // Never respond, and wait until the client disconnects.
                while stream.read(&mut request).unwrap_or(0) > 0 {}
            } else if read > 0 {
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    address
}

fn client() -> Client {
    // The examples enable reqwest without a crypto provider, and feature unification applies that
    // here. An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

async fn get(address: SocketAddr) -> reqwest::Result<u8> {
    let response = client().get(format!("http://{address}/")).send().await?;
    response.error_for_status()?.json().await
}

async fn label(address: SocketAddr) -> String {
    get(address).await.unwrap_err().error_type().into_owned()
}

#[tokio::test]
async fn status_error_is_labelled_by_its_class() {
    let status = |line: &str| format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(label(server(status("404 Not Found"))).await, "4xx");
    assert_eq!(label(server(status("429 Too Many"))).await, "4xx");
    assert_eq!(label(server(status("503 Busy"))).await, "5xx");
}

#[tokio::test]
async fn transport_errors_are_labelled_by_their_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(label(address).await, "Connect");
    assert_eq!(label(server("")).await, "Request");
    assert_eq!(
        label(server("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n?")).await,
        "Decode"
    );
    // The server closes the connection after each response, which the header announces.
    let loops =
        "HTTP/1.1 302 Found\r\nlocation: /\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(label(server(loops)).await, "Redirect");
    let broken = client().get("no url").send().await.unwrap_err();
    assert_eq!(broken.error_type(), "Builder");

    let slow = client().get(format!("http://{}/", server("nothing")));
    let slow = slow.timeout(Duration::from_millis(50)).send().await;
    assert_eq!(slow.unwrap_err().error_type(), "Timeout");
}

#[tokio::test]
async fn truncated_body_is_labelled_body_or_decode() {
    let address = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
    let response = || async {
        let request = client().get(format!("http://{address}/"));
        request.send().await.unwrap()
    };
    let chunks = async {
        let mut response = response().await;
        while response.chunk().await?.is_some() {}
        Ok::<_, reqwest::Error>(())
    };
    let label = chunks.await.unwrap_err().error_type();
    assert_eq!(
        label,
        response().await.text().await.unwrap_err().error_type()
    );
    assert!(["Body", "Decode"].contains(&&*label), "{label}");
}

#[tracked("http", "error_types")]
async fn fetch(address: SocketAddr) -> anyhow::Result<u8> {
    get(address).await.context("the search engine is down")
}

#[tokio::test]
async fn anyhow_error_is_labelled_by_the_class_of_the_reqwest_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (_, metrics) = record_async(fetch(address)).await;
    metrics
        .requests("http", "error_types")
        .assert(0, &[("Connect", 1)]);
}
