//! Keeps documents in files as Faiss and LangChain write them: a flat index and a table of documents.

use std::{collections::HashMap, sync::Arc};

use flowstone_core::{Error, Input, Inputs, Result, Spec, spec::Output};
use flowstone_providers::vectors::{Entry, VectorServer};
use serde_json::{Map, Value, json};

use super::{
    shelved::{Format, Shelf},
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};

const PATH: Input<String> = Input::text("Base Path to load", "basePath")
    .describe(
        "A name for the store. Its files, NAME.faiss.index and NAME.docstore.json, lie in the folder \
         of this workspace; Upsert writes them anew",
    )
    .placeholder("handbook");

static SPEC: Spec = Spec {
    label: "Faiss",
    name: "faiss",
    version: 1.0,
    kind: "Faiss",
    icon: "faiss.svg",
    category: "Vector Stores",
    description: "Keeps documents in files that Faiss reads too, and finds them by meaning",
    base_classes: &["Faiss", "VectorStoreRetriever", "BaseRetriever"],
    inputs: &[DOCUMENTS.field, EMBEDDINGS.field, PATH.field, TOP_K.field],
    outputs: &[
        Output {
            label: "Faiss Retriever",
            name: "retriever",
            base_classes: &["Faiss", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Faiss Vector Store",
            name: "vectorStore",
            base_classes: &["Faiss", "SaveableVectorStore", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    Ok(Arc::new(Shelf::new(inputs, &stored::name(inputs, &PATH)?, Flat, true)?))
}

/// Faiss's `IndexFlatL2`, and LangChain's table that says which document each of its rows is.
struct Flat;

/// Documents by id, and the id of each row.
type Table = (Vec<(String, Value)>, HashMap<String, String>);

/// How a file of an `IndexFlatL2` begins.
const FLAT_L2: &[u8; 4] = b"IxF2";
/// What Faiss writes in two places that it once used.
const UNUSED: i64 = 1 << 20;

impl Format for Flat {
    fn endings(&self) -> &'static [&'static str] {
        &["faiss.index", "docstore.json"]
    }

    fn read(&self, files: &[Vec<u8>]) -> Result<Vec<Entry>> {
        let [index, table] = files else { return Ok(Vec::new()) };
        let vectors = vectors_in(index).ok_or_else(|| {
            Error::Unsupported(
                "the file faiss.index holds no flat index by Euclidean distance (IndexFlatL2)"
                    .to_owned(),
            )
        })?;
        let (documents, ids): Table = serde_json::from_slice(table).map_err(|_| {
            Error::Unsupported("the file docstore.json holds no table of documents".to_owned())
        })?;
        let mut documents: HashMap<String, Value> = documents.into_iter().collect();
        let entry = |(row, vector): (usize, Vec<f32>)| {
            let id = ids.get(&row.to_string())?;
            let mut document = documents.remove(id)?;
            let text = document["pageContent"].as_str().unwrap_or_default().to_owned();
            let metadata = match document["metadata"].take() {
                Value::Object(metadata) => metadata,
                _ => Map::new(),
            };
            Some(Entry { id: id.clone(), text, metadata, vector })
        };
        Ok(vectors.into_iter().enumerate().filter_map(entry).collect())
    }

    fn write(&self, entries: &[Entry]) -> Result<Vec<Vec<u8>>> {
        let document =
            |it: &Entry| json!([it.id, { "pageContent": it.text, "metadata": it.metadata }]);
        let documents: Vec<Value> = entries.iter().map(document).collect();
        let rows = entries.iter().enumerate().map(|(row, it)| (row.to_string(), json!(it.id)));
        let rows: Map<String, Value> = rows.collect();
        let table = json!([documents, rows]).to_string().into_bytes();
        Ok(vec![index_of(entries), table])
    }

    fn likeness(&self, a: &[f32], b: &[f32]) -> f32 {
        let distance: f32 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
        1.0 / (1.0 + distance)
    }
}

/// The file: its kind, a header of length, count, two unused numbers, whether it is trained and how it
/// measures, then how many numbers follow, and these.
fn index_of(entries: &[Entry]) -> Vec<u8> {
    let length = entries.first().map_or(0, |it| it.vector.len());
    let mut file = FLAT_L2.to_vec();
    file.extend(i32::try_from(length).unwrap_or_default().to_le_bytes());
    file.extend((entries.len() as u64).to_le_bytes());
    file.extend(UNUSED.to_le_bytes());
    file.extend(UNUSED.to_le_bytes());
    file.push(1);
    file.extend(1_i32.to_le_bytes());
    file.extend(((entries.len() * length) as u64).to_le_bytes());
    file.extend(entries.iter().flat_map(|it| &it.vector).flat_map(|it| it.to_le_bytes()));
    file
}

/// The vectors in such a file; `None` where it is none.
fn vectors_in(file: &[u8]) -> Option<Vec<Vec<f32>>> {
    let (kind, rest) = file.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (count, rest) = rest.split_first_chunk::<8>()?;
    let (_, rest) = rest.split_first_chunk::<17>()?;
    let (metric, rest) = rest.split_first_chunk::<4>()?;
    let (_, numbers) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(i32::from_le_bytes(*length)).ok()?;
    let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
    let bytes = length.checked_mul(4).and_then(|it| it.checked_mul(count))?;
    if kind != FLAT_L2 || i32::from_le_bytes(*metric) != 1 || numbers.len() != bytes {
        return None;
    }
    if length == 0 {
        return Some(Vec::new());
    }
    let (numbers, _) = numbers.as_chunks::<4>();
    let vector = |it: &[[u8; 4]]| it.iter().map(|it| f32::from_le_bytes(*it)).collect();
    Some(numbers.chunks(length).map(vector).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the Python package faiss-cpu 1.15.1 writes of an `IndexFlatL2` with these two vectors.
    const BY_FAISS: &str = "4978463203000000020000000000000000001000000000000000100000000000\
        010100000006000000000000000000803f00000040000040400000003f000080bf00000000";

    fn entries() -> Vec<Entry> {
        let entry = |id: &str, vector: [f32; 3]| Entry {
            id: id.to_owned(),
            text: format!("text of {id}"),
            metadata: Map::from_iter([("page".to_owned(), 1.into())]),
            vector: vector.to_vec(),
        };
        vec![entry("a", [1.0, 2.0, 3.0]), entry("b", [0.5, -1.0, 0.0])]
    }

    #[test]
    fn an_index_is_what_faiss_writes() {
        assert_eq!(hex::encode(index_of(&entries())), BY_FAISS);
        let vectors: Vec<Vec<f32>> = entries().into_iter().map(|it| it.vector).collect();
        assert_eq!(vectors_in(&hex::decode(BY_FAISS).unwrap()), Some(vectors));
    }

    #[test]
    fn what_is_written_is_read_and_nonsense_is_refused() {
        let files = Flat.write(&entries()).unwrap();
        assert_eq!(Flat.read(&files).unwrap(), entries());
        assert_eq!(Flat.read(&Flat.write(&[]).unwrap()).unwrap(), []);
        let cut = files[0][..files[0].len() - 1].to_vec();
        for index in [Vec::new(), b"IxFI".to_vec(), cut] {
            let said = Flat.read(&[index, files[1].clone()]).unwrap_err().to_string();
            assert!(said.contains("no flat index"), "{said}");
        }
        assert!(Flat.read(&[files[0].clone(), b"{}".to_vec()]).is_err());
    }
}
