//! Outlook, in the name of a user that allowed it (learn.microsoft.com/graph/api, v1.0).

mod rows;

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
    "outlookType",
    &[Choice::new("calendar", "Calendar"), Choice::new("message", "Message")],
)
.describe("What the model works with");
const CALENDAR_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Calendar Actions", "calendarActions", &CALENDAR_CHOICES)
        .describe("What the model may do with calendars and events; each is a tool")
        .show_when(&[When("outlookType", Holds::AnyOf(&["calendar"]))]);
const CALENDAR_CHOICES: [Choice; 10] = choices(&CALENDARS);
const MESSAGE_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Message Actions", "messageActions", &MESSAGE_CHOICES)
        .describe("What the model may do with messages; each is a tool")
        .show_when(&[When("outlookType", Holds::AnyOf(&["message"]))]);
const MESSAGE_CHOICES: [Choice; 10] = choices(&MESSAGES);

static SPEC: Spec = Spec {
    label: "Microsoft Outlook",
    name: "microsoftOutlook",
    version: 1.0,
    kind: "MicrosoftOutlook",
    icon: "mail-service.svg",
    category: "Tools",
    description: "Lets a model work with mail and calendars of Outlook",
    base_classes: &["MicrosoftOutlook", "Tool"],
    credential: Some(CredentialSlot::required(&["microsoftOutlookOAuth2"])),
    inputs: &[
        KIND.field,
        CALENDAR_ACTIONS.field,
        MESSAGE_ACTIONS.field,
        rows::MAX_RESULTS_LIST_CALENDARS,
        rows::CALENDAR_ID_GET_CALENDAR,
        rows::CALENDAR_NAME_CREATE_CALENDAR,
        rows::CALENDAR_ID_UPDATE_CALENDAR,
        rows::CALENDAR_NAME_UPDATE_CALENDAR,
        rows::CALENDAR_ID_DELETE_CALENDAR,
        rows::CALENDAR_ID_LIST_EVENTS,
        rows::MAX_RESULTS_LIST_EVENTS,
        rows::START_DATE_TIME_LIST_EVENTS,
        rows::END_DATE_TIME_LIST_EVENTS,
        rows::EVENT_ID_GET_EVENT,
        rows::SUBJECT_CREATE_EVENT,
        rows::BODY_CREATE_EVENT,
        rows::START_DATE_TIME_CREATE_EVENT,
        rows::END_DATE_TIME_CREATE_EVENT,
        rows::TIME_ZONE_CREATE_EVENT,
        rows::LOCATION_CREATE_EVENT,
        rows::ATTENDEES_CREATE_EVENT,
        rows::EVENT_ID_UPDATE_EVENT,
        rows::SUBJECT_UPDATE_EVENT,
        rows::EVENT_ID_DELETE_EVENT,
        rows::MAX_RESULTS_LIST_MESSAGES,
        rows::FILTER_LIST_MESSAGES,
        rows::MESSAGE_ID_GET_MESSAGE,
        rows::TO_CREATE_DRAFT_MESSAGE,
        rows::SUBJECT_CREATE_DRAFT_MESSAGE,
        rows::BODY_CREATE_DRAFT_MESSAGE,
        rows::CC_CREATE_DRAFT_MESSAGE,
        rows::BCC_CREATE_DRAFT_MESSAGE,
        rows::TO_SEND_MESSAGE,
        rows::SUBJECT_SEND_MESSAGE,
        rows::BODY_SEND_MESSAGE,
        rows::MESSAGE_ID_UPDATE_MESSAGE,
        rows::IS_READ_UPDATE_MESSAGE,
        rows::MESSAGE_ID_DELETE_MESSAGE,
        rows::MESSAGE_ID_COPY_MESSAGE,
        rows::DESTINATION_FOLDER_ID_COPY_MESSAGE,
        rows::MESSAGE_ID_MOVE_MESSAGE,
        rows::DESTINATION_FOLDER_ID_MOVE_MESSAGE,
        rows::MESSAGE_ID_REPLY_MESSAGE,
        rows::REPLY_BODY_REPLY_MESSAGE,
        rows::MESSAGE_ID_FORWARD_MESSAGE,
        rows::FORWARD_TO_FORWARD_MESSAGE,
        rows::FORWARD_COMMENT_FORWARD_MESSAGE,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "calendar", row: &CALENDAR_ACTIONS, actions: &CALENDARS },
    Group { kind: "message", row: &MESSAGE_ACTIONS, actions: &MESSAGES },
];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, Some(&KIND), GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    let address = ("https://graph.microsoft.com", "/v1.0/me/");
    let kind = "microsoftOutlookOAuth2";
    async move {
        Connection::of_account("Microsoft Outlook", address, kind, inputs, account::MICROSOFT)
    }
    .boxed()
}

const MOST: Argument = Argument::whole("maxResults", "How many are listed at most").sent_as("$top");
const CALENDAR: Argument = Argument::text("calendarId", "The id of the calendar").required();
const NAME: Argument =
    Argument::text("calendarName", "What the calendar is called").required().sent_as("name");
const EVENT: Argument = Argument::text("eventId", "The id of the event").required();
const SUBJECT: Argument = Argument::text("subject", "What it is about");
const BODY: Argument = Argument::text("body", "The text; it may be HTML").aside();
const MESSAGE: Argument = Argument::text("messageId", "The id of the message").required();
const TO: Argument = Argument::text("to", "Addresses of the recipients, with commas between them")
    .required()
    .aside();
const FOLDER: Argument = Argument::text(
    "destinationFolderId",
    "The id of the mail folder, or a name that Outlook knows, such as archive",
)
.required()
.sent_as("destinationId");

const CALENDARS: [Action; 10] = [
    Action {
        choice: "listCalendars",
        label: "List Calendars",
        description: "Lists the calendars of the account",
        arguments: &[MOST.row(&rows::MAX_RESULTS_LIST_CALENDARS)],
        ..Action::get("calendars")
    },
    Action {
        choice: "getCalendar",
        label: "Get Calendar",
        description: "Reads what a calendar is called and who may use it",
        arguments: &[CALENDAR.row(&rows::CALENDAR_ID_GET_CALENDAR)],
        ..Action::get("calendars/{calendarId}")
    },
    Action {
        choice: "createCalendar",
        label: "Create Calendar",
        description: "Makes a calendar",
        arguments: &[NAME.row(&rows::CALENDAR_NAME_CREATE_CALENDAR)],
        ..Action::post("calendars")
    },
    Action {
        choice: "updateCalendar",
        label: "Update Calendar",
        description: "Gives a calendar another name",
        arguments: &[
            CALENDAR.row(&rows::CALENDAR_ID_UPDATE_CALENDAR),
            NAME.row(&rows::CALENDAR_NAME_UPDATE_CALENDAR),
        ],
        ..Action::patch("calendars/{calendarId}")
    },
    Action {
        choice: "deleteCalendar",
        label: "Delete Calendar",
        description: "Deletes a calendar with all its events",
        arguments: &[CALENDAR.row(&rows::CALENDAR_ID_DELETE_CALENDAR)],
        ..Action::delete("calendars/{calendarId}")
    },
    Action {
        choice: "listEvents",
        label: "List Events",
        description: "Lists the events of a calendar",
        arguments: &[
            Argument::text("calendarId", "The id of the calendar; that of the account without")
                .row(&rows::CALENDAR_ID_LIST_EVENTS)
                .aside(),
            MOST.row(&rows::MAX_RESULTS_LIST_EVENTS),
            Argument::text("startDateTime", "Only events that begin then or later")
                .row(&rows::START_DATE_TIME_LIST_EVENTS)
                .aside(),
            Argument::text("endDateTime", "Only events that end then or before")
                .row(&rows::END_DATE_TIME_LIST_EVENTS)
                .aside(),
        ],
        instead: Some(("calendarId", "calendars/{calendarId}/events")),
        made: Some(between),
        ..Action::get("events")
    },
    Action {
        choice: "getEvent",
        label: "Get Event",
        description: "Reads an event",
        arguments: &[EVENT.row(&rows::EVENT_ID_GET_EVENT)],
        ..Action::get("events/{eventId}")
    },
    Action {
        choice: "createEvent",
        label: "Create Event",
        description: "Puts an event into the calendar of the account and invites who is named",
        arguments: &[
            SUBJECT.required().row(&rows::SUBJECT_CREATE_EVENT),
            BODY.row(&rows::BODY_CREATE_EVENT),
            Argument::text("startDateTime", "When it begins, such as 2026-01-31T09:00:00")
                .required()
                .row(&rows::START_DATE_TIME_CREATE_EVENT)
                .sent_as("start/dateTime"),
            Argument::text("endDateTime", "When it ends, such as 2026-01-31T10:00:00")
                .required()
                .row(&rows::END_DATE_TIME_CREATE_EVENT)
                .sent_as("end/dateTime"),
            Argument::text("timeZone", "The zone of both times, such as Europe/Berlin")
                .row(&rows::TIME_ZONE_CREATE_EVENT)
                .aside(),
            Argument::text("location", "Where it is")
                .row(&rows::LOCATION_CREATE_EVENT)
                .sent_as("location/displayName"),
            Argument::text("attendees", "Addresses of who is invited, with commas between them")
                .row(&rows::ATTENDEES_CREATE_EVENT)
                .aside(),
        ],
        made: Some(event),
        ..Action::post("events")
    },
    Action {
        choice: "updateEvent",
        label: "Update Event",
        description: "Gives an event another subject",
        arguments: &[
            EVENT.row(&rows::EVENT_ID_UPDATE_EVENT),
            SUBJECT.row(&rows::SUBJECT_UPDATE_EVENT),
        ],
        ..Action::patch("events/{eventId}")
    },
    Action {
        choice: "deleteEvent",
        label: "Delete Event",
        description: "Takes an event out of the calendar",
        arguments: &[EVENT.row(&rows::EVENT_ID_DELETE_EVENT)],
        ..Action::delete("events/{eventId}")
    },
];

const MESSAGES: [Action; 10] = [
    Action {
        choice: "listMessages",
        label: "List Messages",
        description: "Lists messages of the mailbox, the newest first",
        arguments: &[
            MOST.row(&rows::MAX_RESULTS_LIST_MESSAGES),
            Argument::text("filter", "A filter of Microsoft Graph, such as isRead eq false")
                .row(&rows::FILTER_LIST_MESSAGES)
                .sent_as("$filter"),
        ],
        ..Action::get("messages")
    },
    Action {
        choice: "getMessage",
        label: "Get Message",
        description: "Reads a message",
        arguments: &[MESSAGE.row(&rows::MESSAGE_ID_GET_MESSAGE)],
        ..Action::get("messages/{messageId}")
    },
    Action {
        choice: "createDraftMessage",
        label: "Create Draft Message",
        description: "Writes a mail and keeps it as a draft without sending it",
        arguments: &[
            TO.row(&rows::TO_CREATE_DRAFT_MESSAGE),
            SUBJECT.row(&rows::SUBJECT_CREATE_DRAFT_MESSAGE),
            BODY.row(&rows::BODY_CREATE_DRAFT_MESSAGE),
            Argument::text("cc", "Addresses that get a copy, with commas between them")
                .row(&rows::CC_CREATE_DRAFT_MESSAGE)
                .aside(),
            Argument::text(
                "bcc",
                "Addresses that get a copy nobody sees, with commas between them",
            )
            .row(&rows::BCC_CREATE_DRAFT_MESSAGE)
            .aside(),
        ],
        made: Some(draft),
        ..Action::post("messages")
    },
    Action {
        choice: "sendMessage",
        label: "Send Message",
        description: "Writes a mail and sends it",
        arguments: &[
            TO.row(&rows::TO_SEND_MESSAGE),
            SUBJECT.row(&rows::SUBJECT_SEND_MESSAGE).sent_as("message/subject"),
            BODY.row(&rows::BODY_SEND_MESSAGE),
        ],
        made: Some(sent),
        ..Action::post("sendMail")
    },
    Action {
        choice: "updateMessage",
        label: "Update Message",
        description: "Marks a message as read or as unread",
        arguments: &[
            MESSAGE.row(&rows::MESSAGE_ID_UPDATE_MESSAGE),
            Argument::flag("isRead", "Whether it counts as read")
                .row(&rows::IS_READ_UPDATE_MESSAGE),
        ],
        ..Action::patch("messages/{messageId}")
    },
    Action {
        choice: "deleteMessage",
        label: "Delete Message",
        description: "Deletes a message",
        arguments: &[MESSAGE.row(&rows::MESSAGE_ID_DELETE_MESSAGE)],
        ..Action::delete("messages/{messageId}")
    },
    Action {
        choice: "copyMessage",
        label: "Copy Message",
        description: "Copies a message to a mail folder",
        arguments: &[
            MESSAGE.row(&rows::MESSAGE_ID_COPY_MESSAGE),
            FOLDER.row(&rows::DESTINATION_FOLDER_ID_COPY_MESSAGE),
        ],
        ..Action::post("messages/{messageId}/copy")
    },
    Action {
        choice: "moveMessage",
        label: "Move Message",
        description: "Moves a message to a mail folder",
        arguments: &[
            MESSAGE.row(&rows::MESSAGE_ID_MOVE_MESSAGE),
            FOLDER.row(&rows::DESTINATION_FOLDER_ID_MOVE_MESSAGE),
        ],
        ..Action::post("messages/{messageId}/move")
    },
    Action {
        choice: "replyMessage",
        label: "Reply to Message",
        description: "Answers a message",
        arguments: &[
            MESSAGE.row(&rows::MESSAGE_ID_REPLY_MESSAGE),
            Argument::text("replyBody", "What the answer says")
                .required()
                .row(&rows::REPLY_BODY_REPLY_MESSAGE)
                .sent_as("comment"),
        ],
        ..Action::post("messages/{messageId}/reply")
    },
    Action {
        choice: "forwardMessage",
        label: "Forward Message",
        description: "Sends a message on to others",
        arguments: &[
            MESSAGE.row(&rows::MESSAGE_ID_FORWARD_MESSAGE),
            Argument::text("forwardTo", "Addresses, with commas between them")
                .required()
                .row(&rows::FORWARD_TO_FORWARD_MESSAGE)
                .aside(),
            Argument::text("forwardComment", "What is said above the message")
                .row(&rows::FORWARD_COMMENT_FORWARD_MESSAGE)
                .sent_as("comment"),
        ],
        made: Some(forwarded),
        ..Action::post("messages/{messageId}/forward")
    },
];

fn between(given: &Given, draft: &mut Draft) {
    let bounds = [("startDateTime", "start/dateTime ge"), ("endDateTime", "end/dateTime le")];
    let bound = |(argument, compared): (&str, &str)| {
        Some(format!("{compared} '{}'", given.text(argument)?.replace('\'', "''")))
    };
    let bounds: Vec<String> = bounds.into_iter().filter_map(bound).collect();
    if !bounds.is_empty() {
        draft.ask("$filter", bounds.join(" and "));
    }
}

fn event(given: &Given, draft: &mut Draft) {
    let zone = given.text("timeZone").unwrap_or("UTC");
    draft.put("start/timeZone", zone);
    draft.put("end/timeZone", zone);
    if let Some(body) = body(given) {
        draft.put("body", body);
    }
    let mut invited = addresses(given, "attendees");
    for one in &mut invited {
        one["type"] = "required".into();
    }
    if !invited.is_empty() {
        draft.put("attendees", invited);
    }
}

fn draft(given: &Given, draft: &mut Draft) {
    for (field, argument) in
        [("toRecipients", "to"), ("ccRecipients", "cc"), ("bccRecipients", "bcc")]
    {
        let addresses = addresses(given, argument);
        if !addresses.is_empty() {
            draft.put(field, addresses);
        }
    }
    if let Some(body) = body(given) {
        draft.put("body", body);
    }
}

fn sent(given: &Given, draft: &mut Draft) {
    draft.put("message/toRecipients", addresses(given, "to"));
    if let Some(body) = body(given) {
        draft.put("message/body", body);
    }
    draft.put("saveToSentItems", true);
}

fn forwarded(given: &Given, draft: &mut Draft) {
    draft.put("toRecipients", addresses(given, "forwardTo"));
}

fn addresses(given: &Given, argument: &str) -> Vec<Value> {
    let addresses = given.list(argument).into_iter();
    addresses.map(|it| json!({"emailAddress": {"address": it}})).collect()
}

fn body(given: &Given) -> Option<Value> {
    let text = given.text("body")?;
    let kind = if super::actions::is_html(text) { "HTML" } else { "Text" };
    Some(json!({"contentType": kind, "content": text}))
}
