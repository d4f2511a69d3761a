//! A supervisor and its workers, each with its turn.

use std::sync::Arc;

use flowstone_core::{
    Capability, Inputs, Node, Result,
    sequence::{Acted, Duty, Line, Member, Scene, Speaker},
};
use flowstone_testkit::{Reply, ScriptedModel};
use serde_json::{Map, Value, json};

use super::{supervisor::Supervisor, worker::Worker};
use crate::{
    testing::{self, form, plug},
    tools::calculator::Evaluator,
};

fn filled(model: &Arc<ScriptedModel>, values: &Value) -> Inputs {
    let mut form = form(values);
    form.node_id = "node_0".to_owned();
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    form
}

async fn member(node: &dyn Node, form: &Inputs) -> Result<Arc<Member>> {
    match node.init(form).await? {
        Capability::Member(member) => Ok(member),
        other => panic!("a {} instead of a member", other.kind()),
    }
}

/// Lets a member have its turn in a team of a writer and an editor.
async fn turn(member: &Member, values: &Value) -> Result<Acted> {
    let (run, _) = testing::run("Write a poem");
    let run = run.silenced();
    let lines = [Line::new(Speaker::Human, "Write a poem")];
    let values: Map<String, Value> = values.as_object().cloned().unwrap_or_default();
    let scene = Scene { run: &run, lines: &lines, values: &values, tools: &[] };
    match &member.duty {
        Duty::Leads { acts, .. } => acts.lead(&["writer", "editor"], &scene).await,
        Duty::Works { acts, .. } => acts.act(&scene).await,
        _ => panic!("it takes no turns"),
    }
}

#[tokio::test]
async fn a_supervisor_chooses_a_worker_or_the_end() {
    let model = ScriptedModel::with([
        Reply::text(r#"{"reasoning":"first","next":"writer","instructions":"four lines"}"#),
        Reply::text(r#"{"reasoning":"done","next":"FINISH","instructions":"none"}"#),
    ]);
    let supervisor = member(&Supervisor, &filled(&model, &json!({}))).await.unwrap();
    assert_eq!((&*supervisor.label, &*supervisor.name), ("Supervisor", "supervisor"));
    let first = turn(&supervisor, &json!({})).await.unwrap();
    assert_eq!(first.next.as_deref(), Some("writer"));
    let expected =
        json!({"next": "writer", "instructions": "four lines", "team_members": "writer, editor"});
    assert_eq!(Value::from(first.changes), expected);
    assert_eq!(turn(&supervisor, &json!({})).await.unwrap().next, None);
    let request = &model.requests()[0];
    assert!(request.messages[0].text.contains("writer, editor"));
    let choice = &request.schema.as_ref().unwrap()["properties"]["next"]["enum"];
    assert_eq!(*choice, json!(["FINISH", "writer", "editor"]));
}

#[tokio::test]
async fn a_supervisor_sums_up_where_it_is_told_to() {
    let said = r#"{"reasoning":"","next":"FINISH","instructions":"","summarization":"All done"}"#;
    let model = ScriptedModel::with([Reply::text(said)]);
    let form = filled(&model, &json!({"summarization": true}));
    let done = turn(&member(&Supervisor, &form).await.unwrap(), &json!({})).await.unwrap();
    assert_eq!(done.changes["summarization"], "All done");
}

#[tokio::test]
async fn a_supervisor_that_chooses_nobody_is_asked_again() {
    let odd = r#"{"reasoning":"","next":"cook","instructions":""}"#;
    let good = r#"{"reasoning":"","next":"editor","instructions":"look"}"#;
    let model = ScriptedModel::with([Reply::text(odd), Reply::text(good)]);
    let supervisor = member(&Supervisor, &filled(&model, &json!({}))).await.unwrap();
    assert_eq!(turn(&supervisor, &json!({})).await.unwrap().next.as_deref(), Some("editor"));
    // Prose is the end; data that cannot be used is none.
    let model = ScriptedModel::with([Reply::text("Here is"), Reply::text("Here is the poem.")]);
    let supervisor = member(&Supervisor, &filled(&model, &json!({}))).await.unwrap();
    let done = turn(&supervisor, &json!({})).await.unwrap();
    assert_eq!((done.next, done.answer.as_deref()), (None, Some("Here is the poem.")));
    let model = ScriptedModel::with([Reply::text(odd), Reply::text(odd)]);
    let supervisor = member(&Supervisor, &filled(&model, &json!({}))).await.unwrap();
    let said = turn(&supervisor, &json!({})).await.unwrap_err().to_string();
    assert!(said.contains("neither FINISH nor one of writer, editor"), "{said}");
}

#[tokio::test]
async fn a_supervisor_form_that_cannot_work_says_why() {
    let model = ScriptedModel::new();
    for (values, wrong) in [
        (
            json!({"supervisorPrompt": "Lead them."}),
            "Supervisor Prompt: it must hold {team_members}",
        ),
        (json!({"recursionLimit": 0}), "Recursion Limit: one turn at least is needed"),
    ] {
        let said = member(&Supervisor, &filled(&model, &values)).await.err().unwrap().to_string();
        assert!(said.starts_with(wrong), "{said}");
    }
}

#[tokio::test]
async fn a_worker_does_what_it_is_told_with_its_tools() {
    let call = ("calculator", r#"{"input":"2+3"}"#);
    let model = ScriptedModel::with([Reply::tool_calls(&[call]), Reply::text("Five lines.")]);
    let supervisor = member(&Supervisor, &filled(&model, &json!({}))).await.unwrap();
    let values = json!({
        "workerName": "Night Writer", "workerPrompt": "You write {what}.",
        "promptValues": "{\"what\": \"poems\"}",
    });
    let mut form = form(&values);
    form.node_id = "worker_0".to_owned();
    plug(&mut form, "supervisor", Capability::Member(supervisor));
    plug(&mut form, "tools", Capability::Tool(Arc::new(Evaluator::new())));
    let worker = member(&Worker, &form).await.unwrap();
    assert_eq!(worker.name, "night_writer");
    let state = json!({"team_members": "night_writer", "instructions": "five lines"});
    let done = turn(&worker, &state).await.unwrap();
    assert_eq!((&*done.lines[0].content, &*done.lines[0].name), ("Five lines.", "night_writer"));
    assert_eq!(done.lines[0].additional_kwargs.node_id, "worker_0");
    assert_eq!(done.lines[0].additional_kwargs.used_tools.as_ref().unwrap()[0].tool, "calculator");
    let told = &model.requests()[0].messages[0].text;
    assert!(told.starts_with("You write poems.") && told.ends_with("five lines"), "{told}");
}
