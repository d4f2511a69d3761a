//! Reads the part of Zod's vocabulary that people write for answers. The text is read, never run.

mod text;

use serde_json::{Map, Value, json};

use text::Reader;

/// How deep a form may nest.
const DEEPEST: usize = 32;

/// The form of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Zod {
    shape: Shape,
    description: Option<String>,
    /// May be missing.
    optional: bool,
    /// May be null.
    nullable: bool,
    /// Stands in where it is missing.
    default: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Any,
    Null,
    Text(Limits, Option<&'static str>),
    Number {
        limits: Limits,
        whole: bool,
        from_text: bool,
    },
    Boolean,
    /// One of these values.
    OneOf(Vec<Value>),
    Object {
        rows: Vec<(String, Zod)>,
        others: Others,
    },
    List(Box<Zod>, Limits),
    Record(Box<Zod>),
    Union(Vec<Zod>),
}

/// What becomes of properties that an object does not list.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Others {
    LeftOut,
    Kept,
    Refused,
}

/// The least and the most a number, or the length of a text or a list, may be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Limits {
    least: Option<f64>,
    most: Option<f64>,
    /// The limits themselves are too little and too much.
    exclusive: (bool, bool),
}

impl Zod {
    /// Reads a schema such as `z.object({ name: z.string() })`.
    ///
    /// # Errors
    /// What cannot be read, with its line, and what can be written instead.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::new(text);
        let form = Self::read(&mut reader, 0)?;
        reader.take(";");
        reader.end()?;
        if form.holds_data() {
            return Ok(form);
        }
        Err("the answer must be an object or a list: begin with z.object({…}) or z.array(…)"
            .to_owned())
    }

    /// Whether the value is a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.shape, Shape::List(..))
    }

    fn holds_data(&self) -> bool {
        match &self.shape {
            Shape::Object { .. } | Shape::List(..) | Shape::Record(_) => true,
            Shape::Union(forms) => forms.iter().all(|it| it.holds_data() && !it.is_list()),
            _ => false,
        }
    }

    fn of(shape: Shape) -> Self {
        Self { shape, description: None, optional: false, nullable: false, default: None }
    }

    fn read(reader: &mut Reader<'_>, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err(reader.wrong("forms nest too deeply here"));
        }
        if !reader.take("z") {
            return Err(reader.wrong("a form such as z.string() is expected"));
        }
        reader.expect(".")?;
        let mut name = reader.name()?;
        let from_text = name == "coerce";
        if from_text {
            reader.expect(".")?;
            name = reader.name()?;
        }
        reader.expect("(")?;
        let shape = Self::shape(name, from_text, reader, depth)?;
        reader.close(")")?;
        let mut form = Self::of(shape);
        while reader.take(".") {
            form.rule(reader, depth)?;
        }
        Ok(form)
    }

    fn shape(
        name: &str,
        from_text: bool,
        reader: &mut Reader<'_>,
        depth: usize,
    ) -> Result<Shape, String> {
        Ok(match name {
            "any" | "unknown" => Shape::Any,
            "null" => Shape::Null,
            "string" => Shape::Text(Limits::default(), None),
            "number" => Shape::Number { limits: Limits::default(), whole: false, from_text },
            "int" => Shape::Number { limits: Limits::default(), whole: true, from_text },
            "boolean" => Shape::Boolean,
            "date" => Shape::Text(Limits::default(), Some("date-time")),
            "literal" => Shape::OneOf(vec![reader.value()?]),
            "enum" => Shape::OneOf(reader.list(Reader::value)?),
            "array" => Shape::List(Box::new(Self::read(reader, depth + 1)?), Limits::default()),
            "union" => Shape::Union(reader.list(|it| Self::read(it, depth + 1))?),
            "record" => {
                let first = Self::read(reader, depth + 1)?;
                // With two forms the first is that of the names, which JSON has as text anyway.
                let second = if reader.take(",") && !reader.at(")") {
                    Some(Self::read(reader, depth + 1)?)
                } else {
                    None
                };
                Shape::Record(Box::new(second.unwrap_or(first)))
            }
            "object" | "strictObject" | "looseObject" => {
                let others = match name {
                    "strictObject" => Others::Refused,
                    "looseObject" => Others::Kept,
                    _ => Others::LeftOut,
                };
                Shape::Object { rows: Self::rows(reader, depth)?, others }
            }
            other => {
                return Err(reader.wrong(&format!(
                    "z.{other} is not read; there are object, array, string, number, boolean, \
                     enum, literal, union, record, date, null and any"
                )));
            }
        })
    }

    fn rows(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<(String, Self)>, String> {
        reader.expect("{")?;
        let mut rows: Vec<(String, Self)> = Vec::new();
        while !reader.take("}") {
            let name = reader.key()?;
            reader.expect(":")?;
            if rows.iter().any(|(known, _)| *known == name) {
                return Err(reader.wrong(&format!("{name} is there twice")));
            }
            rows.push((name, Self::read(reader, depth + 1)?));
            if !reader.take(",") {
                reader.expect("}")?;
                break;
            }
        }
        Ok(rows)
    }

    /// Reads one `.rule(…)` and applies it.
    fn rule(&mut self, reader: &mut Reader<'_>, depth: usize) -> Result<(), String> {
        let name = reader.name()?;
        reader.expect("(")?;
        match name {
            "optional" => self.optional = true,
            "nullable" => self.nullable = true,
            "nullish" => (self.optional, self.nullable) = (true, true),
            "describe" => self.description = Some(reader.string()?),
            "default" => (self.optional, self.default) = (true, Some(reader.value()?)),
            "array" => {
                let inner = std::mem::replace(self, Self::of(Shape::Any));
                *self = Self::of(Shape::List(Box::new(inner), Limits::default()));
            }
            "or" => {
                let other = Self::read(reader, depth + 1)?;
                let inner = std::mem::replace(self, Self::of(Shape::Any));
                *self = Self::of(Shape::Union(vec![inner, other]));
            }
            other => self.limit(other, reader)?,
        }
        reader.close_rule()
    }

    /// A rule that only some forms have.
    fn limit(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<(), String> {
        match (&mut self.shape, name) {
            (Shape::Text(limits, _) | Shape::List(_, limits), "min" | "max" | "length")
            | (Shape::Number { limits, .. }, "min" | "max" | "gte" | "lte" | "gt" | "lt") => {
                limits.set(name, reader.number()?);
            }
            (Shape::Text(limits, _) | Shape::List(_, limits), "nonempty") => {
                limits.least = Some(1.0);
            }
            (Shape::Text(..), "trim") | (Shape::Number { .. }, "finite" | "safe") => {}
            (Shape::Text(_, format), "email") => *format = Some("email"),
            (Shape::Text(_, format), "url") => *format = Some("uri"),
            (Shape::Text(_, format), "uuid") => *format = Some("uuid"),
            (Shape::Text(_, format), "date") => *format = Some("date"),
            (Shape::Text(_, format), "datetime") => *format = Some("date-time"),
            (Shape::Number { whole, .. }, "int") => *whole = true,
            (Shape::Number { limits, .. }, "positive") => limits.set("gt", 0.0),
            (Shape::Number { limits, .. }, "nonnegative") => limits.set("min", 0.0),
            (Shape::Number { limits, .. }, "negative") => limits.set("lt", 0.0),
            (Shape::Number { limits, .. }, "nonpositive") => limits.set("max", 0.0),
            (Shape::Object { others, .. }, "strict") => *others = Others::Refused,
            (Shape::Object { others, .. }, "passthrough") => *others = Others::Kept,
            (Shape::Object { others, .. }, "strip") => *others = Others::LeftOut,
            (shape, _) => {
                let known = shape.rules();
                return Err(reader.wrong(&format!(
                    ".{name}() is not read here; there are describe, optional, nullable, nullish, \
                     default, array, or{known}"
                )));
            }
        }
        Ok(())
    }

    /// The same as a JSON Schema.
    pub(super) fn schema(&self) -> Value {
        let mut schema = match &self.shape {
            Shape::Any => json!({}),
            Shape::Null => json!({"type": "null"}),
            Shape::Boolean => json!({"type": "boolean"}),
            Shape::OneOf(values) => json!({"enum": values}),
            Shape::Union(forms) => {
                json!({"anyOf": forms.iter().map(Self::schema).collect::<Vec<_>>()})
            }
            Shape::Record(form) => json!({"type": "object", "additionalProperties": form.schema()}),
            Shape::Text(limits, format) => {
                let mut schema = json!({"type": "string"});
                limits.write("minLength", "maxLength", &mut schema);
                if let Some(format) = format {
                    schema["format"] = json!(format);
                }
                schema
            }
            Shape::Number { limits, whole, .. } => {
                let mut schema = json!({"type": if *whole { "integer" } else { "number" }});
                let (least, most) = match limits.exclusive {
                    (false, false) => ("minimum", "maximum"),
                    (true, false) => ("exclusiveMinimum", "maximum"),
                    (false, true) => ("minimum", "exclusiveMaximum"),
                    (true, true) => ("exclusiveMinimum", "exclusiveMaximum"),
                };
                limits.write(least, most, &mut schema);
                schema
            }
            Shape::List(form, limits) => {
                let mut schema = json!({"type": "array", "items": form.schema()});
                limits.write("minItems", "maxItems", &mut schema);
                schema
            }
            Shape::Object { rows, others } => {
                let properties = rows.iter().map(|(name, form)| (name.clone(), form.schema()));
                let required = rows.iter().filter(|(_, form)| !form.optional);
                let required: Vec<&String> = required.map(|(name, _)| name).collect();
                json!({
                    "type": "object",
                    "properties": properties.collect::<Map<_, _>>(),
                    "required": required,
                    "additionalProperties": *others == Others::Kept
                })
            }
        };
        if self.nullable {
            schema = json!({"anyOf": [schema, {"type": "null"}]});
        }
        if let Some(description) = &self.description {
            schema["description"] = json!(description);
        }
        if let Some(default) = &self.default {
            schema["default"] = default.clone();
        }
        schema
    }

    /// `value` as the form has it: properties that it does not list are left out, defaults put in.
    ///
    /// # Errors
    /// The first place that does not fit, by its path.
    pub(super) fn fit(&self, value: &Value) -> Result<Value, String> {
        self.fit_at("the answer", value)
    }

    fn fit_at(&self, place: &str, value: &Value) -> Result<Value, String> {
        if value.is_null() && self.nullable {
            return Ok(Value::Null);
        }
        let no =
            |expected: &str| Err(format!("{place} is {} and should be {expected}", short(value)));
        match &self.shape {
            Shape::Any => Ok(value.clone()),
            Shape::Null if value.is_null() => Ok(Value::Null),
            Shape::Null => no("null"),
            Shape::Boolean if value.is_boolean() => Ok(value.clone()),
            Shape::Boolean => no("true or false"),
            Shape::OneOf(values) if values.contains(value) => Ok(value.clone()),
            Shape::OneOf(values) => {
                let listed: Vec<String> = values.iter().map(Value::to_string).collect();
                no(&listed.join(" or "))
            }
            Shape::Text(limits, _) => match value.as_str() {
                Some(text) => {
                    limits.check(place, count(text.chars().count()), "characters")?;
                    Ok(value.clone())
                }
                None => no("text"),
            },
            Shape::Number { limits, whole, from_text } => {
                let read = || value.as_str()?.trim().parse::<f64>().ok();
                let number = value.as_f64().or_else(|| if *from_text { read() } else { None });
                match number {
                    Some(number) if !whole || number.fract() == 0.0 => {
                        limits.check(place, number, "")?;
                        Ok(if value.is_number() { value.clone() } else { json!(number) })
                    }
                    Some(_) => no("a whole number"),
                    None => no("a number"),
                }
            }
            Shape::List(form, limits) => {
                let Some(entries) = value.as_array() else { return no("a list") };
                limits.check(place, count(entries.len()), "entries")?;
                let entries = entries.iter().enumerate();
                entries.map(|(at, it)| form.fit_at(&format!("{place}[{at}]"), it)).collect()
            }
            Shape::Record(form) => {
                let Some(entries) = value.as_object() else { return no("an object") };
                let fitted = entries
                    .iter()
                    .map(|(name, it)| Ok((name.clone(), form.fit_at(&inner(place, name), it)?)));
                Ok(Value::Object(fitted.collect::<Result<_, String>>()?))
            }
            Shape::Object { rows, others } => {
                let Some(given) = value.as_object() else { return no("an object") };
                object(place, rows, *others, given)
            }
            Shape::Union(forms) => {
                let fitted = forms.iter().find_map(|it| it.fit_at(place, value).ok());
                fitted.map_or_else(|| no("one of the allowed forms"), Ok)
            }
        }
    }
}

fn object(
    place: &str,
    rows: &[(String, Zod)],
    others: Others,
    given: &Map<String, Value>,
) -> Result<Value, String> {
    let mut object = Map::new();
    for (name, form) in rows {
        match given.get(name) {
            Some(value) if !(value.is_null() && form.optional && !form.nullable) => {
                object.insert(name.clone(), form.fit_at(&inner(place, name), value)?);
            }
            // Models write null for what they leave out.
            _ if form.optional => {
                if let Some(default) = &form.default {
                    object.insert(name.clone(), default.clone());
                }
            }
            _ => return Err(format!("{} is missing", inner(place, name))),
        }
    }
    for (name, value) in given.iter().filter(|(name, _)| !rows.iter().any(|(it, _)| it == *name)) {
        match others {
            Others::LeftOut => {}
            Others::Kept => {
                object.insert(name.clone(), value.clone());
            }
            Others::Refused => return Err(format!("{} is not asked for", inner(place, name))),
        }
    }
    Ok(object.into())
}

impl Shape {
    /// The rules of this form alone, for messages.
    fn rules(&self) -> &'static str {
        match self {
            Self::Text(..) => {
                ", min, max, length, nonempty, trim, email, url, uuid, date and datetime"
            }
            Self::Number { .. } => {
                ", int, min, max, gt, gte, lt, lte, positive, negative, nonnegative and nonpositive"
            }
            Self::List(..) => ", min, max, length and nonempty",
            Self::Object { .. } => ", strict, strip and passthrough",
            _ => "",
        }
    }
}

impl Limits {
    fn set(&mut self, rule: &str, limit: f64) {
        match rule {
            "min" | "gte" => (self.least, self.exclusive.0) = (Some(limit), false),
            "gt" => (self.least, self.exclusive.0) = (Some(limit), true),
            "max" | "lte" => (self.most, self.exclusive.1) = (Some(limit), false),
            "lt" => (self.most, self.exclusive.1) = (Some(limit), true),
            _ => (self.least, self.most) = (Some(limit), Some(limit)),
        }
    }

    fn write(&self, least: &str, most: &str, schema: &mut Value) {
        for (name, limit) in [(least, self.least), (most, self.most)] {
            if let Some(limit) = limit {
                schema[name] = flowstone_core::number::as_written(limit);
            }
        }
    }

    fn check(&self, place: &str, number: f64, unit: &str) -> Result<(), String> {
        let said = if unit.is_empty() {
            format!("{place} is {number}")
        } else {
            format!("{place} has {number} {unit}")
        };
        let (above, below) = self.exclusive;
        if let Some(least) = self.least
            && (number < least || (above && number <= least))
        {
            let words = if above { "more than" } else { "at least" };
            return Err(format!("{said} and should be {words} {least}"));
        }
        if let Some(most) = self.most
            && (number > most || (below && number >= most))
        {
            let words = if below { "less than" } else { "at most" };
            return Err(format!("{said} and should be {words} {most}"));
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "no answer has 2^52 characters")]
fn count(number: usize) -> f64 {
    number as f64
}

fn inner(place: &str, name: &str) -> String {
    if place == "the answer" { name.to_owned() } else { format!("{place}.{name}") }
}

/// A value for a message.
fn short(value: &Value) -> String {
    super::shortened(&value.to_string())
}
