//! Other arguments of the attribute: they are about the items.

use super::*;

#[tracked("ok_if", "open", stream, ok_if = |n| *n < 3)]
async fn ok_if(items: Result<Vec<u8>, Refused>) -> Result<impl Stream<Item = u8>, Refused> {
    Ok(stream::iter(items?))
}

#[tracked("error_if", "open", error_if = |n| *n > limit, stream, error_type = |n| format!("Over{n}"))]
async fn error_if(items: Result<&[u8], Refused>, limit: u8) -> Result<BoxStream<'_, u8>, Refused> {
    Ok(stream::iter(items?.iter().copied()).boxed())
}

#[tracked("error_type", "open", stream, error_type = |error| match error {
    Broken::Reset => "One",
    Broken::Timeout => "Two",
})]
fn error_type(items: Result<Items, Refused>) -> Result<impl Stream<Item = Item>, Refused> {
    Ok(stream::iter(items?))
}

#[tracked("literal", "open", stream, error_type = "Literal")]
fn literal(
    items: Result<Items, Refused>,
) -> impl Future<Output = Result<BoxStream<'static, Item>, Refused>> {
    async move { Ok(stream::iter(items?).boxed()) }
}

#[tokio::test]
async fn predicates_and_labels_apply_to_items_and_not_to_the_functions_err() {
    exporter();
    for items in [Ok(vec![1, 2]), Ok(vec![1, 3, 4]), Err(Refused::Auth)] {
        let lent = items.as_deref().map_err(|error| *error);
        if let Ok(stream) = error_if(lent, 2).await {
            stream.count().await;
        }
        if let Ok(stream) = ok_if(items).await {
            stream.count().await;
        }
    }
    assert("ok_if", 1, &[("Auth", 1), ("rejected", 1)]);
    assert("error_if", 1, &[("Auth", 1), ("Over3", 1)]);

    let failing = [
        Ok(vec![Err(Broken::Reset)]),
        Ok(vec![Err(Broken::Timeout)]),
        Err(Refused::Quota),
    ];
    for items in failing {
        if let Ok(stream) = error_type(items.clone()) {
            stream.count().await;
        }
        if let Ok(stream) = literal(items).await {
            stream.count().await;
        }
    }
    assert("error_type", 0, &[("One", 1), ("Quota", 1), ("Two", 1)]);
    assert("literal", 0, &[("Literal", 2), ("Quota", 1)]);
}

#[tracked("ok_if_dropped", "open", stream, ok_if_dropped)]
async fn ok_if_dropped(items: Result<Items, Refused>) -> Result<impl Stream<Item = Item>, Refused> {
    tokio::task::yield_now().await;
    Ok(stream::iter(items?))
}

#[tokio::test]
async fn early_drop_of_the_stream_is_a_success_with_ok_if_dropped() {
    exporter();
    let items = || Ok(vec![Ok(1), Err(Broken::Reset)]);
    assert!(ok_if_dropped(items()).now_or_never().is_none());
    assert("ok_if_dropped", 0, &[("cancelled", 1)]);
    drop(ok_if_dropped(items()).await);
    assert("ok_if_dropped", 1, &[("cancelled", 1)]);
    for taken in [1, 2] {
        let stream = ok_if_dropped(items()).await.unwrap();
        assert_eq!(stream.take(taken).count().await, taken);
    }
    assert("ok_if_dropped", 2, &[("Reset", 1), ("cancelled", 1)]);
    assert!(ok_if_dropped(Err(Refused::Auth)).await.is_err());
    assert(
        "ok_if_dropped",
        2,
        &[("Auth", 1), ("Reset", 1), ("cancelled", 1)],
    );
}

#[tracked("plain_stream", "open", ok_if_dropped)]
fn plain_stream(items: Items) -> impl Stream<Item = Item> + Unpin {
    stream::iter(items)
}

#[tracked("plain_boxed", "open", ok_if_dropped, error_if = |n| *n == 2)]
fn plain_boxed() -> BoxStream<'static, u8> {
    stream::iter([1, 2, 3]).boxed()
}

#[tokio::test]
async fn ok_if_dropped_applies_to_functions_that_return_the_stream() {
    exporter();
    quiet_panics();
    drop(plain_stream(vec![Ok(1)]));
    assert_eq!(
        scrape().requests("plain_stream", "open").total,
        0.0,
        "never polled"
    );
    for items in [vec![Ok(1)], vec![Err(Broken::Timeout)]] {
        assert_eq!(plain_stream(items).take(1).count().await, 1);
    }
    let panicked = tokio::spawn(async {
        let _stream = plain_stream(vec![Ok(1)]).next().await;
        let mut stream = plain_stream(vec![Ok(1)]);
        stream.next().await;
        panic!("{PROVOKED}");
    });
    assert!(panicked.await.unwrap_err().is_panic());
    assert("plain_stream", 2, &[("Timeout", 1), ("cancelled", 1)]);
    for taken in [1, 2] {
        assert_eq!(plain_boxed().take(taken).count().await, taken);
    }
    assert("plain_boxed", 1, &[("rejected", 1)]);
}
