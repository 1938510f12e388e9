//! Ctrl-C, and the request to terminate that a system sends.

use std::sync::atomic::{AtomicBool, Ordering};

use super::stop::{INTERRUPTED, Stop};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first interruption is for [`asked`] to tell; the second
/// ends the program at once.
///
/// # Errors
/// If the system refuses the handler.
pub fn listen() -> Result<(), Stop> {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(handler).map_err(|e| Stop::Failure(format!("cannot listen for Ctrl-C: {e}")))
}

/// True after an interruption.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
