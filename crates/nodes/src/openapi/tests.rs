//! A small document in both notations, the calls it makes, and what is refused.

use serde_json::json;

use super::*;

pub(crate) const SHOP: &str = r##"
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers:
  - url: https://{region}.shop.example/v1
    description: The shop
    variables: {region: {default: eu}}
  - url: https://test.shop.example
paths:
  /items/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}, description: Number of the item}
    get:
      operationId: getItem
      summary: Shows an item
      parameters:
        - $ref: "#/components/parameters/Fields"
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: Authorization, in: header, required: true, schema: {type: string}}
    delete:
      description: Removes an item
  /items:
    post:
      operationId: add item
      requestBody:
        required: true
        content:
          application/xml: {schema: {type: string}}
          application/json: {schema: {$ref: "#/components/schemas/Item"}}
  /search:
    post:
      operationId: search
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {q: {type: string}, tags: {type: array, items: {type: string}}}}
  /photo:
    put:
      operationId: photo
      requestBody: {content: {multipart/form-data: {schema: {type: object}}}}
components:
  parameters:
    Fields:
      name: fields
      in: query
      schema: {type: array, items: {type: string}}
  schemas:
    Named: {type: object, required: [name], properties: {name: {type: string, example: Pear}}}
    Item:
      allOf:
        - $ref: "#/components/schemas/Named"
        - type: object
          required: [id, price]
          properties:
            id: {type: string, readOnly: true}
            price: {type: number, minimum: 0}
            parts: {type: array, items: {$ref: "#/components/schemas/Item"}}
"##;

fn shop() -> ApiDocument {
    ApiDocument::parse(SHOP, None).unwrap()
}

fn operation(id: &str) -> Operation {
    shop().operations().into_iter().find(|it| it.id == id).unwrap()
}

fn call(id: &str, arguments: &Value) -> Result<ApiCall> {
    let server = shop().server(None).unwrap();
    operation(id).call(&server, arguments.as_object().unwrap())
}

#[test]
fn operations_are_described_as_models_take_them() {
    let shown: Vec<Value> = shop()
        .operations()
        .iter()
        .map(|it| {
            json!({
                "id": it.id, "name": it.name, "description": it.description,
                "method": it.method.as_str(), "arguments": it.arguments(),
            })
        })
        .collect();
    insta::assert_json_snapshot!("shop", shown);
}

#[test]
fn json_says_the_same_as_yaml() {
    let value = loose_json::parse_or_yaml(SHOP).unwrap();
    let document = ApiDocument::parse(&value.to_string(), None).unwrap();
    let ids = |it: &ApiDocument| it.operations().into_iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(ids(&document), ids(&shop()));
}

#[test]
fn a_call_goes_to_the_server_with_everything_in_its_place() {
    let arguments = json!({
        "PathParameters": {"id": "a/b c"},
        "QueryParameters": {"fields": ["name", "price"]},
        "HeaderParameters": {"X-Trace": "7"},
    });
    let made = call("getItem", &arguments).unwrap();
    assert_eq!(made.method, Method::GET);
    assert_eq!(
        made.url.as_str(),
        "https://eu.shop.example/v1/items/a%2Fb%20c?fields=name&fields=price"
    );
    assert!(made.headers.contains(&("X-Trace".to_owned(), "7".to_owned())));
    assert_eq!(made.body, None);

    let made = call("add item", &json!({"RequestBody": {"name": "Pear", "price": 2}})).unwrap();
    assert_eq!(made.body.as_deref(), Some(r#"{"name":"Pear","price":2}"#));
    assert!(made.headers.contains(&("content-type".to_owned(), "application/json".to_owned())));

    let made = call("search", &json!({"RequestBody": {"q": "a&b", "tags": [1, 2]}})).unwrap();
    assert_eq!(made.body.as_deref(), Some("q=a%26b&tags=1%2C2"));
    assert_eq!(call("search", &json!({})).unwrap().body, None);
}

#[test]
fn arguments_that_the_document_does_not_describe_are_refused() {
    for (id, arguments, expected) in [
        ("getItem", json!({}), "PathParameters lacks id. Call again."),
        (
            "getItem",
            json!({"PathParameters": {"id": ".."}}),
            "a part of the path may not be . or ..",
        ),
        (
            "getItem",
            json!({"PathParameters": {"id": "1"}, "HeaderParameters": {"Authorization": "x"}}),
            "HeaderParameters takes no Authorization. Call again.",
        ),
        (
            "getItem",
            json!({"PathParameters": {"id": "1"}, "QueryParameters": ["x"]}),
            "QueryParameters must be an object. Call again.",
        ),
        ("add item", json!({}), "RequestBody is required. Call again."),
        (
            "add item",
            json!({"RequestBody": {"name": "x", "price": 1, "owner": "me"}}),
            "RequestBody takes no owner. It takes: name, price, parts. Call again.",
        ),
        ("add item", json!({"RequestBody": {"name": "x"}}), "RequestBody lacks price. Call again."),
        ("search", json!({"RequestBody": "x"}), "RequestBody must be an object. Call again."),
        (
            "photo",
            json!({}),
            "this operation takes a body of multipart/form-data, which cannot be sent from here",
        ),
    ] {
        assert_eq!(call(id, &arguments).unwrap_err().to_string(), expected);
    }
}

/// T27: whatever a model or a caller writes, only servers of the document are called.
#[test]
fn only_servers_of_the_document_can_be_chosen() {
    let shop = shop();
    assert_eq!(shop.servers()[0].description, "The shop");
    let test = shop.server(Some("https://test.shop.example")).unwrap();
    assert_eq!(test.as_str(), "https://test.shop.example/");
    let said = shop.server(Some("https://evil.example")).unwrap_err();
    assert!(
        said.starts_with("there is no server https://evil.example. The servers are: https://eu")
    );

    let bare = r#"{"openapi": "3.1.0", "paths": {}}"#;
    let source = Url::parse("https://api.example/docs/openapi.json").unwrap();
    let found = ApiDocument::parse(bare, Some(source)).unwrap();
    assert_eq!(found.server(None).unwrap().as_str(), "https://api.example/");
    let uploaded = ApiDocument::parse(bare, None).unwrap();
    assert!(uploaded.server(None).unwrap_err().contains("add one under servers"));
}

#[test]
fn what_is_no_document_is_refused_with_the_reason() {
    for (text, expected) in [
        ("[", "this is neither valid JSON nor valid YAML"),
        ("swagger: '2.0'\npaths: {}", "this describes an API by Swagger 2"),
        ("openapi: 3.0.0", "an OpenAPI 3 document with its paths is expected"),
        ("hello", "an OpenAPI 3 document with its paths is expected"),
    ] {
        let said = ApiDocument::parse(text, None).err().unwrap();
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn references_without_end_and_wide_schemas_stay_small() {
    let wide: Map<String, Value> =
        (0..50).map(|it| (format!("p{it}"), json!({"$ref": "#/s/Wide"}))).collect();
    let deep = (0..200)
        .fold(json!({"type": "string"}), |inner, _| json!({"type": "array", "items": inner}));
    let document = json!({
        "openapi": "3.0.0",
        "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {
            "schema": {"anyOf": [{"$ref": "#/s/Loop"}, {"$ref": "#/s/Wide"}, {"$ref": "other.yaml#/X"}, deep]},
        }}}}}},
        "s": {"Loop": {"$ref": "#/s/Loop"}, "Wide": {"type": "object", "properties": wide}},
    });
    let document = ApiDocument { root: document, source: None };
    let shown = document.operations()[0].arguments().to_string();
    assert!(shown.len() < 100_000, "{}", shown.len());
}
