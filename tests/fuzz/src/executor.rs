//! Runs a reader on many inputs and judges what it does.

use std::any::Any;
use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::ALLOCATOR;
use crate::draws::Draws;
use crate::mutate::{mutate, spoil};
use crate::target::{Target, Verdict};

/// No input takes longer. One that does is read once more: the process may have been
/// stopped meanwhile.
const LONGEST: Duration = Duration::from_secs(10);

/// The longest sentence.
const LONGEST_SENTENCE: usize = 4096;

/// Inputs that gave another kind of sentence than those before are changed further;
/// so many are kept.
const KEPT: usize = 2000;

/// What went wrong with an input.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What the reader did.
    pub what: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// How the reader did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Inputs.
    pub executions: u64,
    /// Inputs that were read.
    pub accepted: u64,
    /// Kinds of sentences.
    pub sentences: usize,
    /// The most memory that an input took, bytes.
    pub peak: usize,
    /// What went wrong, each kind once.
    pub findings: Vec<Finding>,
}

/// Where the last panic was.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// True while a reader reads.
static READS: AtomicBool = AtomicBool::new(false);

/// Notes panics of readers in place of printing them.
pub fn note_panics() {
    let print = take_hook();
    set_hook(Box::new(move |panic| {
        if !READS.load(Ordering::Relaxed) {
            return print(panic);
        }
        let place = panic.location().map(ToString::to_string);
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let place = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    format!(
        "panicked at {}: {}",
        place.unwrap_or_default(),
        text.unwrap_or_default()
    )
}

/// Reads one input; gives the verdict of the reader, the memory that it took, and
/// what is wrong with that.
pub fn execute(
    target: &mut dyn Target,
    bytes: &[u8],
    directory: &Path,
) -> (Verdict, usize, Option<String>) {
    let before = ALLOCATOR.begin();
    let mut read = || {
        let start = Instant::now();
        READS.store(true, Ordering::Relaxed);
        let read = catch_unwind(AssertUnwindSafe(|| target.read(bytes, directory)));
        READS.store(false, Ordering::Relaxed);
        (read, start.elapsed())
    };
    let (read, took) = match read() {
        (_, took) if took > LONGEST => read(),
        first => first,
    };
    let peak = ALLOCATOR.peak().saturating_sub(before);
    let verdict = match read {
        Ok(verdict) => verdict,
        Err(panic) => {
            let what = message(&*panic);
            return (Err(what.clone()), peak, Some(what));
        }
    };
    let wrong = if peak > target.memory() {
        Some(format!("took {} MiB of memory", peak >> 20))
    } else if took > LONGEST {
        Some(format!("took {} s", took.as_secs()))
    } else {
        verdict.as_ref().err().and_then(|said| wrong_sentence(said))
    };
    (verdict, peak, wrong)
}

/// What is wrong with the sentence of a refusal.
fn wrong_sentence(said: &str) -> Option<String> {
    let shown = |what: &str| Some(format!("said {what}: {:.200}", said.escape_debug()));
    match said {
        _ if said.trim().is_empty() => shown("nothing"),
        _ if said.chars().any(char::is_control) => shown("control characters"),
        _ if said.len() > LONGEST_SENTENCE => shown("too much"),
        _ => None,
    }
}

/// The kind of a sentence: without its numbers and what it quotes.
fn kind(verdict: &Verdict) -> String {
    let Err(said) = verdict else {
        return String::new();
    };
    let mut kind = String::new();
    let mut is_quoted = false;
    for c in said.chars() {
        match c {
            '`' | '"' => is_quoted = !is_quoted,
            c if !is_quoted && (c.is_ascii_alphabetic() || c == ' ') => kind.push(c),
            _ => {}
        }
    }
    kind.truncate(200);
    kind
}

/// Reads `count` inputs, or as many as there is time for.
pub fn run(target: &mut dyn Target, count: u64, time: Option<Duration>, seed: u64) -> Outcome {
    let parent = Path::new("/dev/shm");
    let directory = match parent.is_dir() {
        true => tempfile::tempdir_in(parent),
        false => tempfile::tempdir(),
    };
    let directory = directory.expect("a temporary directory");
    let mut corpus = target.seeds();
    let mut seen = HashSet::new();
    let mut wrong = HashSet::new();
    let mut outcome = Outcome::default();
    let mut draws = Draws::new(seed);
    for parts in corpus.clone() {
        let bytes = target.pack(&parts);
        let (verdict, peak, what) = execute(target, &bytes, directory.path());
        let name = target.name();
        assert!(what.is_none(), "{name}: a seed is judged wrong: {what:?}");
        outcome.peak = outcome.peak.max(peak);
        seen.insert(kind(&verdict));
    }
    let start = Instant::now();
    while outcome.executions < count && time.is_none_or(|time| start.elapsed() < time) {
        let mut parts = draws.of(&corpus).clone();
        let other = draws.of(&corpus).clone();
        let is_packed_first = draws.below(4) == 0;
        if !is_packed_first || draws.below(2) == 0 {
            mutate(&mut parts, &other, &mut draws);
        }
        let mut bytes = target.pack(&parts);
        if is_packed_first {
            spoil(&mut bytes, &mut draws);
        }
        let (verdict, peak, what) = execute(target, &bytes, directory.path());
        outcome.executions += 1;
        outcome.accepted += u64::from(verdict.is_ok());
        outcome.peak = outcome.peak.max(peak);
        if let Some(what) = what {
            let place = what.split(": ").next().unwrap_or_default().to_owned();
            if wrong.insert(place) {
                outcome.findings.push(Finding { what, bytes });
            }
        } else if seen.insert(kind(&verdict)) && corpus.len() < KEPT {
            corpus.push(parts);
        }
    }
    outcome.sentences = seen.len();
    outcome
}

/// Writes the inputs of findings to `findings/`; gives their paths.
///
/// # Errors
/// What the system says.
pub fn write_findings(name: &str, findings: &[Finding]) -> std::io::Result<Vec<PathBuf>> {
    let directory = Path::new("findings").join(name);
    let mut paths = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        fs::create_dir_all(&directory)?;
        let path = directory.join(format!("{index}"));
        fs::write(&path, &finding.bytes)?;
        paths.push(path);
    }
    Ok(paths)
}
