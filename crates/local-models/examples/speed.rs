//! Measures the built-in models: `cargo run -p flowstone-local-models --example speed -- MODELS_DIR [THREADS]`.
//!
//! Rates are given per second of processor time of the computing thread (Linux) and, in brackets,
//! per second of the clock: on an idle machine with one thread they are the same, and on a busy
//! one the first stays true.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use flowstone_local_models::catalog::{self, CHAT_MODEL, EMBEDDING_MODEL, Kind};
use flowstone_local_models::{
    ChatModelFile, ChatRequest, EmbeddingModelFile, Message, Role, Sampling, threads,
};

const SENTENCE: &str = "The old mill stood by the river, and nobody knew who had built it. ";

fn main() -> Result<(), Box<dyn Error>> {
    threads::restart_with_bounded_pool()?;
    let mut arguments = std::env::args().skip(1);
    let models_dir = arguments.next().ok_or("give the models folder")?;
    let threads = arguments.next().map_or(Ok(1), |count| count.parse())?;
    println!("{threads} thread(s) for prompts and embeddings, 1 for answers");
    let _pool = threads::confine_current_thread(threads);
    chat(Path::new(&models_dir))?;
    embeddings(Path::new(&models_dir))
}

fn chat(models_dir: &Path) -> Result<(), Box<dyn Error>> {
    let loading = Stopwatch::start();
    let mut model = ChatModelFile::load(&catalog::find(models_dir, CHAT_MODEL, Kind::Chat)?)?;
    println!("{CHAT_MODEL}: load {}", loading.seconds());
    for repeat in [1, 30, 120] {
        let question = format!("{}Continue this story at length.", SENTENCE.repeat(repeat));
        let request = ChatRequest {
            messages: vec![Message::new(Role::User, question)],
            sampling: Sampling { repeat_penalty: 1.3, ..Sampling::greedy() },
            max_tokens: Some(64),
            ..ChatRequest::default()
        };
        let reading = Stopwatch::start();
        let mut writing = None;
        let mut read = String::new();
        let summary = model.generate(&request, &mut |text| {
            if !text.is_empty() && writing.is_none() {
                read = reading.seconds();
                writing = Some((Stopwatch::start(), reading.times()));
            }
            ControlFlow::Continue(())
        })?;
        let Some((writing, first)) = writing else { return Err("there was no answer".into()) };
        println!(
            "  prompt of {} tokens, {} of them known: {}, first word after {read}; answer of {} tokens: {}",
            summary.prompt_tokens,
            summary.cached_tokens,
            rate(summary.prompt_tokens - summary.cached_tokens, first, "tokens"),
            summary.completion_tokens,
            rate(summary.completion_tokens - 1, writing.times(), "tokens"),
        );
    }
    Ok(())
}

fn embeddings(models_dir: &Path) -> Result<(), Box<dyn Error>> {
    let loading = Stopwatch::start();
    let folder = catalog::find(models_dir, EMBEDDING_MODEL, Kind::Embeddings)?;
    let model = EmbeddingModelFile::load(&folder)?;
    println!("{EMBEDDING_MODEL}: load {}", loading.seconds());
    for (what, count, repeat) in
        [("questions of 20 pieces", 40, 1), ("chunks of 128 pieces", 32, 8)]
    {
        let texts: Vec<String> =
            (0..count).map(|number| format!("{number} {}", SENTENCE.repeat(repeat))).collect();
        let work = Stopwatch::start();
        model.embed(&texts)?;
        println!("  {count} {what} at once: {}", rate(count, work.times(), "texts"));
    }
    let work = Stopwatch::start();
    for number in 0..20 {
        model.embed(&[format!("{number} {SENTENCE}")])?;
    }
    println!("  20 questions one by one: {}", rate(20, work.times(), "texts"));
    Ok(())
}

/// Time of the clock and of the processor since a moment.
struct Stopwatch {
    clock: Instant,
    processor: Duration,
}

/// First the processor's, then the clock's.
type Times = (Duration, Duration);

impl Stopwatch {
    fn start() -> Self {
        Self { clock: Instant::now(), processor: processor_time() }
    }

    fn times(&self) -> Times {
        (processor_time().saturating_sub(self.processor), self.clock.elapsed())
    }

    fn seconds(&self) -> String {
        let (processor, clock) = self.times();
        format!("{:.2} s ({:.2} s)", processor.as_secs_f64(), clock.as_secs_f64())
    }
}

/// What this thread has computed so far, in nanoseconds the first number of `schedstat`.
fn processor_time() -> Duration {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|numbers| numbers.split(' ').next()?.parse().ok())
        .map_or(Duration::ZERO, Duration::from_nanos)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn rate(count: usize, (processor, clock): Times, what: &str) -> String {
    let per = |time: Duration| count as f64 / time.as_secs_f64();
    format!("{:.1} {what}/s ({:.1})", per(processor), per(clock))
}
