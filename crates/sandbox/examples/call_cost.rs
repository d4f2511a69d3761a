//! Prints what one script costs, in microseconds of processor time, all threads together.
//!
//! `cargo run --release -p flowstone-sandbox --example call_cost`
#![expect(clippy::print_stdout, reason = "printing the figures is what it is for")]

use std::time::{Duration, Instant};

use flowstone_sandbox::{Limits, Sandbox, Script};

/// What is measured, by name.
const SCRIPTS: &[(&str, &str)] = &[
    ("return 1", "return 1"),
    ("one variable", "return $input.trim().toUpperCase()"),
    ("console", "console.log('a', { b: [1, 2] }); return 1"),
    ("URL", "return new URL('https://example.org/a?b=c').searchParams.get('b')"),
    ("fetch, switched off", "try { await fetch('https://example.org') } catch { return 1 }"),
    ("require axios", "return typeof require('axios').get"),
    (
        "Buffer and a hash",
        "return require('crypto').createHash('sha256').update('a').digest('hex')",
    ),
    ("a timer of 1 ms", "await new Promise((done) => setTimeout(done, 1)); return 1"),
    ("loop of 100,000", "let sum = 0; for (let n = 0; n < 100000; n++) sum += n; return sum"),
];

const CALLS: u32 = 500;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::new(Limits::default(), None);
    println!("{:<22}{:>12}{:>12}", "script", "CPU µs", "wall µs");
    for (name, code) in SCRIPTS {
        let script = || {
            let mut script = Script { code: (*code).to_owned(), ..Script::default() };
            script.globals.insert("$input".to_owned(), " text ".into());
            script
        };
        sandbox.run(script()).await?;
        let (cpu, wall) = (process_cpu(), Instant::now());
        for _ in 0..CALLS {
            sandbox.run(script()).await?;
        }
        let (cpu, wall) = (process_cpu().saturating_sub(cpu) / CALLS, wall.elapsed() / CALLS);
        println!("{name:<22}{:>12}{:>12}", cpu.as_micros(), wall.as_micros());
    }
    Ok(())
}

/// Processor time of all threads of this process.
#[cfg(unix)]
fn process_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Without such a clock the time that passes is the nearest figure.
#[cfg(not(unix))]
fn process_cpu() -> Duration {
    use std::sync::LazyLock;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
