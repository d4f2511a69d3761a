//! The bench itself, from outside: a short run over a real server.

#![cfg(test)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The program beside this bench's own, as a build of the whole workspace leaves it.
fn flowstone() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_flowstone-bench")).with_file_name("flowstone");
    assert!(path.exists(), "build the program first: cargo build --workspace --bin flowstone");
    path
}

#[test]
fn a_quick_run_measures_everything_and_finds_all_answers_equal() {
    let folder = tempfile::tempdir().unwrap();
    let [figures, document] = ["figures.json", "document.md"].map(|it| folder.path().join(it));
    fs::write(&document, "<!-- figures: begin -->\n<!-- figures: end -->\n").unwrap();
    #[expect(clippy::disallowed_methods, reason = "the bench is a program")]
    let output = Command::new(env!("CARGO_BIN_EXE_flowstone-bench"))
        .arg("--quick")
        .args([Path::new("--binary"), &flowstone(), Path::new("--json"), &figures])
        .args([Path::new("--write"), &document])
        .output()
        .unwrap();
    // Answers that differ from the model's end the run.
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let report: Value = serde_json::from_slice(&fs::read(&figures).unwrap()).unwrap();
    let requests = |way: &str| &report["results"]["at_once"][1]["rounds"][0][way]["requests"];
    assert_eq!(requests("direct"), 32, "16 clients, 2 calls each");
    assert_eq!(requests("through"), 32);
    assert_eq!(report["results"]["streams"]["open"], 20);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(fs::read_to_string(&document).unwrap().contains(table.trim()));
}

#[test]
fn a_program_that_is_not_there_is_named() {
    #[expect(clippy::disallowed_methods, reason = "the bench is a program")]
    let output = Command::new(env!("CARGO_BIN_EXE_flowstone-bench"))
        .args(["--quick", "--binary", "no/such/program"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("no/such/program is not there: 'make build' makes it"), "{said}");
}
