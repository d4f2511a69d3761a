//! Text that is spoken: OpenAI's speech and ElevenLabs.

use std::sync::Arc;

use bytes::Bytes;
use flowstone_core::{Error, Result};
use futures::{StreamExt, stream, stream::BoxStream};
use serde::Deserialize;
use serde_json::json;

use crate::{
    failure,
    http::{HttpClient, Response, Retry},
};

/// Longest list of voices, in bytes.
const LONGEST_LIST: usize = 4 * 1024 * 1024;

/// A voice that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// What a call names it by.
    pub id: String,
    /// What people read.
    pub name: String,
    /// Its group, where the vendor has such.
    pub category: Option<String>,
}

/// Who speaks.
#[derive(Clone)]
pub struct Speaker {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Whose service it is.
    pub vendor: &'static Vendor,
    /// The key.
    pub key: String,
    /// Another server than the vendor's own, up to and without the path of a call.
    pub base_url: Option<String>,
}

/// A vendor of speech: what differs between them.
#[derive(Debug)]
pub struct Vendor {
    /// Its name in the settings of a flow.
    pub name: &'static str,
    /// Field of a credential that holds the key.
    pub key_field: &'static str,
    /// What that field is called in the credential's form.
    pub key_label: &'static str,
    base_url: &'static str,
    wire: Wire,
    usual_voice: &'static str,
    usual_model: &'static str,
}

#[derive(Debug)]
enum Wire {
    OpenAi { voices: &'static [&'static str] },
    ElevenLabs,
}

/// Every vendor of speech.
pub static VENDORS: &[Vendor] = &[
    Vendor {
        name: "openai",
        key_field: "openAIApiKey",
        key_label: "OpenAI Api Key",
        base_url: "https://api.openai.com/v1",
        wire: Wire::OpenAi {
            voices: &[
                "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage",
                "shimmer",
            ],
        },
        usual_voice: "alloy",
        usual_model: "gpt-4o-mini-tts",
    },
    Vendor {
        name: "elevenlabs",
        key_field: "elevenLabsApiKey",
        key_label: "ElevenLabs API Key",
        base_url: "https://api.elevenlabs.io",
        wire: Wire::ElevenLabs,
        usual_voice: "21m00Tcm4TlvDq8ikWAM",
        usual_model: "eleven_multilingual_v2",
    },
];

/// The vendor called `name`.
///
/// # Errors
/// `Unsupported` naming those there are.
pub fn vendor(name: &str) -> Result<&'static Vendor> {
    VENDORS.iter().find(|it| it.name == name).ok_or_else(|| {
        let names: Vec<&str> = VENDORS.iter().map(|it| it.name).collect();
        let known = names.join(", ");
        Error::Unsupported(format!("provider: {name:?} does not speak here; there are {known}"))
    })
}

impl Vendor {
    /// The voices that need no call to be known.
    pub fn fixed_voices(&self) -> Option<Vec<Voice>> {
        let Wire::OpenAi { voices } = self.wire else { return None };
        let named = voices.iter().map(|id| {
            let mut letters = id.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            Voice { id: (*id).to_owned(), name: first + letters.as_str(), category: None }
        });
        Some(named.collect())
    }
}

impl Speaker {
    /// The voices to choose from.
    ///
    /// # Errors
    /// The vendor's, for those that have to be asked.
    pub async fn voices(&self) -> Result<Vec<Voice>> {
        if let Some(voices) = self.vendor.fixed_voices() {
            return Ok(voices);
        }
        let request = self.http.get(&self.url("v2/voices"))?;
        let request = request.header("xi-api-key", &self.key).query("page_size", 100);
        let request = request.query("voice_type", "default").query("category", "premade");
        let answer: Voices = self.good(request.send().await?).await?.json(LONGEST_LIST).await?;
        let voices = answer.voices.into_iter();
        Ok(voices
            .map(|it| Voice { id: it.voice_id, name: it.name, category: it.category })
            .collect())
    }

    /// Speaks `text`: the pieces of an MP3, as they come. Dropping the stream ends the call.
    ///
    /// # Errors
    /// The vendor's, before the first piece.
    pub async fn speak(
        &self,
        text: &str,
        voice: Option<&str>,
        model: Option<&str>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let voice = voice.unwrap_or(self.vendor.usual_voice);
        let model = model.unwrap_or(self.vendor.usual_model);
        let request = match self.vendor.wire {
            Wire::OpenAi { .. } => {
                let body = json!({
                    "model": model, "voice": voice, "input": text, "response_format": "mp3",
                });
                self.http.post(&self.url("audio/speech"))?.bearer(&self.key).json(&body)
            }
            Wire::ElevenLabs => {
                let voice: String =
                    url::form_urlencoded::byte_serialize(voice.as_bytes()).collect();
                let path = self.url(&format!("v1/text-to-speech/{voice}/stream"));
                let body = json!({ "text": text, "model_id": model });
                self.http.post(&path)?.header("xi-api-key", &self.key).json(&body)
            }
        };
        let response = self.good(request.retry(Retry::Always).send().await?).await?;
        let pieces = stream::try_unfold(response, |mut response| async move {
            Ok(response.chunk().await?.map(|piece| (piece, response)))
        });
        Ok(pieces.boxed())
    }

    fn url(&self, path: &str) -> String {
        let base = self.base_url.as_deref().unwrap_or(self.vendor.base_url);
        format!("{}/{path}", base.trim().trim_end_matches('/'))
    }

    async fn good(&self, response: Response) -> Result<Response> {
        failure::checked(response, Some(&self.key)).await
    }
}

#[derive(Deserialize)]
struct Voices {
    #[serde(default)]
    voices: Vec<ListedVoice>,
}

#[derive(Deserialize)]
struct ListedVoice {
    voice_id: String,
    #[serde(default)]
    name: String,
    category: Option<String>,
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};
    use futures::TryStreamExt;

    use super::*;
    use crate::HttpSettings;

    fn speaker(site: &FakeSite, name: &str) -> Speaker {
        let address = site.url("/");
        let place = url::Url::parse(&address).unwrap();
        let allow = vec![format!("127.0.0.1:{}", place.port().unwrap())];
        let settings = HttpSettings { allow, attempts: 1, ..HttpSettings::default() };
        Speaker {
            http: Arc::new(HttpClient::new(settings).unwrap()),
            vendor: vendor(name).unwrap(),
            key: "sk-1".to_owned(),
            base_url: Some(address.trim_end_matches('/').to_owned()),
        }
    }

    #[tokio::test]
    async fn each_vendor_is_asked_in_its_own_words() {
        let site = FakeSite::start([]).await;
        site.put("/audio/speech", SitePage::new("audio/mpeg", "loud"));
        site.put("/v1/text-to-speech/a%2Fb/stream", SitePage::new("audio/mpeg", "soft"));
        site.put(
            "/v2/voices?page_size=100&voice_type=default&category=premade",
            SitePage::new(
                "application/json",
                r#"{"voices":[{"voice_id":"v1","name":"Rachel","category":"premade"}]}"#,
            ),
        );
        for (name, voice, said) in [("openai", None, "loud"), ("elevenlabs", Some("a/b"), "soft")] {
            let speaker = speaker(&site, name);
            let pieces = speaker.speak("Hello", voice, None).await.unwrap();
            let pieces: Vec<Bytes> = pieces.try_collect().await.unwrap();
            assert_eq!(pieces.concat(), said.as_bytes(), "{name}");
        }
        let voices = speaker(&site, "elevenlabs").voices().await.unwrap();
        assert_eq!((voices[0].id.as_str(), voices[0].name.as_str()), ("v1", "Rachel"));
        let voices = speaker(&site, "openai").voices().await.unwrap();
        assert_eq!((voices.len(), voices[0].name.as_str()), (10, "Alloy"));
        assert!(vendor("nobody").unwrap_err().to_string().contains("openai, elevenlabs"));
    }

    #[tokio::test]
    async fn a_refusal_is_told_before_anything_is_heard() {
        let site = FakeSite::start([]).await;
        let said = speaker(&site, "openai").speak("Hello", None, None).await.err().unwrap();
        assert!(matches!(said, Error::Provider { status: 404, .. }), "{said}");
    }
}
