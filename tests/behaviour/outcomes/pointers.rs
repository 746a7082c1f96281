//! Outcomes of values and errors behind references, boxes and shared pointers.

use std::error::Error;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use mcp_metrics::{ErrorType, tracked};
use mcp_metrics_tests::{exporter, scrape};

use super::Failure;

/// An error without a label.
#[derive(Debug)]
struct Unlabelled;

type Unclear = (u8, String);

#[tracked("pointers", "boxed")]
fn boxed() -> Result<(), Box<Unlabelled>> {
    Err(Box::new(Unlabelled))
}

#[tracked("pointers", "shared")]
fn shared() -> Result<(), Arc<Unlabelled>> {
    Err(Arc::new(Unlabelled))
}

#[tracked("pointers", "nested")]
async fn nested() -> Result<(), Box<Rc<Unlabelled>>> {
    Err(Box::new(Rc::new(Unlabelled)))
}

#[tracked("pointers", "tuple")]
fn tuple() -> Result<(), Box<Unclear>> {
    Err(Box::new((1, String::new())))
}

#[derive(ErrorType)]
#[error_type(transparent)]
struct Transparent(Box<Unlabelled>);

#[tracked("pointers", "transparent")]
fn transparent() -> Result<(), Transparent> {
    Err(Transparent(Box::new(Unlabelled)))
}

#[tokio::test]
async fn error_behind_a_pointer_has_the_label_of_its_type() {
    exporter();
    assert!(boxed().is_err() && shared().is_err() && tuple().is_err());
    assert!(nested().await.is_err() && transparent().is_err());
    let scrape = scrape();
    for operation in ["boxed", "shared", "nested", "transparent"] {
        let requests = scrape.requests("pointers", operation);
        requests.assert(0, &[("Unlabelled", 1)]);
    }
    let requests = scrape.requests("pointers", "tuple");
    requests.assert(0, &[("(u8, alloc::string::String)", 1)]);
}

type Borrowed<'a, T, E> = &'a Result<T, E>;

#[tracked("references", "labelled")]
fn labelled(value: &Result<u8, Failure>) -> &Result<u8, Failure> {
    value
}

#[tracked("references", "unlabelled")]
fn unlabelled(value: &mut Result<u8, Unlabelled>) -> &mut Result<u8, Unlabelled> {
    value
}

#[tracked("references", "twice")]
async fn twice<'a>(value: &'a &'a Result<u8, Unlabelled>) -> &'a &'a Result<u8, Unlabelled> {
    value
}

#[tracked("references", "alias")]
fn alias<'a>(value: &'a Result<u8, Unlabelled>) -> Borrowed<'a, u8, Unlabelled> {
    value
}

#[tracked("references", "future")]
fn future(value: &Result<u8, Unlabelled>) -> impl Future<Output = &Result<u8, Unlabelled>> {
    std::future::ready(value)
}

struct Cached(Result<String, Failure>);

impl Cached {
    #[tracked("references", "field")]
    fn field(&self) -> &Result<String, Failure> {
        &self.0
    }

    #[tracked("references", "other")]
    fn other(&mut self) -> &mut Self {
        self
    }
}

#[tokio::test]
async fn reference_to_an_err_is_a_failure() {
    exporter();
    assert!(labelled(&Err(Failure::Timeout)).is_err());
    assert!(labelled(&Ok(1)).is_ok());
    assert!(unlabelled(&mut Err(Unlabelled)).is_err());
    assert!(twice(&&Err(Unlabelled)).await.is_err());
    assert!(alias(&Err(Unlabelled)).is_err());
    assert!(future(&Err(Unlabelled)).await.is_err());
    let mut cached = Cached(Err(Failure::Timeout));
    assert!(cached.field().is_err());
    assert!(cached.other().0.is_err());
    let scrape = scrape();
    let requests = |operation| scrape.requests("references", operation);
    requests("labelled").assert(1, &[("Timeout", 1)]);
    for operation in ["unlabelled", "twice", "alias", "future"] {
        requests(operation).assert(0, &[("Unlabelled", 1)]);
    }
    requests("field").assert(0, &[("Timeout", 1)]);
    requests("other").assert(1, &[]);
}

/// An error that borrows from the arguments.
#[derive(Debug)]
struct Invalid<'a>(&'a str, Option<std::num::ParseIntError>);

impl fmt::Display for Invalid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Invalid<'_> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_ref().map(|cause| cause as _)
    }
}

type Result1<'a, T> = Result<T, Box<dyn Error + 'a>>;

#[tracked("borrowed", "named")]
fn named<'a>(text: &'a str) -> Result<u8, Box<dyn Error + 'a>> {
    Err(Box::new(Invalid(text, text.parse::<u8>().err())))
}

#[tracked("borrowed", "elided")]
async fn elided(text: &str) -> Result<u8, Box<dyn Error + Send + '_>> {
    Err(Box::new(Invalid(text, None)))
}

#[tracked("borrowed", "auto")]
fn auto<'a>(text: &'a str) -> Result<u8, Arc<dyn Error + Send + Sync + 'a>> {
    Err(Arc::new(Invalid(text, text.parse::<u8>().err())))
}

#[tracked("borrowed", "alias")]
fn borrowed_alias(text: &str) -> Result1<'_, u8> {
    Err(Box::new(Invalid(text, None)))
}

#[tracked("borrowed", "reference")]
fn reference<'a>(error: &'a (dyn Error + 'static)) -> Result<u8, &'a dyn Error> {
    Err(error)
}

#[tracked("borrowed", "future")]
fn borrowed_future<'a>(
    text: &'a str,
) -> impl Future<Output = Result<u8, Box<dyn Error + 'a>>> + use<'a> {
    async move { Err(text.into()) }
}

#[tracked("borrowed", "static_box")]
fn static_box(text: &str) -> Result<&str, Box<dyn Error>> {
    text.parse::<u8>()?;
    Ok(text)
}

#[tracked("borrowed", "static_reference")]
fn static_reference<'a>(_: &'a str) -> Result<&'a str, Box<dyn Error + Send + Sync + 'static>> {
    Err(std::io::Error::from(std::io::ErrorKind::NotFound).into())
}

#[tokio::test]
async fn error_behind_dyn_error_may_contain_references() {
    exporter();
    assert!(named("x").is_err());
    assert!(elided("x").await.is_err());
    assert!(auto("x").is_err());
    assert!(borrowed_alias("x").is_err());
    assert!(reference(&fmt::Error).is_err());
    assert!(borrowed_future("x").await.is_err());
    assert!(static_box("x").is_err());
    assert!(static_reference("x").is_err());
    let scrape = scrape();
    for (operation, label) in [
        ("named", "ParseIntError"),
        ("elided", "Box"),
        ("auto", "ParseIntError"),
        ("alias", "Box"),
        ("reference", "Box"),
        ("future", "Box"),
        ("static_box", "ParseIntError"),
        ("static_reference", "NotFound"),
    ] {
        let requests = scrape.requests("borrowed", operation);
        requests.assert(0, &[(label, 1)]);
    }
}
