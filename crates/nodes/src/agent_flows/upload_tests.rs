//! What models are told of files that come with a question, in its turn and in later ones.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Events, FilePlace, Message, Node, Result, Step,
    Upload,
};
use flowstone_testkit::{ScriptedModel, StepBench};
use serde_json::{Value, json};

use super::{
    agent::Agent,
    llm::Llm,
    tests::{MODEL, bench, recorded, step},
};

/// Three bytes, as models are shown them.
const PICTURE: &str = "data:image/png;base64,AAAA";

/// A model that its node does not let see.
struct Blind(Arc<ScriptedModel>);

#[async_trait]
impl ChatModel for Blind {
    fn provider(&self) -> &str {
        self.0.provider()
    }
    fn model(&self) -> &str {
        self.0.model()
    }
    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        self.0.chat(request, events).await
    }
}

fn picture(name: &str) -> Value {
    json!({"role": "user", "content": [
        {"type": "stored-file", "name": name, "mime": "image/png"},
    ]})
}

fn said(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content})
}

fn sent(kind: &str, name: &str, mime: &str, data: &str) -> Upload {
    let [kind, name, mime, data] = [kind, name, mime, data].map(str::to_owned);
    Upload { kind, name, data, mime }
}

/// A later turn of a chat in which a picture was shown, and another one that was deleted since.
async fn later_turn(model: &Arc<ScriptedModel>) -> StepBench {
    let mut bench = bench("And now?", model);
    let place = FilePlace::Chat { workspace: "workspace", flow: "flow", chat: "chat" };
    bench.run.services.files.write(place, "cat.png", vec![0; 3]).await.unwrap();
    bench.past = vec![
        picture("cat.png"),
        picture("gone.png"),
        said("user", "What?"),
        said("assistant", "A cat"),
    ];
    bench
}

/// The pictures and the text of each turn that the model was told.
fn told(model: &ScriptedModel) -> Vec<(Vec<String>, String)> {
    let shown = |it: &Message| it.images.iter().map(|image| image.url.clone()).collect();
    model.requests()[0].messages.iter().map(|it| (shown(it), it.text.clone())).collect()
}

fn words(text: &str) -> (Vec<String>, String) {
    (Vec::new(), text.to_owned())
}

#[tokio::test]
async fn the_text_of_files_stands_before_the_question_and_stays_in_the_conversation() {
    let asked = "<doc name='a.txt'>It was Ann.</doc>\n\n<doc name='b.txt'>x</doc>\n\nWho?";
    for (node, values) in [
        (&Llm as &dyn Node, json!({"llmModel": "scripted"})),
        (&Llm, json!({"llmModel": "scripted", "llmEnableMemory": false})),
        (&Agent, json!({"agentModel": "scripted"})),
        (&Agent, json!({"agentModel": "scripted", "agentEnableMemory": false})),
    ] {
        let step = step(node, &values).await;
        let model = ScriptedModel::new();
        let mut bench = bench("Who?", &model);
        bench.run.uploads = vec![
            sent("file:full", "a.txt", "text/plain", "data:text/plain;base64,SXQgd2FzIEFubi4="),
            sent("file:full", "b.txt", "text/plain", "x"),
            sent("file:rag", "c.txt", "text/plain", "not this one"),
        ];
        let shown = recorded(step.as_ref(), bench).await;
        assert_eq!(told(&model), [words(asked)], "{values}");
        assert_eq!(shown["said"][0], said("user", asked), "{values}");
    }
}

#[tokio::test]
async fn pictures_of_earlier_turns_are_shown_again_to_a_model_that_may_see() {
    let rest = [words("What?"), words("A cat"), words("And now?")];
    for (node, row) in [(&Llm as &dyn Node, "llmModel"), (&Agent, "agentModel")] {
        let step = step(node, &json!({ row: "scripted" })).await;
        let model = ScriptedModel::new();
        step_taken(step.as_ref(), later_turn(&model).await).await;
        let again = (vec![PICTURE.to_owned()], String::new());
        assert_eq!(told(&model), [&[again], &rest[..]].concat(), "{row}");

        let model = ScriptedModel::new();
        let mut bench = later_turn(&model).await;
        bench.flow.with(&MODEL, Capability::ChatModel(Arc::new(Blind(model.clone()))));
        step_taken(step.as_ref(), bench).await;
        assert_eq!(told(&model), rest, "{row}");
    }
}

async fn step_taken(step: &dyn Step, bench: StepBench) {
    bench.take(step).await.0.unwrap();
}

#[tokio::test]
async fn a_picture_is_shown_once_to_the_first_model_that_may_see_wherever_it_stands() {
    let llm = step(&Llm, &json!({"llmModel": "scripted", "llmUserMessage": "Look"})).await;
    let unseen = vec![said("user", "What?"), said("assistant", "I cannot see")];
    let seen = vec![picture("cat.png"), said("user", "What?"), said("assistant", "A cat")];
    for (before, adds) in [(unseen, true), (seen, false)] {
        let model = ScriptedModel::new();
        let mut bench = bench("What?", &model);
        bench.run.uploads = vec![sent("file", "cat.png", "image/png", PICTURE)];
        bench.said = before;
        let shown = recorded(llm.as_ref(), bench).await;
        let pictures = told(&model).into_iter().flat_map(|it| it.0);
        assert_eq!(pictures.collect::<Vec<_>>(), [PICTURE]);
        assert_eq!(shown["said"][0] == picture("cat.png"), adds, "{shown}");
    }
}

#[tokio::test]
async fn pictures_are_looked_at_as_closely_as_the_model_s_form_says() {
    for (node, row) in [(&Llm as &dyn Node, "llmModel"), (&Agent, "agentModel")] {
        for (resolution, detail) in [
            (json!("high"), Some("high")),
            (json!("low"), Some("low")),
            (json!("very high"), None),
            (Value::Null, None),
        ] {
            let config = json!({"allowImageUploads": true, "imageResolution": resolution});
            let values = json!({ row: "scripted", format!("{row}Config"): config });
            let model = ScriptedModel::new();
            let mut bench = bench("What?", &model);
            bench.run.uploads = vec![sent("file", "cat.png", "image/png", PICTURE)];
            step_taken(step(node, &values).await.as_ref(), bench).await;
            let image = model.requests()[0].messages[0].images[0].clone();
            assert_eq!(image.detail.as_deref(), detail, "{row}: {resolution}");
        }
    }
}
