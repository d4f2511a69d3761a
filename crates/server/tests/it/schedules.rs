//! Flows that run by themselves: at which times, once each, and what is told of it.

use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use flowstone_server::run_due;
use flowstone_store::{Advance, Firing};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::{By, TestServer};

/// An agentflow whose first node says this of its schedule.
fn data(rows: &Value) -> String {
    let mut inputs = json!({ "startInputType": "scheduleInput" });
    inputs.as_object_mut().unwrap().extend(rows.as_object().unwrap().clone());
    json!({
        "nodes": [
            { "id": "startAgentflow_0",
                "data": { "id": "startAgentflow_0", "name": "startAgentflow", "label": "Start",
                    "inputs": inputs } },
            { "id": "say_0",
                "data": { "id": "say_0", "name": "sayAgentflow", "label": "Say", "inputs": {} } },
        ],
        "edges": [{ "source": "startAgentflow_0", "target": "say_0",
            "sourceHandle": "startAgentflow_0-output-startAgentflow", "targetHandle": "say_0" }],
    })
    .to_string()
}

fn daily(question: &str) -> Value {
    json!({ "scheduleCronExpression": "0 9 * * *", "scheduleDefaultInput": question })
}

async fn flow(server: &TestServer, by: &By, rows: &Value) -> String {
    let form = json!({ "name": "f", "flowData": data(rows), "type": "AGENTFLOW" });
    let answer = server.post("/chatflows", &form, by).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn status(server: &TestServer, by: &By, id: &str) -> Value {
    server.get(&format!("/chatflows/{id}/schedule/status"), by).await.json()
}

async fn logs(server: &TestServer, by: &By, id: &str) -> Vec<Value> {
    let answer = server.get(&format!("/chatflows/{id}/schedule/trigger-logs"), by).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["data"].as_array().unwrap().clone()
}

fn due(status: &Value) -> DateTime<Utc> {
    status["record"]["nextRunAt"].as_str().unwrap().parse().unwrap()
}

async fn scope(server: &TestServer, id: &str) -> flowstone_store::WorkspaceScope {
    let flow = server.store.chatflows().get_for_anyone(id).await.unwrap();
    flowstone_store::WorkspaceScope::new(flow.workspace_id)
}

#[tokio::test]
async fn each_due_time_runs_the_flow_once_and_is_written_down_with_its_run() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, &daily("Sum up")).await;
    let before = status(&server, &session, &id).await;
    assert_eq!((&before["enabled"], &before["canEnable"]), (&json!(true), &json!(true)));
    assert_eq!(before["record"]["cronExpression"], "0 9 * * *");
    let due_at = due(&before);
    assert_eq!(run_due(&server.state, due_at - TimeDelta::seconds(1)).await.unwrap(), 0);
    let looks = [run_due(&server.state, due_at), run_due(&server.state, due_at)];
    let ran = futures::future::join_all(looks).await;
    assert_eq!(ran.into_iter().map(Result::unwrap).sum::<usize>(), 1);
    // A clock that went back an hour fires nothing again.
    assert_eq!(run_due(&server.state, due_at - TimeDelta::hours(1)).await.unwrap(), 0);

    let rows = logs(&server, &session, &id).await;
    assert_eq!((rows.len(), &rows[0]["status"]), (1, &json!("SUCCEEDED")), "{rows:?}");
    assert_eq!(rows[0]["scheduledAt"], before["record"]["nextRunAt"]);
    let run = rows[0]["executionId"].as_str().unwrap();
    let run = server.get(&format!("/executions/{run}"), &session).await.json();
    assert_eq!(run["state"], "FINISHED");
    let messages = server.get(&format!("/chatmessage/{id}?chatType=SCHEDULED"), &session).await;
    let said: Vec<Value> =
        messages.json().as_array().unwrap().iter().map(|it| it["content"].clone()).collect();
    assert_eq!(said, [json!("Sum up"), json!("Said: Sum up")]);
    let after = status(&server, &session, &id).await;
    assert_eq!(after["record"]["lastRunAt"], before["record"]["nextRunAt"]);
    assert_eq!(due(&after), due_at + TimeDelta::days(1));
}

#[tokio::test]
async fn what_was_missed_is_listed_and_a_failure_is_told_by_its_reason() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, &daily("fail")).await;
    let due_at = due(&status(&server, &session, &id).await);
    let later = due_at + TimeDelta::days(2) + TimeDelta::minutes(1);
    assert_eq!(run_due(&server.state, later).await.unwrap(), 1);
    let rows = logs(&server, &session, &id).await;
    let states: Vec<&str> = rows.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["FAILED", "SKIPPED", "SKIPPED"]);
    assert!(rows[0]["error"].as_str().unwrap().contains("it was asked to fail"), "{rows:?}");
    assert!(rows[1]["error"].as_str().unwrap().contains("missed"), "{rows:?}");

    let path = format!("/chatflows/{id}/schedule/trigger-logs");
    let failed = server.get(&format!("{path}?status=FAILED&limit=1"), &session).await.json();
    assert_eq!((&failed["total"], &failed["limit"]), (&json!(1), &json!(1)));
    let wrong = server.get(&format!("{path}?status=LOST"), &session).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let chosen = json!({ "logIds": [rows[0]["id"], rows[1]["id"], "nowhere"] });
    let bob = server.neighbour().await;
    let foreign = server.call(Method::DELETE, &path, Some(&chosen), &bob).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    let deleted = server.call(Method::DELETE, &path, Some(&chosen), &session).await.json();
    assert_eq!(deleted, json!({ "success": true, "deletedLogs": 2, "deletedExecutions": 1 }));
}

#[tokio::test]
async fn somebody_who_switches_a_schedule_off_has_it_off_until_it_is_switched_on() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, &daily("hi")).await;
    let due_at = due(&status(&server, &session, &id).await);
    let path = format!("/chatflows/{id}/schedule/enabled");
    let switch = async |enabled: bool| {
        server.call(Method::PATCH, &path, Some(&json!({ "enabled": enabled })), &session).await
    };
    let off = switch(false).await.json();
    assert_eq!((&off["enabled"], &off["nextRunAt"]), (&json!(false), &Value::Null));
    assert_eq!(run_due(&server.state, due_at).await.unwrap(), 0);
    let form = json!({ "flowData": data(&daily("ho")) });
    server.put(&format!("/chatflows/{id}"), &form, &session).await;
    let saved = status(&server, &session, &id).await;
    assert_eq!((&saved["enabled"], &saved["canEnable"]), (&json!(false), &json!(true)));
    assert_eq!(saved["record"]["defaultInput"], "ho");
    assert_eq!(switch(true).await.json()["enabled"], true);
    assert_eq!(run_due(&server.state, due_at).await.unwrap(), 1);

    // What is still to be filled in may be saved, and does not fire.
    let form = json!({ "flowData": data(&json!({ "scheduleFrequency": "daily" })) });
    assert_eq!(server.put(&format!("/chatflows/{id}"), &form, &session).await.status, 200);
    let empty = status(&server, &session, &id).await;
    assert_eq!((&empty["enabled"], &empty["canEnable"]), (&json!(false), &json!(false)));
    assert_eq!(empty["reason"], "On Time: say at what time");
    assert_eq!(switch(true).await.status, StatusCode::BAD_REQUEST);
    let over = json!({ "flowData": data(&json!({ "scheduleCronExpression": "0 9 * * *",
        "scheduleDefaultInput": "hi", "scheduleEndDate": "2020-01-01" })) });
    server.put(&format!("/chatflows/{id}"), &over, &session).await;
    assert_eq!(status(&server, &session, &id).await["reason"], "End Date: that day is over");

    let chat = data(&json!({})).replace("scheduleInput", "chatInput");
    server.put(&format!("/chatflows/{id}"), &json!({ "flowData": chat }), &session).await;
    let none = status(&server, &session, &id).await;
    assert_eq!(none["reason"], "Flow is not configured as a scheduled flow");
    assert_eq!(none["record"], Value::Null);
}

#[tokio::test]
async fn times_that_cannot_be_are_refused_on_saving_and_told_by_the_checklist() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, &daily("hi")).await;
    let wrong =
        data(&json!({ "scheduleCronExpression": "61 * * * *", "scheduleDefaultInput": "x" }));
    let said = "Start: Cron Expression: \"61 * * * *\" cannot be read";
    let form = json!({ "name": "f", "flowData": wrong, "type": "AGENTFLOW" });
    for refused in [
        server.post("/chatflows", &form, &session).await,
        server.put(&format!("/chatflows/{id}"), &form, &session).await,
    ] {
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(
            refused.json()["message"].as_str().unwrap().starts_with(said),
            "{}",
            refused.text()
        );
    }
    // A draft may be half done, but it does not go live.
    let form = json!({ "flowData": wrong, "revision": 0 });
    let draft = server.put(&format!("/chatflows/{id}/draft"), &form, &session).await.json();
    let publish = json!({ "revision": draft["revision"] });
    let refused = server.post(&format!("/chatflows/{id}/publish"), &publish, &session).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
    let issues =
        server.post("/chatflows/validate", &json!({ "flowData": wrong }), &session).await.json();
    assert!(issues.to_string().contains("cannot be read"), "{issues}");
    assert_eq!(status(&server, &session, &id).await["record"]["cronExpression"], "0 9 * * *");

    let right =
        data(&json!({ "scheduleCronExpression": "0 8 * * *", "scheduleDefaultInput": "x" }));
    let form = json!({ "flowData": right, "revision": draft["revision"] });
    let draft = server.put(&format!("/chatflows/{id}/draft"), &form, &session).await.json();
    let publish = json!({ "revision": draft["revision"] });
    server.post(&format!("/chatflows/{id}/publish"), &publish, &session).await;
    assert_eq!(status(&server, &session, &id).await["record"]["cronExpression"], "0 8 * * *");
}

#[tokio::test]
async fn a_form_is_filled_with_its_defaults_and_nobody_outside_may_ask() {
    let (server, session) = TestServer::set_up().await;
    let rows = json!({ "scheduleType": "visualPicker", "scheduleFrequency": "hourly",
        "scheduleOnMinute": 15, "scheduleInputMode": "form",
        "scheduleFormInputTypes": [{ "type": "string", "label": "City", "name": "city" }],
        "scheduleFormDefaults": { "city": "Rome" } });
    let id = flow(&server, &session, &rows).await;
    let status = status(&server, &session, &id).await;
    assert_eq!(status["record"]["cronExpression"], "15 * * * *");
    assert_eq!(status["record"]["defaultForm"], r#"{"city":"Rome"}"#);
    assert_eq!(run_due(&server.state, due(&status)).await.unwrap(), 1);
    let messages = server.get(&format!("/chatmessage/{id}"), &session).await;
    assert!(messages.text().contains("Said: city: Rome"), "{}", messages.text());

    let question = json!({ "question": "hi" });
    let asked = server.post(&format!("/prediction/{id}"), &question, &By::Nobody).await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST, "{}", asked.text());
    assert!(asked.text().contains("runs by its schedule"), "{}", asked.text());
    let tried = server.post(&format!("/internal-prediction/{id}"), &question, &session).await;
    assert_eq!(tried.json()["text"], "Said: hi", "its author may try it");
}

#[tokio::test]
async fn a_flow_that_moves_in_does_not_run_before_somebody_says_so() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, &daily("hi")).await;
    let flow = server.get(&format!("/chatflows/{id}"), &session).await.json();
    server.delete(&format!("/chatflows/{id}"), &session).await;
    let file = json!({ "AgentFlowV2": [flow] });
    let answer = server.post("/export-import/import", &file, &session).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let moved = status(&server, &session, &id).await;
    assert_eq!((&moved["enabled"], &moved["canEnable"]), (&json!(false), &json!(true)));
    assert_eq!(moved["record"]["nextRunAt"], Value::Null);
}

#[tokio::test]
async fn a_schedule_is_fired_by_hand_also_while_it_is_off() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, &daily("Sum up")).await;
    let path = format!("/chatflows/{id}/schedule");
    let off = json!({ "enabled": false });
    server.call(Method::PATCH, &format!("{path}/enabled"), Some(&off), &session).await;
    let before = status(&server, &session, &id).await;
    let fired = server.post(&format!("{path}/run"), &json!({}), &session).await;
    assert_eq!(fired.status, StatusCode::OK, "{}", fired.text());
    let fired = fired.json();
    assert_eq!((&fired["status"], &fired["byHand"]), (&json!("RUNNING"), &json!(true)));
    // It tells until its end, and its end is written down after that.
    let run = fired["executionId"].as_str().unwrap();
    let row = loop {
        let rows = logs(&server, &session, &id).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        if rows[0]["status"] != "RUNNING" {
            break rows[0].clone();
        }
        tokio::task::yield_now().await;
    };
    let facts = (&row["id"], &row["status"], &row["executionId"], &row["byHand"]);
    assert_eq!(facts, (&fired["id"], &json!("SUCCEEDED"), &json!(run), &json!(true)));
    let run = server.get(&format!("/executions/{run}"), &session).await.json();
    assert_eq!(run["state"], "FINISHED");
    let mut after = status(&server, &session, &id).await;
    let ran = after["record"]["lastRunAt"].take();
    assert_eq!(ran, fired["scheduledAt"]);
    assert_eq!(after, before, "the due times stay as they are");
    let key = server.key(&session, &["agentflows:view"]).await;
    let refused = server.post(&format!("{path}/run"), &json!({}), &key).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let mut rows = daily("hi");
    rows["scheduleEndDate"] = "2020-01-01".into();
    let over = flow(&server, &session, &rows).await;
    let refused =
        server.post(&format!("/chatflows/{over}/schedule/run"), &json!({}), &session).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
    assert!(refused.text().contains("End Date"), "{}", refused.text());
}

#[tokio::test]
async fn a_firing_whose_server_went_away_is_made_up_for_once() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session, &daily("hi")).await;
    let scope = scope(&server, &id).await;
    let schedule = server.store.schedules().find(&scope, &id).await.unwrap().unwrap();
    let due_at = schedule.next_run_at.unwrap();
    let claimed = |at: DateTime<Utc>| Firing {
        id: Uuid::new_v4().to_string(),
        schedule_record_id: schedule.id.clone(),
        trigger_type: "AGENTFLOW".to_owned(),
        target_id: id.clone(),
        execution_id: Some(Uuid::new_v4().to_string()),
        status: Firing::RUNNING.to_owned(),
        error: None,
        elapsed_time_ms: None,
        scheduled_at: at,
        workspace_id: schedule.workspace_id.clone(),
        created_date: at,
        by_hand: false,
    };
    // Another server claimed two due times and went away before it asked the flow.
    let firings = vec![claimed(due_at), claimed(due_at - TimeDelta::days(1))];
    let next = Some(due_at + TimeDelta::days(1));
    let advance = Advance { next, ran: Some(due_at), now: due_at, firings };
    assert_eq!(server.store.schedules().claim(&schedule, &advance).await.unwrap().len(), 2);
    assert_eq!(run_due(&server.state, due_at + TimeDelta::seconds(30)).await.unwrap(), 0);
    assert_eq!(run_due(&server.state, due_at + TimeDelta::minutes(2)).await.unwrap(), 1);
    assert_eq!(run_due(&server.state, due_at + TimeDelta::minutes(3)).await.unwrap(), 0);
    let rows = logs(&server, &session, &id).await;
    let states: Vec<&str> = rows.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["SUCCEEDED", "SKIPPED"]);
    assert!(rows[0]["executionId"].is_string() && rows[1]["executionId"].is_null());
}
