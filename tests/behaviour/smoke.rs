//! smoke
use mcp_metrics::{Exporter, tracked, tracked_retry, ErrorType, track_request};
#[derive(Debug, ErrorType)]
enum E { Timeout, #[error_type("Up")] Provider(#[allow(dead_code)] String), #[error_type(transparent)] Io(std::io::Error), #[error_type(transparent)] J{ inner: serde_json::Error } }

#[tracked("a", "sync")]
fn sync(x: i32) -> Result<i32, E> { match x { 0 => Ok(1), 1 => Err(E::Timeout), 2 => return Err(E::Provider("x".into())), 3 => Err(E::Io(std::io::ErrorKind::NotFound.into())), _ => Err(E::J{inner: serde_json::from_str::<i32>("x").unwrap_err()}) } }
#[tracked("a")]
fn plain(x: i32) -> i32 { if x == 0 { return 3; } x }
#[tracked("a")]
async fn asy(x: &str) -> std::io::Result<usize> { tokio::task::yield_now().await; if x.is_empty() { return Err(std::io::ErrorKind::TimedOut.into()); } Ok(x.len()) }
#[tracked("a")]
fn fut(x: &str) -> impl Future<Output = Result<usize, std::num::ParseIntError>> + '_ { async move { x.parse() } }
#[tracked("a")]
fn bfut<'a>(x: &'a str) -> std::pin::Pin<Box<dyn Future<Output = Result<usize, std::num::ParseIntError>> + Send + 'a>> { let y = x; if y.is_empty() { return Box::pin(async { Ok(0) }); } Box::pin(async move { y.parse() }) }
#[tracked(agent = format!("dyn{x}"))]
fn dynamic(x: i32) -> Option<i32> { Some(x) }
#[tracked("r", "loop")]
#[tracked_retry("svc")]
async fn rl(mut fails: u32) -> Result<u32, E> {
    for attempt in 1..=3 {
        if fails == 0 { return Ok(attempt); }
        fails -= 1;
        if attempt == 3 { return Err(E::Timeout) }
        tokio::task::yield_now().await;
    }
    unreachable!()
}
#[tracked_retry("drv", attempts = 4, delay = "1ms", jitter, retry_if = |e: &E| matches!(e, E::Timeout))]
#[tracked("r", "driven")]
async fn drv(fails: &mut u32) -> Result<u32, E> { if *fails == 0 { Ok(1) } else { *fails -= 1; Err(E::Timeout) } }

#[tokio::test]
async fn smoke() {
    let e = Exporter::builder().listen(([127,0,0,1],0)).install().unwrap();
    for i in 0..5 { let _ = sync(i); }
    plain(0); plain(1);
    let _ = asy("").await; let _ = asy("x").await;
    let _ = fut("1").await; let _ = bfut("x").await; dynamic(3); let _ = bfut("");
    for i in 0..4 { let _ = rl(i).await; }
    for i in 0..6 { let mut f = i; let _ = drv(&mut f).await; }
    track_request("t", "r").run(|| "x".parse::<u8>()).unwrap_err();
    std::thread::sleep(std::time::Duration::from_millis(300));
    println!("{}", e.render());
    println!("{:#?}", e.summary().requests[0]);
    e.shutdown();
}
