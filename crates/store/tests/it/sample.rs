//! Rows to write: every field filled, ids and times made up here.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use flowstone_store::{
    Account, ApiKey, ChatFlow, ChatMessage, Credential, DraftChange, Feedback, Firing, FlowRun,
    Lead, Membership, Organization, Schedule, Session, Store, Tool, UpsertHistory, User, Variable,
    VersionStamp, Workspace, WorkspaceScope,
};
use uuid::Uuid;

pub(crate) fn id() -> String {
    Uuid::now_v7().to_string()
}

/// So many milliseconds after a certain moment.
pub(crate) fn time(milliseconds: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 29, 0, 59, 59).unwrap() + TimeDelta::milliseconds(milliseconds)
}

#[expect(clippy::unnecessary_wraps, reason = "the fields to fill are optional")]
pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn account(email: &str) -> Account {
    let (user, organization, workspace) = (id(), id(), id());
    Account {
        user: User {
            id: user.clone(),
            name: "Anna".to_owned(),
            email: email.to_owned(),
            password_hash: some("$argon2id$v=19$…"),
            status: "active".to_owned(),
            created_by: Some(user.clone()),
            updated_by: Some(user.clone()),
            created_date: time(1),
            updated_date: time(2),
        },
        organization: Organization {
            id: organization.clone(),
            name: "Default Organization".to_owned(),
            created_by: Some(user.clone()),
            updated_by: Some(user.clone()),
            created_date: time(3),
            updated_date: time(4),
        },
        workspace: Workspace {
            id: workspace.clone(),
            name: "Default Workspace".to_owned(),
            description: some("where it all begins"),
            organization_id: organization,
            created_by: Some(user.clone()),
            updated_by: Some(user.clone()),
            created_date: time(5),
            updated_date: time(6),
        },
        membership: Membership {
            workspace_id: workspace,
            user_id: user.clone(),
            role_id: id(),
            status: "active".to_owned(),
            last_login: Some(time(7)),
            created_by: Some(user.clone()),
            updated_by: Some(user),
            created_date: time(8),
            updated_date: time(9),
        },
    }
}

/// A workspace that is in the database.
pub(crate) async fn workspace(store: &Store) -> WorkspaceScope {
    let account = account(&format!("{}@example.com", id()));
    store.users().insert(&account).await.unwrap();
    WorkspaceScope::new(account.workspace.id)
}

/// A flow that is in the database, in a workspace of its own.
pub(crate) async fn saved_flow(store: &Store) -> (WorkspaceScope, ChatFlow) {
    let scope = workspace(store).await;
    let flow = flow(&scope);
    store.chatflows().insert(&scope, &flow).await.unwrap();
    (scope, flow)
}

pub(crate) fn flow(scope: &WorkspaceScope) -> ChatFlow {
    ChatFlow {
        id: id(),
        name: "Support".to_owned(),
        flow_data: r#"{"nodes":[],"edges":[]}"#.to_owned(),
        deployed: Some(true),
        is_public: Some(false),
        api_key_id: Some(id()),
        chatbot_config: some("{}"),
        api_config: some(r#"{"overrideConfig":{}}"#),
        analytic: some("[]"),
        speech_to_text: some("{\"openAIWhisper\":{}}"),
        text_to_speech: some("null"),
        follow_up_prompts: some("{\"status\":true}"),
        category: some("one;two"),
        flow_type: some("CHATFLOW"),
        mcp_server_config: some("{\"enabled\":false}"),
        webhook_secret: some("whsec"),
        created_date: time(10),
        updated_date: time(11),
        workspace_id: scope.workspace_id().to_owned(),
        revision: 1_774_746_000_000,
    }
}

/// A change of a draft by somebody who saw the revision `seen`.
pub(crate) fn draft(flow_data: &str, seen: i64, at: i64) -> DraftChange {
    DraftChange {
        flow_data: flow_data.to_owned(),
        seen,
        base_version: None,
        by: Some(id()),
        at: time(at),
    }
}

pub(crate) fn stamp(at: i64, keep: u32) -> VersionStamp {
    VersionStamp { by: Some(id()), note: some("better"), at: time(at), keep }
}

pub(crate) fn message(flow: &ChatFlow, role: &str, content: &str, at: i64) -> ChatMessage {
    ChatMessage {
        id: id(),
        role: role.to_owned(),
        chatflow_id: flow.id.clone(),
        execution_id: Some(id()),
        content: content.to_owned(),
        source_documents: some("[1]"),
        used_tools: some("[2]"),
        file_annotations: some("[3]"),
        agent_reasoning: some("[4]"),
        reason_content: some("{\"thinking\":\"hm\"}"),
        file_uploads: some("[5]"),
        artifacts: some("[6]"),
        action: some("{}"),
        chat_type: "EXTERNAL".to_owned(),
        chat_id: "chat".to_owned(),
        memory_type: some("Buffer Memory"),
        session_id: some("session"),
        created_date: time(at),
        lead_email: some("lead@example.com"),
        follow_up_prompts: some("[7]"),
    }
}

pub(crate) fn run(flow: &ChatFlow, at: i64) -> FlowRun {
    FlowRun {
        id: id(),
        workspace_id: flow.workspace_id.clone(),
        chatflow_id: flow.id.clone(),
        version: Some(3),
        draft: false,
        chat_id: "chat".to_owned(),
        session_id: "session".to_owned(),
        chat_type: "EXTERNAL".to_owned(),
        state: FlowRun::ERROR.to_owned(),
        started_date: time(at),
        milliseconds: 12,
        input_tokens: Some(7),
        output_tokens: Some(9),
        cost: Some(0.012_5),
        question: "Where is my 100% Parcel?".to_owned(),
        error: some("401 no such key"),
        error_node_id: some("model_0"),
        error_node_label: some("Model"),
        error_row: some("Key"),
        spans: "[1]".to_owned(),
        spans_left_out: 2,
        depth: 0,
        api_key_id: some("key"),
    }
}

pub(crate) fn schedule(flow: &ChatFlow, due: i64) -> Schedule {
    Schedule {
        id: id(),
        trigger_type: "AGENTFLOW".to_owned(),
        target_id: flow.id.clone(),
        node_id: some("startAgentflow_0"),
        cron_expression: "0 9 * * 1-5".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        enabled: true,
        switched_off: false,
        schedule_input_mode: "text".to_owned(),
        default_input: some("Sum up"),
        default_form: some("{}"),
        last_run_at: None,
        next_run_at: Some(time(due)),
        end_date: Some(time(1_000_000)),
        workspace_id: flow.workspace_id.clone(),
        created_date: time(30),
        updated_date: time(31),
    }
}

pub(crate) fn firing(schedule: &Schedule, at: i64) -> Firing {
    Firing {
        id: id(),
        schedule_record_id: schedule.id.clone(),
        trigger_type: "AGENTFLOW".to_owned(),
        target_id: schedule.target_id.clone(),
        execution_id: Some(id()),
        status: Firing::RUNNING.to_owned(),
        error: None,
        elapsed_time_ms: None,
        scheduled_at: time(at),
        workspace_id: schedule.workspace_id.clone(),
        created_date: time(at + 1),
        by_hand: false,
    }
}

/// A question and its answer.
pub(crate) fn pair(flow: &ChatFlow, session: &str, at: i64) -> [ChatMessage; 2] {
    [(ChatMessage::USER, "question", at), (ChatMessage::API, "answer", at + 1)].map(
        |(role, content, at)| ChatMessage {
            session_id: some(session),
            chat_id: session.to_owned(),
            ..message(flow, role, &format!("{content} of {session}"), at)
        },
    )
}

pub(crate) fn feedback(message: &ChatMessage, rating: &str, at: i64) -> Feedback {
    Feedback {
        id: id(),
        chatflow_id: message.chatflow_id.clone(),
        chat_id: message.chat_id.clone(),
        message_id: message.id.clone(),
        rating: some(rating),
        content: some("well said"),
        created_date: time(at),
    }
}

pub(crate) fn lead(flow: &ChatFlow) -> Lead {
    Lead {
        id: id(),
        name: some("Bob"),
        email: some("bob@example.com"),
        phone: some("+49 30 1234"),
        chatflow_id: flow.id.clone(),
        chat_id: "chat".to_owned(),
        created_date: time(12),
    }
}

pub(crate) fn upsert(flow: &ChatFlow, at: i64) -> UpsertHistory {
    UpsertHistory {
        id: id(),
        chatflow_id: flow.id.clone(),
        result: r#"{"numAdded":4}"#.to_owned(),
        flow_data: "[]".to_owned(),
        date: time(at),
    }
}

pub(crate) fn credential(scope: &WorkspaceScope, kind: &str) -> Credential {
    Credential {
        id: id(),
        name: "mine".to_owned(),
        credential_name: kind.to_owned(),
        encrypted_data: "fs1.…".to_owned(),
        created_date: time(13),
        updated_date: time(14),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

pub(crate) fn api_key(scope: &WorkspaceScope) -> ApiKey {
    ApiKey {
        id: id(),
        key_hash: id(),
        key_hint: "GnOl…mwKUw".to_owned(),
        key_name: "for the shop".to_owned(),
        permissions: vec!["chatflows:view".to_owned(), "tools:view".to_owned()],
        updated_date: time(15),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

pub(crate) fn tool(scope: &WorkspaceScope) -> Tool {
    Tool {
        id: id(),
        name: "my_tool".to_owned(),
        description: "adds".to_owned(),
        color: "linear-gradient(rgb(1,2,3), rgb(4,5,6))".to_owned(),
        icon_src: some(""),
        schema: some("[]"),
        func: some("return $a + $b"),
        created_date: time(16),
        updated_date: time(17),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

pub(crate) fn variable(scope: &WorkspaceScope) -> Variable {
    Variable {
        id: id(),
        name: "city".to_owned(),
        value: some("Berlin"),
        variable_type: "static".to_owned(),
        created_date: time(18),
        updated_date: time(19),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

pub(crate) fn session(account: &Account) -> Session {
    Session {
        id: id(),
        user_id: account.user.id.clone(),
        refresh_hash: id(),
        workspace_id: account.workspace.id.clone(),
        created_date: time(20),
        refreshed_date: time(21),
        expires_date: time(22),
    }
}
