//! Amazon's Signature Version 4 (docs.aws.amazon.com, "AWS Signature Version 4 for API requests").

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use url::Url;

use crate::http::{Method, Request, header::HeaderMap};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Everything but the unreserved characters of RFC 3986 is written as `%XX`.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` as it must stand in a path's segment or a query for the signature to hold.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, STRICT).to_string()
}

/// What a call is signed with. `Debug` shows no secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The public part.
    pub id: String,
    /// The secret part.
    pub secret: String,
    /// What goes with keys that hold for a while only.
    pub session: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Signs calls of one service in one region.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// Whose calls they are.
    pub keys: &'a Keys,
    /// Such as `us-east-1`.
    pub region: &'a str,
    /// The name that the service signs by, such as `s3` or `bedrock`.
    pub service: &'a str,
}

/// What of a call is signed.
struct Call<'a> {
    method: &'a str,
    url: &'a Url,
    headers: BTreeMap<String, String>,
    body: &'a [u8],
}

impl Signer<'_> {
    /// Adds the headers of the signature. The address, the headers and the body must be complete,
    /// the query written by [`encoded`]. A signature holds for some minutes.
    pub fn sign<'r>(&self, request: Request<'r>) -> Request<'r> {
        request.signed(|method, url, headers, body| {
            self.headers(method, url, headers, body, Utc::now())
        })
    }

    fn headers(
        &self,
        method: &Method,
        url: &Url,
        sent: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Vec<(&'static str, String)> {
        let time = now.format("%Y%m%dT%H%M%SZ").to_string();
        let mut added = vec![("x-amz-date", time.clone())];
        if self.service == "s3" {
            added.push(("x-amz-content-sha256", hash(body)));
        }
        added.extend(self.keys.session.clone().map(|it| ("x-amz-security-token", it)));
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        headers.extend(sent.iter().map(|(name, it)| (name.to_string(), text(it.as_bytes()))));
        headers.extend(added.iter().map(|(name, it)| ((*name).to_owned(), it.clone())));
        headers.insert("host".to_owned(), host(url));
        let call = Call { method: method.as_str(), url, headers, body };
        added.push(("authorization", self.authorization(&call, &time)));
        added
    }

    fn authorization(&self, call: &Call<'_>, time: &str) -> String {
        let date = time.get(..8).unwrap_or_default();
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let text =
            format!("{ALGORITHM}\n{time}\n{scope}\n{}", hash(self.canonical(call).as_bytes()));
        let start = format!("AWS4{}", self.keys.secret).into_bytes();
        let parts = [date, self.region, self.service, "aws4_request"];
        let key = parts.iter().fold(start, |key, part| keyed(&key, part.as_bytes()));
        let signature = hex::encode(keyed(&key, text.as_bytes()));
        let names = names(call);
        let id = &self.keys.id;
        format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
    }

    /// The call in the one way both sides write it.
    fn canonical(&self, call: &Call<'_>) -> String {
        let headers = call.headers.iter().map(|(name, value)| {
            let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            format!("{name}:{value}\n")
        });
        [
            call.method,
            &self.path(call.url),
            &query(call.url),
            &headers.collect::<String>(),
            &names(call),
            &hash(call.body),
        ]
        .join("\n")
    }

    /// Most services sign the path as it is sent, encoded once more; the store of objects signs what
    /// is meant by it.
    fn path(&self, url: &Url) -> String {
        let segment = |it: &str| match self.service {
            "s3" => {
                utf8_percent_encode(&percent_decode_str(it).decode_utf8_lossy(), STRICT).to_string()
            }
            _ => utf8_percent_encode(it, STRICT).to_string(),
        };
        url.path().split('/').map(segment).collect::<Vec<_>>().join("/")
    }
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn query(url: &Url) -> String {
    let Some(query) = url.query().filter(|it| !it.is_empty()) else { return String::new() };
    let part = |it: &str| {
        utf8_percent_encode(&percent_decode_str(it).decode_utf8_lossy(), STRICT).to_string()
    };
    let pair = |it: &str| {
        let (name, value) = it.split_once('=').unwrap_or((it, ""));
        (part(name), part(value))
    };
    let mut pairs: Vec<_> = query.split('&').map(pair).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn names(call: &Call<'_>) -> String {
    call.headers.keys().map(String::as_str).collect::<Vec<_>>().join(";")
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    // Keys of every length are fine for this; the error is for other kinds.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amazon's published examples: the test suite of the signature ("aws-sig-v4-test-suite") and
    /// those of the store of objects ("Authenticating Requests: Using the Authorization Header").
    #[test]
    fn published_examples_are_signed_as_published() {
        let suite = Keys {
            id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session: None,
        };
        let store = Keys {
            id: "AKIAIOSFODNN7EXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session: None,
        };
        let suite = Signer { keys: &suite, region: "us-east-1", service: "service" };
        let store = Signer { keys: &store, region: "us-east-1", service: "s3" };
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let range = [("range", "bytes=0-9")];
        let unreserved = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for (signer, method, path, sent, body, expected) in [
            (
                &suite,
                "GET",
                "/",
                &[][..],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                &suite,
                "GET",
                "/?Param2=value2&Param1=value1",
                &[],
                "",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                &suite,
                "GET",
                unreserved,
                &[],
                "",
                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            ),
            (
                &suite,
                "POST",
                "/",
                &[],
                "",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                &suite,
                "POST",
                "/",
                &form,
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
            (
                &store,
                "GET",
                "/test.txt",
                &range,
                "",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                &store,
                "GET",
                "/?max-keys=2&prefix=J",
                &[],
                "",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
            (
                &store,
                "GET",
                "/?lifecycle",
                &[],
                "",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
        ] {
            let (host, now) = match signer.service {
                "s3" => ("examplebucket.s3.amazonaws.com", "2013-05-24T00:00:00Z"),
                _ => ("example.amazonaws.com", "2015-08-30T12:36:00Z"),
            };
            let url = Url::parse(&format!("https://{host}{path}")).unwrap();
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.insert(*name, value.parse().unwrap());
            }
            let now = now.parse().unwrap();
            let method: Method = method.parse().unwrap();
            let added = signer.headers(&method, &url, &headers, body.as_bytes(), now);
            let said = &added.last().unwrap().1;
            assert!(said.ends_with(&format!("Signature={expected}")), "{method} {path}: {said}");
        }
    }

    #[test]
    fn a_session_is_signed_and_a_path_is_encoded_once_more() {
        let keys = Keys { id: "i".into(), secret: "s".into(), session: Some("t".into()) };
        let signer = Signer { keys: &keys, region: "us-east-1", service: "bedrock" };
        let url = Url::parse("https://h.example/model/a%3A1/invoke").unwrap();
        assert_eq!(signer.path(&url), "/model/a%253A1/invoke");
        let stored = Signer { service: "s3", ..signer };
        assert_eq!(
            stored.path(&Url::parse("https://h.example/a%20b/c+d").unwrap()),
            "/a%20b/c%2Bd"
        );
        let now = DateTime::UNIX_EPOCH;
        let added = signer.headers(&Method::GET, &url, &HeaderMap::new(), b"", now);
        assert!(added.contains(&("x-amz-security-token", "t".to_owned())));
        let expected = "SignedHeaders=host;x-amz-date;x-amz-security-token, ";
        assert!(added.last().unwrap().1.contains(expected));
        assert!(!format!("{keys:?}").contains("\"s\""));
    }
}
