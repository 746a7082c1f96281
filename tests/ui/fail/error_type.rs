use mcp_metrics::ErrorType;

#[derive(ErrorType)]
enum Failure {
    #[error_type(transparent)]
    Nothing,
    #[error_type("")]
    Empty,
    #[error_type(transparant)]
    Mistyped(u8),
    #[error_type("A", "B")]
    Two,
}

#[derive(ErrorType)]
#[error_type("All")]
enum Container {
    One,
}

#[derive(ErrorType)]
union Both {
    one: u8,
}

#[derive(ErrorType)]
#[error_type(rename_all = "snakecase")]
enum Renamed {
    One,
}

#[derive(ErrorType)]
#[error_type(rename_all = "snake_case")]
struct RenamedStruct;

fn main() {}
