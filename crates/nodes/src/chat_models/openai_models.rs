//! Chat models of OpenAI by name, with their list prices.

use flowstone_core::node::Entry;

/// A model and its price in US dollars per million tokens, read and written.
struct Model {
    name: &'static str,
    input: f64,
    output: f64,
}

const fn model(name: &'static str, input: f64, output: f64) -> Model {
    Model { name, input, output }
}

/// The drop-down of models. Others may be typed in.
pub(crate) fn entries() -> Vec<Entry> {
    let entries = MODELS.iter().map(|it| Entry {
        input_cost: Some(per_token(it.input)),
        output_cost: Some(per_token(it.output)),
        ..Entry::new(it.name, label(it.name))
    });
    entries.collect()
}

/// Marks names that stand for the newest of dated models.
fn label(name: &str) -> String {
    if LATEST.contains(&name) { format!("{name} (latest)") } else { name.to_owned() }
}

fn per_token(per_million: f64) -> f64 {
    per_million / 1e6
}

const LATEST: &[&str] = &[
    "gpt-4o-mini",
    "gpt-4o",
    "o4-mini",
    "o3-mini",
    "o1-preview",
    "o1-mini",
    "gpt-4",
    "gpt-4-turbo",
];

const MODELS: &[Model] = &[
    model("gpt-5.5", 5.0, 30.0),
    model("gpt-5.5-pro", 30.0, 180.0),
    model("gpt-5.4", 2.5, 15.0),
    model("gpt-5.4-pro", 30.0, 180.0),
    model("gpt-5.4-mini", 0.75, 4.5),
    model("gpt-5.4-nano", 0.2, 1.25),
    model("gpt-5.2", 1.75, 14.0),
    model("gpt-5.2-pro", 21.0, 168.0),
    model("gpt-5.2-chat-latest", 1.75, 14.0),
    model("gpt-5.2-codex", 1.75, 14.0),
    model("gpt-5.1", 1.25, 10.0),
    model("gpt-5", 1.25, 10.0),
    model("gpt-5-mini", 0.25, 2.0),
    model("gpt-5-nano", 0.05, 0.4),
    model("gpt-4.1", 2.0, 8.0),
    model("gpt-4.1-mini", 0.4, 1.6),
    model("gpt-4.1-nano", 0.1, 0.4),
    model("gpt-4.5-preview", 75.0, 150.0),
    model("gpt-4o-mini", 0.15, 0.6),
    model("gpt-4o-mini-2024-07-18", 0.15, 0.6),
    model("gpt-4o", 2.5, 10.0),
    model("gpt-4o-2024-11-20", 2.5, 10.0),
    model("gpt-4o-2024-08-06", 2.5, 10.0),
    model("gpt-4o-2024-05-13", 2.5, 10.0),
    model("o4-mini", 1.1, 4.4),
    model("o3-mini", 1.1, 4.4),
    model("o3-mini-2025-01-31", 1.1, 4.4),
    model("o1-preview", 15.0, 60.0),
    model("o1-preview-2024-09-12", 15.0, 60.0),
    model("o1-mini", 3.0, 12.0),
    model("o1-mini-2024-09-12", 3.0, 12.0),
    model("gpt-4", 30.0, 60.0),
    model("gpt-4-turbo", 10.0, 30.0),
    model("gpt-4-turbo-preview", 10.0, 30.0),
    model("gpt-4-0125-preview", 10.0, 30.0),
    model("gpt-4-1106-preview", 10.0, 30.0),
    model("gpt-4-1106-vision-preview", 10.0, 30.0),
    model("gpt-4-vision-preview", 10.0, 30.0),
    model("gpt-4-0613", 30.0, 60.0),
    model("gpt-4-32k", 60.0, 120.0),
    model("gpt-4-32k-0613", 60.0, 120.0),
    model("gpt-3.5-turbo", 1.5, 2.0),
    model("gpt-3.5-turbo-0125", 0.5, 1.5),
    model("gpt-3.5-turbo-1106", 1.0, 2.0),
    model("gpt-3.5-turbo-0613", 1.5, 2.0),
    model("gpt-3.5-turbo-16k", 0.5, 1.5),
    model("gpt-3.5-turbo-16k-0613", 3.0, 4.0),
];
