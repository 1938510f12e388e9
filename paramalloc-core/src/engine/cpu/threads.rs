//! Threads that share the work of a step and wait for the next one.
//!
//! A task step takes a tenth of a millisecond, so threads that slept between
//! steps would lose much of what they gain. Here a thread without work watches
//! for more for [`PATIENCE`] and only then goes to sleep: a busy training loop
//! makes no system call, and an idle program uses no processor. A job
//! allocates nothing. The calling thread works too and never waits for a
//! thread that has not begun, so on a processor that is busy with other
//! programs it does most of the work itself.
//!
//! One lock guards all that the threads agree on; the atomics only tell a
//! watching thread when to look.
//!
//! This is the only module besides the kernels with `unsafe` code: a job
//! borrows from its caller, which no thread that lives longer than the call
//! can say in safe Rust.
#![allow(unsafe_code)]

use std::any::Any;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle, available_parallelism};
use std::time::{Duration, Instant};

use crate::error::Error;

/// How long a thread watches before it sleeps: a few times what falling
/// asleep and waking up take.
const PATIENCE: Duration = Duration::from_micros(50);

/// Looks of a watching thread from one look at the clock to the next.
const LOOKS: usize = 32;

/// A fixed number of threads, the calling one among them.
pub struct Threads {
    shared: Arc<Shared>,
    others: Vec<JoinHandle<()>>,
}

/// Work that any number of threads can do at once.
type Job = &'static (dyn Fn() + Sync);

/// What threads agree on: one opens a job, others enter it.
#[derive(Default)]
pub struct Shared {
    state: Mutex<State>,
    /// Sleeping threads wait here for a job.
    opened: Condvar,
    /// The sleeping caller waits here for the threads in its job.
    left: Condvar,
    /// `State::number` for threads that watch.
    number: AtomicUsize,
    /// `State::inside` for a caller that watches.
    inside: AtomicUsize,
    patience: Duration,
}

#[derive(Default)]
struct State {
    /// Changes with each job, so that no thread enters one twice.
    number: usize,
    /// The job that may be entered.
    job: Option<Job>,
    /// Threads that may still enter it.
    wanted: usize,
    /// Threads in it, the caller not counted.
    inside: usize,
    /// Other threads, and how many of them are asleep.
    others: usize,
    asleep: usize,
    caller_asleep: bool,
    panic: Option<Box<dyn Any + Send>>,
    stop: bool,
}

impl Threads {
    /// This many threads, at least one: the calling thread.
    ///
    /// # Errors
    /// If the system does not start them.
    pub fn new(count: usize) -> Result<Self, Error> {
        let mut threads = Self {
            shared: Arc::new(Shared::for_threads(count)),
            others: Vec::new(),
        };
        for i in 1..count {
            let shared = threads.shared.clone();
            let thread = Builder::new().name(format!("paramalloc-{i}"));
            let thread = thread
                .spawn(move || shared.work())
                .map_err(|source| Error::Threads { count, source })?;
            threads.others.push(thread);
            lock(&threads.shared.state).others = i;
        }
        Ok(threads)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.others.len() + 1
    }

    /// Calls `work` for each item, in any order, on the threads that are free.
    /// Each has one of the `memories` to itself; at most as many threads as
    /// there are memories take part. The caller has the first.
    ///
    /// # Panics
    /// If `work` does, after all threads have left it.
    pub fn for_each<M: Send, I>(
        &mut self,
        memories: &mut [M],
        items: I,
        work: impl Fn(&mut M, I::Item) + Sync,
    ) where
        I: ExactSizeIterator + Send,
    {
        let most = self.count().min(memories.len()).min(items.len());
        let Some((own, others)) = memories.split_first_mut() else {
            return;
        };
        if most <= 1 {
            items.for_each(|item| work(own, item));
            return;
        }
        let items = Mutex::new(items);
        let memories = Mutex::new(others.iter_mut());
        let next = || lock(&items).next();
        let all = |memory: &mut M| {
            while let Some(item) = next() {
                work(memory, item);
            }
        };
        let theirs = || {
            let memory = lock(&memories).next();
            memory.into_iter().for_each(&all);
        };
        self.shared.run(most - 1, || all(own), &theirs);
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.set_stopped(true);
        for thread in self.others.drain(..) {
            // Its panics were caught.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// For so many threads of the process.
    pub fn for_threads(count: usize) -> Self {
        // With fewer processors than threads, one that watches keeps another
        // from working.
        let enough = available_parallelism().is_ok_and(|n| n.get() >= count);
        Self {
            patience: if enough { PATIENCE } else { Duration::ZERO },
            ..Self::default()
        }
    }

    /// Calls `own` here and meanwhile `theirs` on up to `helpers` other
    /// threads, if they get to it before `own` returns. One thread does so at a time.
    pub fn run(&self, helpers: usize, own: impl FnOnce(), theirs: &(dyn Fn() + Sync)) {
        // SAFETY: only the lifetime changes. A thread gets the job from
        // `enter` and calls it before it calls `leave`; `close` ends the
        // entering and returns when all have left. Nothing between here and
        // the end of `close` can unwind: `own` is caught.
        let job = unsafe { std::mem::transmute::<&(dyn Fn() + Sync), Job>(theirs) };
        self.open(job, helpers);
        let own = catch_unwind(AssertUnwindSafe(own));
        let others = self.close();
        if let Some(panic) = own.err().or(others) {
            resume_unwind(panic);
        }
    }

    /// Lets this thread enter jobs until they are stopped.
    pub fn join(&self) {
        lock(&self.state).others += 1;
        self.work();
        lock(&self.state).others -= 1;
    }

    /// Whether threads that have joined go away, or may come.
    pub fn set_stopped(&self, stop: bool) {
        lock(&self.state).stop = stop;
        if stop {
            self.number.fetch_add(1, Relaxed);
            self.opened.notify_all();
        }
    }

    /// What a thread does all its life.
    fn work(&self) {
        let mut last = 0;
        while let Some(job) = self.enter(&mut last) {
            let panic = catch_unwind(AssertUnwindSafe(job)).err();
            self.leave(panic);
        }
    }

    /// Waits for a job after number `last` and enters it; none at the end.
    fn enter(&self, last: &mut usize) -> Option<Job> {
        self.watch(|| self.number.load(Relaxed) != *last);
        let mut state = lock(&self.state);
        loop {
            if state.stop {
                return None;
            }
            if state.number != *last
                && state.wanted > 0
                && let Some(job) = state.job
            {
                *last = state.number;
                state.wanted -= 1;
                state.inside += 1;
                self.inside.store(state.inside, Relaxed);
                return Some(job);
            }
            if state.number != *last {
                // That job was done without this thread; the next may be near.
                *last = state.number;
                drop(state);
                self.watch(|| self.number.load(Relaxed) != *last);
                state = lock(&self.state);
                continue;
            }
            state.asleep += 1;
            state = wait(&self.opened, state);
            state.asleep -= 1;
        }
    }

    fn leave(&self, panic: Option<Box<dyn Any + Send>>) {
        let mut state = lock(&self.state);
        if panic.is_some() {
            state.panic = panic;
        }
        state.inside -= 1;
        self.inside.store(state.inside, Relaxed);
        let wake = state.inside == 0 && state.caller_asleep;
        drop(state);
        if wake {
            self.left.notify_one();
        }
    }

    /// Lets up to `wanted` threads enter `job`.
    fn open(&self, job: Job, wanted: usize) {
        let mut state = lock(&self.state);
        state.number = state.number.wrapping_add(1);
        state.job = Some(job);
        state.wanted = wanted;
        let awake = state.others - state.asleep;
        self.number.store(state.number, Relaxed);
        drop(state);
        (awake..wanted).for_each(|_| self.opened.notify_one());
    }

    /// Lets no more threads enter and waits for those in the job; gives what
    /// one of them panicked with.
    fn close(&self) -> Option<Box<dyn Any + Send>> {
        let mut state = lock(&self.state);
        state.job = None;
        state.wanted = 0;
        if state.inside > 0 {
            drop(state);
            self.watch(|| self.inside.load(Relaxed) == 0);
            state = lock(&self.state);
            state.caller_asleep = true;
            while state.inside > 0 {
                state = wait(&self.left, state);
            }
            state.caller_asleep = false;
        }
        state.panic.take()
    }

    /// Watches until `seen` or for as long as it is worth.
    fn watch(&self, seen: impl Fn() -> bool) {
        if self.patience.is_zero() {
            return;
        }
        let start = Instant::now();
        loop {
            for _ in 0..LOOKS {
                if seen() {
                    return;
                }
                spin_loop();
            }
            if start.elapsed() > self.patience {
                return;
            }
        }
    }
}

/// A poisoned lock is as good as any: [`State`] is changed by instructions that
/// do not panic, and what is left of a caller's iterator that panicked may
/// still be taken, for that panic goes on once all threads have left.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    let woken = condition.wait(guard);
    woken.unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
