//! The checkpoint from which a run resumes.

use std::path::Path;

use paramalloc_core::summary::read_whole;
use paramalloc_core::train::{Trainer, checkpoint};

use super::now::Now;
use crate::error::{CheckpointError, Error};
use crate::run_dir::checkpoints::candidates;
use crate::run_dir::files::METRICS;
use crate::run_dir::growing_file::content_of_first;
use crate::session::state::SessionState;
use crate::stdio::say;

/// Restores the newest checkpoint that is whole and of this run. Those that
/// are not are named in a warning each.
///
/// # Errors
/// [`Error::NoCheckpoint`] if there are checkpoints, but none can be used.
pub fn newest(
    run: &Path,
    now: &Now<'_>,
    trainer: &mut Trainer,
) -> Result<Option<SessionState>, Error> {
    let mut refused = Vec::new();
    let mut files = candidates(run)?.into_iter().peekable();
    while let Some(path) = files.next() {
        let source = match restore(&path, run, now, trainer) {
            Ok(state) => return Ok(Some(state)),
            Err(source) => source,
        };
        if files.peek().is_some() {
            let path = path.display();
            say(&format!(
                "warning: {path}: {source}; the one before it is tried"
            ));
        }
        refused.push((path, source));
    }
    // Of several errors the one about which most can be done.
    let Some((path, source)) = refused.into_iter().max_by_key(|(_, source)| source.rank()) else {
        return Ok(None);
    };
    Err(Error::NoCheckpoint {
        run: run.to_owned(),
        path,
        source,
    })
}

/// Restores a checkpoint, or says why it cannot be and changes nothing.
fn restore(
    path: &Path,
    run: &Path,
    now: &Now<'_>,
    trainer: &mut Trainer,
) -> Result<SessionState, CheckpointError> {
    let bytes = read_whole(path).map_err(CheckpointError::Read)?;
    let state = of_run(&bytes, now)?;
    let expected = state.metrics;
    let first = content_of_first(&run.join(METRICS), expected.bytes).unwrap_or_default();
    if first.bytes < expected.bytes {
        return Err(CheckpointError::ShortMetrics {
            expected: expected.bytes,
            found: first.bytes,
        });
    }
    if first.crc32 != expected.crc32 {
        return Err(CheckpointError::OtherMetrics {
            len: expected.bytes,
        });
    }
    let restored = trainer.restore::<SessionState>(&bytes);
    restored.map_err(CheckpointError::OtherNetwork)
}

/// What a checkpoint of this run holds beside the trainer's state.
///
/// # Errors
/// If it is damaged or of another run.
pub fn of_run(bytes: &[u8], now: &Now<'_>) -> Result<SessionState, CheckpointError> {
    let read = checkpoint::read_extra::<SessionState>(bytes);
    let (_, state) = read.map_err(CheckpointError::Damaged)?;
    match now.difference(&state).map_err(CheckpointError::Settings)? {
        Some(difference) => Err(CheckpointError::OtherRun { difference }),
        None => Ok(state),
    }
}
