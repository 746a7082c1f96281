//! Uses of a type whose derive has errors report no further errors.

use mcp_metrics::{ErrorType, tracked};

#[derive(ErrorType)]
#[error_type(rename_all = "snakecase")]
enum Failure<T: Clone> {
    Timeout,
    #[error_type("")]
    Other(T),
}

#[derive(ErrorType)]
#[error_type("All", transparant)]
enum Both {
    #[error_type(transparent)]
    Failure(Failure<u8>),
    #[error_type(transparent, "", "Two")]
    None,
}

#[tracked("search")]
fn search() -> Result<(), Failure<u8>> {
    Err(Failure::Other(1))
}

fn label(error: &impl ErrorType) -> String {
    error.error_type().into_owned()
}

fn main() {
    if let Err(error) = search() {
        label(&error);
        label(&Both::Failure(error));
    }
    Both::None.error_type();
    Failure::<u8>::Timeout.error_type();
}
