//! What a form of Google Calendar holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Choice, Default, Holds, When},
};

use crate::tools::actions::rows;

const SEND_UPDATES_CHOICES: &[Choice] = &[
    Choice::new("all", "All"),
    Choice::new("externalOnly", "External Only"),
    Choice::new("none", "None"),
];
const VISIBILITY_CHOICES: &[Choice] = &[
    Choice::new("default", "Default"),
    Choice::new("public", "Public"),
    Choice::new("private", "Private"),
    Choice::new("confidential", "Confidential"),
];
const ORDER_BY_CHOICES: &[Choice] =
    &[Choice::new("startTime", "Start Time"), Choice::new("updated", "Updated")];
const MIN_ACCESS_ROLE_CHOICES: &[Choice] = &[
    Choice::new("freeBusyReader", "Free/Busy Reader"),
    Choice::new("reader", "Reader"),
    Choice::new("writer", "Writer"),
    Choice::new("owner", "Owner"),
];

pub(super) const CALENDAR_ID: Field = rows::starting(
    rows::text(
        "Calendar ID",
        "calendarId",
        &[When("calendarType", Holds::AnyOf(&["event"]))],
        "The calendar; primary is that of the account",
    ),
    Default::Text("primary"),
);
pub(super) const EVENT_ID: Field = rows::text(
    "Event ID",
    "eventId",
    &[When("eventActions", Holds::AnyOf(&["getEvent", "updateEvent", "deleteEvent"]))],
    "The id of an event",
);
pub(super) const SUMMARY: Field = rows::text(
    "Summary",
    "summary",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "The title of the event",
);
pub(super) const DESCRIPTION: Field = rows::text(
    "Description",
    "description",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "What is said about the event",
);
pub(super) const LOCATION: Field = rows::text(
    "Location",
    "location",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "Where the event is",
);
pub(super) const START_DATE_TIME: Field = rows::text(
    "Start Date Time",
    "startDateTime",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "When it begins, such as 2026-01-31T09:00:00+01:00",
);
pub(super) const END_DATE_TIME: Field = rows::text(
    "End Date Time",
    "endDateTime",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "When it ends, such as 2026-01-31T10:00:00+01:00",
);
pub(super) const TIME_ZONE: Field = rows::text(
    "Time Zone",
    "timeZone",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "The zone of both times, such as Europe/Berlin",
);
pub(super) const ALL_DAY: Field = rows::flag(
    "All Day Event",
    "allDay",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "The event takes whole days: the two dates count, and not the times",
);
pub(super) const START_DATE: Field = rows::text(
    "Start Date",
    "startDate",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "The first day, such as 2026-01-31",
);
pub(super) const END_DATE: Field = rows::text(
    "End Date",
    "endDate",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "The day after the last one, such as 2026-02-01",
);
pub(super) const ATTENDEES: Field = rows::text(
    "Attendees",
    "attendees",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "Addresses of who is invited, with commas between them",
);
pub(super) const SEND_UPDATES: Field = rows::choice(
    "Send Updates to",
    "sendUpdates",
    SEND_UPDATES_CHOICES,
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "Who is told of it by mail",
);
pub(super) const RECURRENCE: Field = rows::text(
    "Recurrence Rules",
    "recurrence",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "How it comes again, such as RRULE:FREQ=WEEKLY;COUNT=4; one rule a line",
);
pub(super) const REMINDER_MINUTES: Field = rows::number(
    "Reminder Minutes",
    "reminderMinutes",
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "How many minutes before it begins a reminder pops up",
);
pub(super) const VISIBILITY: Field = rows::choice(
    "Visibility",
    "visibility",
    VISIBILITY_CHOICES,
    &[When("eventActions", Holds::AnyOf(&["createEvent", "updateEvent"]))],
    "Who may see what it is about",
);
pub(super) const QUICK_ADD_TEXT: Field = rows::text(
    "Quick Add Text",
    "quickAddText",
    &[When("eventActions", Holds::AnyOf(&["quickAddEvent"]))],
    "The event in a sentence, such as Lunch with Ada on Friday at 12",
);
pub(super) const TIME_MIN: Field = rows::text(
    "Time Min",
    "timeMin",
    &[When("eventActions", Holds::AnyOf(&["listEvents"]))],
    "Only events that end after this time are listed, such as 2026-01-31T00:00:00Z",
);
pub(super) const TIME_MAX: Field = rows::text(
    "Time Max",
    "timeMax",
    &[When("eventActions", Holds::AnyOf(&["listEvents"]))],
    "Only events that begin before this time are listed",
);
pub(super) const MAX_RESULTS: Field = rows::starting(
    rows::number(
        "Max Results",
        "maxResults",
        &[When("eventActions", Holds::AnyOf(&["listEvents"]))],
        "How many events are listed at most",
    ),
    Default::Number(250.0),
);
pub(super) const SINGLE_EVENTS: Field = rows::starting(
    rows::flag(
        "Single Events",
        "singleEvents",
        &[When("eventActions", Holds::AnyOf(&["listEvents"]))],
        "Lists each time of an event that comes again",
    ),
    Default::Flag(true),
);
pub(super) const ORDER_BY: Field = rows::choice(
    "Order By",
    "orderBy",
    ORDER_BY_CHOICES,
    &[When("eventActions", Holds::AnyOf(&["listEvents"]))],
    "In which order events are listed; by start only where each time is listed",
);
pub(super) const QUERY: Field = rows::text(
    "Query",
    "query",
    &[When("eventActions", Holds::AnyOf(&["listEvents"]))],
    "Words that events must hold",
);
pub(super) const CALENDAR_ID_FOR_CALENDAR: Field = rows::text(
    "Calendar ID",
    "calendarIdForCalendar",
    &[When(
        "calendarActions",
        Holds::AnyOf(&["getCalendar", "updateCalendar", "deleteCalendar", "clearCalendar"]),
    )],
    "The id of a calendar",
);
pub(super) const CALENDAR_SUMMARY: Field = rows::text(
    "Calendar Summary",
    "calendarSummary",
    &[When("calendarActions", Holds::AnyOf(&["createCalendar", "updateCalendar"]))],
    "The title of the calendar",
);
pub(super) const CALENDAR_DESCRIPTION: Field = rows::text(
    "Calendar Description",
    "calendarDescription",
    &[When("calendarActions", Holds::AnyOf(&["createCalendar", "updateCalendar"]))],
    "What is said about the calendar",
);
pub(super) const CALENDAR_LOCATION: Field = rows::text(
    "Calendar Location",
    "calendarLocation",
    &[When("calendarActions", Holds::AnyOf(&["createCalendar", "updateCalendar"]))],
    "Where the calendar is at home",
);
pub(super) const CALENDAR_TIME_ZONE: Field = rows::text(
    "Calendar Time Zone",
    "calendarTimeZone",
    &[When("calendarActions", Holds::AnyOf(&["createCalendar", "updateCalendar"]))],
    "The zone of the calendar, such as Europe/Berlin",
);
pub(super) const SHOW_HIDDEN: Field = rows::flag(
    "Show Hidden",
    "showHidden",
    &[When("calendarActions", Holds::AnyOf(&["listCalendars"]))],
    "Lists hidden calendars too",
);
pub(super) const MIN_ACCESS_ROLE: Field = rows::choice(
    "Min Access Role",
    "minAccessRole",
    MIN_ACCESS_ROLE_CHOICES,
    &[When("calendarActions", Holds::AnyOf(&["listCalendars"]))],
    "Lists only calendars that may be used at least so",
);
pub(super) const FREEBUSY_TIME_MIN: Field = rows::text(
    "Time Min",
    "freebusyTimeMin",
    &[When("freebusyActions", Holds::AnyOf(&["queryFreebusy"]))],
    "From when on, such as 2026-01-31T00:00:00Z",
);
pub(super) const FREEBUSY_TIME_MAX: Field = rows::text(
    "Time Max",
    "freebusyTimeMax",
    &[When("freebusyActions", Holds::AnyOf(&["queryFreebusy"]))],
    "Until when, such as 2026-02-01T00:00:00Z",
);
pub(super) const CALENDAR_IDS: Field = rows::text(
    "Calendar IDs",
    "calendarIds",
    &[When("freebusyActions", Holds::AnyOf(&["queryFreebusy"]))],
    "Ids of calendars, with commas between them",
);
pub(super) const GROUP_EXPANSION_MAX: Field = rows::number(
    "Group Expansion Max",
    "groupExpansionMax",
    &[When("freebusyActions", Holds::AnyOf(&["queryFreebusy"]))],
    "How many calendars of a group are looked at, at most",
);
pub(super) const CALENDAR_EXPANSION_MAX: Field = rows::number(
    "Calendar Expansion Max",
    "calendarExpansionMax",
    &[When("freebusyActions", Holds::AnyOf(&["queryFreebusy"]))],
    "How many calendars are looked at, at most",
);
