//! Places where a test lets the process end at once, to see what becomes of the runs under way.
//!
//! Without the feature `crash-points` nothing of it is in the program.

/// A place in the life of a run. [`Point::ALL`] is the whole list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The run is written down and nobody walks it yet.
    RunBegun,
    /// In the transaction: a run that goes back into another and the turns of that are written, not
    /// yet lasting.
    TurnsCopied,
    /// A turn is about to be taken.
    TurnBegins,
    /// It is written down that a node which must not run twice begins.
    MarkerKept,
    /// A turn was taken, and nothing is written of it.
    TurnTaken,
    /// In the transaction of a turn that says something in the chat: the run's position is written,
    /// what it says is not.
    PositionWritten,
    /// In that transaction: all is written and not yet lasting.
    TurnWritten,
    /// A turn is lasting.
    TurnKept,
    /// Events of a turn that goes on are lasting.
    EventsWritten,
    /// A person's answer was taken.
    AnswerTaken,
    /// The runs of the process before this one were given up.
    RunsReleased,
    /// A run was taken over, and nobody walks it yet.
    RunTakenOver,
    /// It is written down how often a run was taken up again.
    RestartCounted,
}

impl Point {
    /// Every point.
    pub const ALL: &[Self] = &[
        Self::RunBegun,
        Self::TurnsCopied,
        Self::TurnBegins,
        Self::MarkerKept,
        Self::TurnTaken,
        Self::PositionWritten,
        Self::TurnWritten,
        Self::TurnKept,
        Self::EventsWritten,
        Self::AnswerTaken,
        Self::RunsReleased,
        Self::RunTakenOver,
        Self::RestartCounted,
    ];
}

/// The process has come to `point` with the run `id`.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub fn here(point: Point, id: &str) {
    let _ = (point, id);
}

#[cfg(feature = "crash-points")]
pub use armed::{arm, begun, here};

/// A run begins in this process, or goes on in it.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub fn begun(id: &str) {
    let _ = id;
}

#[cfg(feature = "crash-points")]
mod armed {
    use std::{
        collections::HashSet,
        sync::{
            Mutex, OnceLock, PoisonError,
            atomic::{AtomicU32, Ordering},
        },
    };

    use super::Point;

    /// Where the process ends: the point and at which time of coming there. None where the points
    /// are only told of.
    static AT: OnceLock<Option<(Point, u32)>> = OnceLock::new();
    static COME: AtomicU32 = AtomicU32::new(0);
    static BEGUN: Mutex<Option<HashSet<String>>> = Mutex::new(None);

    /// Sets where the process is to end: `POINT:3` the third time it comes there, `tell` nowhere,
    /// but every point is written to the log.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn arm(text: &str) -> Result<(), String> {
        if text == "tell" {
            tracing::info!(points = ?Point::ALL, "crash points");
            let _ = AT.set(None);
            return Ok(());
        }
        let (name, time) = text.split_once(':').unwrap_or((text, "1"));
        let point = Point::ALL.iter().find(|it| format!("{it:?}") == name);
        let (Some(point), Ok(time)) = (point, time.parse()) else {
            return Err(format!("\"{text}\" is not POINT:NUMBER with one of {:?}", Point::ALL));
        };
        let _ = AT.set(Some((*point, time)));
        Ok(())
    }

    /// A run begins in this process, or goes on in it.
    pub fn begun(id: &str) {
        let mut begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
        begun.get_or_insert_default().insert(id.to_owned());
    }

    /// The process has come to `point` with the run `id`. Runs that began in an earlier process
    /// count only where it is about them.
    pub fn here(point: Point, id: &str) {
        let Some(at) = AT.get() else { return };
        let about_earlier =
            matches!(point, Point::RunsReleased | Point::RunTakenOver | Point::RestartCounted);
        let begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
        if !about_earlier && !begun.as_ref().is_some_and(|it| it.contains(id)) {
            return;
        }
        drop(begun);
        match at {
            None => tracing::info!("crash point {point:?}"),
            Some((wanted, time)) if *wanted == point => {
                if COME.fetch_add(1, Ordering::SeqCst) + 1 == *time {
                    // As `kill -9` does: nothing is unwound, nothing is flushed.
                    std::process::abort();
                }
            }
            Some(_) => {}
        }
    }
}
