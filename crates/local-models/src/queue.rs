//! A bounded line of jobs in front of one model: first come, first served.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Something that waits in line.
pub(crate) trait Job {
    /// Nobody waits for the outcome any more, so the job may be thrown away.
    fn is_cancelled(&self) -> bool;
}

/// The line. Requests push from any thread, the thread of the model takes.
pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
    most_waiting: usize,
}

struct State<J> {
    waiting: VecDeque<J>,
    running: bool,
    loaded: bool,
    closed: bool,
}

/// What the thread of the model is to do next.
pub(crate) enum Next<J> {
    /// Work on this.
    Job(J),
    /// Nothing came for the whole idle time.
    Idle,
    /// Nobody can push any more.
    Closed,
}

/// The line had this many jobs in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full(pub(crate) usize);

/// How a line stands.
pub(crate) struct Standing {
    pub(crate) loaded: bool,
    pub(crate) running: bool,
    pub(crate) waiting: usize,
}

impl<J: Job> Queue<J> {
    pub(crate) fn new(most_waiting: usize) -> Self {
        let state =
            State { waiting: VecDeque::new(), running: false, loaded: false, closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), most_waiting }
    }

    /// Puts a job at the end of the line. Jobs that nobody waits for make room first.
    pub(crate) fn push(&self, job: J) -> Result<(), Full> {
        let mut state = self.state.lock();
        let free = !state.running && state.waiting.is_empty();
        if !free && state.waiting.len() >= self.most_waiting {
            state.waiting.retain(|job| !job.is_cancelled());
            if state.waiting.len() >= self.most_waiting {
                return Err(Full(state.waiting.len()));
            }
        }
        state.waiting.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// Puts an unfinished job at the end of the line, full or not: it was let in already.
    pub(crate) fn put_back(&self, job: J) {
        self.state.lock().waiting.push_back(job);
    }

    /// Waits for the next job that somebody still wants, at most for the `idle` time.
    pub(crate) fn next(&self, idle: Option<Duration>) -> Next<J> {
        let mut state = self.state.lock();
        state.running = false;
        loop {
            if state.closed {
                return Next::Closed;
            }
            while let Some(job) = state.waiting.pop_front() {
                if !job.is_cancelled() {
                    state.running = true;
                    return Next::Job(job);
                }
            }
            match idle {
                None => self.changed.wait(&mut state),
                Some(idle) => {
                    let waited = self.changed.wait_for(&mut state, idle);
                    if waited.timed_out() && state.waiting.is_empty() && !state.closed {
                        return Next::Idle;
                    }
                }
            }
        }
    }

    /// Notes whether the model is in memory.
    pub(crate) fn set_loaded(&self, loaded: bool) {
        self.state.lock().loaded = loaded;
    }

    pub(crate) fn standing(&self) -> Standing {
        let state = self.state.lock();
        Standing { loaded: state.loaded, running: state.running, waiting: state.waiting.len() }
    }

    /// Throws away what waits and sends the thread of the model home.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        state.waiting.clear();
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Numbered(u32, bool);

    impl Job for Numbered {
        fn is_cancelled(&self) -> bool {
            self.1
        }
    }

    fn taken(queue: &Queue<Numbered>) -> Option<u32> {
        match queue.next(Some(Duration::ZERO)) {
            Next::Job(job) => Some(job.0),
            Next::Idle | Next::Closed => None,
        }
    }

    #[test]
    fn first_come_first_served_and_full_is_told() {
        let queue = Queue::new(2);
        for number in 1..=2 {
            queue.push(Numbered(number, false)).unwrap();
        }
        assert_eq!(queue.push(Numbered(3, false)), Err(Full(2)));
        assert_eq!(taken(&queue), Some(1));
        queue.push(Numbered(4, false)).unwrap();
        assert_eq!(queue.push(Numbered(5, false)), Err(Full(2)));
        assert_eq!([taken(&queue), taken(&queue), taken(&queue)], [Some(2), Some(4), None]);
    }

    #[test]
    fn what_nobody_waits_for_makes_room_and_is_not_run() {
        let queue = Queue::new(2);
        queue.push(Numbered(1, true)).unwrap();
        queue.push(Numbered(2, true)).unwrap();
        queue.push(Numbered(3, false)).unwrap();
        assert_eq!(taken(&queue), Some(3));
        assert_eq!(taken(&queue), None);
    }

    #[test]
    fn an_unfinished_job_goes_to_the_end() {
        let queue = Queue::new(2);
        queue.push(Numbered(1, false)).unwrap();
        queue.push(Numbered(2, false)).unwrap();
        let Next::Job(first) = queue.next(None) else { panic!("there are jobs") };
        queue.put_back(first);
        assert_eq!([taken(&queue), taken(&queue)], [Some(2), Some(1)]);
    }

    #[test]
    fn no_place_to_wait_still_lets_one_run() {
        let queue = Queue::new(0);
        queue.push(Numbered(1, false)).unwrap();
        assert_eq!(queue.push(Numbered(2, false)), Err(Full(1)));
        assert_eq!(taken(&queue), Some(1));
        assert_eq!(queue.push(Numbered(3, false)), Err(Full(0)));
    }

    #[test]
    fn closing_sends_the_thread_home() {
        let queue = Queue::new(2);
        queue.push(Numbered(1, false)).unwrap();
        queue.close();
        assert!(matches!(queue.next(None), Next::Closed));
    }
}
