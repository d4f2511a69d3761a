//! When a flow runs by itself and what it is given then, read off the rows of its first node.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use serde_json::{Map, Value};

/// Times that are looked at to see how far apart they are.
const LOOKED_AT: usize = 48;
/// What an empty text editor saves.
const EMPTY_PARAGRAPH: &str = "<p></p>";

/// Why a schedule cannot fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A row is still empty: that may be saved.
    Missing(String),
    /// A row says what cannot be.
    Wrong(String),
    /// Its last day is over.
    Over(String),
}

impl Fault {
    /// The sentence for people.
    pub(crate) fn message(&self) -> &str {
        let (Self::Missing(message) | Self::Wrong(message) | Self::Over(message)) = self;
        message
    }
}

/// The times of a schedule.
#[derive(Clone, Debug)]
pub(super) struct Timing {
    /// The times, as cron has them.
    pub(super) expression: String,
    cron: Cron,
    /// Where they hold.
    pub(super) zone: Tz,
    /// After this, there are none.
    pub(super) end: Option<DateTime<Utc>>,
}

/// What a flow is given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    /// A question.
    Text(String),
    /// A filled form.
    Form(Map<String, Value>),
    /// Nothing.
    Nothing,
}

impl Timing {
    /// The times of an expression of 5 or 6 fields in a time zone.
    pub(super) fn new(
        expression: &str,
        zone: &str,
        end: Option<DateTime<Utc>>,
    ) -> Result<Self, Fault> {
        let zone: Tz = zone.parse().map_err(|_| {
            Fault::Wrong(format!("Timezone: {zone:?} is none; it is a name such as Europe/Berlin"))
        })?;
        let expression = expression.trim();
        let cron = cron(expression).map_err(|why| {
            Fault::Wrong(format!(
                "Cron Expression: {expression:?} cannot be read: {why}. It has 5 fields (minute, hour, \
                 day of the month, month, day of the week), such as 0 9 * * 1-5, or 6 with the \
                 second in front"
            ))
        })?;
        Ok(Self { expression: expression.to_owned(), cron, zone, end })
    }

    /// The first time after `time`, if there is one. What the clocks leave out comes right after the
    /// gap, and what they repeat comes once, unless it comes every hour or more often.
    pub(super) fn next_after(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&time.with_timezone(&self.zone), false).ok()?;
        let next = next.with_timezone(&Utc);
        self.end.is_none_or(|end| next <= end).then_some(next)
    }

    /// Refuses times that never come, or that follow each other more closely than `shortest`.
    fn check(&self, shortest: Duration) -> Result<(), Fault> {
        let expression = &self.expression;
        // A leap year, and no clock that changes.
        let mut before = NaiveDate::from_ymd_opt(2024, 1, 1)
            .unwrap_or_default()
            .and_time(NaiveTime::MIN)
            .and_utc();
        let mut closest = None;
        for number in 0..LOOKED_AT {
            let Ok(next) = self.cron.find_next_occurrence(&before, false) else { break };
            if number > 0 {
                let gap = next - before;
                closest = closest.map_or(Some(gap), |it: TimeDelta| Some(it.min(gap)));
            } else {
                closest = Some(TimeDelta::MAX);
            }
            before = next;
        }
        let Some(closest) = closest else {
            return Err(Fault::Wrong(format!(
                "Cron Expression: the time {expression:?} never comes"
            )));
        };
        let closest = closest.to_std().unwrap_or_default();
        if closest < shortest {
            return Err(Fault::Wrong(format!(
                "Cron Expression: {expression:?} comes every {} seconds; {} seconds is the shortest \
                 time between two runs here",
                closest.as_secs(),
                shortest.as_secs()
            )));
        }
        Ok(())
    }
}

fn cron(expression: &str) -> Result<Cron, String> {
    let fields = expression.split_whitespace().count();
    if fields != 5 && fields != 6 {
        let s = if fields == 1 { "" } else { "s" };
        return Err(format!("it has {fields} field{s}"));
    }
    // Both days must fit, as in the reference; other crons are content with one of them.
    let parser = CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Optional)
        .dom_and_dow(true)
        .sloppy_ranges(true)
        .build();
    let told = |error: croner::errors::CronError| {
        let text = error.to_string();
        let text = text.split_once(": ").map_or(text.as_str(), |(_, rest)| rest);
        text.trim_end_matches('.').to_owned()
    };
    parser.parse(expression).map_err(told)
}

/// The times that the rows of a first node say.
pub(super) fn timing(values: &Map<String, Value>, shortest: Duration) -> Result<Timing, Fault> {
    let rows = Rows(values);
    let expression = rows.expression()?;
    let zone = rows.text("scheduleTimezone").unwrap_or_else(|| "UTC".to_owned());
    let mut timing = Timing::new(&expression, &zone, None)?;
    timing.check(shortest)?;
    timing.end = rows.end(timing.zone)?;
    Ok(timing)
}

/// What the rows of a first node give the flow.
pub(super) fn given(values: &Map<String, Value>) -> Result<Given, Fault> {
    let rows = Rows(values);
    match rows.text("scheduleInputMode").as_deref() {
        None | Some("text") => {
            let text = rows.text("scheduleDefaultInput").filter(|it| it != EMPTY_PARAGRAPH);
            text.map(Given::Text).ok_or_else(|| missing("Default Input", "what the flow is asked"))
        }
        Some("form") => {
            let fields = values.get("scheduleFormInputTypes").and_then(Value::as_array);
            if fields.is_none_or(Vec::is_empty) {
                return Err(missing("Form Fields", "the form that is filled in"));
            }
            rows.defaults().map(Given::Form)
        }
        Some("none") => Ok(Given::Nothing),
        Some(other) => Err(Fault::Wrong(format!(
            "Schedule Input Mode: {other:?} is none of text, form and none"
        ))),
    }
}

fn missing(label: &str, what: &str) -> Fault {
    Fault::Missing(format!("{label}: say {what}"))
}

struct Rows<'a>(&'a Map<String, Value>);

impl Rows<'_> {
    fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A list, as a text with commas or as a list.
    fn list(&self, name: &str) -> Vec<String> {
        let plain = |it: &Value| match it {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().map(plain).collect(),
            Some(Value::String(text)) => match serde_json::from_str::<Vec<Value>>(text) {
                Ok(items) => items.iter().map(plain).collect(),
                Err(_) => text.split(',').map(|it| it.trim().to_owned()).collect(),
            },
            Some(other @ Value::Number(_)) => vec![plain(other)],
            _ => Vec::new(),
        }
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect()
    }

    fn expression(&self) -> Result<String, Fault> {
        let cron = self.text("scheduleCronExpression");
        let kind = self.text("scheduleType");
        if kind.as_deref() == Some("cronExpression") || (kind.is_none() && cron.is_some()) {
            return cron.ok_or_else(|| missing("Cron Expression", "when the flow runs"));
        }
        let frequency = self.text("scheduleFrequency");
        let frequency = frequency.ok_or_else(|| missing("Frequency", "how often the flow runs"))?;
        match frequency.as_str() {
            "hourly" => {
                let given = self.text("scheduleOnMinute");
                let given = given.ok_or_else(|| missing("On Minute", "at which minute"))?;
                let minute = number(&given, 0, 59).ok_or_else(|| {
                    Fault::Wrong(format!("On Minute: {given} is no whole number from 0 to 59"))
                })?;
                Ok(format!("{minute} * * * *"))
            }
            "daily" => Ok(format!("{} * * *", self.time()?)),
            "weekly" => {
                let days = self.days("scheduleOnDayOfWeek", "On Day of Week", 7)?;
                Ok(format!("{} * * {days}", self.time()?))
            }
            "monthly" => {
                let days = self.days("scheduleOnDayOfMonth", "On Day of Month", 31)?;
                Ok(format!("{} {days} * *", self.time()?))
            }
            other => Err(Fault::Wrong(format!(
                "Frequency: {other:?} is none of hourly, daily, weekly and monthly"
            ))),
        }
    }

    /// Minute and hour.
    fn time(&self) -> Result<String, Fault> {
        let given =
            self.text("scheduleOnTime").ok_or_else(|| missing("On Time", "at what time"))?;
        let parsed = given
            .split_once(':')
            .and_then(|(hour, minute)| Some((number(minute, 0, 59)?, number(hour, 0, 23)?)));
        let (minute, hour) = parsed.ok_or_else(|| {
            Fault::Wrong(format!("On Time: {given:?} is no time of the day such as 09:30"))
        })?;
        Ok(format!("{minute} {hour}"))
    }

    fn days(&self, name: &str, label: &str, last: u32) -> Result<String, Fault> {
        let given = self.list(name);
        if given.is_empty() {
            return Err(missing(label, "on which days"));
        }
        let mut days = Vec::with_capacity(given.len());
        for day in given {
            let number = number(&day, 1, last).ok_or_else(|| {
                Fault::Wrong(format!("{label}: {day} is no whole number from 1 to {last}"))
            })?;
            days.push(number.to_string());
        }
        Ok(days.join(","))
    }

    /// The last moment: a day alone counts to its end in `zone`.
    fn end(&self, zone: Tz) -> Result<Option<DateTime<Utc>>, Fault> {
        let Some(given) = self.text("scheduleEndDate") else { return Ok(None) };
        if let Ok(day) = given.parse::<NaiveDate>() {
            let next = day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN);
            let begins = zone.from_local_datetime(&next).earliest();
            let begins = begins.map_or_else(|| next.and_utc(), |it| it.with_timezone(&Utc));
            return Ok(Some(begins - TimeDelta::milliseconds(1)));
        }
        given
            .parse()
            .map(Some)
            .map_err(|_| Fault::Wrong(format!("End Date: {given:?} is no day such as 2026-12-31")))
    }

    fn defaults(&self) -> Result<Map<String, Value>, Fault> {
        let wrong = || {
            Fault::Wrong(
                "Default Form Values: a JSON object is expected, such as {\"name\": \"Ann\"}"
                    .to_owned(),
            )
        };
        match self.0.get("scheduleFormDefaults") {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map.clone()),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(Map::new()),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }
}

fn number(text: &str, first: u32, last: u32) -> Option<u32> {
    let number: u32 = text.trim().parse().ok()?;
    (first..=last).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn read(rows: &Value) -> Result<Timing, Fault> {
        timing(rows.as_object().unwrap(), MINUTE)
    }

    fn times(expression: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let timing = Timing::new(expression, zone, None).unwrap();
        let mut time = from.parse().unwrap();
        let next = (0..count).map(|_| {
            time = timing.next_after(time).unwrap();
            time.format("%Y-%m-%dT%H:%MZ").to_string()
        });
        next.collect()
    }

    #[test]
    fn the_picker_is_turned_into_cron() {
        for (rows, expected) in [
            (json!({ "scheduleFrequency": "hourly", "scheduleOnMinute": 5 }), "5 * * * *"),
            (json!({ "scheduleFrequency": "daily", "scheduleOnTime": "09:30" }), "30 9 * * *"),
            (
                json!({ "scheduleFrequency": "weekly", "scheduleOnTime": "00:00",
                    "scheduleOnDayOfWeek": "1,3,7" }),
                "0 0 * * 1,3,7",
            ),
            (
                json!({ "scheduleFrequency": "monthly", "scheduleOnTime": "23:59",
                    "scheduleOnDayOfMonth": ["1", 31] }),
                "59 23 1,31 * *",
            ),
            (
                json!({ "scheduleType": "cronExpression",
                    "scheduleCronExpression": " 0 0 9 L * * " }),
                "0 0 9 L * *",
            ),
        ] {
            assert_eq!(read(&rows).unwrap().expression, expected, "{rows}");
        }
    }

    #[test]
    fn what_is_empty_and_what_is_wrong_are_told_apart_and_by_their_rows() {
        for (rows, missing, said) in [
            (json!({}), true, "Frequency: say how often"),
            (json!({ "scheduleFrequency": "hourly", "scheduleOnMinute": "" }), true, "On Minute"),
            (
                json!({ "scheduleFrequency": "hourly", "scheduleOnMinute": 60 }),
                false,
                "On Minute: 60",
            ),
            (json!({ "scheduleFrequency": "daily", "scheduleOnTime": "25:00" }), false, "On Time"),
            (
                json!({ "scheduleFrequency": "weekly", "scheduleOnTime": "09:00",
                    "scheduleOnDayOfWeek": "8" }),
                false,
                "On Day of Week: 8",
            ),
            (json!({ "scheduleCronExpression": "every day" }), false, "it has 2 fields"),
            (json!({ "scheduleCronExpression": "61 * * * *" }), false, "cannot be read"),
            (json!({ "scheduleCronExpression": "0 0 30 2 *" }), false, "never comes"),
            (
                json!({ "scheduleCronExpression": "*/10 * * * * *" }),
                false,
                "comes every 10 seconds; 60 seconds is the shortest",
            ),
            (
                json!({ "scheduleCronExpression": "0 9 * * *", "scheduleTimezone": "Mars/Olympus" }),
                false,
                "Timezone: \"Mars/Olympus\"",
            ),
            (
                json!({ "scheduleCronExpression": "0 9 * * *", "scheduleEndDate": "soon" }),
                false,
                "End Date: \"soon\"",
            ),
        ] {
            let fault = read(&rows).unwrap_err();
            assert_eq!(matches!(fault, Fault::Missing(_)), missing, "{rows}: {fault:?}");
            assert!(fault.message().contains(said), "{rows}: {fault:?}");
        }
    }

    #[test]
    fn a_day_without_the_hour_has_one_run_and_so_has_a_day_with_it_twice() {
        // In Berlin 02:30 is left out on 2026-03-29 and comes twice on 2026-10-25.
        let spring = times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3);
        assert_eq!(spring, ["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"]);
        let autumn = times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(autumn, ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
        let hourly = times("0 * * * *", "Europe/Berlin", "2026-10-24T22:30:00Z", 4);
        assert_eq!(
            hourly,
            ["2026-10-24T23:00Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z"]
        );
    }

    #[test]
    fn both_days_must_fit_and_the_last_of_a_month_has_a_letter() {
        // The first day of a month that is a Monday, as in the reference.
        let mondays = times("0 9 1 * 1", "UTC", "2026-01-01T00:00:00Z", 2);
        assert_eq!(mondays, ["2026-06-01T09:00Z", "2027-02-01T09:00Z"]);
        let last = times("0 0 L * *", "UTC", "2026-01-15T00:00:00Z", 2);
        assert_eq!(last, ["2026-01-31T00:00Z", "2026-02-28T00:00Z"]);
    }

    #[test]
    fn the_last_day_counts_to_its_end_where_the_schedule_is() {
        let rows = json!({ "scheduleCronExpression": "0 23 * * *", "scheduleEndDate": "2026-06-02",
            "scheduleTimezone": "America/New_York" });
        let timing = read(&rows).unwrap();
        let after = |text: &str| timing.next_after(text.parse().unwrap());
        assert!(after("2026-06-02T12:00:00Z").is_some(), "03:00 of the third in UTC");
        assert_eq!(after("2026-06-03T03:00:00Z"), None);
    }

    #[test]
    fn what_a_flow_is_given_is_a_text_a_form_or_nothing() {
        let given = |rows: Value| given(rows.as_object().unwrap());
        assert_eq!(
            given(json!({ "scheduleDefaultInput": "Sum up" })),
            Ok(Given::Text("Sum up".to_owned()))
        );
        assert_eq!(given(json!({ "scheduleInputMode": "none" })), Ok(Given::Nothing));
        let fields = json!([{ "name": "city" }]);
        let form = json!({ "scheduleInputMode": "form", "scheduleFormInputTypes": fields,
            "scheduleFormDefaults": "{\"city\":\"Rome\"}" });
        let filled = json!({ "city": "Rome" });
        assert_eq!(given(form), Ok(Given::Form(filled.as_object().unwrap().clone())));
        for empty in [
            json!({ "scheduleDefaultInput": "<p></p>" }),
            json!({ "scheduleInputMode": "form", "scheduleFormInputTypes": [] }),
        ] {
            assert!(matches!(given(empty), Err(Fault::Missing(_))));
        }
        let wrong = json!({ "scheduleInputMode": "form", "scheduleFormInputTypes": fields,
            "scheduleFormDefaults": "[1]" });
        assert!(matches!(given(wrong), Err(Fault::Wrong(_))));
    }
}
