//! What a form of Gmail holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Default, Holds, When},
};

use crate::tools::actions::rows;

pub(super) const DRAFT_MAX_RESULTS: Field = rows::starting(
    rows::number(
        "Max Results",
        "draftMaxResults",
        &[When("draftActions", Holds::AnyOf(&["listDrafts"]))],
        "How many drafts are listed at most",
    ),
    Default::Number(100.0),
);
pub(super) const DRAFT_TO: Field = rows::text(
    "To",
    "draftTo",
    &[When("draftActions", Holds::AnyOf(&["createDraft"]))],
    "Addresses, with commas between them",
);
pub(super) const DRAFT_SUBJECT: Field = rows::text(
    "Subject",
    "draftSubject",
    &[When("draftActions", Holds::AnyOf(&["createDraft"]))],
    "What the mail is about",
);
pub(super) const DRAFT_BODY: Field = rows::lines(
    "Body",
    "draftBody",
    4,
    &[When("draftActions", Holds::AnyOf(&["createDraft"]))],
    "The text of the mail; it may be HTML",
);
pub(super) const DRAFT_CC: Field = rows::text(
    "CC",
    "draftCc",
    &[When("draftActions", Holds::AnyOf(&["createDraft"]))],
    "Addresses that get a copy, with commas between them",
);
pub(super) const DRAFT_BCC: Field = rows::text(
    "BCC",
    "draftBcc",
    &[When("draftActions", Holds::AnyOf(&["createDraft"]))],
    "Addresses that get a copy nobody sees, with commas between them",
);
pub(super) const DRAFT_ID: Field = rows::text(
    "Draft ID",
    "draftId",
    &[When("draftActions", Holds::AnyOf(&["getDraft", "updateDraft", "sendDraft", "deleteDraft"]))],
    "The id of a draft",
);
pub(super) const DRAFT_UPDATE_TO: Field = rows::text(
    "To (Update)",
    "draftUpdateTo",
    &[When("draftActions", Holds::AnyOf(&["updateDraft"]))],
    "Addresses, with commas between them",
);
pub(super) const DRAFT_UPDATE_SUBJECT: Field = rows::text(
    "Subject (Update)",
    "draftUpdateSubject",
    &[When("draftActions", Holds::AnyOf(&["updateDraft"]))],
    "What the mail is about",
);
pub(super) const DRAFT_UPDATE_BODY: Field = rows::lines(
    "Body (Update)",
    "draftUpdateBody",
    4,
    &[When("draftActions", Holds::AnyOf(&["updateDraft"]))],
    "The text of the mail; it may be HTML",
);
pub(super) const MESSAGE_MAX_RESULTS: Field = rows::starting(
    rows::number(
        "Max Results",
        "messageMaxResults",
        &[When("messageActions", Holds::AnyOf(&["listMessages"]))],
        "How many messages are listed at most",
    ),
    Default::Number(100.0),
);
pub(super) const MESSAGE_QUERY: Field = rows::text(
    "Query",
    "messageQuery",
    &[When("messageActions", Holds::AnyOf(&["listMessages"]))],
    "A search as in the search field of Gmail",
);
pub(super) const MESSAGE_TO: Field = rows::text(
    "To",
    "messageTo",
    &[When("messageActions", Holds::AnyOf(&["sendMessage"]))],
    "Addresses, with commas between them",
);
pub(super) const MESSAGE_SUBJECT: Field = rows::text(
    "Subject",
    "messageSubject",
    &[When("messageActions", Holds::AnyOf(&["sendMessage"]))],
    "What the mail is about",
);
pub(super) const MESSAGE_BODY: Field = rows::lines(
    "Body",
    "messageBody",
    4,
    &[When("messageActions", Holds::AnyOf(&["sendMessage"]))],
    "The text of the mail; it may be HTML",
);
pub(super) const MESSAGE_CC: Field = rows::text(
    "CC",
    "messageCc",
    &[When("messageActions", Holds::AnyOf(&["sendMessage"]))],
    "Addresses that get a copy, with commas between them",
);
pub(super) const MESSAGE_BCC: Field = rows::text(
    "BCC",
    "messageBcc",
    &[When("messageActions", Holds::AnyOf(&["sendMessage"]))],
    "Addresses that get a copy nobody sees, with commas between them",
);
pub(super) const MESSAGE_ID: Field = rows::text(
    "Message ID",
    "messageId",
    &[When(
        "messageActions",
        Holds::AnyOf(&[
            "getMessage",
            "modifyMessage",
            "trashMessage",
            "untrashMessage",
            "deleteMessage",
        ]),
    )],
    "The id of a message",
);
pub(super) const MESSAGE_ADD_LABEL_IDS: Field = rows::text(
    "Add Label IDs",
    "messageAddLabelIds",
    &[When("messageActions", Holds::AnyOf(&["modifyMessage"]))],
    "Ids of labels to put on, with commas between them",
);
pub(super) const MESSAGE_REMOVE_LABEL_IDS: Field = rows::text(
    "Remove Label IDs",
    "messageRemoveLabelIds",
    &[When("messageActions", Holds::AnyOf(&["modifyMessage"]))],
    "Ids of labels to take off, with commas between them",
);
pub(super) const LABEL_NAME: Field = rows::text(
    "Label Name",
    "labelName",
    &[When("labelActions", Holds::AnyOf(&["createLabel", "updateLabel"]))],
    "What the label is called",
);
pub(super) const LABEL_COLOR: Field = rows::text(
    "Label Color",
    "labelColor",
    &[When("labelActions", Holds::AnyOf(&["createLabel", "updateLabel"]))],
    "The colour behind the name, as #rrggbb from the palette of Gmail",
);
pub(super) const LABEL_ID: Field = rows::text(
    "Label ID",
    "labelId",
    &[When("labelActions", Holds::AnyOf(&["getLabel", "updateLabel", "deleteLabel"]))],
    "The id of a label",
);
pub(super) const THREAD_MAX_RESULTS: Field = rows::starting(
    rows::number(
        "Max Results",
        "threadMaxResults",
        &[When("threadActions", Holds::AnyOf(&["listThreads"]))],
        "How many conversations are listed at most",
    ),
    Default::Number(100.0),
);
pub(super) const THREAD_QUERY: Field = rows::text(
    "Query",
    "threadQuery",
    &[When("threadActions", Holds::AnyOf(&["listThreads"]))],
    "A search as in the search field of Gmail",
);
pub(super) const THREAD_ID: Field = rows::text(
    "Thread ID",
    "threadId",
    &[When(
        "threadActions",
        Holds::AnyOf(&[
            "getThread",
            "modifyThread",
            "trashThread",
            "untrashThread",
            "deleteThread",
        ]),
    )],
    "The id of a conversation",
);
pub(super) const THREAD_ADD_LABEL_IDS: Field = rows::text(
    "Add Label IDs",
    "threadAddLabelIds",
    &[When("threadActions", Holds::AnyOf(&["modifyThread"]))],
    "Ids of labels to put on, with commas between them",
);
pub(super) const THREAD_REMOVE_LABEL_IDS: Field = rows::text(
    "Remove Label IDs",
    "threadRemoveLabelIds",
    &[When("threadActions", Holds::AnyOf(&["modifyThread"]))],
    "Ids of labels to take off, with commas between them",
);
