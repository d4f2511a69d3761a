//! Refuses questions that OpenAI's moderation objects to.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Moderation, Node, Result, Spec, Verdict, spec::CredentialSlot,
};
use flowstone_providers::openai::{Endpoint, dialects};

use crate::openai_form::{self, Address, OPENAI_KEY};

const MESSAGE: Input<Option<String>> = Input::text("Error Message", "moderationErrorMessage")
    .rows(2)
    .default(DEFAULT_MESSAGE)
    .describe("What is answered to a refused question")
    .optional();
const DEFAULT_MESSAGE: &str =
    "Cannot Process! Input violates OpenAI's content moderation policies.";

static SPEC: Spec = Spec {
    label: "OpenAI Moderation",
    name: "inputModerationOpenAI",
    version: 1.0,
    kind: "Moderation",
    icon: "openai.svg",
    category: "Moderation",
    description: "Refuses questions that OpenAI's moderation objects to",
    base_classes: &["Moderation"],
    credential: Some(CredentialSlot::required(&["openAIApi"])),
    inputs: &[MESSAGE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct InputModerationOpenAi;

#[async_trait]
impl Node for InputModerationOpenAi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let (dialect, key) = (&dialects::OPENAI, Some(OPENAI_KEY));
        Ok(Capability::Moderation(Arc::new(Judge {
            endpoint: openai_form::endpoint(inputs, &SPEC, dialect, key, Address::Vendor)?,
            message: inputs.get(&MESSAGE)?.unwrap_or_else(|| DEFAULT_MESSAGE.to_owned()),
        })))
    }
}

struct Judge {
    endpoint: Endpoint,
    message: String,
}

#[async_trait]
impl Moderation for Judge {
    /// A question that cannot be judged is an error, not a question that may pass.
    async fn check(&self, question: &str) -> Result<Verdict> {
        if self.endpoint.flags(question).await? {
            return Ok(Verdict::Refused(self.message.clone()));
        }
        Ok(Verdict::Allowed)
    }
}

#[cfg(test)]
mod tests {
    use flowstone_providers::{HttpClient, HttpSettings};
    use flowstone_testkit::{FakeProvider, Reply};

    use super::*;

    #[tokio::test]
    async fn what_is_flagged_is_refused_and_what_cannot_be_judged_fails() {
        let provider = FakeProvider::start().await;
        let allow = vec![provider.address().to_owned()];
        let client = HttpClient::new(HttpSettings { allow, ..HttpSettings::default() }).unwrap();
        let endpoint = Endpoint::new(Arc::new(client), provider.base_url(), None);
        let judge = Judge { endpoint, message: "Blocked".to_owned() };
        let refused = Verdict::Refused("Blocked".to_owned());
        assert_eq!(judge.check("so [[flag]]").await.unwrap(), refused);
        assert_eq!(judge.check("hello").await.unwrap(), Verdict::Allowed);
        provider.reply(Reply::error(400, "no such model"));
        let said = judge.check("hello").await.unwrap_err().to_string();
        assert_eq!(said, "400 no such model");
    }
}
