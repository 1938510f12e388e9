//! Standard output and standard error.

use std::io::Write;

/// As a shell takes it.
pub fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

/// Writes to standard output. A reader that has gone away is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        say(&format!("error: cannot write to standard output: {error}"));
    }
}

/// Writes a line to standard error. Where nobody reads any more, nothing is
/// lost by it, unlike with `eprintln!`, which panics.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("runs/mnist-seed0-001"), "runs/mnist-seed0-001");
        assert_eq!(quoted("my runs/it's"), r"'my runs/it'\''s'");
    }
}
