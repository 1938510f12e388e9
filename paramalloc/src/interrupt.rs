//! Ctrl-C, and the request to terminate that a system sends.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::program::INTERRUPTED;

static ASKED: AtomicBool = AtomicBool::new(false);
static IS_SET: AtomicBool = AtomicBool::new(false);
static HAS_BEGUN: AtomicBool = AtomicBool::new(false);

/// From now on an interruption ends the program at once, with its own exit
/// status, until there is something to save.
///
/// # Errors
/// [`Error::Signals`] if the system refuses the handler.
pub fn prepare() -> Result<(), Error> {
    let handler = || {
        let is_first = !ASKED.swap(true, Ordering::Relaxed);
        if !(is_first && HAS_BEGUN.load(Ordering::Relaxed)) {
            std::process::exit(INTERRUPTED.into());
        }
    };
    match IS_SET.swap(true, Ordering::Relaxed) {
        // A program may train more than one run.
        true => Ok(()),
        false => ctrlc::set_handler(handler).map_err(Error::Signals),
    }
}

/// From now on the first interruption is for [`asked`] to tell; the second
/// ends the program at once.
pub fn listen() {
    HAS_BEGUN.store(true, Ordering::Relaxed);
}

/// True after an interruption.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
