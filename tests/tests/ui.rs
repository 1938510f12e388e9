//! What `#[multitask]` accepts, and what the compiler says about errors.
//! The `.stderr` files are read as a user would read them; after a change,
//! `TRYBUILD=overwrite cargo test -p tests --test ui` writes them anew.

use std::process::Command;

/// The compiler whose words are in the `.stderr` files. Others word the parts
/// that are not ours differently.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    if compiler().starts_with(COMPILER) {
        cases.compile_fail("ui/fail/*.rs");
    } else {
        eprintln!("errors are not compared: that needs {COMPILER}x");
    }
}

fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    String::from_utf8(output.expect("rustc runs").stdout).expect("rustc writes UTF-8")
}
