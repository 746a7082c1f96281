//! tokio errors.

use std::future::pending;

use tokio::sync::{Mutex, Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::time::timeout;

use super::*;

#[tracked("tasks", "error_types")]
async fn in_time() -> Result<(), tokio::time::error::Elapsed> {
    timeout(Duration::from_millis(1), pending()).await
}

#[tracked("tasks", "error_types")]
async fn joined(panics: bool) -> Result<(), tokio::task::JoinError> {
    let task = tokio::spawn(async move {
        assert!(!panics, "provoked by a test");
        pending::<()>().await;
    });
    if !panics {
        task.abort();
    }
    task.await
}

#[tokio::test]
async fn elapsed_and_join_errors_are_labelled_by_outcome() {
    mcp_metrics_tests::quiet_panics();
    let calls = async {
        assert!(in_time().await.is_err());
        assert!(joined(true).await.is_err());
        assert!(joined(false).await.is_err());
    };
    let ((), metrics) = record_async(calls).await;
    let failed = [("Timeout", 1), ("panic", 1), ("cancelled", 1)];
    metrics.requests("tasks", "error_types").assert(0, &failed);
}

#[tokio::test]
async fn tokio_errors_are_labelled_by_kind_or_name() {
    let semaphore = Semaphore::new(0);
    let refused = semaphore.try_acquire().unwrap_err();
    assert_eq!(refused.error_type(), "NoPermits");
    semaphore.close();
    let closed = semaphore.acquire().await.unwrap_err();
    assert_eq!(closed.error_type(), "AcquireError");

    let lock = Mutex::new(());
    let held = lock.lock().await;
    assert_eq!(lock.try_lock().unwrap_err().error_type(), "TryLockError");
    drop(held);

    let (sender, mut receiver) = mpsc::channel(1);
    assert_eq!(receiver.try_recv().unwrap_err().error_type(), "Empty");
    sender.send(1).await.unwrap();
    assert_eq!(sender.try_send(2).unwrap_err().error_type(), "Full");
    let late = sender.send_timeout(2, Duration::ZERO).await.unwrap_err();
    assert_eq!(late.error_type(), "Timeout");
    drop(receiver);
    let closed = sender.send(2).await.unwrap_err();
    assert_eq!(closed.error_type(), "SendError");

    let (sender, receiver) = oneshot::channel::<()>();
    drop(sender);
    assert_eq!(receiver.await.unwrap_err().error_type(), "RecvError");

    let (sender, mut receiver) = broadcast::channel(1);
    sender.send(1).unwrap();
    sender.send(2).unwrap();
    let lagged = receiver.recv().await.unwrap_err();
    assert_eq!(lagged.error_type(), "Lagged");
    drop(receiver);
    assert_eq!(sender.send(1).unwrap_err().error_type(), "SendError");

    let (sender, mut receiver) = watch::channel(1);
    drop(sender);
    let closed = receiver.changed().await.unwrap_err();
    assert_eq!(closed.error_type(), "RecvError");
}

#[tokio::test]
async fn anyhow_error_is_labelled_by_its_tokio_source() {
    let elapsed = timeout(Duration::ZERO, pending::<()>()).await.unwrap_err();
    let error = anyhow::Error::new(elapsed).context("the model is slow");
    assert_eq!(error.error_type(), "Timeout");
}
