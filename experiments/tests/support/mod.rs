//! Programs run as a user runs them.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::path::Path;
use std::process::{Command, Output};

#[cfg(unix)]
pub mod process;

pub fn command(program: &str, directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).args(arguments);
    command.env_remove("PARAMALLOC_DATA");
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a program that must succeed; gives its standard output and error.
pub fn succeed(mut command: Command) -> (String, String) {
    let output = command.output().unwrap();
    let errors = text(&output.stderr);
    assert!(output.status.success(), "{errors}");
    (text(&output.stdout), errors)
}

/// The last line of a refusal, which names what is wrong.
pub fn refusal(output: &Output) -> String {
    let said = text(&output.stderr);
    assert_ne!(output.status.code(), Some(0), "{said}");
    let last = said.lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("error: "), "{said}");
    last
}

pub fn assert_has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}
