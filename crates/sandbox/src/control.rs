//! One run's clock and brake, read by the engine while it runs and pulled from outside.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Why a run has to stop before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stop {
    /// Too much processor time in one stretch.
    Cpu = 1,
    /// Too long in all.
    Wall = 2,
    /// The caller is gone.
    Cancelled = 3,
}

/// Shared by the caller's side and the thread that runs the script.
pub(crate) struct Control {
    started: Instant,
    wall_time: Duration,
    cpu_time: Duration,
    /// The reason to stop, 0 for none; the first one stays.
    stop: AtomicU8,
    /// Microseconds after `started` (plus one) at which the stretch that runs now began; 0: none.
    turn_started: AtomicU64,
    /// The thread's processor time at that moment, in microseconds.
    turn_cpu_started: AtomicU64,
    /// Microseconds after `started` at which the engine last asked whether it may go on.
    last_asked: AtomicU64,
}

impl Control {
    pub(crate) fn new(wall_time: Duration, cpu_time: Duration) -> Self {
        Control {
            started: Instant::now(),
            wall_time,
            cpu_time,
            stop: AtomicU8::new(0),
            turn_started: AtomicU64::new(0),
            turn_cpu_started: AtomicU64::new(0),
            last_asked: AtomicU64::new(0),
        }
    }

    /// The moment after which the run is stopped whatever it does.
    pub(crate) fn deadline(&self) -> Instant {
        // A wall time beyond the clock's range is as good as a year.
        let year = Duration::from_hours(365 * 24);
        self.started + self.wall_time.min(year)
    }

    /// Asks the run to stop. A reason given before stays.
    pub(crate) fn stop(&self, reason: Stop) {
        let _earlier =
            self.stop.compare_exchange(0, reason as u8, Ordering::AcqRel, Ordering::Acquire);
    }

    /// The reason to stop, if there is one.
    pub(crate) fn stopped(&self) -> Option<Stop> {
        match self.stop.load(Ordering::Acquire) {
            1 => Some(Stop::Cpu),
            2 => Some(Stop::Wall),
            3 => Some(Stop::Cancelled),
            _ => None,
        }
    }

    /// A stretch of script begins on this thread.
    pub(crate) fn begin_turn(&self) {
        let now = self.now();
        self.turn_cpu_started.store(thread_cpu_micros(), Ordering::Relaxed);
        self.last_asked.store(now, Ordering::Relaxed);
        self.turn_started.store(now + 1, Ordering::Release);
    }

    /// The stretch is over: the script waits or has ended.
    pub(crate) fn end_turn(&self) {
        self.turn_started.store(0, Ordering::Release);
    }

    /// Asked by the engine, often, on the thread that runs the script.
    pub(crate) fn must_stop(&self) -> bool {
        if self.stopped().is_some() {
            return true;
        }
        let now = self.now();
        self.last_asked.store(now, Ordering::Relaxed);
        if u128::from(now) >= self.wall_time.as_micros() {
            self.stop(Stop::Wall);
            return true;
        }
        let turn_started = self.turn_started.load(Ordering::Relaxed);
        if turn_started == 0 {
            return false;
        }
        // A thread never computes for longer than the clock moves: the costly question is put
        // only when the cheap one says that it may matter.
        let limit = self.cpu_time.as_micros();
        if u128::from((now + 1).saturating_sub(turn_started)) < limit {
            return false;
        }
        let used =
            thread_cpu_micros().saturating_sub(self.turn_cpu_started.load(Ordering::Relaxed));
        if u128::from(used) < limit {
            return false;
        }
        self.stop(Stop::Cpu);
        true
    }

    /// Whether a stretch is past its processor time and the engine has not asked for `grace`:
    /// it sits in one long native operation and cannot be interrupted.
    pub(crate) fn stuck(&self, grace: Duration) -> bool {
        let turn_started = self.turn_started.load(Ordering::Acquire);
        if turn_started == 0 {
            return false;
        }
        let now = self.now();
        let silent =
            Duration::from_micros(now.saturating_sub(self.last_asked.load(Ordering::Relaxed)));
        let running = Duration::from_micros((now + 1).saturating_sub(turn_started));
        silent >= grace && running >= grace + self.cpu_time
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX - 1)
    }
}

/// Processor time this thread has used, in microseconds.
#[cfg(unix)]
fn thread_cpu_micros() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let micros = u64::try_from(time.tv_nsec / 1000).unwrap_or(0);
    seconds * 1_000_000 + micros
}

/// Where the system has no such clock, the time that passes stands for it: stricter on a busy
/// machine, never laxer.
#[cfg(not(unix))]
fn thread_cpu_micros() -> u64 {
    use std::sync::LazyLock;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_stays() {
        let control = Control::new(Duration::from_secs(9), Duration::from_secs(9));
        assert_eq!(control.stopped(), None);
        assert!(!control.must_stop());
        control.stop(Stop::Cancelled);
        control.stop(Stop::Wall);
        assert_eq!(control.stopped(), Some(Stop::Cancelled));
        assert!(control.must_stop());
    }

    #[test]
    fn wall_and_processor_time_are_told_apart() {
        let wall = Control::new(Duration::ZERO, Duration::from_secs(9));
        assert!(wall.must_stop());
        assert_eq!(wall.stopped(), Some(Stop::Wall));

        let cpu = Control::new(Duration::from_mins(1), Duration::ZERO);
        assert!(!cpu.must_stop(), "no stretch has begun");
        cpu.begin_turn();
        assert!(cpu.must_stop());
        assert_eq!(cpu.stopped(), Some(Stop::Cpu));
    }

    #[test]
    fn only_a_silent_stretch_is_stuck() {
        let control = Control::new(Duration::from_mins(1), Duration::ZERO);
        assert!(!control.stuck(Duration::ZERO), "nothing runs");
        control.begin_turn();
        assert!(control.stuck(Duration::ZERO));
        assert!(!control.stuck(Duration::from_secs(30)), "it asked a moment ago");
        control.end_turn();
        assert!(!control.stuck(Duration::ZERO));
    }
}
