//! Text as a shell takes it, and how to call this program.

use std::path::PathBuf;

/// `path` as a shell takes it.
pub fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

/// The package of the experiments that come with the project, whose programs
/// are called after them.
const EXPERIMENTS: &str = "experiments";

/// How to call this program, of `experiment`: it may be in a crate of the
/// user's own.
pub fn this_program(experiment: &str) -> String {
    let mut arguments = std::env::args_os();
    let own = arguments.next().map(PathBuf::from).unwrap_or_default();
    let Ok(package) = std::env::var("CARGO_PKG_NAME") else {
        // Not started by cargo.
        return quoted(&own.display().to_string());
    };
    if package == EXPERIMENTS {
        return format!("cargo run -p {package} --bin {experiment} --");
    }
    let name = own.file_stem().unwrap_or_default().to_string_lossy();
    let is_example = own
        .parent()
        .is_some_and(|parent| parent.ends_with("examples"));
    let kind = if is_example { "--example" } else { "--bin" };
    format!("cargo run -p {package} {kind} {} --", quoted(&name))
}

/// How to call this program, whose file is called after its experiment.
pub fn program() -> String {
    let own = std::env::args_os().next().map(PathBuf::from);
    let name = own.as_deref().and_then(|own| own.file_stem());
    this_program(&name.unwrap_or_default().to_string_lossy())
}

/// How to start the tool `paramalloc` from where this program was started.
pub fn tool() -> String {
    let package = std::env::var("CARGO_PKG_NAME").ok();
    if package.is_some_and(|package| package == EXPERIMENTS) {
        return "cargo run -p paramalloc-cli --".to_owned();
    }
    let own = std::env::args_os().next().map(PathBuf::from);
    let name = format!("paramalloc{}", std::env::consts::EXE_SUFFIX);
    let beside = own.map(|own| own.with_file_name(name));
    match beside.filter(|tool| tool.is_file()) {
        Some(tool) => quoted(&tool.display().to_string()),
        // Where it was installed.
        None => "paramalloc".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("runs/mnist-seed0-001"), "runs/mnist-seed0-001");
        assert_eq!(quoted("my runs/it's"), r"'my runs/it'\''s'");
    }
}
