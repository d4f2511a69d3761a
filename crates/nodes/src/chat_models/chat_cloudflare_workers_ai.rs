//! Chat models on Cloudflare Workers AI.

use flowstone_core::{Error, Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Chat, dialects};

use crate::openai_form::ChatForm;

const MODEL: Input<String> = Input::text("Model", "model")
    .default("@cf/meta/llama-3.1-8b-instruct-fast")
    .describe("Name of a text generation model in the catalog of Workers AI");
const BASE_URL: Input<Option<String>> = Input::text("Base URL", "baseUrl")
    .describe("Address of a gateway of AI Gateway that is called instead of Workers AI itself")
    .placeholder("https://gateway.ai.cloudflare.com/v1/ACCOUNT/GATEWAY/workers-ai")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Cloudflare Workers AI",
    name: "chatCloudflareWorkersAI",
    version: 1.0,
    kind: "ChatCloudflareWorkersAI",
    icon: "cloudflare.svg",
    category: "Chat Models",
    description: "Open models on Cloudflare's network",
    base_classes: &[
        "ChatCloudflareWorkersAI",
        "SimpleChatModel",
        "BaseChatModel",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["cloudflareApi"])),
    inputs: &[MODEL.field, BASE_URL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: ChatForm = ChatForm {
    numbers: &[],
    adjust: at_account,
    ..ChatForm::new(
        &SPEC,
        &dialects::CLOUDFLARE,
        Some(("cloudflareApiToken", "Cloudflare API Token")),
        MODEL,
    )
};

/// The account is part of the address.
fn at_account(inputs: &Inputs, chat: &mut Chat) -> Result<()> {
    chat.endpoint.base_url = match inputs.get(&BASE_URL)? {
        Some(address) => compatible(&address),
        None => {
            let credential = inputs.credential()?;
            let account = credential.require("cloudflareAccountId", "Cloudflare Account ID")?;
            if !account.chars().all(|it| it.is_ascii_alphanumeric()) {
                return Err(Error::Credential(
                    "the credential's Cloudflare Account ID holds more than letters and digits"
                        .to_owned(),
                ));
            }
            format!("https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1")
        }
    };
    Ok(())
}

/// The address of OpenAI's wire below one of Cloudflare's own.
fn compatible(address: &str) -> String {
    let address = address.trim().trim_end_matches('/');
    match address.strip_suffix("/run") {
        Some(root) => format!("{root}/v1"),
        None if address.ends_with("/workers-ai") => format!("{address}/v1"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_older_wire_leads_to_the_newer() {
        for (written, expected) in [
            ("https://x/accounts/1/ai/run/", "https://x/accounts/1/ai/v1"),
            ("https://gateway/v1/1/2/workers-ai", "https://gateway/v1/1/2/workers-ai/v1"),
            ("https://own.example/v1", "https://own.example/v1"),
        ] {
            assert_eq!(compatible(written), expected);
        }
    }
}
