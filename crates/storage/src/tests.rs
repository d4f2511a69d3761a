//! What is written comes back, and nothing leaves its place.

use flowstone_core::{FilePlace, services::Files};
use proptest::prelude::*;

use super::*;

const FLOW: FilePlace<'_> = FilePlace::Flow { workspace: "w", flow: "f" };
const CHAT: FilePlace<'_> = FilePlace::Chat { workspace: "w", flow: "f", chat: "c" };

fn storage() -> (tempfile::TempDir, Storage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::local(&folder.path().join("kept"), 1024).unwrap();
    (folder, storage)
}

/// The same over a folder and over an object store that has no folders.
fn both() -> (tempfile::TempDir, [Storage; 2]) {
    let (folder, local) = storage();
    (folder, [local, Storage::over(Arc::new(object_store::memory::InMemory::new()), 1024)])
}

#[tokio::test]
async fn a_file_is_written_listed_read_and_removed() {
    let (_folder, both) = both();
    for storage in both {
        storage.check().await.unwrap();
        assert!(storage.list(FLOW).await.unwrap().is_empty());
        storage.write(FLOW, "b.txt", b"B".to_vec()).await.unwrap();
        storage.write(FLOW, "größe 100%.txt", b"A".to_vec()).await.unwrap();
        assert_eq!(storage.list(FLOW).await.unwrap(), ["b.txt", "größe 100%.txt"]);
        assert_eq!(storage.read(FLOW, "größe 100%.txt").await.unwrap(), b"A");
        storage.write(FLOW, "b.txt", b"C".to_vec()).await.unwrap();
        assert_eq!(storage.read(FLOW, "b.txt").await.unwrap(), b"C");
        storage.write(FLOW, "empty", Vec::new()).await.unwrap();
        assert!(storage.read(FLOW, "empty").await.unwrap().is_empty());
        storage.remove(FLOW, "b.txt").await.unwrap();
        storage.remove(FLOW, "b.txt").await.unwrap();
        let gone = storage.read(FLOW, "b.txt").await.unwrap_err().to_string();
        assert_eq!(gone, "there is no stored file \"b.txt\"");
    }
}

#[tokio::test]
async fn places_do_not_see_each_other() {
    let (_folder, both) = both();
    for storage in both {
        let other = FilePlace::Chat { workspace: "other", flow: "f", chat: "c" };
        storage.write(CHAT, "a.txt", b"A".to_vec()).await.unwrap();
        for place in [FLOW, other, FilePlace::Workspace { workspace: "w" }] {
            assert!(storage.read(place, "a.txt").await.is_err(), "{place:?}");
            assert!(storage.list(place).await.unwrap().is_empty(), "{place:?}");
        }
    }
}

#[tokio::test]
async fn a_flow_is_removed_with_its_chats_and_nothing_else() {
    let (_folder, both) = both();
    for storage in both {
        // A name that begins as another does is not below it.
        let kept = FilePlace::Flow { workspace: "w", flow: "f2" };
        for place in [FLOW, CHAT, kept] {
            for name in ["a.txt", "b.txt"] {
                storage.write(place, name, b"A".to_vec()).await.unwrap();
            }
        }
        storage.remove_all(FLOW).await.unwrap();
        storage.remove_all(FLOW).await.unwrap();
        assert!(storage.list(FLOW).await.unwrap().is_empty());
        assert!(storage.list(CHAT).await.unwrap().is_empty());
        assert_eq!(storage.list(kept).await.unwrap(), ["a.txt", "b.txt"]);
    }
}

#[tokio::test]
async fn too_large_a_file_is_refused_and_leaves_nothing() {
    let (_folder, both) = both();
    for storage in both {
        let said = storage.write(FLOW, "a", vec![0; 1025]).await.unwrap_err().to_string();
        assert!(said.contains("too large"), "{said}");
        assert!(storage.list(FLOW).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn names_that_are_paths_are_refused_everywhere() {
    let (folder, storage) = storage();
    std::fs::write(folder.path().join("secret"), "s").unwrap();
    for name in ["", ".", "..", "../secret", "a/b", "..\\secret", "a\0b", "/etc/passwd", "a\nb"] {
        assert!(storage.read(FLOW, name).await.is_err(), "{name:?}");
        assert!(storage.write(FLOW, name, Vec::new()).await.is_err(), "{name:?}");
        assert!(storage.remove(FLOW, name).await.is_err(), "{name:?}");
        let place = FilePlace::Chat { workspace: "w", flow: "f", chat: name };
        assert!(storage.list(place).await.is_err(), "{name:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_leads_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    let (folder, storage) = storage();
    let outside = folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), "s").unwrap();
    storage.write(FLOW, "a.txt", b"A".to_vec()).await.unwrap();
    let form = folder.path().join("kept/w/flows/f/form");
    symlink(outside.join("secret"), form.join("b.txt")).unwrap();
    symlink(&outside, folder.path().join("kept/w/files")).unwrap();
    assert!(storage.read(FLOW, "b.txt").await.is_err());
    let shared = FilePlace::Workspace { workspace: "w" };
    assert!(storage.read(shared, "secret").await.is_err());
    assert!(storage.write(shared, "new", b"x".to_vec()).await.is_err());
    assert!(storage.list(shared).await.is_err());
    assert!(storage.remove(shared, "secret").await.is_err());
    assert!(storage.remove_all(shared).await.is_err());
    let beside: Vec<_> = std::fs::read_dir(&outside).unwrap().collect();
    assert_eq!(beside.len(), 1);
    // A link inside the folder is the operator's affair, and a removed one takes nothing with it.
    symlink(form.join("a.txt"), form.join("c.txt")).unwrap();
    assert_eq!(storage.read(FLOW, "c.txt").await.unwrap(), b"A");
    storage.remove(FLOW, "b.txt").await.unwrap();
    assert_eq!(std::fs::read(outside.join("secret")).unwrap(), b"s");
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_would_be_decoded_elsewhere_stay_names() {
    let (folder, storage) = storage();
    for name in ["%2e%2e", "..%2fsecret", "%00", "~", "$HOME", "a:b", "CON"] {
        storage.write(FLOW, name, name.as_bytes().to_vec()).await.unwrap();
        assert_eq!(storage.read(FLOW, name).await.unwrap(), name.as_bytes());
    }
    let beside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(beside.len(), 1, "nothing was written beside the folder");
}

proptest! {
    /// Whatever the name: it is refused, or it comes back under exactly this name.
    #[test]
    fn every_name_is_refused_or_comes_back(name in any::<String>()) {
        let Ok(key) = key::of_file(FLOW, &name) else { return Ok(()) };
        prop_assert_eq!(key::name_of(&key), Some(name));
        prop_assert_eq!(key.parts().count(), 5);
    }
}
