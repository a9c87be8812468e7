//! Work done by several threads and told in the order in which it was handed out. What waits to be told is bounded: who
//! is far ahead waits for the slowest. Knows nothing of the work.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

/// Reading and walking recurse by the nesting of a resource.
const STACK: usize = 16 << 20;
/// Pieces of work under way or waiting to be told, for each thread.
const AHEAD: usize = 4;

struct Queue<I> {
    items: I,
    /// The number of the next piece of work, and of the next to be told.
    next: usize,
    telling: usize,
    stopped: bool,
}

/// Does `work` on each item and hands the results to `done`, in the order of the items, until there are no more or `done`
/// breaks off. With one thread everything is done by the caller's.
pub(super) fn in_order<T: Send, R: Send>(
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
    mut done: impl FnMut(R) -> ControlFlow<()>,
) {
    if threads < 2 {
        let _: ControlFlow<()> = items.into_iter().try_for_each(|item| done(work(item)));
        return;
    }
    let queue = Mutex::new(Queue { items, next: 0, telling: 0, stopped: false });
    let room = Condvar::new();
    thread::scope(|scope| {
        let (send, results) = mpsc::channel();
        for _ in 0..threads {
            let (send, queue, room, work) = (send.clone(), &queue, &room, &work);
            let hand = move || {
                let _stop = StopOnPanic { queue, room };
                while let Some((number, item)) = take(queue, room, threads * AHEAD) {
                    if send.send((number, work(item))).is_err() {
                        break;
                    }
                }
            };
            if thread::Builder::new().stack_size(STACK).spawn_scoped(scope, hand).is_err() {
                // fewer hands; with none at all the loop below ends at once, so the caller's has to do
                break;
            }
        }
        drop(send);
        tell(&results, &queue, &room, &mut done);
    });
    // only where no thread could be had is anything left
    let left = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
    if left.next == 0 && !left.stopped {
        let _: ControlFlow<()> = left.items.into_iter().try_for_each(|item| done(work(item)));
    }
}

fn lock<I>(queue: &Mutex<Queue<I>>) -> MutexGuard<'_, Queue<I>> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take<T, I: Iterator<Item = T>>(queue: &Mutex<Queue<I>>, room: &Condvar, ahead: usize) -> Option<(usize, T)> {
    let full = |queue: &mut Queue<I>| !queue.stopped && queue.next >= queue.telling + ahead;
    let mut queue = room.wait_while(lock(queue), full).unwrap_or_else(PoisonError::into_inner);
    if queue.stopped {
        return None;
    }
    let item = queue.items.next()?;
    queue.next += 1;
    Some((queue.next - 1, item))
}

fn tell<R, I>(
    results: &mpsc::Receiver<(usize, R)>,
    queue: &Mutex<Queue<I>>,
    room: &Condvar,
    done: &mut impl FnMut(R) -> ControlFlow<()>,
) {
    let mut waiting = BTreeMap::new();
    let mut telling = 0;
    for (number, result) in results {
        waiting.insert(number, result);
        while let Some(result) = waiting.remove(&telling) {
            telling += 1;
            if done(result).is_break() {
                lock(queue).stopped = true;
                room.notify_all();
                return;
            }
        }
        lock(queue).telling = telling;
        room.notify_all();
    }
}

/// Lets the others go when one falls: they would wait for its result for ever.
struct StopOnPanic<'a, I> {
    queue: &'a Mutex<Queue<I>>,
    room: &'a Condvar,
}

impl<I> Drop for StopOnPanic<'_, I> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.queue).stopped = true;
            self.room.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{AHEAD, in_order};

    #[test]
    fn results_come_in_the_order_of_the_items_whoever_is_done_first() {
        for threads in [1, 2, 7] {
            let mut told = Vec::new();
            let work = |n: u64| {
                std::thread::sleep(Duration::from_micros((n * 7919) % 500));
                n
            };
            in_order(threads, 0..300, work, |n| {
                told.push(n);
                ControlFlow::Continue(())
            });
            assert_eq!(told, (0..300).collect::<Vec<_>>(), "{threads}");
        }
    }

    #[test]
    fn nobody_runs_far_ahead_of_the_slowest() {
        let taken = AtomicUsize::new(0);
        let items = (0..1_000).inspect(|_| {
            taken.fetch_add(1, Ordering::SeqCst);
        });
        let work = |n: usize| {
            if n == 0 {
                std::thread::sleep(Duration::from_millis(60));
                assert!(taken.load(Ordering::SeqCst) <= 2 * AHEAD);
            }
        };
        in_order(2, items, work, |()| ControlFlow::Continue(()));
        assert_eq!(taken.load(Ordering::SeqCst), 1_000);
    }

    #[test]
    fn breaking_off_ends_the_work() {
        for threads in [1, 3] {
            let mut told = 0;
            in_order(
                threads,
                0..,
                |n: u64| n,
                |n| {
                    told += 1;
                    if n == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                },
            );
            assert_eq!(told, 11, "{threads}");
        }
    }
}
