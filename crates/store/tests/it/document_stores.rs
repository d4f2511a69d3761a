//! Document stores: a change and its chunks go together, and another workspace sees neither.

use std::collections::HashSet;

use flowstone_store::{
    Chunk, ChunkChange, DocumentStore, Error, Page, RowKind, Transfer, UpsertHistory,
    UpsertHistoryFilter, WorkspaceScope,
};

use crate::{
    Place,
    sample::{self, id, some, time},
};

fn document_store(scope: &WorkspaceScope) -> DocumentStore {
    DocumentStore {
        id: id(),
        name: "D".to_owned(),
        description: some("d"),
        loaders: "[]".to_owned(),
        where_used: "[]".to_owned(),
        status: "EMPTY".to_owned(),
        vector_store_config: some("{}"),
        embedding_config: some("{}"),
        record_manager_config: some("{}"),
        created_date: time(1),
        updated_date: time(2),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

fn chunk(store: &DocumentStore, loader: &str, number: i32) -> Chunk {
    Chunk {
        id: id(),
        loader_id: loader.to_owned(),
        store_id: store.id.clone(),
        number,
        page_content: format!("text {number}"),
        metadata: some("{}"),
    }
}

fn with<'a>(loader: &'a str, chunks: &'a [Chunk]) -> ChunkChange<'a> {
    ChunkChange::Replace { loader, chunks }
}

fn missing<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::NotFound { .. })), "{result:?}");
}

pub(crate) async fn a_store_and_its_chunks_change_together(place: Place) {
    let store = place.store;
    let (own, other) = (sample::workspace(&store).await, sample::workspace(&store).await);
    let kept = document_store(&own);
    let stores = store.document_stores();
    stores.insert(&own, &kept).await.unwrap();
    assert_eq!(stores.get(&own, &kept.id).await.unwrap(), kept);
    missing(stores.get(&other, &kept.id).await);
    assert!(stores.insert(&other, &kept).await.is_err());

    let (one, two) = (id(), id());
    let chunks: Vec<Chunk> = (1..=3).map(|it| chunk(&kept, &one, it)).collect();
    let fill = stores.change(&own, &kept.id, with(&one, &chunks), |row| {
        row.status = "SYNC".to_owned();
        Ok::<_, ()>(7)
    });
    let (row, given) = fill.await.unwrap().unwrap();
    assert_eq!((row.status.as_str(), given), ("SYNC", 7));
    // A change that is refused leaves everything as it was.
    let refused = stores.change(&own, &kept.id, with(&one, &[]), |row| {
        row.status = "LOST".to_owned();
        Err::<(), _>("no")
    });
    assert_eq!(refused.await.unwrap().unwrap_err(), "no");
    let gone = stores.change(&own, &kept.id, ChunkChange::Delete("none"), |row| {
        row.status = "LOST".to_owned();
        Ok::<_, ()>(())
    });
    missing(gone.await);
    missing(stores.change(&other, &kept.id, with(&one, &[]), |_| Ok::<_, ()>(())).await);
    assert_eq!(stores.get(&own, &kept.id).await.unwrap().status, "SYNC");
    let more = [chunk(&kept, &two, 1)];
    stores.change(&own, &kept.id, with(&two, &more), |_| Ok::<_, ()>(())).await.unwrap().unwrap();

    let (found, count) = stores.chunks(&own, &kept.id, Some(&one), Page::new(2, 2)).await.unwrap();
    assert_eq!((found.as_slice(), count), (&chunks[2..], 3));
    assert_eq!(stores.chunks(&own, &kept.id, None, None).await.unwrap().1, 4);
    assert_eq!(stores.chunks(&other, &kept.id, None, None).await.unwrap().1, 0);
    missing(stores.chunk(&other, &kept.id, &one, &chunks[0].id).await);
    missing(stores.chunk(&own, &kept.id, &two, &chunks[0].id).await);
    let texts = stores.chunks_with_texts(&own, &kept.id, &["text 2", "none"]).await.unwrap();
    assert_eq!(texts, chunks[1..2]);
    let edited = Chunk { page_content: "new".to_owned(), ..chunks[0].clone() };
    let edit = stores.change(&own, &kept.id, ChunkChange::Update(&edited), |_| Ok::<_, ()>(()));
    edit.await.unwrap().unwrap();
    assert_eq!(stores.chunk(&own, &kept.id, &one, &edited.id).await.unwrap(), edited);

    assert_eq!(stores.delete(&other, &kept.id).await.unwrap(), 0);
    assert_eq!(stores.delete(&own, &kept.id).await.unwrap(), 1);
    assert_eq!(stores.chunks(&own, &kept.id, None, None).await.unwrap().1, 0);
}

pub(crate) async fn what_is_being_done_is_found_and_history_kept(place: Place) {
    let store = place.store;
    let (own, other) = (sample::workspace(&store).await, sample::workspace(&store).await);
    let stores = store.document_stores();
    let mut busy = document_store(&own);
    busy.status = "UPSERTING".to_owned();
    let mut loading = document_store(&other);
    loading.loaders = r#"[{"status":"SYNCING"}]"#.to_owned();
    for (scope, row) in [(&own, &busy), (&other, &loading), (&own, &document_store(&own))] {
        stores.insert(scope, row).await.unwrap();
    }
    let found: HashSet<String> =
        stores.in_progress_for_anyone().await.unwrap().into_iter().map(|it| it.id).collect();
    assert_eq!(found, HashSet::from([busy.id.clone(), loading.id.clone()]));

    let entry = UpsertHistory {
        id: id(),
        chatflow_id: busy.id.clone(),
        result: "{}".to_owned(),
        flow_data: "[]".to_owned(),
        date: time(3),
    };
    missing(stores.add_history(&other, &entry).await);
    stores.add_history(&own, &entry).await.unwrap();
    let filter = UpsertHistoryFilter::default();
    let (entries, _) = stores.history(&own, &busy.id, &filter, None).await.unwrap();
    assert_eq!(entries, std::slice::from_ref(&entry));
    assert_eq!(stores.history(&other, &busy.id, &filter, None).await.unwrap().1, 0);
    assert_eq!(stores.delete_history(&other, &[&entry.id]).await.unwrap(), 0);
    assert_eq!(stores.delete_history(&own, &[&entry.id]).await.unwrap(), 1);
}

pub(crate) async fn stores_move_in_with_their_chunks(place: Place) {
    let store = place.store;
    let (own, other) = (sample::workspace(&store).await, sample::workspace(&store).await);
    let kept = document_store(&own);
    let chunks = vec![chunk(&kept, &id(), 1)];
    let transfer = Transfer { document_stores: vec![kept.clone()], chunks, ..Transfer::default() };
    store.transfers().run(&own, &transfer).await.unwrap();
    let stray = Transfer { chunks: vec![chunk(&kept, &id(), 2)], ..Transfer::default() };
    missing(store.transfers().run(&other, &stray).await);
    let taken = store.transfers().taken_by_anyone(RowKind::DocumentStore, &[&kept.id]).await;
    assert_eq!(taken.unwrap().len(), 1);
    // A store that is written over has the chunks of the new one.
    let again = Transfer {
        document_stores: vec![DocumentStore { name: "new".to_owned(), ..kept.clone() }],
        chunks: vec![chunk(&kept, &id(), 9)],
        replaced: HashSet::from([kept.id.clone()]),
        ..Transfer::default()
    };
    store.transfers().run(&own, &again).await.unwrap();
    let (chunks, _) = store.document_stores().chunks(&own, &kept.id, None, None).await.unwrap();
    assert_eq!(chunks.iter().map(|it| it.number).collect::<Vec<_>>(), [9]);
}
