//! Where an agentflow begins: what it is given, and the state it declares.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Begins, Capability, Choice, Field, Input, Inputs, Node, Result, Spec, Step, Taken, Turn,
    spec::{Holds, When},
};
use serde_json::{Map, Value, json};

use super::{
    rows::{self, Row},
    time_zones::TIME_ZONES,
};

const KIND: Input<String> = Input::options(
    "Input Type",
    "startInputType",
    &[
        Choice::new("chatInput", "Chat Input").describe("A person writes a message"),
        Choice::new("formInput", "Form Input").describe("A person fills in a form"),
        Choice::new("webhookTrigger", "Webhook Trigger")
            .describe("Another program calls an address"),
        Choice::new("scheduleInput", "Schedule Input").describe("It runs at set times"),
    ],
)
.default("chatInput");

const FOR_FORM: &[When] = &[When("startInputType", Holds::Text("formInput"))];
const FORM_TITLE: Input<String> =
    Input::text("Form Title", "formTitle").placeholder("Book a visit").show_when(FOR_FORM);
const FORM_DESCRIPTION: Input<String> = Input::text("Form Description", "formDescription")
    .placeholder("Tell us when you would like to come")
    .show_when(FOR_FORM);
const FORM_FIELDS: &[Field] =
    &form_fields(&[When("formInputTypes[$index].type", Holds::Text("options"))]);
const FORM_INPUTS: Input<Vec<Row>> =
    Input::array("Form Input Types", "formInputTypes", FORM_FIELDS)
        .describe("The fields of the form, in order")
        .show_when(FOR_FORM);

const FOR_WEBHOOK: &[When] = &[When("startInputType", Holds::Text("webhookTrigger"))];
const WEBHOOK_METHOD: Input<String> = Input::options(
    "HTTP Method",
    "webhookMethod",
    &[
        Choice::plain("GET"),
        Choice::plain("POST"),
        Choice::plain("PUT"),
        Choice::plain("PATCH"),
        Choice::plain("DELETE"),
    ],
)
.default("POST")
.show_when(FOR_WEBHOOK);
const FORM_ENCODED: &str = "application/x-www-form-urlencoded";
const WEBHOOK_CONTENT: Input<String> = {
    let mut it = Input::options(
        "Content Type",
        "webhookContentType",
        &[Choice::plain("application/json"), Choice::plain(FORM_ENCODED)],
    )
    .default("application/json")
    .describe("What the body of the call must be")
    .show_when(FOR_WEBHOOK);
    it.field.optional = true;
    it
};
const WEBHOOK_URL: Input<Option<String>> = Input::text("Webhook URL", "webhookURL")
    .describe("The address to call, once the flow is saved")
    .show_when(FOR_WEBHOOK)
    .optional();
const WEBHOOK_MODE: Input<String> = Input::options(
    "Input Mode",
    "webhookInputMode",
    &[
        Choice::new("text", "Custom Text")
            .describe("A text of your own, with parts of the call in it"),
        Choice::new("none", "No Input").describe("Nothing: nodes read $webhook themselves"),
        Choice::new("payload", "Full Webhook Payload").describe("The whole body of the call"),
    ],
)
.default("text")
.describe("What the flow takes as the question")
.show_when(FOR_WEBHOOK);
const WEBHOOK_TEXT: Input<Option<String>> = Input::text("Custom Text", "webhookDefaultInput")
    .rows(3)
    .placeholder("A new order: {{ $webhook.body.order }}")
    .accepts_variables()
    .show_when(&[
        When("startInputType", Holds::Text("webhookTrigger")),
        When("webhookInputMode", Holds::Text("text")),
    ])
    .optional();
const WEBHOOK_AUTH: Input<bool> = Input::flag("Verify request signature", "webhookEnableAuth")
    .default(false)
    .describe("Refuses calls that do not prove that they know the secret")
    .may_be_empty()
    .show_when(FOR_WEBHOOK);
const FOR_SIGNED: &[When] = &[
    When("startInputType", Holds::Text("webhookTrigger")),
    When("webhookEnableAuth", Holds::Flag(true)),
];
const WEBHOOK_SECRET: Input<Option<String>> = Input::text("Webhook Secret", "webhookSecret")
    .describe("Made by the server, and shown once")
    .show_when(FOR_SIGNED)
    .optional();
const WEBHOOK_HEADER: Input<Option<String>> =
    Input::text("Signature Header", "webhookSignatureHeader")
        .placeholder("x-webhook-signature")
        .describe("The header with the signature; x-webhook-signature where it is empty")
        .show_when(FOR_SIGNED)
        .optional();
const WEBHOOK_SIGNATURE: Input<String> = {
    let mut it = Input::options(
        "Signature Type",
        "webhookSignatureType",
        &[
            Choice::new("hmac-sha256", "HMAC-SHA256")
                .describe("The body signed with the secret, in hexadecimal"),
            Choice::new("plain-token", "Plain Token").describe("The secret itself"),
        ],
    )
    .default("hmac-sha256")
    .show_when(FOR_SIGNED);
    it.field.optional = true;
    it
};
const WEBHOOK_ANSWER: Input<String> = Input::options(
    "Response Mode",
    "webhookResponseMode",
    &[
        Choice::new("sync", "Synchronous").describe("The call waits for the answer"),
        Choice::new("async", "Asynchronous (callback)")
            .describe("The call is answered at once; the answer goes to an address"),
        Choice::new("stream", "Streaming (SSE)").describe("The answer comes piece by piece"),
    ],
)
.default("sync")
.show_when(FOR_WEBHOOK);
const FOR_CALLBACK: &[When] = &[
    When("startInputType", Holds::Text("webhookTrigger")),
    When("webhookResponseMode", Holds::Text("async")),
];
const CALLBACK_URL: Input<Option<String>> = Input::text("Callback URL", "callbackUrl")
    .placeholder("https://example.com/answers")
    .describe("Where the answer is sent; the call itself may name another address")
    .show_when(FOR_CALLBACK)
    .optional();
const CALLBACK_SECRET: Input<Option<String>> = Input::text("Callback Secret", "callbackSecret")
    .describe("Signs what is sent, so that its receiver knows who sent it")
    .show_when(FOR_CALLBACK)
    .optional();
const WEBHOOK_CHECK: Input<bool> = Input::flag("Validate request shape", "webhookEnableValidation")
    .default(false)
    .describe("Refuses calls that lack what the flow needs")
    .may_be_empty()
    .show_when(FOR_WEBHOOK);
const FOR_CHECKED: &[When] = &[
    When("startInputType", Holds::Text("webhookTrigger")),
    When("webhookEnableValidation", Holds::Flag(true)),
];
const VARIABLE_NAME: Field = Field::new("Variable Name", "name", "string");
const REQUIRED: Field = Field::new("Required", "required", "boolean");
const WEBHOOK_QUERY: Input<Option<Vec<Row>>> =
    Input::array("Expected Query Parameters", "webhookQueryParams", &[VARIABLE_NAME, REQUIRED])
        .show_when(FOR_CHECKED)
        .optional();
/// A form holds texts, numbers and switches only.
const NOT_IN_FORMS: &[When] = &[When("webhookContentType", Holds::Text(FORM_ENCODED))];
const WEBHOOK_BODY: Input<Option<Vec<Row>>> = Input::array(
    "Expected Body Parameters",
    "webhookBodyParams",
    &[
        VARIABLE_NAME,
        Input::options(
            "Type",
            "type",
            &[
                Choice::new("string", "String"),
                Choice::new("number", "Number"),
                Choice::new("boolean", "Boolean"),
                Choice::new("object", "Object").hide_when(NOT_IN_FORMS),
                Choice::new("array[string]", "Array[String]").hide_when(NOT_IN_FORMS),
                Choice::new("array[number]", "Array[Number]").hide_when(NOT_IN_FORMS),
                Choice::new("array[boolean]", "Array[Boolean]").hide_when(NOT_IN_FORMS),
                Choice::new("array[object]", "Array[Object]").hide_when(NOT_IN_FORMS),
            ],
        )
        .default("string")
        .field,
        REQUIRED,
    ],
)
.show_when(FOR_CHECKED)
.optional();
const WEBHOOK_HEADERS: Input<Option<Vec<Row>>> = Input::array(
    "Expected Headers",
    "webhookHeaderParams",
    &[Field::new("Header Name", "name", "string"), REQUIRED],
)
.show_when(FOR_CHECKED)
.optional();

const FOR_SCHEDULE: &[When] = &[When("startInputType", Holds::Text("scheduleInput"))];
const SCHEDULE_KIND: Input<String> = Input::options(
    "Schedule Type",
    "scheduleType",
    &[
        Choice::new("visualPicker", "Visual Picker"),
        Choice::new("cronExpression", "Cron Expression"),
    ],
)
.default("visualPicker")
.show_when(FOR_SCHEDULE);
const SCHEDULE_CRON: Input<String> = Input::text("Cron Expression", "scheduleCronExpression")
    .placeholder("0 9 * * 1-5")
    .describe("Minute, hour, day of the month, month and day of the week")
    .show_when(&[
        When("startInputType", Holds::Text("scheduleInput")),
        When("scheduleType", Holds::Text("cronExpression")),
    ]);
const SCHEDULE_FREQUENCY: Input<String> = Input::options(
    "Frequency",
    "scheduleFrequency",
    &[
        Choice::new("hourly", "Hourly"),
        Choice::new("daily", "Daily"),
        Choice::new("weekly", "Weekly"),
        Choice::new("monthly", "Monthly"),
    ],
)
.show_when(&[
    When("startInputType", Holds::Text("scheduleInput")),
    When("scheduleType", Holds::Text("visualPicker")),
]);
const SCHEDULE_MINUTE: Input<f64> = Input::number("On Minute", "scheduleOnMinute")
    .placeholder("30")
    .describe("The minute of each hour, from 0 to 59")
    .show_when(&[
        When("startInputType", Holds::Text("scheduleInput")),
        When("scheduleType", Holds::Text("visualPicker")),
        When("scheduleFrequency", Holds::Text("hourly")),
    ]);
const SCHEDULE_TIME: Input<String> =
    Input::of("On Time", "scheduleOnTime", "timePicker").placeholder("09:00").show_when(&[
        When("startInputType", Holds::Text("scheduleInput")),
        When("scheduleType", Holds::Text("visualPicker")),
        When("scheduleFrequency", Holds::AnyOf(&["daily", "weekly", "monthly"])),
    ]);
const SCHEDULE_WEEK: Input<String> =
    Input::of("On Day of Week", "scheduleOnDayOfWeek", "weekDaysPicker").show_when(&[
        When("startInputType", Holds::Text("scheduleInput")),
        When("scheduleType", Holds::Text("visualPicker")),
        When("scheduleFrequency", Holds::Text("weekly")),
    ]);
const SCHEDULE_MONTH: Input<String> =
    Input::of("On Day of Month", "scheduleOnDayOfMonth", "monthDaysPicker").show_when(&[
        When("startInputType", Holds::Text("scheduleInput")),
        When("scheduleType", Holds::Text("visualPicker")),
        When("scheduleFrequency", Holds::Text("monthly")),
    ]);
const SCHEDULE_END: Input<Option<String>> = Input::of("End Date", "scheduleEndDate", "datePicker")
    .describe("The schedule stops after this day; it goes on for ever where it is empty")
    .show_when(FOR_SCHEDULE)
    .optional();
const SCHEDULE_ZONE: Input<String> = {
    let mut it = Input::options("Timezone", "scheduleTimezone", TIME_ZONES)
        .default("UTC")
        .describe("Where the times of the schedule hold")
        .show_when(FOR_SCHEDULE);
    it.field.optional = true;
    it
};
const SCHEDULE_MODE: Input<String> = Input::options(
    "Schedule Input Mode",
    "scheduleInputMode",
    &[
        Choice::new("text", "Default Text Input").describe("The same question each time"),
        Choice::new("form", "Form Input").describe("The same form each time"),
        Choice::new("none", "No Input").describe("Nothing"),
    ],
)
.default("text")
.describe("What the flow is given when it runs")
.show_when(FOR_SCHEDULE);
const SCHEDULE_TEXT: Input<String> = Input::text("Default Input", "scheduleDefaultInput")
    .rows(4)
    .placeholder("Summarise what came in since yesterday")
    .show_when(&[
        When("startInputType", Holds::Text("scheduleInput")),
        When("scheduleInputMode", Holds::Text("text")),
    ]);
const FOR_SCHEDULED_FORM: &[When] = &[
    When("startInputType", Holds::Text("scheduleInput")),
    When("scheduleInputMode", Holds::Text("form")),
];
const SCHEDULE_FORM_FIELDS: &[Field] =
    &form_fields(&[When("scheduleFormInputTypes[$index].type", Holds::Text("options"))]);
const SCHEDULE_FORM: Input<Vec<Row>> =
    Input::array("Form Fields", "scheduleFormInputTypes", SCHEDULE_FORM_FIELDS)
        .show_when(FOR_SCHEDULED_FORM);
const SCHEDULE_DEFAULTS: Input<Option<Value>> =
    Input::json("Default Form Values", "scheduleFormDefaults")
        .describe("What is filled into the form, by the variable names of its fields")
        .show_when(FOR_SCHEDULED_FORM)
        .optional();

const FORGETS: Input<bool> = Input::flag("Ephemeral Memory", "startEphemeralMemory")
    .describe("Starts each time without the earlier turns of the conversation")
    .may_be_empty();
const STATE: Input<Option<Vec<Row>>> = Input::array(
    "Flow State",
    "startState",
    &[
        Field::new("Key", "key", "string"),
        Field { optional: true, ..Field::new("Value", "value", "string") },
    ],
)
.describe("Values that all nodes may read and change while the flow runs")
.optional();
const PERSISTS: Input<bool> = Input::flag("Persist State", "startPersistState")
    .describe("Begins with the state that the conversation's last run ended with")
    .may_be_empty();

const fn form_fields(while_options: &'static [When]) -> [Field; 4] {
    let kind = Input::options("Type", "type", KINDS_OF_FIELD).default("string");
    let label = Input::text("Label", "label").placeholder("Your name");
    let name = Input::text("Variable Name", "name")
        .placeholder("name")
        .describe("Nodes read the value as {{ $form.name }}");
    let options = Input::array("Add Options", "addOptions", OPTION).show_when(while_options);
    [kind.field, label.field, name.field, options.field]
}

const KINDS_OF_FIELD: &[Choice] = &[
    Choice::new("string", "String"),
    Choice::new("number", "Number"),
    Choice::new("boolean", "Boolean"),
    Choice::new("options", "Options"),
];
const OPTION: &[Field] = &[Field::new("Option", "option", "string")];

static SPEC: Spec = Spec {
    label: "Start",
    name: "startAgentflow",
    version: 1.4,
    kind: "Start",
    icon: "agentflow-start.svg",
    category: "Agent Flows",
    description: "Where the flow begins",
    color: Some("#7EE787"),
    hide_input: true,
    base_classes: &["Start"],
    inputs: &[
        KIND.field,
        FORM_TITLE.field,
        FORM_DESCRIPTION.field,
        FORM_INPUTS.field,
        WEBHOOK_METHOD.field,
        WEBHOOK_CONTENT.field,
        WEBHOOK_URL.field,
        WEBHOOK_MODE.field,
        WEBHOOK_TEXT.field,
        WEBHOOK_AUTH.field,
        WEBHOOK_SECRET.field,
        WEBHOOK_HEADER.field,
        WEBHOOK_SIGNATURE.field,
        WEBHOOK_ANSWER.field,
        CALLBACK_URL.field,
        CALLBACK_SECRET.field,
        WEBHOOK_CHECK.field,
        WEBHOOK_QUERY.field,
        WEBHOOK_BODY.field,
        WEBHOOK_HEADERS.field,
        SCHEDULE_KIND.field,
        SCHEDULE_CRON.field,
        SCHEDULE_FREQUENCY.field,
        SCHEDULE_MINUTE.field,
        SCHEDULE_TIME.field,
        SCHEDULE_WEEK.field,
        SCHEDULE_MONTH.field,
        SCHEDULE_END.field,
        SCHEDULE_ZONE.field,
        SCHEDULE_MODE.field,
        SCHEDULE_TEXT.field,
        SCHEDULE_FORM.field,
        SCHEDULE_DEFAULTS.field,
        FORGETS.field,
        STATE.field,
        PERSISTS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Start;

#[async_trait]
impl Node for Start {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn stays_inside(&self) -> bool {
        true
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let kind = inputs.get(&KIND)?;
        let takes_form = kind == "formInput"
            || (kind == "scheduleInput" && inputs.get(&SCHEDULE_MODE)? == "form");
        let fields = if kind == "formInput" { &FORM_INPUTS } else { &SCHEDULE_FORM };
        let form = takes_form.then(|| {
            json!({
                "title": shown(inputs, &FORM_TITLE.field),
                "description": shown(inputs, &FORM_DESCRIPTION.field),
                "inputs": shown(inputs, &fields.field),
            })
        });
        let state = inputs.get(&STATE)?.unwrap_or_default().into_iter().filter_map(|mut row| {
            let key = rows::text(&row, "key");
            let value = row.remove("value").unwrap_or_else(|| "".into());
            (!key.is_empty()).then_some((key, value))
        });
        let text = if kind == "webhookTrigger" && inputs.get(&WEBHOOK_MODE)? == "text" {
            inputs.get(&WEBHOOK_TEXT)?
        } else {
            None
        };
        Ok(Capability::Step(Arc::new(Beginning {
            form,
            text,
            begins: Begins {
                state: state.collect(),
                persists_state: inputs.get(&PERSISTS)?,
                forgets: inputs.get(&FORGETS)?,
            },
        })))
    }
}

/// A row as it was saved.
fn shown(inputs: &Inputs, field: &Field) -> Value {
    inputs.values.get(field.name).cloned().unwrap_or_else(|| "".into())
}

struct Beginning {
    form: Option<Value>,
    /// What the flow is asked by a webhook whose body is not the question.
    text: Option<String>,
    begins: Begins,
}

#[async_trait]
impl Step for Beginning {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let (mut input, mut output) = (Map::new(), Map::new());
        match &self.form {
            Some(form) => {
                input.insert("form".to_owned(), form.clone());
                let filled = turn.form.map_or_else(|| turn.run.question.clone(), lines);
                output.insert("form".to_owned(), filled.into());
            }
            None => {
                if let Some(webhook) = turn.webhook {
                    input.insert("webhook".to_owned(), webhook.clone());
                    output.insert("webhook".to_owned(), webhook.clone());
                }
                let question = self.text.as_ref().unwrap_or(&turn.run.question);
                let question = Value::from(question.clone());
                input.insert("question".to_owned(), question.clone());
                output.insert("question".to_owned(), question);
            }
        }
        if self.begins.forgets {
            output.insert("ephemeralMemory".to_owned(), true.into());
        }
        if self.begins.persists_state {
            output.insert("persistState".to_owned(), true.into());
        }
        Ok(Taken { input, output, begins: Some(self.begins.clone()), ..Taken::default() })
    }
}

/// A filled-in form as lines, as models are told of it.
fn lines(form: &Map<String, Value>) -> String {
    let lines = form
        .iter()
        .map(|(name, value)| format!("{name}: {}", crate::prompt_format::as_text(value)));
    lines.collect::<Vec<_>>().join("\n")
}
