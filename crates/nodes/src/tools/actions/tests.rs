//! What holds for the actions of all services.

use std::{collections::HashSet, sync::Arc};

use flowstone_core::{
    Capability, Error, Inputs, Node, Result, Run, Tool,
    spec::{Holds, When},
};
use flowstone_testkit::{FakeSite, Ports, SiteCall, SitePage};
use serde_json::{Map, Value, json};

use super::{Action, Group, ServiceTools, given::Kind};
use crate::{
    testing::{credential, form, services_for, services_over},
    tools::{
        gmail, google_calendar_tool, google_docs_tool, google_drive_tool, google_sheets_tool,
        jira_tool, microsoft_outlook, microsoft_teams, stripe_agent_tool,
    },
};

const SERVICES: [&ServiceTools; 9] = [
    &gmail::NODE,
    &google_calendar_tool::NODE,
    &google_docs_tool::NODE,
    &google_drive_tool::NODE,
    &google_sheets_tool::NODE,
    &jira_tool::NODE,
    &microsoft_outlook::NODE,
    &microsoft_teams::NODE,
    &stripe_agent_tool::NODE,
];

fn actions(node: &'static ServiceTools) -> impl Iterator<Item = (&'static Group, &'static Action)> {
    node.groups.iter().flat_map(|group| group.actions.iter().map(move |it| (group, it)))
}

/// The names in braces.
fn names_in(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|it| Some(it.split_once('}')?.0)).collect()
}

#[test]
fn every_action_is_described_and_its_paths_name_arguments() {
    for node in SERVICES {
        let mut names = HashSet::new();
        for (group, action) in actions(node) {
            let name = format!("{}: {}", node.spec.name, action.tool_name());
            let fits = |it: char| it.is_ascii_lowercase() || it == '_';
            assert!(action.tool_name().chars().all(fits), "{name}");
            assert!(names.insert((group.kind, action.tool_name())), "{name} is there twice");
            assert!(group.offers(action.choice), "{name} is not offered");
            assert!(!action.description.is_empty() && !action.description.ends_with('.'), "{name}");
            let mut seen = HashSet::new();
            assert!(action.arguments.iter().all(|it| seen.insert(it.name)), "{name}");
            let found = action.found.as_ref();
            let in_path = names_in(action.path).into_iter().filter(|it| *it != "found");
            for argument in in_path.chain(found.map(|it| it.argument)) {
                let required = action.arguments.iter().any(|it| it.name == argument && it.required);
                assert!(required, "{name}: {argument} is in its path");
            }
            let others = action.instead.iter().flat_map(|it| names_in(it.1));
            for argument in others.chain(found.iter().flat_map(|it| names_in(it.path))) {
                assert!(seen.contains(argument), "{name}: {argument} is in a path");
            }
        }
    }
}

#[test]
fn every_row_is_shown_for_the_actions_that_read_it_and_read_by_one() {
    for node in SERVICES {
        for (group, action) in actions(node) {
            for row in action.arguments.iter().filter_map(|it| it.row) {
                let holds = |When(name, holds): &When| match holds {
                    Holds::AnyOf(choices) if *name == group.row.field.name => {
                        choices.contains(&action.choice)
                    }
                    Holds::AnyOf(kinds) => kinds.contains(&group.kind),
                    _ => false,
                };
                let (name, choice) = (row.name, action.choice);
                assert!(row.show.iter().all(holds), "{name} is not shown for {choice}");
            }
        }
        let read: HashSet<&str> = super::rows_of(node.groups).map(|it| it.name).collect();
        let rows = node.spec.inputs.iter().filter(|it| it.kind != "multiOptions");
        for row in rows.filter(|it| it.additional_params) {
            assert!(read.contains(row.name), "{}: nothing reads {}", node.spec.name, row.name);
        }
    }
}

/// A form of an account that holds access, over a stand-in for the service.
fn form_over(site: &FakeSite, values: &Value) -> Inputs {
    let mut form = form(values);
    form.services = services_for(site.address());
    form.credential = Some(credential(&[
        ("access_token", "secret-token"),
        ("username", "ada"),
        ("accessToken", "secret-token"),
        ("stripeApiToken", "secret-token"),
    ]));
    form
}

fn choosing(node: &ServiceTools, group: &Group, choice: &str) -> Value {
    let mut values = json!({"jiraHost": "https://jira.example.com"});
    values[group.row.field.name] = json!([choice]);
    if let Some(kind) = node.kind {
        values[kind.field.name] = group.kind.into();
    }
    values
}

async fn tool(node: &ServiceTools, form: &Inputs, name: &str) -> Arc<dyn Tool> {
    let Capability::Tools(tools) = node.init(form).await.unwrap() else { panic!("no tools") };
    tools.into_iter().find(|it| it.spec().name == name).unwrap()
}

fn sample(name: &str, kind: Kind) -> Value {
    match kind {
        Kind::Text if name == "values" => r#"[{"range": "A1", "values": [[1, "b"]]}]"#.into(),
        Kind::Text => format!("the {name}").into(),
        Kind::Whole => 3.into(),
        Kind::Flag => true.into(),
        Kind::OneOf(choices) => choices[choices.len() - 1].into(),
        Kind::Texts => json!(["a", "b"]),
    }
}

/// What was sent, without the address of the site.
fn written(call: &SiteCall) -> String {
    let kind = call.headers.get("content-type").map(String::as_str).unwrap_or_default();
    let body = if kind.is_empty() || kind == "application/json" {
        call.body.clone()
    } else {
        format!("{kind} {:?}", call.body)
    };
    format!("  {} {} {body}", call.method, call.path).trim_end().to_owned()
}

async fn said(tool: &Arc<dyn Tool>, arguments: &Value, run: &Run) -> Result<String> {
    tool.call(arguments.as_object().unwrap(), run).await.map(|it| it.text)
}

#[tokio::test]
async fn every_action_makes_the_request_that_its_vendor_documents() {
    let site = FakeSite::start([]).await;
    let answer = json!({
        "documentId": "made",
        "value": [{"id": "found", "userId": "the userId", "message": {"id": "the messageId"}}],
    });
    site.otherwise(SitePage::new("application/json", answer.to_string()));
    let (run, _receiver) = flowstone_testkit::run("q", services_for(site.address()));
    let mut told: Vec<String> = Vec::new();
    for service in SERVICES {
        let node = service.at(&site.url(""));
        for (group, action) in actions(service) {
            let form = form_over(&site, &choosing(service, group, action.choice));
            let tool = tool(&node, &form, &action.tool_name()).await;
            let schema = &tool.spec().parameters;
            let all: Map<String, Value> = action
                .arguments
                .iter()
                .map(|it| (it.name.to_owned(), sample(it.name, it.kind)))
                .collect();
            let required = schema["required"].as_array().unwrap();
            let required: Vec<&str> = required.iter().map(|it| it.as_str().unwrap()).collect();
            let properties = schema["properties"].as_object().unwrap();
            assert!(properties.values().all(|it| it["description"].is_string()));
            let mut least = all.clone();
            least.retain(|name, _| required.contains(&name.as_str()));
            for name in &required {
                let mut lacking = all.clone();
                lacking.remove(*name);
                let refused = said(&tool, &lacking.into(), &run).await.unwrap_err().to_string();
                assert!(refused.starts_with(&format!("{name} is missing (")), "{refused}");
            }
            for (given, label) in [(all, "all"), (least, "least")] {
                let before = site.calls().len();
                let done = said(&tool, &given.into(), &run).await;
                told.push(format!("{} {} {label}", service.spec.name, tool.spec().name));
                for call in &site.calls()[before..] {
                    let authorization = call.headers["authorization"].as_str();
                    assert!(
                        ["Bearer secret-token", "Basic YWRhOnNlY3JldC10b2tlbg=="]
                            .contains(&authorization)
                    );
                    told.push(written(call));
                }
                if let Err(refused) = done {
                    assert!(matches!(refused, Error::ModelAnswer(_)), "{refused}");
                    told.push(format!("  {refused}"));
                }
            }
        }
    }
    insta::assert_snapshot!("requests", told.join("\n"));
}

#[tokio::test]
async fn the_form_fills_what_the_model_leaves_out() {
    let site = FakeSite::start([]).await;
    site.otherwise(SitePage::new("application/json", "{}"));
    let (run, _receiver) = flowstone_testkit::run("q", services_for(site.address()));
    let values = json!({
        "gmailType": "messages", "messageActions": "[\"modifyMessage\",\"listMessages\"]",
        "messageId": "m1", "messageAddLabelIds": "A, B", "messageMaxResults": "",
    });
    let form = form_over(&site, &values);
    let node = gmail::NODE.at(&site.url(""));
    let modify = tool(&node, &form, "modify_message").await;
    assert_eq!(modify.spec().parameters["required"], json!([]), "the form holds the id");
    said(&modify, &json!({}), &run).await.unwrap();
    said(&modify, &json!({"id": "m2", "addLabelIds": ["C"], "removeLabelIds": null}), &run)
        .await
        .unwrap();
    let list = tool(&node, &form, "list_messages").await;
    said(&list, &json!({"maxResults": "5", "query": ""}), &run).await.unwrap();
    said(&list, &json!({}), &run).await.unwrap();
    let refused = said(&list, &json!({"maxResults": "many"}), &run).await.unwrap_err().to_string();
    assert_eq!(refused, "maxResults: a whole number is expected, and not \"many\". Call again.");
    let sent: Vec<String> = site.calls().iter().map(written).collect();
    let expected = [
        r#"  POST /gmail/v1/users/me/messages/m1/modify {"addLabelIds":["A","B"]}"#,
        r#"  POST /gmail/v1/users/me/messages/m2/modify {"addLabelIds":["C"]}"#,
        "  GET /gmail/v1/users/me/messages?maxResults=5",
        "  GET /gmail/v1/users/me/messages",
    ];
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn what_a_form_cannot_choose_is_told_with_what_there_is() {
    let site = FakeSite::start([]).await;
    let drafts = "listDrafts, createDraft, getDraft, updateDraft, sendDraft, deleteDraft";
    let cases: [(&ServiceTools, Value, &str); 5] = [
        (
            &gmail::NODE,
            json!({"gmailType": "drafts", "draftActions": ["burnDraft"]}),
            &format!("Draft Actions: there is no burnDraft: the actions are {drafts}"),
        ),
        (
            &gmail::NODE,
            json!({"gmailType": "mails"}),
            "Type: there is no mails: choose one of drafts, messages, labels, threads",
        ),
        // Choices of another kind that a flow still holds do not count.
        (
            &gmail::NODE,
            json!({"gmailType": "labels", "draftActions": ["listDrafts"]}),
            "Label Actions is required",
        ),
        (
            &stripe_agent_tool::NODE,
            json!({}),
            "StripeAgentTool: choose at least one action in one of the rows",
        ),
        (
            &gmail::NODE,
            json!({"gmailType": "drafts", "draftActions": ["listDrafts"], "draftMaxResults": "x"}),
            "Max Results: a whole number is expected, and not \"x\"",
        ),
    ];
    for (node, values, expected) in cases {
        let refused = node.init(&form_over(&site, &values)).await.err().unwrap();
        assert_eq!(refused.to_string(), expected);
    }
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed_before_the_call() {
    let renewed = json!({"access_token": "new", "expires_in": 3600});
    let site = FakeSite::start([
        ("/token", SitePage::new("application/json", renewed.to_string())),
        ("/v1.0/me/calendars?%24top=50", SitePage::new("application/json", "{\"value\":[]}")),
    ])
    .await;
    let ports = Ports::default();
    let url = site.url("/token");
    let fields = [
        ("clientId", "i"),
        ("clientSecret", "s"),
        ("accessTokenUrl", &*url),
        ("access_token", "old"),
        ("refresh_token", "r"),
        ("expires_at", "2020-01-01T00:00:00.000Z"),
    ];
    ports.credentials.store("w", "c", &fields);
    let mut form = form(&json!({"outlookType": "calendar", "calendarActions": ["listCalendars"]}));
    form.services = services_over(ports.services(), site.address());
    form.workspace = "w".to_owned();
    form.credential = Some(form.services.credentials.reveal("w", "c").await.unwrap());
    let tool = tool(&microsoft_outlook::NODE.at(&site.url("")), &form, "list_calendars").await;
    let (run, _receiver) = flowstone_testkit::run("q", form.services.clone());
    assert_eq!(said(&tool, &json!({}), &run).await.unwrap(), "{\"value\":[]}");
    let calls = site.calls();
    assert_eq!(calls[0].path, "/token");
    assert_eq!(calls[1].headers["authorization"], "Bearer new");

    site.put(
        "/token",
        SitePage::new("application/json", json!({"error": "invalid_grant"}).to_string())
            .status(400),
    );
    ports.credentials.store("w", "c", &fields);
    form.credential = Some(form.services.credentials.reveal("w", "c").await.unwrap());
    let tool =
        self::tool(&microsoft_outlook::NODE.at(&site.url("")), &form, "list_calendars").await;
    let refused = said(&tool, &json!({}), &run).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "Microsoft Outlook OAuth2: the service does not renew access (invalid_grant): open the \
         credential and authorize it again"
    );
}

#[tokio::test]
async fn a_refusal_is_told_in_the_service_s_words_and_never_with_a_token() {
    let path = "/gmail/v1/users/me/labels";
    let page = |status: u16, message: &str| {
        let body = json!({"error": {"code": status, "message": message}});
        SitePage::new("application/json", body.to_string()).status(status)
    };
    let site = FakeSite::start([(path, page(403, "Gmail API is switched off"))]).await;
    let (run, _receiver) = flowstone_testkit::run("q", services_for(site.address()));
    let values = json!({"gmailType": "labels", "labelActions": ["listLabels"]});
    let form = form_over(&site, &values);
    let tool = tool(&gmail::NODE.at(&site.url("")), &form, "list_labels").await;
    let refused = said(&tool, &json!({}), &run).await.unwrap_err().to_string();
    assert_eq!(refused, "403 Gmail: Gmail API is switched off");
    site.put(path, page(401, "secret-token is not valid"));
    let refused = said(&tool, &json!({}), &run).await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "Gmail: [key] is not valid. The credential (Gmail OAuth2) is not accepted: open it under \
         Credentials and authorize it again"
    );
    site.put(path, SitePage::new("image/png", vec![0xff, 0xd8]));
    let told = said(&tool, &json!({}), &run).await.unwrap();
    assert_eq!(told, "The answer holds no text: it is 2 bytes of image/png.");
    site.put(path, SitePage::new("application/json", "").status(204));
    let told = said(&tool, &json!({}), &run).await.unwrap();
    assert_eq!(told, "Done. The service has nothing to add.");
}

#[tokio::test]
async fn who_is_not_there_cannot_be_taken_out() {
    let site = FakeSite::start([(
        "/v1.0/chats/c/members",
        SitePage::new(
            "application/json",
            json!({"value": [{"id": "m", "userId": "u"}]}).to_string(),
        ),
    )])
    .await;
    let (run, _receiver) = flowstone_testkit::run("q", services_for(site.address()));
    let values = json!({"teamsType": "chat", "chatActions": ["removeChatMember"]});
    let form = form_over(&site, &values);
    let tool = tool(&microsoft_teams::NODE.at(&site.url("")), &form, "remove_chat_member").await;
    let refused = said(&tool, &json!({"chatId": "c", "userId": "x"}), &run).await.unwrap_err();
    assert_eq!(refused.to_string(), "The user is not in this chat.");
    assert_eq!(site.calls().len(), 1, "nothing was taken out");
}
