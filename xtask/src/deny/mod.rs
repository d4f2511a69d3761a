//! `cargo xtask deny`: what may come in from outside, as deny.toml says it.
//!
//! cargo-deny does it where it is installed. It takes long to install, so elsewhere the same file
//! is read and its three main rules are checked here: licences, banned crates, sources.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;
use toml_edit::{DocumentMut, Item};

use crate::catalog::text;
use crate::workspace::Workspace;

mod licence;

/// How cargo names the registry that it uses when told of no other.
const DEFAULT_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The rules of deny.toml that are checked here.
struct Rules {
    /// Licences that may come in.
    licences: BTreeSet<String>,
    /// Crates that may not, each with the reason.
    banned: BTreeMap<String, String>,
}

/// Checks all packages and tells whether they may come in.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    if workspace.has_cargo_command("deny") {
        return workspace.succeeds("cargo", &["deny", "check", "bans", "licenses", "sources"]);
    }
    let content = std::fs::read_to_string(workspace.root.join("deny.toml"))
        .context("deny.toml cannot be read")?;
    let rules = Rules::parse(&content)?;
    let mut count = 0;
    let mut problems = Vec::new();
    for package in workspace.packages().filter(|package| !package["source"].is_null()) {
        count += 1;
        problems.extend(rules.problems_of(package));
    }
    for problem in &problems {
        println!("{problem}");
    }
    println!(
        "deny (own check, cargo-deny is not installed): {count} packages, {} refused",
        problems.len()
    );
    Ok(problems.is_empty())
}

impl Rules {
    fn parse(content: &str) -> Result<Rules> {
        let document: DocumentMut = content.parse().context("deny.toml is not TOML")?;
        let array = |table: &str, key: &str| {
            let item: Option<&Item> = document.get(table).and_then(|table| table.get(key));
            item.and_then(Item::as_array)
                .with_context(|| format!("deny.toml has no list {table}.{key}"))
        };
        let licences = array("licenses", "allow")?
            .iter()
            .filter_map(|it| it.as_str())
            .map(str::to_owned)
            .collect();
        let mut banned = BTreeMap::new();
        for ban in array("bans", "deny")? {
            let ban = ban
                .as_inline_table()
                .context("deny.toml: a ban is written { crate = …, reason = … }")?;
            let field = |key: &str| {
                ban.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
            };
            banned.insert(field("crate"), field("reason"));
        }
        Ok(Rules { licences, banned })
    }

    /// Why a package may not come in; nothing if it may.
    fn problems_of(&self, package: &Value) -> Vec<String> {
        let name = text(package, "name");
        let who = format!("{name} {}", text(package, "version"));
        let mut problems = Vec::new();
        if let Some(reason) = self.banned.get(name) {
            problems.push(format!("{who} is banned: {reason}"));
        }
        let source = text(package, "source");
        if source != DEFAULT_REGISTRY {
            problems.push(format!("{who} comes from {source}, not from the default registry"));
        }
        match text(package, "license") {
            "" => problems.push(format!("{who} names no licence")),
            licence if !licence::is_allowed(licence, &self.licences) => {
                problems
                    .push(format!("{who} has a licence that deny.toml does not allow: {licence}"));
            }
            _ => {}
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules() -> Rules {
        let content = "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"bad\", reason = \"it is bad\" }]\n";
        Rules::parse(content).unwrap()
    }

    fn problems(name: &str, source: &str, licence: Option<&str>) -> Vec<String> {
        rules().problems_of(
            &json!({"name": name, "version": "1.0.0", "source": source, "license": licence}),
        )
    }

    #[test]
    fn a_package_must_be_licensed_not_banned_and_from_the_registry() {
        assert!(problems("good", DEFAULT_REGISTRY, Some("MIT OR Apache-2.0")).is_empty());
        assert_eq!(
            problems("bad", DEFAULT_REGISTRY, Some("MIT")),
            ["bad 1.0.0 is banned: it is bad"]
        );
        assert_eq!(problems("x", DEFAULT_REGISTRY, None), ["x 1.0.0 names no licence"]);
        assert_eq!(
            problems("x", DEFAULT_REGISTRY, Some("AGPL-3.0-only")),
            ["x 1.0.0 has a licence that deny.toml does not allow: AGPL-3.0-only"]
        );
        assert_eq!(
            problems("x", "git+https://example.org/x", Some("MIT")),
            ["x 1.0.0 comes from git+https://example.org/x, not from the default registry"]
        );
    }

    #[test]
    fn a_file_without_the_lists_is_an_error_not_a_pass() {
        let error = Rules::parse("[licenses]\n").err().unwrap().to_string();
        assert_eq!(error, "deny.toml has no list licenses.allow");
    }
}
