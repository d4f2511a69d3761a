//! Looks for a question in several wordings and ranks what they find together.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Document, Input, Inputs, Node, Result, Retriever, Run, Spec,
};
use futures::future::try_join_all;

use super::{
    BASE_RETRIEVER, MODEL, QUERY, ask, count, finds_at_once, hand_on, outputs, same, variants,
};

const QUERY_COUNT: Input<Option<u64>> = Input::whole("Query Count", "queryCount")
    .default(4)
    .describe("How many further wordings of the question to look for")
    .optional()
    .additional();
const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .describe(
        "How many documents to hand on; as many as the retriever finds for one wording where it \
         is empty",
    )
    .placeholder("4")
    .optional()
    .additional();
const CONSTANT: Input<Option<f64>> = Input::number("Constant", "c")
    .default(60.0)
    .describe(
        "The higher, the more a document gains from many lists and the less from a first place",
    )
    .optional()
    .additional();

/// Most wordings that one question may cost.
const MOST_QUERIES: usize = 20;

const CLASSES: &[&str] = &["RRFRetriever", "BaseRetriever"];

static SPEC: Spec = Spec {
    label: "Reciprocal Rank Fusion Retriever",
    name: "RRFRetriever",
    version: 1.0,
    kind: "RRFRetriever",
    icon: "retriever-queries.svg",
    category: "Retrievers",
    description: "Looks for the question in several wordings and puts first what many of them \
                  find near the top",
    base_classes: CLASSES,
    inputs: &[
        BASE_RETRIEVER.field,
        MODEL.field,
        QUERY.field,
        QUERY_COUNT.field,
        TOP_K.field,
        CONSTANT.field,
    ],
    outputs: &outputs("Reciprocal Rank Fusion Retriever", CLASSES),
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RrfRetriever;

#[async_trait]
impl Node for RrfRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let retriever = Fusion {
            base: inputs.get(&BASE_RETRIEVER)?,
            model: inputs.get(&MODEL)?,
            queries: count(inputs, &QUERY_COUNT)?.unwrap_or(4).min(MOST_QUERIES),
            top_k: count(inputs, &TOP_K)?,
            constant: inputs.get(&CONSTANT)?.filter(|it| *it >= 0.0).unwrap_or(60.0),
        };
        hand_on(retriever, inputs).await
    }

    fn depends_on_run(&self, output: &str) -> bool {
        finds_at_once(output)
    }
}

struct Fusion {
    base: Arc<dyn Retriever>,
    model: Arc<dyn ChatModel>,
    queries: usize,
    top_k: Option<usize>,
    constant: f64,
}

#[async_trait]
impl Retriever for Fusion {
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        let prompt = format!(
            "Somebody looks for passages on what stands below. Write {} further search queries \
             that would find passages on the same matter: other terms, another angle, parts of \
             it. Keep its language. Write one a line, without numbers and without anything \
             else.\n\n{query}",
            self.queries
        );
        let answer = ask(self.model.as_ref(), prompt).await?;
        let mut queries = variants::questions(&answer);
        queries.truncate(self.queries);
        queries.push(query.to_owned());
        let lists = try_join_all(queries.iter().map(|it| self.base.retrieve(it, run))).await?;
        let usual = lists.iter().map(Vec::len).max().unwrap_or_default();
        let mut fused = fuse(lists, self.constant);
        fused.truncate(self.top_k.unwrap_or(usual));
        Ok(fused)
    }
}

/// Every place in a list earns a document 1 / (place + constant); places count from zero. Documents
/// that earned the same stay in the order they were met.
fn fuse(lists: Vec<Vec<Document>>, constant: f64) -> Vec<Document> {
    let mut earned: Vec<(Document, f64)> = Vec::new();
    for list in lists {
        let mut share = constant.max(f64::MIN_POSITIVE);
        for document in list {
            match earned.iter_mut().find(|(it, _)| same(it, &document)) {
                Some((_, sum)) => *sum += share.recip(),
                None => earned.push((document, share.recip())),
            }
            share += 1.0;
        }
    }
    earned.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    earned.into_iter().map(|(document, _)| document).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_lists_hold_comes_first_and_nothing_is_lost() {
        let list = |texts: &[&str]| -> Vec<Document> {
            let made = texts
                .iter()
                .map(|it| Document { page_content: (*it).to_owned(), ..Document::default() });
            made.collect()
        };
        let fused = fuse(vec![list(&["a", "b", "c"]), list(&["b", "d"]), list(&["e", "b"])], 60.0);
        let order: Vec<&str> = fused.iter().map(|it| it.page_content.as_str()).collect();
        // a and e earned the same, and so did d less: none pushes another out.
        assert_eq!(order, ["b", "a", "e", "d", "c"]);
    }
}
