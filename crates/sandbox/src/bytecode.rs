//! The bootstrap files, compiled once per process and loaded into each realm as bytecode.

use std::sync::LazyLock;

use rquickjs::loader::bundle::Bundle;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::{Context, Ctx, Error, Function, Module, Runtime, WriteOptions};

/// A file of the bootstrap: the source of one function.
struct Part {
    name: &'static str,
    source: &'static str,
    /// The words by which a script names it.
    words: &'static [&'static str],
    /// The parts it stands on, directly or not.
    needs: &'static [&'static str],
}

const PARTS: &[Part] = &[
    Part { name: "core", source: include_str!("bootstrap/core.js"), words: &[], needs: &[] },
    Part {
        name: "abort",
        source: include_str!("bootstrap/abort.js"),
        words: &["Abort"],
        needs: &[],
    },
    Part {
        name: "axios",
        source: include_str!("bootstrap/axios.js"),
        words: &["axios"],
        needs: &["abort", "buffer", "encoding", "fetch", "url"],
    },
    Part {
        name: "buffer",
        source: include_str!("bootstrap/buffer.js"),
        words: &["Buffer", "buffer"],
        needs: &["encoding"],
    },
    Part {
        name: "clone",
        source: include_str!("bootstrap/clone.js"),
        words: &["structuredClone"],
        needs: &[],
    },
    Part {
        name: "console",
        source: include_str!("bootstrap/console.js"),
        words: &["console"],
        needs: &[],
    },
    Part {
        name: "crypto",
        source: include_str!("bootstrap/crypto.js"),
        words: &["crypto"],
        needs: &["buffer", "encoding"],
    },
    Part {
        name: "encoding",
        source: include_str!("bootstrap/encoding.js"),
        words: &["TextEncoder", "TextDecoder"],
        needs: &[],
    },
    Part {
        name: "fetch",
        source: include_str!("bootstrap/fetch.js"),
        words: &["fetch", "Headers", "Request", "Response"],
        needs: &["encoding", "url"],
    },
    Part {
        name: "search",
        source: include_str!("bootstrap/search.js"),
        words: &["indexOf", "lastIndexOf", "includes", "split", "replace"],
        needs: &[],
    },
    Part {
        name: "url",
        source: include_str!("bootstrap/url.js"),
        words: &["URL", "url'", "url\"", "url`"],
        needs: &[],
    },
];

type Compiled = &'static [(&'static str, &'static [u8])];

/// Bytecode made by this process's own engine: the engine trusts what it reads, so it must never
/// come from anywhere else. It lives as long as the process.
static COMPILED: LazyLock<Result<Compiled, String>> =
    LazyLock::new(|| compile().map_err(|error| format!("the bootstrap does not compile: {error}")));

/// Loads the part called `name` and gives its function.
///
/// Only before the realm's memory is limited: the engine's reader of bytecode, like its parser,
/// does not survive running out of it.
///
/// # Errors
/// The engine's.
pub(crate) fn load<'js>(ctx: &Ctx<'js>, name: &str) -> rquickjs::Result<Function<'js>> {
    let compiled =
        COMPILED.as_ref().map_err(|error| Error::new_loading_message(name, error.as_str()))?;
    let (module, evaluated) = Bundle(*compiled).load(ctx, name, None)?.eval()?;
    evaluated.result::<()>().transpose()?;
    module.get("default")
}

/// The parts that `code` names, and what those stand on.
///
/// Loading later is not possible (see [`load`]) and loading all for every call would double its
/// cost, so a script has to write the names out.
pub(crate) fn named_in(code: &str) -> impl Iterator<Item = &'static str> {
    let named: Vec<&Part> =
        PARTS.iter().filter(|part| part.words.iter().any(|word| code.contains(word))).collect();
    PARTS.iter().map(|part| part.name).filter(move |name| {
        named.iter().any(|part| part.name == *name || part.needs.contains(name))
    })
}

/// What a script's own `import` meets: the bootstrap's parts are modules too, but not for it.
pub(crate) struct NoImport;

impl Resolver for NoImport {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        Err(Error::new_resolving_message(base, name, "scripts have require, not import"))
    }
}

impl Loader for NoImport {
    fn load<'js>(
        &mut self,
        _: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js>> {
        Err(Error::new_loading(name))
    }
}

fn compile() -> rquickjs::Result<Compiled> {
    let runtime = Runtime::new()?;
    let context = Context::full(&runtime)?;
    context.with(|ctx| {
        let mut compiled = Vec::new();
        for Part { name, source, .. } in PARTS {
            let module = Module::declare(ctx.clone(), *name, format!("export default {source}"))?;
            let options = WriteOptions { strip_source: true, ..WriteOptions::default() };
            let bytes: &'static [u8] = Vec::leak(module.write(options)?);
            compiled.push((*name, bytes));
        }
        Ok(&*Vec::leak(compiled))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_loads_in_a_realm_of_its_own() {
        for Part { name, .. } in PARTS {
            let runtime = Runtime::new().unwrap();
            Context::full(&runtime).unwrap().with(|ctx| {
                assert!(load(&ctx, name).is_ok(), "{name}");
            });
        }
    }

    #[test]
    fn an_unknown_part_is_an_error() {
        let runtime = Runtime::new().unwrap();
        Context::full(&runtime).unwrap().with(|ctx| assert!(load(&ctx, "fs").is_err()));
    }

    #[test]
    fn what_a_part_needs_comes_along() {
        let parts = |code| named_in(code).collect::<Vec<_>>();
        assert_eq!(parts("return 1"), [""; 0]);
        assert_eq!(parts("await fetch($address)"), ["encoding", "fetch", "url"]);
        let axios = ["abort", "axios", "buffer", "encoding", "fetch", "url"];
        assert_eq!(parts("require('axios')"), axios);
    }

    /// `part("x")` in a file without x among its needs would fail in some realms only.
    #[test]
    fn needs_are_what_the_sources_ask_for() {
        for part in PARTS.iter().filter(|part| part.name != "core") {
            for other in PARTS {
                let asked = part.source.contains(&format!("part(\"{}\")", other.name));
                assert!(
                    !asked || part.needs.contains(&other.name),
                    "{} needs {}",
                    part.name,
                    other.name
                );
                let inherits = part.needs.contains(&other.name);
                let all = other.needs.iter().all(|name| part.needs.contains(name));
                assert!(!inherits || all, "{} needs all that {} needs", part.name, other.name);
            }
        }
    }
}
