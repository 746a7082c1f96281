//! User-defined names that clash with names in the expansions.

#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

mod std {}
mod core {}
mod mcp_metrics {}

struct Box;
struct Option;
enum Result<T> {
    Ok(T),
    Err,
}
use Result::{Err, Ok};

#[::mcp_metrics::tracked("a")]
fn own_result(value: u8) -> Result<u8> {
    if value == 0 { Err } else { Ok(value) }
}

#[::mcp_metrics::tracked("a")]
async fn asynchronous(request: u8) -> ::std::result::Result<u8, u8> {
    let value = request;
    ::std::result::Result::Ok(value)
}

#[::mcp_metrics::tracked("a")]
fn boxed() -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u8>>> {
    ::std::boxed::Box::pin(async { 1 })
}

#[::mcp_metrics::tracked_retry("b")]
fn looping(attempts: u8) -> ::std::result::Result<u8, u8> {
    for ran_out in 0..attempts {
        if ran_out > 1 {
            return ::std::result::Result::Ok(ran_out);
        }
    }
    ::std::result::Result::Err(attempts)
}

#[::mcp_metrics::tracked_retry("b", attempts = 2)]
fn driven(value: u8) -> ::std::result::Result<u8, u8> {
    ::std::result::Result::Ok(value)
}

#[derive(::mcp_metrics::ErrorType)]
enum Failure {
    None,
    #[error_type(transparent)]
    Some(u8),
}

type Outcome<labels> = ::std::result::Result<labels, Failure>;

struct Probe<Mask, ErrorLabels>(Mask, ::std::marker::PhantomData<ErrorLabels>);

impl<Mask, ErrorLabels> Probe<Mask, ErrorLabels> {
    #[::mcp_metrics::tracked("a")]
    fn in_generic_impl(&self) -> Outcome<Page<Mask>> {
        ::std::result::Result::Err(Failure::None)
    }

    #[::mcp_metrics::tracked("a")]
    fn generic_error(error: ErrorLabels) -> ::std::result::Result<Self, ErrorLabels> {
        ::std::result::Result::Err(error)
    }
}

struct Page<T: ?::std::marker::Sized>(T);

trait labels {
    type Error;
    fn run(&self) -> ::std::result::Result<u8, Self::Error>;
}

#[::mcp_metrics::tracked("a")]
impl labels for Box {
    type Error = Failure;

    fn run(&self) -> ::std::result::Result<u8, Self::Error> {
        ::std::result::Result::Err(Failure::None)
    }
}

#[derive(::mcp_metrics::ErrorType)]
enum Generic<'a, T: ?::std::marker::Sized> {
    Result(&'a u8),
    #[error_type(transparent)]
    Box(&'a T),
}

mod renamed {
    pub use ::mcp_metrics as somewhere_else;
}

#[::mcp_metrics::tracked("a", crate = crate::renamed::somewhere_else)]
fn renamed_crate() -> ::std::result::Result<u8, u8> {
    ::std::result::Result::Ok(1)
}

#[derive(::mcp_metrics::ErrorType)]
#[error_type(crate = crate::renamed::somewhere_else)]
enum RenamedCrate {
    #[error_type(transparent)]
    Failure(Failure),
}

#[::mcp_metrics::tracked("a", crate = crate::renamed::somewhere_else)]
impl Option {
    fn of_renamed_crate(&self) -> ::std::result::Result<&Self, RenamedCrate> {
        ::std::result::Result::Ok(self)
    }
}

fn main() {
    own_result(1);
    let _ = (Box.run(), Option.of_renamed_crate().is_ok());
    let probe = Probe::<u8, u8>(1, ::std::marker::PhantomData);
    let _ = (probe.in_generic_impl().is_ok(), Probe::<u8, u8>::generic_error(1).is_ok());
    let _ = (asynchronous(1), boxed(), looping(1), driven(1), renamed_crate());
}
