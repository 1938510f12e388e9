//! Standard output and standard error.

use std::io::{ErrorKind, Write};

use paramalloc_core::text::escaped;

use crate::error::Error;

/// Writes to standard output. A reader that has gone away is no error.
///
/// # Errors
/// If it cannot be written to, as on a full disk.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(()),
    }
}

/// Writes lines to standard error, with control characters escaped: a path may
/// hold some. Where nobody reads any more, nothing is lost by it, unlike
/// with `eprintln!`, which panics.
pub fn say(lines: &str) {
    let mut error = std::io::stderr().lock();
    for line in lines.split('\n') {
        let _ = writeln!(error, "{}", escaped(line));
    }
}
