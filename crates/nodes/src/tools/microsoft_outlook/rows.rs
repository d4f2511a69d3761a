//! What a form of Microsoft Outlook holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Default, Holds, When},
};

use crate::tools::actions::rows;

pub(super) const MAX_RESULTS_LIST_CALENDARS: Field = rows::starting(
    rows::number(
        "Max Results [List Calendars]",
        "maxResultsListCalendars",
        &[
            When("outlookType", Holds::AnyOf(&["calendar"])),
            When("calendarActions", Holds::AnyOf(&["listCalendars"])),
        ],
        "How many are listed at most",
    ),
    Default::Number(50.0),
);
pub(super) const CALENDAR_ID_GET_CALENDAR: Field = rows::text(
    "Calendar ID [Get Calendar]",
    "calendarIdGetCalendar",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["getCalendar"])),
    ],
    "The id of a calendar",
);
pub(super) const CALENDAR_NAME_CREATE_CALENDAR: Field = rows::text(
    "Calendar Name [Create Calendar]",
    "calendarNameCreateCalendar",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["createCalendar"])),
    ],
    "What the calendar is called",
);
pub(super) const CALENDAR_ID_UPDATE_CALENDAR: Field = rows::text(
    "Calendar ID [Update Calendar]",
    "calendarIdUpdateCalendar",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["updateCalendar"])),
    ],
    "The id of a calendar",
);
pub(super) const CALENDAR_NAME_UPDATE_CALENDAR: Field = rows::text(
    "Calendar Name [Update Calendar]",
    "calendarNameUpdateCalendar",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["updateCalendar"])),
    ],
    "What the calendar is called",
);
pub(super) const CALENDAR_ID_DELETE_CALENDAR: Field = rows::text(
    "Calendar ID [Delete Calendar]",
    "calendarIdDeleteCalendar",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["deleteCalendar"])),
    ],
    "The id of a calendar",
);
pub(super) const CALENDAR_ID_LIST_EVENTS: Field = rows::text(
    "Calendar ID [List Events]",
    "calendarIdListEvents",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["listEvents"])),
    ],
    "The id of a calendar; that of the account where it is empty",
);
pub(super) const MAX_RESULTS_LIST_EVENTS: Field = rows::starting(
    rows::number(
        "Max Results [List Events]",
        "maxResultsListEvents",
        &[
            When("outlookType", Holds::AnyOf(&["calendar"])),
            When("calendarActions", Holds::AnyOf(&["listEvents"])),
        ],
        "How many are listed at most",
    ),
    Default::Number(50.0),
);
pub(super) const START_DATE_TIME_LIST_EVENTS: Field = rows::text(
    "Start Date Time [List Events]",
    "startDateTimeListEvents",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["listEvents"])),
    ],
    "Only events that begin at this time or later are listed, such as 2026-01-31T00:00:00",
);
pub(super) const END_DATE_TIME_LIST_EVENTS: Field = rows::text(
    "End Date Time [List Events]",
    "endDateTimeListEvents",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["listEvents"])),
    ],
    "Only events that end at this time or before are listed",
);
pub(super) const EVENT_ID_GET_EVENT: Field = rows::text(
    "Event ID [Get Event]",
    "eventIdGetEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["getEvent"])),
    ],
    "The id of an event",
);
pub(super) const SUBJECT_CREATE_EVENT: Field = rows::text(
    "Subject [Create Event]",
    "subjectCreateEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["createEvent"])),
    ],
    "What it is about",
);
pub(super) const BODY_CREATE_EVENT: Field = rows::lines(
    "Body [Create Event]",
    "bodyCreateEvent",
    3,
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["createEvent"])),
    ],
    "The text; it may be HTML",
);
pub(super) const START_DATE_TIME_CREATE_EVENT: Field = rows::text(
    "Start Date Time [Create Event]",
    "startDateTimeCreateEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["createEvent"])),
    ],
    "When it begins, such as 2026-01-31T09:00:00",
);
pub(super) const END_DATE_TIME_CREATE_EVENT: Field = rows::text(
    "End Date Time [Create Event]",
    "endDateTimeCreateEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["createEvent"])),
    ],
    "When it ends, such as 2026-01-31T10:00:00",
);
pub(super) const TIME_ZONE_CREATE_EVENT: Field = rows::starting(
    rows::text(
        "Time Zone [Create Event]",
        "timeZoneCreateEvent",
        &[
            When("outlookType", Holds::AnyOf(&["calendar"])),
            When("calendarActions", Holds::AnyOf(&["createEvent"])),
        ],
        "The zone of both times, such as Europe/Berlin",
    ),
    Default::Text("UTC"),
);
pub(super) const LOCATION_CREATE_EVENT: Field = rows::text(
    "Location [Create Event]",
    "locationCreateEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["createEvent"])),
    ],
    "Where it is",
);
pub(super) const ATTENDEES_CREATE_EVENT: Field = rows::text(
    "Attendees [Create Event]",
    "attendeesCreateEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["createEvent"])),
    ],
    "Addresses of who is invited, with commas between them",
);
pub(super) const EVENT_ID_UPDATE_EVENT: Field = rows::text(
    "Event ID [Update Event]",
    "eventIdUpdateEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["updateEvent"])),
    ],
    "The id of an event",
);
pub(super) const SUBJECT_UPDATE_EVENT: Field = rows::text(
    "Subject [Update Event]",
    "subjectUpdateEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["updateEvent"])),
    ],
    "What it is about",
);
pub(super) const EVENT_ID_DELETE_EVENT: Field = rows::text(
    "Event ID [Delete Event]",
    "eventIdDeleteEvent",
    &[
        When("outlookType", Holds::AnyOf(&["calendar"])),
        When("calendarActions", Holds::AnyOf(&["deleteEvent"])),
    ],
    "The id of an event",
);
pub(super) const MAX_RESULTS_LIST_MESSAGES: Field = rows::starting(
    rows::number(
        "Max Results [List Messages]",
        "maxResultsListMessages",
        &[
            When("outlookType", Holds::AnyOf(&["message"])),
            When("messageActions", Holds::AnyOf(&["listMessages"])),
        ],
        "How many are listed at most",
    ),
    Default::Number(50.0),
);
pub(super) const FILTER_LIST_MESSAGES: Field = rows::text(
    "Filter [List Messages]",
    "filterListMessages",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["listMessages"])),
    ],
    "A filter in the language of Microsoft Graph, such as isRead eq false",
);
pub(super) const MESSAGE_ID_GET_MESSAGE: Field = rows::text(
    "Message ID [Get Message]",
    "messageIdGetMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["getMessage"])),
    ],
    "The id of a message",
);
pub(super) const TO_CREATE_DRAFT_MESSAGE: Field = rows::text(
    "To [Create Draft Message]",
    "toCreateDraftMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["createDraftMessage"])),
    ],
    "Addresses, with commas between them",
);
pub(super) const SUBJECT_CREATE_DRAFT_MESSAGE: Field = rows::text(
    "Subject [Create Draft Message]",
    "subjectCreateDraftMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["createDraftMessage"])),
    ],
    "What it is about",
);
pub(super) const BODY_CREATE_DRAFT_MESSAGE: Field = rows::lines(
    "Body [Create Draft Message]",
    "bodyCreateDraftMessage",
    4,
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["createDraftMessage"])),
    ],
    "The text; it may be HTML",
);
pub(super) const CC_CREATE_DRAFT_MESSAGE: Field = rows::text(
    "CC [Create Draft Message]",
    "ccCreateDraftMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["createDraftMessage"])),
    ],
    "Addresses that get a copy, with commas between them",
);
pub(super) const BCC_CREATE_DRAFT_MESSAGE: Field = rows::text(
    "BCC [Create Draft Message]",
    "bccCreateDraftMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["createDraftMessage"])),
    ],
    "Addresses that get a copy nobody sees, with commas between them",
);
pub(super) const TO_SEND_MESSAGE: Field = rows::text(
    "To [Send Message]",
    "toSendMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["sendMessage"])),
    ],
    "Addresses, with commas between them",
);
pub(super) const SUBJECT_SEND_MESSAGE: Field = rows::text(
    "Subject [Send Message]",
    "subjectSendMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["sendMessage"])),
    ],
    "What it is about",
);
pub(super) const BODY_SEND_MESSAGE: Field = rows::lines(
    "Body [Send Message]",
    "bodySendMessage",
    4,
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["sendMessage"])),
    ],
    "The text; it may be HTML",
);
pub(super) const MESSAGE_ID_UPDATE_MESSAGE: Field = rows::text(
    "Message ID [Update Message]",
    "messageIdUpdateMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["updateMessage"])),
    ],
    "The id of a message",
);
pub(super) const IS_READ_UPDATE_MESSAGE: Field = rows::flag(
    "Is Read [Update Message]",
    "isReadUpdateMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["updateMessage"])),
    ],
    "Whether the message counts as read",
);
pub(super) const MESSAGE_ID_DELETE_MESSAGE: Field = rows::text(
    "Message ID [Delete Message]",
    "messageIdDeleteMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["deleteMessage"])),
    ],
    "The id of a message",
);
pub(super) const MESSAGE_ID_COPY_MESSAGE: Field = rows::text(
    "Message ID [Copy Message]",
    "messageIdCopyMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["copyMessage"])),
    ],
    "The id of a message",
);
pub(super) const DESTINATION_FOLDER_ID_COPY_MESSAGE: Field = rows::text(
    "Destination Folder ID [Copy Message]",
    "destinationFolderIdCopyMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["copyMessage"])),
    ],
    "The id of a mail folder, or a name that Outlook knows, such as archive",
);
pub(super) const MESSAGE_ID_MOVE_MESSAGE: Field = rows::text(
    "Message ID [Move Message]",
    "messageIdMoveMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["moveMessage"])),
    ],
    "The id of a message",
);
pub(super) const DESTINATION_FOLDER_ID_MOVE_MESSAGE: Field = rows::text(
    "Destination Folder ID [Move Message]",
    "destinationFolderIdMoveMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["moveMessage"])),
    ],
    "The id of a mail folder, or a name that Outlook knows, such as archive",
);
pub(super) const MESSAGE_ID_REPLY_MESSAGE: Field = rows::text(
    "Message ID [Reply Message]",
    "messageIdReplyMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["replyMessage"])),
    ],
    "The id of a message",
);
pub(super) const REPLY_BODY_REPLY_MESSAGE: Field = rows::lines(
    "Reply Body [Reply Message]",
    "replyBodyReplyMessage",
    4,
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["replyMessage"])),
    ],
    "What the answer says",
);
pub(super) const MESSAGE_ID_FORWARD_MESSAGE: Field = rows::text(
    "Message ID [Forward Message]",
    "messageIdForwardMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["forwardMessage"])),
    ],
    "The id of a message",
);
pub(super) const FORWARD_TO_FORWARD_MESSAGE: Field = rows::text(
    "Forward To [Forward Message]",
    "forwardToForwardMessage",
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["forwardMessage"])),
    ],
    "Addresses, with commas between them",
);
pub(super) const FORWARD_COMMENT_FORWARD_MESSAGE: Field = rows::lines(
    "Forward Comment [Forward Message]",
    "forwardCommentForwardMessage",
    2,
    &[
        When("outlookType", Holds::AnyOf(&["message"])),
        When("messageActions", Holds::AnyOf(&["forwardMessage"])),
    ],
    "What is said above the message",
);
