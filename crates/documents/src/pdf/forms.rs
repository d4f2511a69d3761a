//! What pages draw again and again: looked at before the interpreter follows it.
//!
//! The interpreter reads pictures as if they were drawings, and follows drawings that hold
//! themselves until its stack ends, which no one can catch.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Object, ObjectId, content::Content};

use crate::{Error, Result};

/// How deep drawings may hold drawings.
const MOST_NESTED: usize = 32;

/// How many drawings a page may draw.
const MOST_DRAWN: u64 = 20_000;

/// Empties the pictures of a document.
///
/// # Errors
/// Where its drawings hold themselves, or more of them than a page can show.
pub(super) fn prepare(document: &mut Document) -> Result<()> {
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && name_of(&stream.dict, b"Subtype") == Some(b"Image".as_slice())
        {
            for key in [b"Filter".as_slice(), b"DecodeParms"] {
                stream.dict.remove(key);
            }
            stream.set_content(Vec::new());
        }
    }
    let pages: Vec<ObjectId> = document.page_iter().collect();
    let mut drawings = Drawings { document, uses: HashMap::new(), weights: HashMap::new() };
    for page in pages {
        let Ok(dictionary) = document_dictionary(drawings.document, page) else { continue };
        let Some(resources) = inherited(drawings.document, dictionary) else { continue };
        // Most pages draw nothing twice, and need not be read twice.
        if forms(drawings.document, resources).is_empty() {
            continue;
        }
        let content = drawings.document.get_page_content(page).unwrap_or_default();
        let uses = uses(&content);
        drawings.weigh(&uses, resources, 0)?;
    }
    Ok(())
}

struct Drawings<'a> {
    document: &'a Document,
    /// What each drawing draws by name, and how often.
    uses: HashMap<ObjectId, Vec<(Vec<u8>, u64)>>,
    /// How much is drawn for a drawing that has resources of its own.
    weights: HashMap<ObjectId, u64>,
}

impl Drawings<'_> {
    /// How many drawings are drawn in all.
    fn weigh(
        &mut self,
        uses: &[(Vec<u8>, u64)],
        resources: &Dictionary,
        depth: usize,
    ) -> Result<u64> {
        if depth > MOST_NESTED {
            return Err(Error::damaged("its drawings hold themselves, or each other without end"));
        }
        let document = self.document;
        let forms = forms(document, resources);
        let mut weight = 1_u64;
        for (name, times) in uses {
            let Some(id) = forms.get(name.as_slice()).copied() else { continue };
            let one = self.weight_of(id, resources, depth)?;
            weight = weight.saturating_add(times.saturating_mul(one));
        }
        if weight > MOST_DRAWN {
            let reason = format!("a page draws more than {MOST_DRAWN} drawings");
            return Err(Error::TooLarge(reason));
        }
        Ok(weight)
    }

    fn weight_of(&mut self, id: ObjectId, around: &Dictionary, depth: usize) -> Result<u64> {
        if let Some(known) = self.weights.get(&id) {
            return Ok(*known);
        }
        let document = self.document;
        let Ok(Object::Stream(stream)) = document.get_object(id) else { return Ok(1) };
        let own = dictionary_at(document, &stream.dict, b"Resources");
        let found = || uses(&stream.get_plain_content().unwrap_or_default());
        let uses = self.uses.entry(id).or_insert_with(found).clone();
        let weight = self.weigh(&uses, own.unwrap_or(around), depth + 1)?;
        // What is drawn with the resources around it may be something else elsewhere.
        if own.is_some() || uses.is_empty() {
            self.weights.insert(id, weight);
        }
        Ok(weight)
    }
}

/// The names that content draws, and how often.
fn uses(content: &[u8]) -> Vec<(Vec<u8>, u64)> {
    let mut uses: HashMap<Vec<u8>, u64> = HashMap::new();
    let Ok(content) = Content::decode(content) else { return Vec::new() };
    for operation in content.operations.iter().filter(|it| it.operator == "Do") {
        if let Some(name) = operation.operands.first().and_then(|it| it.as_name().ok()) {
            *uses.entry(name.to_vec()).or_default() += 1;
        }
    }
    uses.into_iter().collect()
}

/// The drawings that resources name, pictures left out.
fn forms<'a>(document: &'a Document, resources: &'a Dictionary) -> HashMap<&'a [u8], ObjectId> {
    let Some(named) = dictionary_at(document, resources, b"XObject") else { return HashMap::new() };
    let form = |(name, object): (&'a Vec<u8>, &'a Object)| {
        let id = object.as_reference().ok()?;
        let Ok(Object::Stream(stream)) = document.get_object(id) else { return None };
        let is_form = name_of(&stream.dict, b"Subtype") != Some(b"Image".as_slice());
        is_form.then_some((name.as_slice(), id))
    };
    named.iter().filter_map(form).collect()
}

fn document_dictionary(document: &Document, id: ObjectId) -> lopdf::Result<&Dictionary> {
    document.get_dictionary(id)
}

/// The resources of a page, which may stand with its parents.
fn inherited<'a>(document: &'a Document, page: &'a Dictionary) -> Option<&'a Dictionary> {
    let mut page = page;
    for _ in 0..MOST_NESTED {
        if let Some(found) = dictionary_at(document, page, b"Resources") {
            return Some(found);
        }
        page = dictionary_at(document, page, b"Parent")?;
    }
    None
}

fn dictionary_at<'a>(
    document: &'a Document,
    dictionary: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Dictionary> {
    let (_, object) = document.dereference(dictionary.get(key).ok()?).ok()?;
    object.as_dict().ok()
}

fn name_of<'a>(dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a [u8]> {
    dictionary.get(key).ok()?.as_name().ok()
}
