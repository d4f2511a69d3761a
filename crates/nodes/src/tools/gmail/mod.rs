//! Gmail, in the name of a user that allowed it (developers.google.com/workspace/gmail/api).

mod mime;
mod rows;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, When},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};

use super::actions::{Action, Argument, Connection, Draft, Given, Group, ServiceTools, choices};
use crate::account;

const KIND: Input<String> = Input::options(
    "Type",
    "gmailType",
    &[
        Choice::new("drafts", "Drafts"),
        Choice::new("messages", "Messages"),
        Choice::new("labels", "Labels"),
        Choice::new("threads", "Threads"),
    ],
)
.describe("What the model works with");
const DRAFT_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Draft Actions", "draftActions", &DRAFT_CHOICES)
        .describe("What the model may do with drafts; each is a tool")
        .show_when(&[When("gmailType", Holds::AnyOf(&["drafts"]))]);
const DRAFT_CHOICES: [Choice; 6] = choices(&DRAFTS);
const MESSAGE_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Message Actions", "messageActions", &MESSAGE_CHOICES)
        .describe("What the model may do with messages; each is a tool")
        .show_when(&[When("gmailType", Holds::AnyOf(&["messages"]))]);
const MESSAGE_CHOICES: [Choice; 7] = choices(&MESSAGES);
const LABEL_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Label Actions", "labelActions", &LABEL_CHOICES)
        .describe("What the model may do with labels; each is a tool")
        .show_when(&[When("gmailType", Holds::AnyOf(&["labels"]))]);
const LABEL_CHOICES: [Choice; 5] = choices(&LABELS);
const THREAD_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Thread Actions", "threadActions", &THREAD_CHOICES)
        .describe("What the model may do with conversations; each is a tool")
        .show_when(&[When("gmailType", Holds::AnyOf(&["threads"]))]);
const THREAD_CHOICES: [Choice; 6] = choices(&THREADS);

static SPEC: Spec = Spec {
    label: "Gmail",
    name: "gmail",
    version: 1.0,
    kind: "Gmail",
    icon: "mail-service.svg",
    category: "Tools",
    description: "Lets a model read, write and sort mail in Gmail",
    base_classes: &["Gmail", "Tool"],
    credential: Some(CredentialSlot::required(&["gmailOAuth2"])),
    inputs: &[
        KIND.field,
        DRAFT_ACTIONS.field,
        MESSAGE_ACTIONS.field,
        LABEL_ACTIONS.field,
        THREAD_ACTIONS.field,
        rows::DRAFT_MAX_RESULTS,
        rows::DRAFT_TO,
        rows::DRAFT_SUBJECT,
        rows::DRAFT_BODY,
        rows::DRAFT_CC,
        rows::DRAFT_BCC,
        rows::DRAFT_ID,
        rows::DRAFT_UPDATE_TO,
        rows::DRAFT_UPDATE_SUBJECT,
        rows::DRAFT_UPDATE_BODY,
        rows::MESSAGE_MAX_RESULTS,
        rows::MESSAGE_QUERY,
        rows::MESSAGE_TO,
        rows::MESSAGE_SUBJECT,
        rows::MESSAGE_BODY,
        rows::MESSAGE_CC,
        rows::MESSAGE_BCC,
        rows::MESSAGE_ID,
        rows::MESSAGE_ADD_LABEL_IDS,
        rows::MESSAGE_REMOVE_LABEL_IDS,
        rows::LABEL_NAME,
        rows::LABEL_COLOR,
        rows::LABEL_ID,
        rows::THREAD_MAX_RESULTS,
        rows::THREAD_QUERY,
        rows::THREAD_ID,
        rows::THREAD_ADD_LABEL_IDS,
        rows::THREAD_REMOVE_LABEL_IDS,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "drafts", row: &DRAFT_ACTIONS, actions: &DRAFTS },
    Group { kind: "messages", row: &MESSAGE_ACTIONS, actions: &MESSAGES },
    Group { kind: "labels", row: &LABEL_ACTIONS, actions: &LABELS },
    Group { kind: "threads", row: &THREAD_ACTIONS, actions: &THREADS },
];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, Some(&KIND), GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    let address = ("https://gmail.googleapis.com", "/gmail/v1/users/me/");
    async move { Connection::of_account("Gmail", address, "gmailOAuth2", inputs, account::GOOGLE) }
        .boxed()
}

const MOST: Argument = Argument::whole("maxResults", "How many are listed at most");
const QUERY: Argument =
    Argument::text("query", "A search as in Gmail, such as from:ada is:unread").sent_as("q");
const TO: Argument = Argument::text("to", "Addresses of the recipients, with commas between them")
    .required()
    .aside();
const SUBJECT: Argument = Argument::text("subject", "What the mail is about").aside();
const BODY: Argument = Argument::text("body", "The text of the mail; it may be HTML").aside();
const CC: Argument =
    Argument::text("cc", "Addresses that get a copy, with commas between them").aside();
const BCC: Argument =
    Argument::text("bcc", "Addresses that get a copy nobody sees, with commas between them")
        .aside();
const ADDED: Argument = Argument::texts("addLabelIds", "Ids of labels to put on");
const REMOVED: Argument = Argument::texts("removeLabelIds", "Ids of labels to take off");
const DRAFT: Argument = Argument::text("id", "The id of the draft").required().row(&rows::DRAFT_ID);
const MESSAGE: Argument =
    Argument::text("id", "The id of the message").required().row(&rows::MESSAGE_ID);
const LABEL: Argument = Argument::text("id", "The id of the label").required().row(&rows::LABEL_ID);
const COLOR: Argument =
    Argument::text("labelColor", "The colour behind the name, as #rrggbb from Gmail's palette")
        .row(&rows::LABEL_COLOR)
        .aside();
const THREAD: Argument =
    Argument::text("id", "The id of the conversation").required().row(&rows::THREAD_ID);

const DRAFTS: [Action; 6] = [
    Action {
        choice: "listDrafts",
        label: "List Drafts",
        description: "Lists the ids of the drafts in the mailbox",
        arguments: &[MOST.row(&rows::DRAFT_MAX_RESULTS), QUERY],
        ..Action::get("drafts")
    },
    Action {
        choice: "createDraft",
        label: "Create Draft",
        description: "Writes a mail and keeps it as a draft without sending it",
        arguments: &[
            TO.row(&rows::DRAFT_TO),
            SUBJECT.row(&rows::DRAFT_SUBJECT),
            BODY.row(&rows::DRAFT_BODY),
            CC.row(&rows::DRAFT_CC),
            BCC.row(&rows::DRAFT_BCC),
        ],
        tried: Some(draft),
        ..Action::post("drafts")
    },
    Action {
        choice: "getDraft",
        label: "Get Draft",
        description: "Reads a draft",
        arguments: &[DRAFT],
        told: Some(readable),
        ..Action::get("drafts/{id}")
    },
    Action {
        choice: "updateDraft",
        label: "Update Draft",
        description: "Puts another mail into the place of a draft",
        arguments: &[
            DRAFT,
            TO.row(&rows::DRAFT_UPDATE_TO),
            SUBJECT.row(&rows::DRAFT_UPDATE_SUBJECT),
            BODY.row(&rows::DRAFT_UPDATE_BODY),
            CC,
            BCC,
        ],
        tried: Some(draft),
        ..Action::put("drafts/{id}")
    },
    Action {
        choice: "sendDraft",
        label: "Send Draft",
        description: "Sends a draft",
        arguments: &[DRAFT],
        ..Action::post("drafts/send")
    },
    Action {
        choice: "deleteDraft",
        label: "Delete Draft",
        description: "Deletes a draft for good",
        arguments: &[DRAFT],
        ..Action::delete("drafts/{id}")
    },
];

const MESSAGES: [Action; 7] = [
    Action {
        choice: "listMessages",
        label: "List Messages",
        description: "Lists the ids of messages in the mailbox, the newest first",
        arguments: &[MOST.row(&rows::MESSAGE_MAX_RESULTS), QUERY.row(&rows::MESSAGE_QUERY)],
        ..Action::get("messages")
    },
    Action {
        choice: "getMessage",
        label: "Get Message",
        description: "Reads a message",
        arguments: &[MESSAGE],
        told: Some(readable),
        ..Action::get("messages/{id}")
    },
    Action {
        choice: "sendMessage",
        label: "Send Message",
        description: "Writes a mail and sends it",
        arguments: &[
            TO.row(&rows::MESSAGE_TO),
            SUBJECT.row(&rows::MESSAGE_SUBJECT),
            BODY.row(&rows::MESSAGE_BODY),
            CC.row(&rows::MESSAGE_CC),
            BCC.row(&rows::MESSAGE_BCC),
        ],
        tried: Some(message),
        ..Action::post("messages/send")
    },
    Action {
        choice: "modifyMessage",
        label: "Modify Message",
        description: "Puts labels on a message or takes them off",
        arguments: &[
            MESSAGE,
            ADDED.row(&rows::MESSAGE_ADD_LABEL_IDS),
            REMOVED.row(&rows::MESSAGE_REMOVE_LABEL_IDS),
        ],
        ..Action::post("messages/{id}/modify")
    },
    Action {
        choice: "trashMessage",
        label: "Trash Message",
        description: "Moves a message to the bin",
        arguments: &[MESSAGE],
        ..Action::post("messages/{id}/trash")
    },
    Action {
        choice: "untrashMessage",
        label: "Untrash Message",
        description: "Takes a message out of the bin",
        arguments: &[MESSAGE],
        ..Action::post("messages/{id}/untrash")
    },
    Action {
        choice: "deleteMessage",
        label: "Delete Message",
        description: "Deletes a message for good",
        arguments: &[MESSAGE],
        ..Action::delete("messages/{id}")
    },
];

const LABELS: [Action; 5] = [
    Action {
        choice: "listLabels",
        label: "List Labels",
        description: "Lists the labels of the mailbox",
        ..Action::get("labels")
    },
    Action {
        choice: "getLabel",
        label: "Get Label",
        description: "Reads a label and how many messages have it",
        arguments: &[LABEL],
        ..Action::get("labels/{id}")
    },
    Action {
        choice: "createLabel",
        label: "Create Label",
        description: "Makes a label",
        arguments: &[
            Argument::text("labelName", "What the label is called")
                .required()
                .row(&rows::LABEL_NAME)
                .sent_as("name"),
            COLOR,
        ],
        made: Some(new_label),
        ..Action::post("labels")
    },
    Action {
        choice: "updateLabel",
        label: "Update Label",
        description: "Gives a label another name or colour",
        arguments: &[
            LABEL,
            Argument::text("labelName", "What the label is called")
                .row(&rows::LABEL_NAME)
                .sent_as("name"),
            COLOR,
        ],
        made: Some(colored),
        ..Action::patch("labels/{id}")
    },
    Action {
        choice: "deleteLabel",
        label: "Delete Label",
        description: "Deletes a label; messages that have it stay",
        arguments: &[LABEL],
        ..Action::delete("labels/{id}")
    },
];

const THREADS: [Action; 6] = [
    Action {
        choice: "listThreads",
        label: "List Threads",
        description: "Lists the ids of conversations in the mailbox, the newest first",
        arguments: &[MOST.row(&rows::THREAD_MAX_RESULTS), QUERY.row(&rows::THREAD_QUERY)],
        ..Action::get("threads")
    },
    Action {
        choice: "getThread",
        label: "Get Thread",
        description: "Reads a conversation with all its messages",
        arguments: &[THREAD],
        told: Some(readable),
        ..Action::get("threads/{id}")
    },
    Action {
        choice: "modifyThread",
        label: "Modify Thread",
        description: "Puts labels on all messages of a conversation or takes them off",
        arguments: &[
            THREAD,
            ADDED.row(&rows::THREAD_ADD_LABEL_IDS),
            REMOVED.row(&rows::THREAD_REMOVE_LABEL_IDS),
        ],
        ..Action::post("threads/{id}/modify")
    },
    Action {
        choice: "trashThread",
        label: "Trash Thread",
        description: "Moves a conversation to the bin",
        arguments: &[THREAD],
        ..Action::post("threads/{id}/trash")
    },
    Action {
        choice: "untrashThread",
        label: "Untrash Thread",
        description: "Takes a conversation out of the bin",
        arguments: &[THREAD],
        ..Action::post("threads/{id}/untrash")
    },
    Action {
        choice: "deleteThread",
        label: "Delete Thread",
        description: "Deletes a conversation for good",
        arguments: &[THREAD],
        ..Action::delete("threads/{id}")
    },
];

fn draft(given: &Given, draft: &mut Draft) -> Result<()> {
    draft.put("message/raw", mime::mail(given)?);
    Ok(())
}

fn message(given: &Given, draft: &mut Draft) -> Result<()> {
    draft.put("raw", mime::mail(given)?);
    Ok(())
}

fn new_label(given: &Given, draft: &mut Draft) {
    draft.put("labelListVisibility", "labelShow");
    draft.put("messageListVisibility", "show");
    colored(given, draft);
}

/// Gmail takes a colour only together with that of the letters on it.
fn colored(given: &Given, draft: &mut Draft) {
    if let Some(color) = given.text("labelColor") {
        let letters = if is_dark(color) { "#ffffff" } else { "#000000" };
        draft.put("color", json!({"backgroundColor": color, "textColor": letters}));
    }
}

fn is_dark(color: &str) -> bool {
    let part = |at: usize| {
        color.get(at..at + 2).and_then(|it| u32::from_str_radix(it, 16).ok()).unwrap_or(255)
    };
    part(1) * 299 + part(3) * 587 + part(5) * 114 < 128_000
}

/// What is in a mail is in base64url, which models do not read: text is told as such, and what is
/// none is left out.
fn readable(_: &Given, answer: &Value) -> String {
    let mut answer = answer.clone();
    read(&mut answer);
    answer.to_string()
}

fn read(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(read),
        Value::Object(fields) => {
            let kind = fields.get("mimeType").and_then(Value::as_str).unwrap_or_default();
            let is_text = kind.starts_with("text/");
            if let Some(Value::Object(body)) = fields.get_mut("body")
                && let Some(data) = body.remove("data")
            {
                let data = data.as_str().unwrap_or_default().trim_end_matches('=');
                let text = URL_SAFE_NO_PAD.decode(data).unwrap_or_default();
                if is_text {
                    body.insert("text".to_owned(), String::from_utf8_lossy(&text).into());
                }
            }
            fields.values_mut().for_each(read);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_mail_are_told_as_text() {
        let part = |kind: &str, text: &str| json!({"mimeType": kind, "body": {"size": 3, "data": URL_SAFE_NO_PAD.encode(text)}});
        let mut answer = json!({
            "id": "m", "payload": {"mimeType": "multipart/mixed", "body": {"size": 0}, "parts": [
                part("text/plain", "größer?"), part("image/png", "xyz"),
            ]},
        });
        read(&mut answer);
        let parts = &answer["payload"]["parts"];
        assert_eq!(parts[0]["body"], json!({"size": 3, "text": "größer?"}));
        assert_eq!(parts[1]["body"], json!({"size": 3}));
    }

    #[test]
    fn letters_can_be_read_on_their_colour() {
        assert!(is_dark("#000000") && is_dark("#0b4f30") && !is_dark("#fad165"));
        assert!(!is_dark("red"), "a colour that is none is left to Gmail");
    }
}
