//! What compiles without a warning, and what the compiler says of what does not.

#[test]
fn ui() {
    let tests = trybuild::TestCases::new();
    for (folder, check) in [
        ("pass", trybuild::TestCases::pass as fn(&_, String)),
        ("fail", trybuild::TestCases::compile_fail),
    ] {
        let path = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(&path).expect("the folder").count();
        assert!(files > 0, "{path} holds no tests");
        check(&tests, format!("{path}/*.rs"));
    }
}
