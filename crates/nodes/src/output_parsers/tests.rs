//! The parsers by what they make of answers.

use std::sync::Arc;

use flowstone_core::{Capability, Node, OutputParser, Result};
use flowstone_testkit::{Reply, ScriptedModel};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    advanced_structured_output_parser::AdvancedStructuredOutputParser,
    csv_output_parser::CsvOutputParser, custom_list_output_parser::CustomListOutputParser,
    zod::Zod,
};
use crate::testing::form;

async fn parser(node: &dyn Node, values: &Value) -> Result<Arc<dyn OutputParser>> {
    let Capability::OutputParser(it) = node.init(&form(values)).await? else { panic!("no parser") };
    Ok(it)
}

async fn parse(node: &dyn Node, values: &Value, text: &str) -> Result<Value> {
    parser(node, values).await.unwrap().parse(text, ScriptedModel::new().as_ref()).await
}

#[tokio::test]
async fn a_csv_answer_becomes_a_list() {
    for (text, expected) in [
        ("red, green , blue", json!(["red", "green", "blue"])),
        ("```\nred,green\n```", json!(["red", "green"])),
        ("```csv\nred,green\n```", json!(["red", "green"])),
        (r#""Lima, Peru", Oslo"#, json!(["Lima, Peru", "Oslo"])),
        (r#""say ""hi""", 5" pipe"#, json!([r#"say "hi""#, r#"5" pipe"#])),
        ("red\ngreen\n", json!(["red", "green"])),
    ] {
        assert_eq!(parse(&CsvOutputParser, &json!({}), text).await.unwrap(), expected, "{text}");
    }
    let said = parse(&CsvOutputParser, &json!({}), " , ").await.unwrap_err().to_string();
    assert!(said.contains("there is no value in it"), "{said}");
}

#[tokio::test]
async fn a_list_has_the_separator_and_the_length_that_were_asked_for() {
    let node = CustomListOutputParser;
    for (values, text, expected) in [
        (json!({}), "a, b", json!(["a", "b"])),
        (json!({"separator": ""}), "a, b", json!(["a", "b"])),
        (json!({"separator": "|", "length": "2"}), "a, b | c", json!(["a, b", "c"])),
        (json!({"separator": "\\n", "length": 2}), "a\nb\n", json!(["a", "b"])),
    ] {
        assert_eq!(parse(&node, &values, text).await.unwrap(), expected, "{values}");
    }
    let said = parse(&node, &json!({"length": 3}), "a, b").await.unwrap_err().to_string();
    assert!(said.contains("it has 2 values instead of 3"), "{said}");
    let told = parser(&node, &json!({"length": 3, "separator": "\\n"})).await.unwrap();
    assert!(told.instructions().contains("a list of 3 values separated by line breaks"));
}

#[tokio::test]
async fn every_parser_lets_the_model_repair_its_answer_once() {
    let zod = "z.object({ n: z.number() })";
    for (node, values, bad, good, expected) in [
        (&CsvOutputParser as &dyn Node, json!({}), "", "a,b", json!(["a", "b"])),
        (&CustomListOutputParser, json!({"length": 1}), "a,b", "a", json!(["a"])),
        (
            &AdvancedStructuredOutputParser,
            json!({"exampleJson": zod}),
            "three",
            r#"{"n":3}"#,
            json!({"n": 3}),
        ),
    ] {
        let mut values = values.clone();
        values["autofixParser"] = json!(true);
        let model = ScriptedModel::with([Reply::text(good)]);
        let parser = parser(node, &values).await.unwrap();
        assert_eq!(parser.parse(bad, model.as_ref()).await.unwrap(), expected);
        assert!(model.requests()[0].messages[0].text.starts_with(&parser.instructions()));
    }
}

const STORY: &str = r"
z.object({
    title: z.string().min(2, 'too short').describe(`a 'short' heading`), // what stands on top
    year: z.number().int().gte(1900).optional(),
    'price in €': z.coerce.number().positive(),
    mood: z.enum(['calm', 'sad']).default('calm'),
    note: z.string().nullable(),
    /* the cast */
    people: z.array(z.object({ name: z.string(), })).min(1),
    extra: z.record(z.string(), z.boolean()).optional(),
    id: z.union([z.string(), z.number()]),
    kind: z.literal('story'),
})";

#[tokio::test]
async fn an_answer_takes_the_form_of_a_zod_schema() {
    let values = json!({"exampleJson": STORY});
    let text = r#"Here: {"title":"Hi","price in €":"3.5","note":null,"people":[{"name":"A","age":3}],
        "year":null,"extra":{"a":true},"id":7,"kind":"story","more":1}"#;
    let expected = json!({
        "title": "Hi", "price in €": 3.5, "mood": "calm", "note": null,
        "people": [{"name": "A"}], "extra": {"a": true}, "id": 7, "kind": "story",
    });
    let node = AdvancedStructuredOutputParser;
    assert_eq!(parse(&node, &values, text).await.unwrap(), expected);
    let told = parser(&node, &values).await.unwrap().instructions();
    let schema = told.split("```json\n").nth(1).unwrap().trim_end_matches("\n```");
    insta::assert_json_snapshot!("zod_schema", serde_json::from_str::<Value>(schema).unwrap());
}

#[test]
fn what_does_not_fit_a_zod_schema_is_told_by_its_path() {
    let form = Zod::parse(STORY).unwrap();
    let good = json!({"title": "Hi", "price in €": 1, "note": "", "people": [{"name": "A"}],
        "id": "x", "kind": "story"});
    assert!(form.fit(&good).is_ok());
    for (name, value, expected) in [
        ("title", json!("H"), "title has 1 characters and should be at least 2"),
        ("year", json!(1950.5), "year is 1950.5 and should be a whole number"),
        ("year", json!(1800), "year is 1800 and should be at least 1900"),
        ("price in €", json!(0), "price in € is 0 and should be more than 0"),
        ("mood", json!("wild"), r#"mood is "wild" and should be "calm" or "sad""#),
        ("people", json!([]), "people has 0 entries and should be at least 1"),
        ("people", json!([{}]), "people[0].name is missing"),
        ("people", json!([{"name": 3}]), "people[0].name is 3 and should be text"),
        ("extra", json!({"a": "yes"}), "extra.a is \"yes\" and should be true or false"),
        ("id", json!([]), "id is [] and should be one of the allowed forms"),
        ("kind", Value::Null, "kind is null and should be \"story\""),
    ] {
        let mut value_of = good.clone();
        value_of[name] = value;
        assert_eq!(form.fit(&value_of).unwrap_err(), expected);
    }
}

#[test]
fn a_list_may_be_the_whole_answer() {
    let form = Zod::parse("z.string().array();").unwrap();
    assert!(form.is_list());
    assert_eq!(form.fit(&json!(["a"])).unwrap(), json!(["a"]));
    assert_eq!(form.schema(), json!({"type": "array", "items": {"type": "string"}}));
}

#[tokio::test]
async fn what_cannot_be_read_of_zod_is_named_with_its_line() {
    for (text, expected) in [
        ("z.string()", "the answer must be an object or a list"),
        ("z.object({\n a: z.map(z.string()) })", "line 2: z.map is not read; there are object"),
        ("z.object({ a: z.string().regex(/x/) })", ".regex() is not read here; there are describe"),
        ("z.object({ a: z.number().email() })", "int, min, max"),
        ("z.object({ a: z.string( })", "line 1: `)` is expected here, not `}`"),
        ("z.object({ a: z.string()", "`}` is expected here, but the text ends"),
        ("z.object({ a: z.string().describe('x) })", "never ends"),
        ("z.object({}) console.log(1)", "nothing may follow"),
        ("process.exit()", "a form such as z.string() is expected"),
        ("z.object({ a: z.string(), a: z.string() })", "a is there twice"),
        ("z.object({ a: z.enum([]) })", "this list is empty"),
    ] {
        let values = json!({"exampleJson": text});
        let refused = parser(&AdvancedStructuredOutputParser, &values).await;
        let said = refused.err().unwrap().to_string();
        assert!(said.starts_with("Example JSON: ") && said.contains(expected), "{text}: {said}");
    }
    let deep = format!("z.array({}z.string(){})", "z.array(".repeat(5000), ")".repeat(5000));
    assert!(Zod::parse(&deep).unwrap_err().contains("nest too deeply"));
}

#[test]
fn the_default_form_can_be_read() {
    let node = AdvancedStructuredOutputParser;
    let default = node.spec().field("exampleJson").unwrap().default.to_value().unwrap();
    Zod::parse(default.as_str().unwrap()).unwrap();
}

proptest! {
    #[test]
    fn no_schema_makes_the_reader_panic(text in r"[z.a-z(){}\[\]:,'\x22`/* \n0-9é-]{0,60}") {
        let _ = Zod::parse(&text);
        let _ = Zod::parse(&format!("z.object({{ a: z.{text} }})"));
    }

    #[test]
    fn no_answer_makes_a_parser_panic(text in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let _ = parse(&CsvOutputParser, &json!({}), &text).await;
            let _ = parse(&CustomListOutputParser, &json!({"separator": ";"}), &text).await;
            let _ = parse(&AdvancedStructuredOutputParser, &json!({"exampleJson": STORY}), &text).await;
        });
    }
}
