//! What the kernel tells of a process and of the machine, read from `/proc`.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};

/// Unit of the times in `/proc/PID/stat` (proc_pid_stat(5)): the kernel gives programs hundredths
/// of a second on every architecture that we build for.
const TICK: Duration = Duration::from_millis(10);

/// CPU time that a process has used, in its own code and in the kernel, all threads together.
pub(crate) fn cpu_time(id: u32) -> Result<Duration> {
    let text = read(format!("/proc/{id}/stat"))?;
    ticks(&text).map(|it| TICK * it).with_context(|| format!("/proc/{id}/stat has another form"))
}

/// Fields 14 and 15. The name, field 2, stands in brackets and may hold blanks and brackets itself.
fn ticks(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    user.checked_add(system)
}

/// Memory of a process that is in RAM, in bytes.
pub(crate) fn resident_memory(id: u32) -> Result<u64> {
    memory(id, "VmRSS")
}

/// The most memory that a process ever had in RAM, in bytes.
pub(crate) fn most_memory(id: u32) -> Result<u64> {
    memory(id, "VmHWM")
}

fn memory(id: u32, name: &str) -> Result<u64> {
    let text = read(format!("/proc/{id}/status"))?;
    let kilobytes = field(&text, name).and_then(|it| it.strip_suffix("kB")?.trim().parse().ok());
    let kilobytes: u64 = kilobytes.with_context(|| format!("/proc/{id}/status has no {name}"))?;
    Ok(kilobytes * 1024)
}

/// How many files and connections this process may have open.
pub(crate) fn open_files_limit() -> Result<usize> {
    let text = read("/proc/self/limits")?;
    let line = text.lines().find_map(|it| it.strip_prefix("Max open files"));
    let soft = line.and_then(|it| it.split_whitespace().next());
    match soft {
        Some("unlimited") => Ok(usize::MAX),
        other => other
            .and_then(|it| it.parse().ok())
            .context("/proc/self/limits has no line of open files"),
    }
}

/// One sentence about the machine.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&processors, "model name").unwrap_or("an unnamed processor");
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes =
        field(&memory, "MemTotal").and_then(|it| it.strip_suffix("kB")?.trim().parse().ok());
    let gigabytes = kilobytes.map_or(0, |it: u64| it.div_ceil(1024 * 1024));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores of {model}, {gigabytes} GB, Linux {}", kernel.trim())
}

/// How many processes wanted a core on average over the last minute.
pub(crate) fn load_average() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|it| it.parse().ok()).unwrap_or(f64::NAN)
}

/// The value of the first `name: value` line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
}

fn read(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_found_behind_any_name() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 100 0 0 0 120 30 0 0 20 0 9 0 5 6 7";
        assert_eq!(ticks(stat), Some(150));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn this_process_is_measured() {
        let id = std::process::id();
        assert!(resident_memory(id).unwrap() > 100_000);
        assert!(most_memory(id).unwrap() > 100_000);
        cpu_time(id).unwrap();
        assert!(open_files_limit().unwrap() > 10);
        assert!(machine().contains("cores of"));
    }
}
