//! Google Calendar, in the name of a user that allowed it
//! (developers.google.com/workspace/calendar/api/v3/reference).

mod rows;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, When},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};

use super::actions::{Action, Argument, Connection, Draft, Given, Group, ServiceTools, choices};
use crate::account;

const KIND: Input<String> = Input::options(
    "Type",
    "calendarType",
    &[
        Choice::new("event", "Event"),
        Choice::new("calendar", "Calendar"),
        Choice::new("freebusy", "Freebusy"),
    ],
)
.describe("What the model works with");
const EVENT_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Event Actions", "eventActions", &EVENT_CHOICES)
        .describe("What the model may do with events; each is a tool")
        .show_when(&[When("calendarType", Holds::AnyOf(&["event"]))]);
const EVENT_CHOICES: [Choice; 6] = choices(&EVENTS);
const CALENDAR_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Calendar Actions", "calendarActions", &CALENDAR_CHOICES)
        .describe("What the model may do with calendars; each is a tool")
        .show_when(&[When("calendarType", Holds::AnyOf(&["calendar"]))]);
const CALENDAR_CHOICES: [Choice; 6] = choices(&CALENDARS);
const FREEBUSY_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Freebusy Actions", "freebusyActions", &FREEBUSY_CHOICES)
        .describe("What the model may ask of times; each is a tool")
        .show_when(&[When("calendarType", Holds::AnyOf(&["freebusy"]))]);
const FREEBUSY_CHOICES: [Choice; 1] = choices(&FREEBUSY);

static SPEC: Spec = Spec {
    label: "Google Calendar",
    name: "googleCalendarTool",
    version: 1.0,
    kind: "GoogleCalendar",
    icon: "calendar-service.svg",
    category: "Tools",
    description: "Lets a model work with events and calendars of Google Calendar",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["googleCalendarOAuth2"])),
    inputs: &[
        KIND.field,
        EVENT_ACTIONS.field,
        CALENDAR_ACTIONS.field,
        FREEBUSY_ACTIONS.field,
        rows::CALENDAR_ID,
        rows::EVENT_ID,
        rows::SUMMARY,
        rows::DESCRIPTION,
        rows::LOCATION,
        rows::START_DATE_TIME,
        rows::END_DATE_TIME,
        rows::TIME_ZONE,
        rows::ALL_DAY,
        rows::START_DATE,
        rows::END_DATE,
        rows::ATTENDEES,
        rows::SEND_UPDATES,
        rows::RECURRENCE,
        rows::REMINDER_MINUTES,
        rows::VISIBILITY,
        rows::QUICK_ADD_TEXT,
        rows::TIME_MIN,
        rows::TIME_MAX,
        rows::MAX_RESULTS,
        rows::SINGLE_EVENTS,
        rows::ORDER_BY,
        rows::QUERY,
        rows::CALENDAR_ID_FOR_CALENDAR,
        rows::CALENDAR_SUMMARY,
        rows::CALENDAR_DESCRIPTION,
        rows::CALENDAR_LOCATION,
        rows::CALENDAR_TIME_ZONE,
        rows::SHOW_HIDDEN,
        rows::MIN_ACCESS_ROLE,
        rows::FREEBUSY_TIME_MIN,
        rows::FREEBUSY_TIME_MAX,
        rows::CALENDAR_IDS,
        rows::GROUP_EXPANSION_MAX,
        rows::CALENDAR_EXPANSION_MAX,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "event", row: &EVENT_ACTIONS, actions: &EVENTS },
    Group { kind: "calendar", row: &CALENDAR_ACTIONS, actions: &CALENDARS },
    Group { kind: "freebusy", row: &FREEBUSY_ACTIONS, actions: &FREEBUSY },
];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, Some(&KIND), GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    let address = ("https://www.googleapis.com", "/calendar/v3/");
    let kind = "googleCalendarOAuth2";
    async move { Connection::of_account("Google Calendar", address, kind, inputs, account::GOOGLE) }
        .boxed()
}

const OF_EVENTS: Argument =
    Argument::text("calendarId", "The calendar; primary is that of the account")
        .required()
        .row(&rows::CALENDAR_ID);
const EVENT: Argument =
    Argument::text("eventId", "The id of the event").required().row(&rows::EVENT_ID);
const SUMMARY: Argument = Argument::text("summary", "The title of the event").row(&rows::SUMMARY);
const DESCRIPTION: Argument =
    Argument::text("description", "What is said about the event").row(&rows::DESCRIPTION);
const LOCATION: Argument = Argument::text("location", "Where the event is").row(&rows::LOCATION);
const START: Argument =
    Argument::text("startDateTime", "When it begins, such as 2026-01-31T09:00:00+01:00")
        .row(&rows::START_DATE_TIME)
        .aside();
const END: Argument =
    Argument::text("endDateTime", "When it ends, such as 2026-01-31T10:00:00+01:00")
        .row(&rows::END_DATE_TIME)
        .aside();
const FIRST_DAY: Argument =
    Argument::text("startDate", "The first day of an event of whole days, such as 2026-01-31")
        .row(&rows::START_DATE)
        .aside();
const LAST_DAY: Argument =
    Argument::text("endDate", "The day after the last one of an event of whole days")
        .row(&rows::END_DATE)
        .aside();
const ALL_DAY: Argument =
    Argument::flag("allDay", "The event takes whole days").row(&rows::ALL_DAY).aside();
const ZONE: Argument = Argument::text("timeZone", "The zone of both times, such as Europe/Berlin")
    .row(&rows::TIME_ZONE)
    .aside();
const ATTENDEES: Argument =
    Argument::text("attendees", "Addresses of who is invited, with commas between them")
        .row(&rows::ATTENDEES)
        .aside();
const RECURRENCE: Argument =
    Argument::text("recurrence", "How it comes again, such as RRULE:FREQ=WEEKLY;COUNT=4")
        .row(&rows::RECURRENCE)
        .aside();
const REMINDER: Argument =
    Argument::whole("reminderMinutes", "How many minutes before it begins a reminder pops up")
        .row(&rows::REMINDER_MINUTES)
        .aside();
const VISIBILITY: Argument = Argument::one_of(
    "visibility",
    "Who may see what it is about",
    &["default", "public", "private", "confidential"],
)
.row(&rows::VISIBILITY);
const TOLD: Argument =
    Argument::one_of("sendUpdates", "Who is told of it by mail", &["all", "externalOnly", "none"])
        .row(&rows::SEND_UPDATES)
        .in_query();

const EVENTS: [Action; 6] = [
    Action {
        choice: "listEvents",
        label: "List Events",
        description: "Lists the events of a calendar",
        arguments: &[
            OF_EVENTS,
            Argument::text(
                "timeMin",
                "Only events that end after this time, such as 2026-01-31T00:00:00Z",
            )
            .row(&rows::TIME_MIN),
            Argument::text("timeMax", "Only events that begin before this time")
                .row(&rows::TIME_MAX),
            Argument::whole("maxResults", "How many are listed at most").row(&rows::MAX_RESULTS),
            Argument::flag("singleEvents", "Lists each time of an event that comes again")
                .row(&rows::SINGLE_EVENTS),
            Argument::one_of(
                "orderBy",
                "In which order they are listed",
                &["startTime", "updated"],
            )
            .row(&rows::ORDER_BY),
            Argument::text("query", "Words that events must hold").row(&rows::QUERY).sent_as("q"),
        ],
        ..Action::get("calendars/{calendarId}/events")
    },
    Action {
        choice: "createEvent",
        label: "Create Event",
        description: "Puts an event into a calendar: at times, or on whole days",
        arguments: &[
            OF_EVENTS,
            SUMMARY.required(),
            DESCRIPTION,
            LOCATION,
            START,
            END,
            FIRST_DAY,
            LAST_DAY,
            ALL_DAY,
            ZONE,
            ATTENDEES,
            RECURRENCE,
            REMINDER,
            VISIBILITY,
            TOLD,
        ],
        tried: Some(new_event),
        ..Action::post("calendars/{calendarId}/events")
    },
    Action {
        choice: "getEvent",
        label: "Get Event",
        description: "Reads an event",
        arguments: &[OF_EVENTS, EVENT],
        ..Action::get("calendars/{calendarId}/events/{eventId}")
    },
    Action {
        choice: "updateEvent",
        label: "Update Event",
        description: "Changes an event; what is not said stays as it is",
        arguments: &[
            OF_EVENTS,
            EVENT,
            SUMMARY,
            DESCRIPTION,
            LOCATION,
            START,
            END,
            FIRST_DAY,
            LAST_DAY,
            ALL_DAY,
            ZONE,
            ATTENDEES,
            RECURRENCE,
            REMINDER,
            VISIBILITY,
            TOLD,
        ],
        made: Some(event),
        ..Action::patch("calendars/{calendarId}/events/{eventId}")
    },
    Action {
        choice: "deleteEvent",
        label: "Delete Event",
        description: "Takes an event out of a calendar",
        arguments: &[OF_EVENTS, EVENT],
        ..Action::delete("calendars/{calendarId}/events/{eventId}")
    },
    Action {
        choice: "quickAddEvent",
        label: "Quick Add Event",
        description: "Makes an event of a sentence",
        arguments: &[
            OF_EVENTS,
            Argument::text("quickAddText", "The event, such as Lunch with Ada on Friday at 12")
                .required()
                .row(&rows::QUICK_ADD_TEXT)
                .sent_as("text")
                .in_query(),
        ],
        ..Action::post("calendars/{calendarId}/events/quickAdd")
    },
];

const CALENDAR: Argument = Argument::text("calendarId", "The id of the calendar")
    .required()
    .row(&rows::CALENDAR_ID_FOR_CALENDAR);
const TITLE: Argument =
    Argument::text("summary", "The title of the calendar").row(&rows::CALENDAR_SUMMARY);
const ABOUT: Argument = Argument::text("description", "What is said about the calendar")
    .row(&rows::CALENDAR_DESCRIPTION);
const HOME: Argument =
    Argument::text("location", "Where the calendar is at home").row(&rows::CALENDAR_LOCATION);
const HOME_ZONE: Argument =
    Argument::text("timeZone", "The zone of the calendar, such as Europe/Berlin")
        .row(&rows::CALENDAR_TIME_ZONE);

const CALENDARS: [Action; 6] = [
    Action {
        choice: "listCalendars",
        label: "List Calendars",
        description: "Lists the calendars of the account",
        arguments: &[
            Argument::flag("showHidden", "Lists hidden calendars too").row(&rows::SHOW_HIDDEN),
            Argument::one_of(
                "minAccessRole",
                "Lists only calendars that may be used at least so",
                &["freeBusyReader", "reader", "writer", "owner"],
            )
            .row(&rows::MIN_ACCESS_ROLE),
        ],
        ..Action::get("users/me/calendarList")
    },
    Action {
        choice: "createCalendar",
        label: "Create Calendar",
        description: "Makes a calendar",
        arguments: &[TITLE.required(), ABOUT, HOME, HOME_ZONE],
        ..Action::post("calendars")
    },
    Action {
        choice: "getCalendar",
        label: "Get Calendar",
        description: "Reads what a calendar is called and where it is at home",
        arguments: &[CALENDAR],
        ..Action::get("calendars/{calendarId}")
    },
    Action {
        choice: "updateCalendar",
        label: "Update Calendar",
        description: "Changes a calendar; what is not said stays as it is",
        arguments: &[CALENDAR, TITLE, ABOUT, HOME, HOME_ZONE],
        ..Action::patch("calendars/{calendarId}")
    },
    Action {
        choice: "deleteCalendar",
        label: "Delete Calendar",
        description: "Deletes a calendar with all its events",
        arguments: &[CALENDAR],
        ..Action::delete("calendars/{calendarId}")
    },
    Action {
        choice: "clearCalendar",
        label: "Clear Calendar",
        description: "Deletes all events of the account's own calendar",
        arguments: &[CALENDAR],
        ..Action::post("calendars/{calendarId}/clear")
    },
];

const FREEBUSY: [Action; 1] = [Action {
    choice: "queryFreebusy",
    label: "Query Freebusy",
    description: "Tells at which times calendars are taken",
    arguments: &[
        Argument::text("timeMin", "From when on, such as 2026-01-31T00:00:00Z")
            .required()
            .row(&rows::FREEBUSY_TIME_MIN),
        Argument::text("timeMax", "Until when, such as 2026-02-01T00:00:00Z")
            .required()
            .row(&rows::FREEBUSY_TIME_MAX),
        Argument::text("calendarIds", "Ids of calendars, with commas between them")
            .required()
            .row(&rows::CALENDAR_IDS)
            .aside(),
        Argument::whole(
            "groupExpansionMax",
            "How many calendars of a group are looked at, at most",
        )
        .row(&rows::GROUP_EXPANSION_MAX),
        Argument::whole("calendarExpansionMax", "How many calendars are looked at, at most")
            .row(&rows::CALENDAR_EXPANSION_MAX),
    ],
    made: Some(calendars),
    ..Action::post("freeBusy")
}];

fn new_event(given: &Given, draft: &mut Draft) -> Result<()> {
    if times(given).is_none() {
        return Err(Error::ModelAnswer(
            "It is not said when the event is: give startDateTime and endDateTime, or for whole \
             days startDate and endDate. Call again."
                .to_owned(),
        ));
    }
    event(given, draft);
    Ok(())
}

fn event(given: &Given, draft: &mut Draft) {
    if let Some((start, end)) = times(given) {
        draft.put("start", start);
        draft.put("end", end);
    }
    let invited: Vec<Value> =
        given.list("attendees").into_iter().map(|it| json!({"email": it})).collect();
    if !invited.is_empty() {
        draft.put("attendees", invited);
    }
    if let Some(rules) = given.text("recurrence") {
        // Rules hold commas, so only lines part them.
        let rules: Vec<Value> = rules.lines().map(|it| it.trim().into()).collect();
        draft.put("recurrence", rules);
    }
    if let Some(minutes) = given.value("reminderMinutes") {
        let popup = json!([{"method": "popup", "minutes": minutes}]);
        draft.put("reminders", json!({"useDefault": false, "overrides": popup}));
    }
}

/// When an event is: on days where both are said or it takes whole days, else at times.
fn times(given: &Given) -> Option<(Value, Value)> {
    let days = given.text("startDate").zip(given.text("endDate"));
    let times = given.text("startDateTime").zip(given.text("endDateTime"));
    let day = |day: &str| json!({"date": day, "dateTime": null});
    let time = |time: &str| {
        let zone = given.text("timeZone").or_else(|| (!has_offset(time)).then_some("UTC"));
        match zone {
            Some(zone) => json!({"dateTime": time, "timeZone": zone, "date": null}),
            None => json!({"dateTime": time, "date": null}),
        }
    };
    match (days, times) {
        (Some((start, end)), None) => Some((day(start), day(end))),
        (Some((start, end)), Some(_)) if given.is("allDay") => Some((day(start), day(end))),
        (_, Some((start, end))) => Some((time(start), time(end))),
        (None, None) => None,
    }
}

/// Whether a time says how far it is from that of Greenwich.
fn has_offset(time: &str) -> bool {
    let Some((_, clock)) = time.split_once(['T', ' ']) else { return false };
    clock.contains(['Z', 'z', '+', '-'])
}

fn calendars(given: &Given, draft: &mut Draft) {
    let ids: Vec<Value> =
        given.list("calendarIds").into_iter().map(|it| json!({"id": it})).collect();
    draft.put("items", ids);
}
