//! The synthesizers against a scripted model, by what they ask.

use flowstone_core::{Capability, Document, Error, Event, Node, Output, Result};
use flowstone_testkit::{Reply, ScriptedModel};
use serde_json::{Value, json};

use super::{
    ROOM, compact_and_refine::CompactRefine, packed, refine::Refine,
    simple_response_builder::SimpleResponseBuilder, tree_summarize::TreeSummarize,
};
use crate::testing::{form, run, told};

fn passage(text: &str) -> Document {
    Document { page_content: text.to_owned(), ..Document::default() }
}

/// Puts an answer together; what the model was asked and what was told besides.
async fn synthesize(
    node: &dyn Node,
    values: &Value,
    passages: &[Document],
    replies: &[&str],
) -> (Result<Output>, Vec<String>, Vec<String>) {
    let model = ScriptedModel::with(replies.iter().map(|it| Reply::text(it)));
    let Ok(Capability::Synthesizer(way)) = node.init(&form(values)).await else {
        panic!("no synthesizer")
    };
    let (run, receiver) = run("Who?");
    let answered = async {
        let output = way.synthesize(model.as_ref(), "Who?", passages, &run).await;
        drop(run);
        output
    };
    let (output, events) = futures::join!(answered, told(receiver));
    let asked = model.requests().into_iter().map(|it| it.messages[0].text.clone()).collect();
    let pieces = events.into_iter().filter_map(|it| match it {
        Event::Token(piece) if !piece.is_empty() => Some(piece),
        _ => None,
    });
    (output, asked, pieces.collect())
}

fn long(letter: &str) -> Document {
    passage(&letter.repeat(ROOM))
}

#[tokio::test]
async fn compact_asks_once_for_what_fits_and_betters_the_answer_with_the_rest() {
    let prompts = json!({
        "textQAPrompt": "Q {query} C {context}",
        "refinePrompt": "R {query} A {existingAnswer} C {context}",
    });
    let few = [passage("Ada"), passage("Bob")];
    let (output, asked, _) = synthesize(&CompactRefine, &prompts, &few, &["Ada did"]).await;
    assert_eq!(output.unwrap().answer.to_text(), "Ada did");
    assert_eq!(asked, ["Q Who? C Ada\n\nBob"]);

    let many = [passage("Ada"), long("x")];
    let (output, asked, told) =
        synthesize(&CompactRefine, &prompts, &many, &["First", "Second"]).await;
    let output = output.unwrap();
    assert_eq!(output.answer.to_text(), "Second");
    assert!(asked[1].starts_with("R Who? A First C xxx"), "{}", &asked[1][..40]);
    assert_eq!(told.concat(), "Second", "only the last answer is told");
    let one = synthesize(&CompactRefine, &prompts, &few, &["First"]).await.0.unwrap();
    assert!(output.usage.input_tokens > one.usage.input_tokens, "both calls count");
}

#[tokio::test]
async fn refine_asks_for_each_passage() {
    let passages = [passage("Ada"), passage("Bob"), passage("Eve")];
    let (output, asked, told) =
        synthesize(&Refine, &json!({}), &passages, &["one", "two", "three"]).await;
    assert_eq!(output.unwrap().answer.to_text(), "three");
    assert_eq!(asked.len(), 3);
    assert!(asked[2].contains("two") && asked[2].contains("Eve"), "{}", asked[2]);
    assert_eq!(told.concat(), "three");
}

#[tokio::test]
async fn the_simple_builder_asks_once_with_everything() {
    let passages = [passage("Ada"), long("x")];
    let (output, asked, _) =
        synthesize(&SimpleResponseBuilder, &json!({}), &passages, &["done"]).await;
    assert_eq!(output.unwrap().answer.to_text(), "done");
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("Ada") && asked[0].contains("xxx"));
}

#[tokio::test]
async fn a_tree_answers_from_its_own_answers() {
    let values = json!({"prompt": "T {context}"});
    let passages = [long("x"), long("y")];
    let (output, asked, told) =
        synthesize(&TreeSummarize, &values, &passages, &["left", "right", "top"]).await;
    assert_eq!(output.unwrap().answer.to_text(), "top");
    assert_eq!(asked[2], "T left\n\nright");
    assert_eq!(told.concat(), "top");
}

#[tokio::test]
async fn a_tree_that_does_not_shrink_ends_with_a_reason() {
    let endless = "z".repeat(ROOM);
    let passages = [long("x"), long("y")];
    let (output, ..) =
        synthesize(&TreeSummarize, &json!({}), &passages, &[&endless, &endless]).await;
    assert!(matches!(output, Err(Error::ModelAnswer(_))), "{output:?}");
}

#[tokio::test]
async fn a_question_without_passages_is_still_asked() {
    for node in [&CompactRefine as &dyn Node, &Refine, &SimpleResponseBuilder, &TreeSummarize] {
        let (output, asked, _) = synthesize(node, &json!({}), &[], &["I do not know"]).await;
        assert_eq!(output.unwrap().answer.to_text(), "I do not know");
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn a_prompt_without_a_place_for_the_passages_is_refused() {
    let made = CompactRefine.init(&form(&json!({"textQAPrompt": "Answer {query}"}))).await;
    let said = made.err().unwrap().to_string();
    assert_eq!(said, "Text QA Prompt: it must hold {context}");
}

#[test]
fn long_passages_are_cut_between_letters() {
    let texts = packed(&[passage(&"ü".repeat(ROOM))]);
    assert_eq!(texts.len(), 2);
    assert_eq!(texts.concat().chars().count(), ROOM);
    assert!(texts.iter().all(|it| it.len() <= ROOM));
    assert_eq!(packed(&[]), [""]);
}
