//! Which of our crates may depend on which, as ARCHITECTURE.md draws it.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Problem;
use crate::workspace::{Workspace, elements};

/// Each crate's folder, and the crates it may depend on. A new arrow is a change of the
/// architecture: it comes with a change of ARCHITECTURE.md in the same commit.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("crates/core", &[]),
    ("crates/flowise", &[]),
    ("crates/browser", &[]),
    ("crates/sandbox", &[]),
    ("crates/local-models", &[]),
    ("crates/mail", &[]),
    ("crates/documents", &[]),
    ("crates/sql", &[]),
    ("crates/providers", &["core"]),
    ("crates/engine", &["core"]),
    ("crates/store", &["core"]),
    ("crates/storage", &["core"]),
    ("crates/mcp", &["core", "providers"]),
    (
        "crates/nodes",
        &["core", "providers", "browser", "sandbox", "local-models", "documents", "mcp", "sql"],
    ),
    ("crates/telemetry", &["core", "providers"]),
    ("crates/server", &["core", "engine", "store"]),
    (
        "crates/app",
        &[
            "core",
            "providers",
            "browser",
            "sandbox",
            "local-models",
            "mail",
            "mcp",
            "sql",
            "nodes",
            "engine",
            "store",
            "storage",
            "flowise",
            "telemetry",
            "server",
        ],
    ),
    ("crates/testkit", &["core"]),
    // A tool to measure with, which is not shipped.
    (
        "crates/bench",
        &[
            "core",
            "providers",
            "sandbox",
            "local-models",
            "mail",
            "mcp",
            "sql",
            "nodes",
            "engine",
            "store",
            "server",
            "app",
            "testkit",
        ],
    ),
    ("xtask", &[]),
];

/// For tests only, and so never a dependency of what is shipped.
const TEST_CRATE: &str = "testkit";

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for package in workspace.members() {
        let manifest = package["manifest_path"].as_str().context("a package has a manifest")?;
        let manifest = std::path::Path::new(manifest)
            .strip_prefix(&workspace.root)?
            .to_string_lossy()
            .into_owned();
        problems.extend(check_package(package, &manifest));
        let content = std::fs::read_to_string(workspace.root.join(&manifest))?;
        problems.extend(check_manifest(&manifest, &content));
    }
    Ok(problems)
}

/// Every dependency of ours is in the picture.
fn check_package(package: &Value, manifest: &str) -> Vec<Problem> {
    let problem = |message: String| Problem { path: manifest.to_owned(), line: None, message };
    let folder = manifest.trim_end_matches("/Cargo.toml");
    let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(name, _)| *name == folder) else {
        return vec![problem(format!(
            "{folder} is not in the crate picture of xtask/src/tidy/crate_picture.rs"
        ))];
    };
    let mut problems = Vec::new();
    for dependency in
        elements(&package["dependencies"]).filter(|dependency| dependency["path"].is_string())
    {
        let name = short_name(dependency["name"].as_str().unwrap_or_default());
        let for_tests =
            dependency["kind"] == "dev" && name == TEST_CRATE && folder != "crates/core";
        if !for_tests && !allowed.contains(&name) {
            let allowed =
                if allowed.is_empty() { "none of ours".to_owned() } else { allowed.join(", ") };
            problems.push(problem(format!(
                "depends on {name}, against the crate picture: it may depend on {allowed}"
            )));
        }
    }
    problems
}

/// The lints are declared once, in the workspace, and so are the versions.
fn check_manifest(path: &str, content: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !content.contains("[lints]\nworkspace = true") {
        let message =
            "does not take its lints from the workspace: add `[lints]` with `workspace = true`"
                .to_owned();
        problems.push(Problem { path: path.to_owned(), line: None, message });
    }
    let mut in_dependencies = false;
    for (index, line) in content.lines().enumerate() {
        if line.starts_with('[') {
            in_dependencies = line.trim_end_matches(']').ends_with("dependencies");
        } else if in_dependencies && line.contains('=') && !line.contains("workspace = true") {
            let message = "a version stands once, in the workspace's Cargo.toml: write `name.workspace = true`";
            problems.push(Problem {
                path: path.to_owned(),
                line: Some(index + 1),
                message: message.to_owned(),
            });
        }
    }
    problems
}

/// A package's name without the prefix that all of ours have; the binary's package is `app`.
fn short_name(package: &str) -> &str {
    match package {
        "flowstone" => "app",
        _ => package.trim_start_matches("flowstone-"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(folder: &str, dependencies: &Value) -> Vec<String> {
        let package = json!({ "dependencies": dependencies });
        check_package(&package, &format!("{folder}/Cargo.toml"))
            .into_iter()
            .map(|it| it.message)
            .collect()
    }

    #[test]
    fn an_arrow_that_is_not_in_the_picture_is_named() {
        let engine_on_nodes = json!([
            {"name": "flowstone-core", "path": "…", "kind": null},
            {"name": "flowstone-nodes", "path": "…", "kind": null},
            {"name": "serde", "kind": null}
        ]);
        assert_eq!(
            messages("crates/engine", &engine_on_nodes),
            ["depends on nodes, against the crate picture: it may depend on core"]
        );
        assert!(
            messages(
                "crates/nodes",
                &json!([{"name": "flowstone-sandbox", "path": "…", "kind": null}])
            )
            .is_empty()
        );
        assert_eq!(messages("crates/extra", &json!([])).len(), 1);
    }

    #[test]
    fn the_test_crate_is_for_tests_only() {
        let testkit =
            |kind: &Value| json!([{"name": "flowstone-testkit", "path": "…", "kind": kind}]);
        assert!(messages("crates/engine", &testkit(&json!("dev"))).is_empty());
        assert_eq!(messages("crates/engine", &testkit(&Value::Null)).len(), 1);
        assert_eq!(
            messages("crates/core", &testkit(&json!("dev"))).len(),
            1,
            "testkit stands on core"
        );
    }

    #[test]
    fn a_manifest_takes_lints_and_versions_from_the_workspace() {
        let good = "[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n\n[dependencies]\nserde.workspace = true\n\
                    tokio = { workspace = true, features = [\"fs\"] }\n";
        assert!(check_manifest("Cargo.toml", good).is_empty());
        let bad = "[package]\nname = \"x\"\n\n[dev-dependencies]\nserde = \"1\"\n";
        let lines: Vec<_> =
            check_manifest("Cargo.toml", bad).into_iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [None, Some(5)]);
    }
}
