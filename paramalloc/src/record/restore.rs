//! The checkpoint from which a run resumes.

use std::fs;
use std::path::Path;

use paramalloc_core::train::{Trainer, checkpoint};

use crate::record::now::Now;
use crate::run_dir::checkpoints::candidates;
use crate::run_dir::files::{CHECKPOINTS, CONFIG, METRICS};
use crate::run_dir::metrics::Written;
use crate::session::state::SessionState;
use crate::stdio::say;
use crate::stop::Stop;

/// Restores the newest checkpoint that is whole and of this run. Those that
/// are not are named in a warning each.
pub fn newest(
    run: &Path,
    now: &Now<'_>,
    trainer: &mut Trainer,
) -> Result<Option<SessionState>, Stop> {
    let mut unfit = Vec::new();
    let mut files = candidates(run)?.into_iter().peekable();
    while let Some(path) = files.next() {
        let (cause, sentence) = match restore(&path, run, now, trainer) {
            Ok(kept) => return Ok(Some(kept)),
            Err((cause, sentence)) => (cause, format!("{}: {sentence}", path.display())),
        };
        if files.peek().is_some() {
            say(&format!("warning: {sentence}; the one before it is tried"));
        }
        unfit.push((cause, sentence));
    }
    // Of several causes the one about which most can be done.
    let Some((cause, sentence)) = unfit.into_iter().max_by_key(|&(cause, _)| cause) else {
        return Ok(None);
    };
    let advice = cause.advice(run);
    Err(Stop::Failure(format!(
        "no checkpoint can be used ({sentence}); {advice}"
    )))
}

/// Why a checkpoint cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unfit {
    Damaged,
    OtherNetwork,
    OtherRun,
    OtherMetrics,
}

impl Unfit {
    /// What can be done about it.
    fn advice(self, run: &Path) -> String {
        let place = |name: &str| run.join(name).display().to_string();
        let checkpoints = place(CHECKPOINTS);
        match self {
            Self::Damaged => format!(
                "put a whole one back, or move {checkpoints} away to start from the beginning"
            ),
            Self::OtherNetwork => {
                "use the program with the network that began this run, or begin another run with another --logdir".to_owned()
            }
            Self::OtherRun => format!(
                "if {} was changed, put it back as it was; if the checkpoints are another run's, put this one's back",
                place(CONFIG)
            ),
            Self::OtherMetrics => format!(
                "put {} back as it was; without it there is only the way to move {checkpoints} away and start from the beginning",
                place(METRICS)
            ),
        }
    }
}

/// Restores a checkpoint, or says why it cannot be and changes nothing.
fn restore(
    path: &Path,
    run: &Path,
    now: &Now<'_>,
    trainer: &mut Trainer,
) -> Result<SessionState, (Unfit, String)> {
    let damaged = |sentence: String| (Unfit::Damaged, sentence);
    let bytes = fs::read(path).map_err(|e| damaged(format!("cannot read it: {e}")))?;
    let read = checkpoint::read_extra::<SessionState>(&bytes);
    let (_, kept) = read.map_err(|e| damaged(e.to_string()))?;
    if let Some(differences) = kept.differ(now).map_err(damaged)? {
        let sentence = format!("it is of a run with {differences}");
        return Err((Unfit::OtherRun, sentence));
    }
    let metrics = run.join(METRICS);
    let first = Written::of_first(&metrics, kept.metrics_len).unwrap_or_default();
    let (len, crc) = (kept.metrics_len, kept.metrics_crc);
    if first.len < len {
        let held = first.len;
        let sentence = format!("it was written after {len} bytes of {METRICS}, which has {held}");
        return Err((Unfit::OtherMetrics, sentence));
    }
    if first.crc != crc {
        let sentence =
            format!("it was written after {len} bytes of {METRICS}, which are others now");
        return Err((Unfit::OtherMetrics, sentence));
    }
    let restored = trainer.restore(&bytes);
    restored.map_err(|e| (Unfit::OtherNetwork, e.to_string()))
}
