//! Uses of the macros that must compile without warnings, and expected compile errors.

#[test]
fn macro_uses_compile_or_fail_as_expected() {
    let tests = trybuild::TestCases::new();
    for (folder, check) in [
        ("pass", trybuild::TestCases::pass as fn(&_, String)),
        ("fail", trybuild::TestCases::compile_fail),
    ] {
        let path = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(&path).expect("readable folder").count();
        assert!(files > 0, "{path} contains no tests");
        check(&tests, format!("{path}/*.rs"));
    }
}
