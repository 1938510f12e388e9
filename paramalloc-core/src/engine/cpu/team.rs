//! Threads that help the one that takes a chunk of a batch through the network, where
//! there are more threads than chunks: they share the units of its convolutions.

use std::sync::{Arc, Mutex};

use super::threads::{Shared, Threads, lock};
use crate::network::plan::{Kind, Operation};
use paramalloc_kernels::work::Work;
use paramalloc_kernels::{Lane, pages};

/// Multiply-adds per example from which on an operation is worth a meeting: for eight
/// examples a tenth of a millisecond's work, and to wake a thread takes a fifth of that.
const WORTH: u64 = 1 << 20;

/// Whether the work of an operation is shared where there are helpers.
pub fn is_shared(operation: &Operation) -> bool {
    matches!(operation.kind, Kind::Conv(_)) && operation.multiply_adds() >= WORTH
}

/// The teams of all chunks of a batch.
#[derive(Default)]
pub struct Teams(Vec<Arc<Team>>);

impl Teams {
    /// Shares out the threads that have no chunk, where an operation `is_shared`: with 2
    /// chunks and 16 threads, seven help each. True if there are other teams than before.
    pub fn form(&mut self, threads: usize, chunks: usize, is_shared: bool) -> bool {
        let spare = match is_shared {
            true => threads.saturating_sub(chunks),
            false => 0,
        };
        let helpers = |chunk: usize| (spare + chunks - 1 - chunk) / chunks;
        let fits = |(i, team): (usize, &Arc<Team>)| team.helpers == helpers(i);
        if self.0.len() == chunks && self.0.iter().enumerate().all(fits) {
            return false;
        }
        let team = |chunk| Arc::new(Team::new(helpers(chunk), threads));
        self.0 = (0..chunks).map(team).collect();
        true
    }

    /// That of the memory number `memory`: with helpers, it is that of the chunk.
    pub fn of(&self, memory: usize) -> Arc<Team> {
        self.0[memory % self.0.len()].clone()
    }

    /// Calls `work` for each chunk with one of the `memories`. With more threads than
    /// chunks, each chunk has the memory of its number, and who comes when all chunks have
    /// been taken helps.
    pub fn for_each<M: Send, I>(
        &self,
        threads: &mut Threads,
        memories: &mut [M],
        chunks: I,
        work: impl Fn(&mut M, I::Item) + Sync,
    ) where
        I: ExactSizeIterator + Send,
        I::Item: Send,
    {
        let (count, teams) = (chunks.len(), &self.0);
        if teams.iter().all(|team| team.helpers == 0) {
            return threads.for_each(memories, chunks, work);
        }
        teams.iter().for_each(|team| team.open());
        let own = chunks.zip(memories).zip(teams);
        let own = own.map(|(of, team)| (team, Some(of)));
        let help = (0..threads.count() - count).map(|i| (&teams[i % count], None));
        let items: Vec<_> = own.chain(help).collect();
        let mut nothing = vec![(); threads.count()];
        threads.for_each(&mut nothing, items.into_iter(), |(), (team, of)| match of {
            Some((chunk, memory)) => {
                let _at_work = AtWork(team);
                work(memory, chunk);
            }
            None => team.help(),
        });
    }
}

/// That of one chunk. By itself it has no helpers.
#[derive(Default)]
pub struct Team {
    shared: Arc<Shared>,
    helpers: usize,
    /// Scratch memory of helpers that have nothing to do.
    memories: Mutex<Vec<Vec<Lane>>>,
}

impl Team {
    /// So many helpers, of `threads` threads in all.
    fn new(helpers: usize, threads: usize) -> Self {
        Self {
            shared: Arc::new(Shared::for_threads(threads)),
            helpers,
            memories: Mutex::default(),
        }
    }

    /// How many share the work of an operation.
    pub fn threads(&self, operation: &Operation) -> usize {
        match is_shared(operation) {
            true => self.helpers + 1,
            false => 1,
        }
    }

    /// Does some work in up to so many threads; `scratch` is the memory of this one.
    pub fn share(&self, work: &dyn Work, threads: usize, scratch: &mut [Lane]) {
        let wanted = threads.min(work.units()).saturating_sub(1);
        if wanted == 0 {
            return work.work(scratch);
        }
        let theirs = || {
            let mut memory = lock(&self.memories).pop().unwrap_or_default();
            if memory.len() < work.scratch_len() {
                memory = pages::zeros(work.scratch_len());
            }
            work.work(&mut memory);
            lock(&self.memories).push(memory);
        };
        self.shared.run(wanted, || work.work(scratch), &theirs);
    }

    /// Helps until the chunk is done.
    fn help(&self) {
        self.shared.join();
    }

    /// From now on helpers wait for work.
    fn open(&self) {
        self.shared.set_stopped(false);
    }
}

/// A chunk at work: when this is dropped its helpers go, also after a panic.
struct AtWork<'a>(&'a Team);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.shared.set_stopped(true);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    /// Units that wait for each other: more than one thread must take some.
    struct Meeting {
        next: AtomicUsize,
        inside: AtomicUsize,
        wanted: usize,
    }

    impl Work for Meeting {
        fn units(&self) -> usize {
            self.wanted
        }

        fn scratch_len(&self) -> usize {
            3
        }

        fn work(&self, scratch: &mut [Lane]) {
            assert!(scratch.len() >= self.scratch_len());
            if self.next.fetch_add(1, Relaxed) < self.wanted {
                self.inside.fetch_add(1, Relaxed);
                while self.inside.load(Relaxed) < self.wanted {
                    std::thread::yield_now();
                }
            }
        }
    }

    /// A batch of 16 has two chunks; sixteen threads work on them at once.
    #[test]
    fn all_threads_work_on_few_chunks() {
        let mut threads = Threads::new(16).unwrap();
        let mut teams = Teams::default();
        for chunks in [2, 5, 1] {
            assert!(teams.form(16, chunks, true) && !teams.form(16, chunks, true));
            for _ in 0..3 {
                let at_work = AtomicUsize::new(0);
                let mut memories = vec![[Lane::ZERO; 3]; chunks];
                teams.for_each(&mut threads, &mut memories, 0..chunks, |memory, chunk| {
                    let team = teams.of(chunk);
                    let wanted = team.helpers + 1;
                    at_work.fetch_add(wanted, Relaxed);
                    for _ in 0..4 {
                        let meeting = Meeting {
                            next: AtomicUsize::new(0),
                            inside: AtomicUsize::new(0),
                            wanted,
                        };
                        team.share(&meeting, wanted, memory);
                    }
                });
                assert_eq!(at_work.into_inner(), 16, "{chunks} chunks");
            }
        }
    }

    /// Waking threads for convolutions of a few microseconds would cost more than it gives.
    #[test]
    fn nobody_helps_where_operations_are_small() {
        let plan = crate::testing::plan(&[10]);
        let operations = plan.fields.iter().flat_map(|field| &field.components);
        let mut operations = operations.flat_map(|stack| &stack.operations);
        assert!(!operations.any(is_shared));
        let mut teams = Teams::default();
        assert!(teams.form(16, 2, false));
        assert!((0..2).all(|i| teams.of(i).helpers == 0));
    }

    #[test]
    fn a_chunk_that_panics_lets_its_helpers_go() {
        let mut threads = Threads::new(4).unwrap();
        let mut teams = Teams::default();
        teams.form(4, 2, true);
        for _ in 0..20 {
            let mut memories = [(), ()];
            let panics = |_: &mut (), chunk: usize| assert!(chunk == 0, "on purpose");
            let run = || teams.for_each(&mut threads, &mut memories, 0..2, panics);
            assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        }
    }
}
