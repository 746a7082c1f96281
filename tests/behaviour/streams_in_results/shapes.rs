//! Return types that contain a stream. Each function returns the same type as untracked.

use super::*;

type Given = Result<Items, Refused>;
type Lent<'a> = Result<&'a Items, Refused>;
type Reply<T> = Result<T, Refused>;

#[tracked("opaque", "open", stream)]
async fn opaque(items: Given) -> Result<impl Stream<Item = Item> + Send + Unpin, Refused> {
    tokio::task::yield_now().await;
    let items = items?;
    Ok(stream::iter(items))
}

#[tracked("boxed", "open", stream)]
async fn boxed(items: Lent<'_>) -> Result<BoxStream<'_, Item>, Refused> {
    Ok(stream::iter(items?.iter().copied()).boxed())
}

#[tracked("boxed_dyn", "open", stream)]
async fn boxed_dyn<'a>(
    items: Lent<'a>,
) -> Result<Pin<Box<dyn Stream<Item = Item> + Send + 'a>>, Refused> {
    Ok(Box::pin(stream::iter(items?.iter().copied())))
}

#[tracked("unpin", "open", stream)]
async fn unpin(items: Given) -> Result<Box<dyn Stream<Item = Item> + Unpin + Send>, Refused> {
    Ok(Box::new(stream::iter(items?)))
}

#[tracked("sync_opaque", "open", stream)]
fn sync_opaque(items: Given) -> Result<impl Stream<Item = Item> + Unpin, Refused> {
    Ok(stream::iter(items?))
}

#[tracked("sync_boxed", "open", stream)]
fn sync_boxed(items: Lent<'_>) -> Result<BoxStream<'_, Item>, Refused> {
    Ok(stream::iter(items?.iter().copied()).boxed())
}

#[tracked("future", "open", stream)]
fn future(items: Given) -> impl Future<Output = Result<impl Stream<Item = Item>, Refused>> + Send {
    async move { Ok(stream::iter(items?)) }
}

#[tracked("boxed_future", "open", stream)]
fn boxed_future(items: Lent<'_>) -> BoxFuture<'_, Result<BoxStream<'_, Item>, Refused>> {
    Box::pin(async move { Ok(stream::iter(items?.iter().copied()).boxed()) })
}

#[tracked("pinned_future", "open", stream)]
fn pinned_future<'a>(
    items: Lent<'a>,
) -> Pin<Box<dyn Future<Output = Result<BoxStream<'a, Item>, Refused>> + Send + 'a>> {
    Box::pin(async move { Ok(stream::iter(items?.iter().copied()).boxed()) })
}

#[tracked("alias", "open", stream)]
async fn alias(items: Given) -> Reply<impl Stream<Item = Item>> {
    Ok(stream::iter(items?))
}

#[tracked("try_stream", "open", stream)]
async fn try_stream(items: Given) -> Reply<impl TryStream<Ok = u8, Error = Broken, Item = Item>> {
    Ok(stream::iter(items?))
}

#[tracked(agent = format!("generic-{}", name.as_ref()), operation = "open", stream)]
async fn generic<N, S>(name: N, items: Result<S, Refused>) -> Reply<impl Stream<Item = Item>>
where
    N: AsRef<str>,
    S: Stream<Item = Item> + Send,
{
    assert!(name.as_ref().len() < 10);
    items
}

struct Client {
    items: Given,
}

impl Client {
    fn items(&self) -> Result<stream::Iter<std::vec::IntoIter<Item>>, Refused> {
        self.items.clone().map(stream::iter)
    }
}

#[async_trait::async_trait]
trait OpenBoxed {
    async fn open(&self) -> Result<BoxStream<'_, Item>, Refused>;
    async fn open_below(&self) -> Result<BoxStream<'_, Item>, Refused>;
}

// Above and below the attribute that rewrites the method.
#[tracked("async_trait")]
#[async_trait::async_trait]
impl OpenBoxed for Client {
    #[tracked(operation = "open", stream)]
    async fn open(&self) -> Result<BoxStream<'_, Item>, Refused> {
        Ok(self.items()?.boxed())
    }

    #[tracked("below", stream)]
    async fn open_below(&self) -> Result<BoxStream<'_, Item>, Refused> {
        Ok(self.items()?.boxed())
    }
}

#[tracked(agent = "block")]
impl Client {
    #[tracked(operation = "open", stream)]
    async fn open_block(&self) -> Result<impl Stream<Item = Item> + '_, Refused> {
        self.items()
    }

    #[tracked("block_returns")]
    async fn until_return(&self) -> Result<impl Stream<Item = Item> + '_, Refused> {
        self.items()
    }
}

#[tracked("optional", "open", stream)]
async fn optional(items: Option<Items>) -> Option<impl Stream<Item = Item>> {
    Some(stream::iter(items?))
}

#[tracked("nested", "open", stream)]
async fn nested(items: Result<Option<Items>, Refused>) -> Reply<Option<BoxStream<'static, Item>>> {
    Ok(items?.map(|items| stream::iter(items).boxed()))
}

#[tracked("results", "open", stream)]
async fn results(items: Result<Given, Broken>) -> Result<Reply<BoxStream<'static, Item>>, Broken> {
    Ok(items?.map(|items| stream::iter(items).boxed()))
}

#[tracked("bare", "open", stream)]
async fn bare(items: Items) -> impl Stream<Item = Item> {
    tokio::task::yield_now().await;
    stream::iter(items)
}

#[tracked("bare_boxed", "open", stream)]
fn bare_boxed(items: &Items) -> BoxFuture<'_, BoxStream<'_, Item>> {
    Box::pin(async move { stream::iter(items.iter().copied()).boxed() })
}

fn good() -> Items {
    vec![Ok(1), Ok(2)]
}

fn broken() -> Items {
    vec![Ok(1), Err(Broken::Reset), Err(Broken::Timeout)]
}

/// Consumes the streams of functions that refuse, whose stream has no failure, and whose stream breaks.
macro_rules! check {
    ($($agent:literal: |$items:ident| $open:expr,)+) => {
        $(
            for $items in [Ok(good()), Ok(broken()), Err(Refused::Quota)] {
                let expected = $items.clone();
                match $open {
                    Ok(stream) => assert_eq!(stream.collect::<Vec<_>>().await, expected.unwrap()),
                    Err(error) => assert_eq!(error, expected.unwrap_err()),
                }
            }
            assert($agent, 1, &[("Quota", 1), ("Reset", 1)]);
        )+
    };
}

#[tokio::test]
async fn value_and_items_determine_the_outcome_of_each_shape() {
    exporter();
    check! {
        "opaque": |items| opaque(items).await,
        "boxed": |items| boxed(items.as_ref().map_err(|it| *it)).await,
        "boxed_dyn": |items| boxed_dyn(items.as_ref().map_err(|it| *it)).await,
        "unpin": |items| unpin(items).await,
        "sync_opaque": |items| sync_opaque(items),
        "sync_boxed": |items| sync_boxed(items.as_ref().map_err(|it| *it)),
        "future": |items| future(items).await,
        "boxed_future": |items| boxed_future(items.as_ref().map_err(|it| *it)).await,
        "pinned_future": |items| pinned_future(items.as_ref().map_err(|it| *it)).await,
        "alias": |items| alias(items).await,
        "try_stream": |items| try_stream(items).await,
        "generic-a": |items| generic("a", items.map(stream::iter)).await,
        "async_trait": |items| Client { items }.open().await,
        "block": |items| Client { items }.open_block().await,
    }
}

#[tokio::test]
async fn value_without_a_stream_ends_the_request() {
    exporter();
    assert!(optional(None).await.is_none());
    assert("optional", 1, &[]);
    assert_eq!(optional(Some(broken())).await.unwrap().count().await, 3);
    assert("optional", 1, &[("Reset", 1)]);

    assert!(nested(Ok(None)).await.unwrap().is_none());
    assert!(nested(Err(Refused::Auth)).await.is_err());
    let stream = nested(Ok(Some(good()))).await.unwrap();
    assert_eq!(stream.unwrap().count().await, 2);
    assert("nested", 2, &[("Auth", 1)]);

    assert!(results(Err(Broken::Timeout)).await.is_err());
    assert!(results(Ok(Err(Refused::Auth))).await.unwrap().is_err());
    let stream = results(Ok(Ok(broken()))).await.unwrap().unwrap();
    assert_eq!(stream.count().await, 3);
    assert("results", 0, &[("Auth", 1), ("Reset", 1), ("Timeout", 1)]);
}

#[tokio::test]
async fn function_whose_value_is_the_stream_ends_with_it() {
    exporter();
    for items in [good(), broken()] {
        assert_eq!(bare(items.clone()).await.collect::<Vec<_>>().await, items);
        assert_eq!(bare_boxed(&items).await.collect::<Vec<_>>().await, items);
    }
    assert("bare", 1, &[("Reset", 1)]);
    assert("bare_boxed", 1, &[("Reset", 1)]);
}

#[tokio::test]
async fn method_of_a_block_ends_with_its_stream_only_with_the_flag() {
    exporter();
    let client = Client {
        items: Ok(broken()),
    };
    drop(client.until_return().await);
    scrape()
        .requests("block_returns", "until_return")
        .assert(1, &[]);
}

#[tokio::test]
async fn attribute_below_async_trait_ends_with_the_stream() {
    exporter();
    let client = Client {
        items: Ok(broken()),
    };
    let stream = client.open_below().await.unwrap();
    let requests = || scrape().requests("below", "open_below");
    assert_eq!(requests().active, 1.0);
    assert_eq!(stream.count().await, 3);
    requests().assert(0, &[("Reset", 1)]);
}
