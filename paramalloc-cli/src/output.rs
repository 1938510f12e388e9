//! What a user reads: results on standard output, the rest on standard error.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use paramalloc_core::text::escaped;

use crate::error::Error;

/// Writes results to standard output. A reader that has gone away, as in
/// `paramalloc show RUN | head`, has read what it wanted.
///
/// # Errors
/// If they cannot be written, to a full disk for example.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Error::Output(error)),
    })
}

/// Writes a line to standard error, control characters of a path in it
/// escaped. Where nobody reads any more, nothing is lost by it, unlike with
/// `eprintln!`, which panics.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", escaped(line));
}

/// A line for each file.
pub fn listed(files: &[PathBuf]) -> String {
    let lines = files.iter().map(|file| format!("  {}\n", file.display()));
    lines.collect()
}

/// The help or the version, if asked for, else what is wrong with the command
/// line. Returns the exit status.
pub fn usage(message: &clap::Error) -> ExitCode {
    let written = message.print().and_then(|()| io::stdout().flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("error: {}", Error::Output(error)));
            ExitCode::FAILURE
        }
        _ if message.use_stderr() => ExitCode::from(2),
        _ => ExitCode::SUCCESS,
    }
}
