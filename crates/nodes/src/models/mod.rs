//! The models of vendors with their prices: the list that ships, and one that replaces it.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use flowstone_core::{Error, Input, Inputs, Result, Services, node::Entry};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// What ships. Prices are the vendors' public list prices in US dollars per token.
static SHIPPED: LazyLock<Arc<ModelList>> = LazyLock::new(|| {
    let list = ModelList::parse(include_str!("models.json"));
    Arc::new(list.unwrap_or_default())
});

/// Nodes that lists know by another name: `(node, name)`.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("awsBedrock", "awsChatBedrock"),
    ("azureChatOpenAI_LlamaIndex", "azureChatOpenAI"),
    ("chatAnthropic_LlamaIndex", "chatAnthropic"),
    ("chatDeepseek", "deepseek"),
    ("chatGroq_LlamaIndex", "groqChat"),
    ("chatMistral_LlamaIndex", "chatMistralAI"),
    ("chatOpenAI_LlamaIndex", "chatOpenAI"),
    ("cohere", "chatCohere"),
    ("googlevertexai", "chatGoogleVertexAI"),
    ("openAIEmbedding_LlamaIndex", "openAIEmbeddings"),
];

/// What a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Answering conversations.
    Chat,
    /// Continuing a text.
    Text,
    /// Vectors of texts.
    Embedding,
}

/// Models by the kind of work and by the node that calls them.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ModelList {
    #[serde(default)]
    chat: Vec<Vendor>,
    #[serde(default)]
    llm: Vec<Vendor>,
    #[serde(default)]
    embedding: Vec<Vendor>,
}

/// The models that one node offers.
#[derive(Clone, Debug, Deserialize)]
struct Vendor {
    /// Name of the node.
    name: String,
    #[serde(default)]
    models: Vec<Model>,
    /// Places the vendor serves them from, where the node lets one choose.
    #[serde(default)]
    regions: Vec<Model>,
}

#[derive(Clone, Debug, Deserialize)]
struct Model {
    name: String,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, deserialize_with = "cost")]
    input_cost: Option<f64>,
    #[serde(default, deserialize_with = "cost")]
    output_cost: Option<f64>,
}

impl ModelList {
    /// Reads a list: an object of `chat`, `llm` and `embedding`, each a list of
    /// `{name, models: [{name, label, description, input_cost, output_cost}], regions}` by node.
    ///
    /// # Errors
    /// What is wrong with the text, with line and column.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        // A list in place of the object would be read field by field.
        serde_json::from_str::<Map<String, Value>>(text)?;
        serde_json::from_str(text)
    }

    /// The list that ships with this version.
    pub fn shipped() -> Arc<Self> {
        SHIPPED.clone()
    }

    /// This list; nodes it does not name keep what `other` says of them.
    #[must_use]
    pub fn over(mut self, other: &Self) -> Self {
        for (own, others) in [
            (&mut self.chat, &other.chat),
            (&mut self.llm, &other.llm),
            (&mut self.embedding, &other.embedding),
        ] {
            let missing = others.iter().filter(|it| own.iter().all(|own| own.name != it.name));
            let missing: Vec<_> = missing.cloned().collect();
            own.extend(missing);
        }
        self
    }

    /// The models of `node`, as its drop-down shows them; none where the list does not name it.
    pub fn models(&self, kind: Kind, node: &str) -> Vec<Entry> {
        self.vendor(kind, node).map(|it| entries(&it.models)).unwrap_or_default()
    }

    /// What `model` of `node` costs in US dollars for each token it reads and each it writes, where
    /// the list says so.
    pub fn price(&self, kind: Kind, node: &str, model: &str) -> Option<(f64, f64)> {
        let models = &self.vendor(kind, node)?.models;
        let found = models.iter().find(|it| it.name == model)?;
        Some((found.input_cost?, found.output_cost?))
    }

    /// The places that `node` can be served from.
    pub fn regions(&self, kind: Kind, node: &str) -> Vec<Entry> {
        self.vendor(kind, node).map(|it| entries(&it.regions)).unwrap_or_default()
    }

    fn vendor(&self, kind: Kind, node: &str) -> Option<&Vendor> {
        let vendors = match kind {
            Kind::Chat => &self.chat,
            Kind::Text => &self.llm,
            Kind::Embedding => &self.embedding,
        };
        let other = OTHER_NAMES.iter().find(|(it, _)| *it == node).map(|(_, other)| *other);
        vendors.iter().find(|it| it.name == node || Some(&*it.name) == other)
    }
}

/// The list of an installation; what ships, where it was told of none of its own.
pub(crate) fn of(services: &Services) -> Arc<ModelList> {
    services.get::<ModelList>().unwrap_or_else(|_| ModelList::shipped())
}

/// The model that a form names in the row `custom`, for models that lists do not have; else the one
/// in the row `listed`.
pub(crate) fn chosen(
    inputs: &Inputs,
    custom: &Input<Option<String>>,
    listed: &Input<String>,
) -> Result<String> {
    let custom = inputs.get(custom)?.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    custom.map_or_else(|| inputs.get(listed), Ok)
}

/// Fills the drop-down `method` of `node`: its models or its regions.
///
/// # Errors
/// `Unsupported` for any other list.
pub(crate) fn options(inputs: &Inputs, kind: Kind, node: &str, method: &str) -> Result<Vec<Entry>> {
    let list = of(&inputs.services);
    match method {
        "listModels" => Ok(list.models(kind, node)),
        "listRegions" => Ok(list.regions(kind, node)),
        other => Err(Error::Unsupported(format!("{node} has no list {other}"))),
    }
}

fn entries(models: &[Model]) -> Vec<Entry> {
    let entries = models.iter().map(|it| Entry {
        description: it.description.clone(),
        input_cost: it.input_cost,
        output_cost: it.output_cost,
        ..Entry::new(&*it.name, it.label.as_ref().unwrap_or(&it.name))
    });
    entries.collect()
}

/// A price may be written as text; anything else than a number says nothing.
fn cost<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let written = Value::deserialize(deserializer)?;
    let text = match &written {
        Value::String(text) => Cow::Borrowed(text.trim()),
        other => Cow::Owned(other.to_string()),
    };
    Ok(text.parse().ok().filter(|it: &f64| it.is_finite() && *it >= 0.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ALL, testing::form};

    #[test]
    fn the_shipped_list_is_whole() {
        let list = ModelList::parse(include_str!("models.json")).unwrap();
        for vendors in [&list.chat, &list.llm, &list.embedding] {
            assert!(vendors.is_sorted_by(|a, b| a.name.to_lowercase() < b.name.to_lowercase()));
            for vendor in vendors {
                assert!(!vendor.models.is_empty(), "{}", vendor.name);
                let mut names: Vec<_> = vendor.models.iter().map(|it| &it.name).collect();
                names.sort();
                names.dedup();
                assert_eq!(names.len(), vendor.models.len(), "{}: a name twice", vendor.name);
                for model in &vendor.models {
                    assert_eq!(model.input_cost.is_some(), model.output_cost.is_some());
                    assert!(model.input_cost.is_none_or(|it| it < 0.001), "{}", model.name);
                }
            }
        }
    }

    /// A drop-down that does not hold what the form starts from misleads. Nodes on their way out
    /// keep the start they always had, though the vendor has taken the model away.
    #[tokio::test]
    async fn every_form_with_a_list_starts_from_something_on_it() {
        for node in ALL.iter().filter(|it| it.spec().badge != Some("DEPRECATING")) {
            for row in node.spec().inputs.iter().filter(|it| it.load_method == Some("listModels")) {
                let listed = node.options("listModels", &form(&json!({}))).await;
                let Ok(listed) = listed else { continue };
                assert!(!listed.is_empty(), "{} has no models", node.spec().name);
                if let Some(default) = row.default.to_value() {
                    let there = listed.iter().any(|it| default == *it.name);
                    assert!(there, "{}: {default} is not on its list", node.spec().name);
                }
            }
        }
    }

    #[test]
    fn a_list_in_the_reference_s_form_is_read() {
        let list = ModelList::parse(
            r#"{
                "chat": [{
                    "name": "chatOpenAI",
                    "models": [
                        {"label": "Ours", "name": "ours", "description": "Cheap",
                         "input_cost": 2e-7, "output_cost": "0.0000004", "total_cost": 1},
                        {"label": "Odd", "name": "odd", "input_cost": null, "output_cost": "free"}
                    ],
                    "regions": [{"label": "Europe", "name": "eu"}]
                }],
                "agent": []
            }"#,
        );
        let list = list.unwrap();
        let expected = json!([
            {"label": "Ours", "name": "ours", "description": "Cheap",
             "input_cost": 2e-7, "output_cost": 4e-7},
            {"label": "Odd", "name": "odd"}
        ]);
        let models = list.models(Kind::Chat, "chatOpenAI");
        assert_eq!(serde_json::to_value(models).unwrap(), expected);
        assert_eq!(list.regions(Kind::Chat, "chatOpenAI"), [Entry::new("eu", "Europe")]);
        let price = |model| list.price(Kind::Chat, "chatOpenAI", model);
        assert_eq!((price("ours"), price("odd")), (Some((2e-7, 4e-7)), None));
        assert!(list.models(Kind::Embedding, "chatOpenAI").is_empty());
        assert!(ModelList::parse("[]").is_err());
    }

    #[tokio::test]
    async fn a_list_of_one_s_own_replaces_the_nodes_it_names() {
        let own = r#"{"chat": [{"name": "chatOpenAI", "models": [{"name": "ours"}]}]}"#;
        let own = ModelList::parse(own).unwrap().over(&ModelList::shipped());
        let mut form = form(&json!({}));
        form.services = Arc::new(flowstone_testkit::services().with(Arc::new(own)));
        let ours = options(&form, Kind::Chat, "chatOpenAI", "listModels").unwrap();
        assert_eq!(ours, [Entry::new("ours", "ours")]);
        let kept = options(&form, Kind::Embedding, "openAIEmbeddings", "listModels").unwrap();
        assert_eq!(kept, ModelList::shipped().models(Kind::Embedding, "openAIEmbeddings"));
        assert!(options(&form, Kind::Chat, "chatOpenAI", "listTools").is_err());
    }
}
