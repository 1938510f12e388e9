//! The logger that writes `timing.jsonl`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::logger::{Event, Logger};
use crate::error::Error;

/// Writes when a run was where. The clock is kept out of `metrics.jsonl`, whose
/// bytes depend on nothing but settings and data.
///
/// The file only grows: what a resumed run does again has a line for each time.
#[derive(Debug)]
pub struct Timing {
    path: PathBuf,
    file: File,
    last: Instant,
}

impl Timing {
    /// Writes to the file at `path`, made if need be.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(path);
        let mut file = file.map_err(Error::save(path))?;
        let length = file.metadata().map_err(Error::save(path))?.len();
        if length > 0 {
            // The last line of a killed process may be torn.
            file.write_all(b"\n").map_err(Error::save(path))?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            last: Instant::now(),
        })
    }
}

impl Logger for Timing {
    fn log(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let step = match *event {
            Event::Train(line) => line.global_step,
            Event::Evaluation(line) => line.global_step,
            Event::End(summary) => summary.global_step,
            _ => return Ok(()),
        };
        let now = Instant::now();
        let seconds = (now - self.last).as_secs_f64();
        self.last = now;
        let unix_time = SystemTime::now().duration_since(UNIX_EPOCH);
        let unix_time = unix_time.map_or(0.0, |time| time.as_secs_f64());
        let line = format!(
            "{{\"global_step\":{step},\"unix_time\":{unix_time:.3},\"seconds\":{seconds:.6}}}\n"
        );
        let written = self.file.write_all(line.as_bytes());
        written.map_err(Error::save(&self.path))
    }
}
