//! How many threads a model may use, and why a generation never uses more than one.
//!
//! candle splits each operation of a generation over a pool whose threads spin until the slowest
//! is done. That is quick on an idle machine and a disaster on a busy one: with two spinning
//! threads on two busy cores a model of 135 million parameters fell from 50 to 2 tokens a second.
//! candle sizes that pool by `CANDLE_NUM_THREADS` at first use and offers no call for it, and a
//! process cannot set its own variables without `unsafe`. So [`restart_with_bounded_pool`] starts
//! the program anew with the variable set, before anything else has happened. Prompts and
//! embeddings are computed by a rayon pool instead, whose threads sleep while they wait; its size
//! is [`Settings::threads`](crate::Settings::threads).

use std::io;

/// The variable by which candle sizes its spinning pool.
const POOL_VARIABLE: &str = "CANDLE_NUM_THREADS";

/// More threads than this do not make a small model quicker.
const MOST_THREADS: usize = 4;

/// The threads a model uses for prompts and embeddings unless told otherwise: one core is left
/// to the rest of the program, and at least one thread is used.
pub fn default_threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores.saturating_sub(1).clamp(1, MOST_THREADS)
}

/// Tells whether this process was started with a bounded pool.
#[expect(clippy::disallowed_methods, reason = "candle itself reads this variable, nothing else")]
pub fn pool_is_bounded() -> bool {
    std::env::var_os(POOL_VARIABLE).is_some()
}

/// Replaces the process by itself with candle's spinning pool switched off.
///
/// To be called first thing in `main`: it keeps the process id, the arguments and all other
/// variables, and takes about two milliseconds. Does nothing if the operator has set
/// `CANDLE_NUM_THREADS`. Returns only if there is nothing to do or the restart failed; a
/// failed restart harms only the speed of local models on a busy machine.
#[cfg(unix)]
pub fn restart_with_bounded_pool() -> io::Result<()> {
    use std::os::unix::process::CommandExt;

    if pool_is_bounded() {
        return Ok(());
    }
    let mut arguments = std::env::args_os();
    let name = arguments.next();
    let program = std::env::current_exe()?;
    #[expect(clippy::disallowed_methods, reason = "it starts no other program but this one anew")]
    let mut command = std::process::Command::new(program);
    if let Some(name) = name {
        command.arg0(name);
    }
    Err(command.args(arguments).env(POOL_VARIABLE, "1").exec())
}

/// Does nothing where a process cannot replace itself: there the operator sets
/// `CANDLE_NUM_THREADS=1`.
#[cfg(not(unix))]
pub fn restart_with_bounded_pool() -> io::Result<()> {
    Ok(())
}

/// Makes the calling thread the first of a rayon pool of `threads`, so that all parallel work
/// started from here stays within it instead of spreading over every core.
pub fn confine_current_thread(threads: usize) -> Option<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .thread_name(|index| format!("model-helper-{index}"))
        .use_current_thread()
        .build()
        .inspect_err(|error| tracing::warn!(%error, "the threads of a local model are not bounded"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_one_thread_and_never_every_core_of_many() {
        let cores = std::thread::available_parallelism().unwrap().get();
        let threads = default_threads();
        assert!((1..=MOST_THREADS).contains(&threads));
        assert!(cores == 1 || threads < cores);
    }

    #[test]
    fn parallel_work_stays_in_the_confined_pool() {
        std::thread::spawn(|| {
            let pool = confine_current_thread(1).unwrap();
            assert_eq!(rayon::current_num_threads(), 1);
            drop(pool);
        })
        .join()
        .unwrap();
    }
}
