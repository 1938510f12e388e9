//! What `#[multitask]` accepts, and what the compiler says about mistakes.
//! The `.stderr` files are read as a user would read them; after a change,
//! `TRYBUILD=overwrite cargo test -p tests --test ui` writes them anew.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}
