use super::*;

use std::sync::Barrier;
use std::thread::sleep;

fn threads(count: usize) -> Threads {
    Threads::new(count).unwrap()
}

#[test]
fn every_item_is_done_once() {
    for count in 1..=8 {
        let mut threads = threads(count);
        let mut memories = vec![0; count];
        for len in [0, 1, 2, 3, 16, 100] {
            let mut items = vec![0; len];
            memories.fill(0);
            threads.for_each(&mut memories, items.iter_mut(), |done, item| {
                *item += 1;
                *done += 1;
            });
            assert!(items.iter().all(|&n| n == 1), "{count}, {len}");
            assert_eq!(memories.iter().sum::<usize>(), len);
        }
    }
}

#[test]
fn many_tiny_jobs() {
    for count in 1..=8 {
        let mut threads = threads(count);
        let mut sums = vec![0_u64; count];
        let jobs = 5000;
        for job in 0..jobs {
            // Borrowed for this job only: late threads must not see it.
            let values = [job; 5];
            threads.for_each(&mut sums, values.iter(), |sum, value| *sum += value);
            if job % 1000 == 0 {
                // Long enough to fall asleep.
                sleep(4 * PATIENCE);
            }
        }
        let expected = 5 * (0..jobs).sum::<u64>();
        assert_eq!(sums.iter().sum::<u64>(), expected, "{count}");
    }
}

#[test]
fn the_threads_work_at_once() {
    for count in [2, 3, 8] {
        let mut threads = threads(count);
        // Nobody passes before all are there.
        let together = Barrier::new(count);
        let mut memories = vec![(); count];
        for _ in 0..50 {
            threads.for_each(&mut memories, 0..count, |(), _| {
                together.wait();
            });
        }
    }
}

#[test]
fn no_more_threads_than_memories() {
    let mut threads = threads(8);
    let mut memories = [0; 3];
    threads.for_each(&mut memories, 0..1000, |done, _| *done += 1);
    assert_eq!(memories.iter().sum::<i32>(), 1000);
    threads.for_each(&mut [(); 0], 0..0, |(), _: usize| unreachable!());
}

/// What a job panics with, if it does.
fn panic_of(job: impl FnOnce()) -> Option<&'static str> {
    let panic = catch_unwind(AssertUnwindSafe(job)).err()?;
    panic.downcast_ref::<&'static str>().copied()
}

#[test]
fn a_panic_reaches_the_caller_after_all_have_left() {
    for count in [1, 2, 4] {
        let mut threads = threads(count);
        let mut memories = vec![(); count];
        for bad in 0..20 {
            let mut done = [false; 20];
            let panic = panic_of(|| {
                threads.for_each(&mut memories, done.iter_mut().enumerate(), |(), (i, d)| {
                    *d = true;
                    if i == bad {
                        panic_quietly("a bad item");
                    }
                });
            });
            assert_eq!(panic, Some("a bad item"), "{count}, {bad}");
            // The next job knows nothing of it.
            threads.for_each(&mut memories, done.iter_mut(), |(), d| *d = false);
            assert_eq!(done, [false; 20]);
        }
    }
}

#[test]
fn a_panic_of_another_thread_reaches_the_caller() {
    let mut threads = threads(2);
    let together = Barrier::new(2);
    let panic = panic_of(|| {
        let mut callers = [true, false];
        threads.for_each(&mut callers, 0..2, |is_caller, _| {
            together.wait();
            if !*is_caller {
                panic_quietly("not the caller");
            }
        });
    });
    assert_eq!(panic, Some("not the caller"));
}

/// A panic without its message on the terminal.
fn panic_quietly(message: &'static str) {
    resume_unwind(Box::new(message));
}

#[test]
fn dropped_while_awake_and_while_asleep() {
    for count in 1..=8 {
        drop(threads(count));
        let mut used = threads(count);
        used.for_each(&mut vec![(); count], 0..4, |(), _| ());
        drop(used);
        let asleep = threads(count);
        sleep(4 * PATIENCE);
        drop(asleep);
    }
}

#[test]
fn a_thread_without_work_falls_asleep() {
    let mut threads = threads(3);
    threads.for_each(&mut [(); 3], 0..9, |(), _| ());
    let start = Instant::now();
    while lock(&threads.shared.state).asleep < 2 {
        assert!(start.elapsed() < Duration::from_secs(20));
        sleep(PATIENCE);
    }
}
