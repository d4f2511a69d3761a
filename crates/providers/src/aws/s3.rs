//! The store of objects (S3), and those that speak like it.

use std::sync::Arc;

use bytes::Bytes;
use flowstone_core::{Error, Result};

use super::{Access, Signer, answer, domain, encoded};
use crate::{HttpClient, http::Response};

/// Longest list of objects, in bytes: a thousand entries with long names.
const LONGEST: usize = 8 * 1024 * 1024;

/// A bucket.
pub struct Bucket {
    /// The shared client.
    pub http: Arc<HttpClient>,
    /// Whose calls they are; those of nobody in particular where it is not said, for public buckets.
    pub access: Option<Arc<Access>>,
    /// Its name.
    pub name: String,
    /// Where it lies, such as `us-east-1`.
    pub region: String,
    /// A server that speaks like Amazon's; its buckets are the first part of paths.
    pub endpoint: Option<String>,
}

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name, with slashes.
    pub key: String,
    /// Its length in bytes.
    pub size: u64,
}

impl Bucket {
    /// The objects whose names begin with `prefix`, by name, at most `most`; without the empty ones
    /// that stand for folders.
    ///
    /// # Errors
    /// The store's own words where it refuses; `Transport` where it cannot be reached.
    pub async fn list(&self, prefix: &str, most: usize) -> Result<Vec<Object>> {
        let mut objects = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = Vec::new();
            query.extend(next.as_ref().map(|it| format!("continuation-token={}", encoded(it))));
            query.push("list-type=2".to_owned());
            query.extend(
                Some(prefix)
                    .filter(|it| !it.is_empty())
                    .map(|it| format!("prefix={}", encoded(it))),
            );
            let response = self.call(&format!("/?{}", query.join("&"))).await?;
            let said = answer::texts(&response.text(LONGEST).await?)?;
            let (listed, token) = entries(said)?;
            objects.extend(listed.into_iter().filter(|it| !it.key.ends_with('/')));
            if objects.len() >= most || token.is_none() || token == next {
                objects.truncate(most);
                return Ok(objects);
            }
            next = token;
        }
    }

    /// The content of the object called `key`.
    ///
    /// # Errors
    /// As [`list`](Self::list), and where it is longer than `limit` bytes.
    pub async fn get(&self, key: &str, limit: usize) -> Result<Bytes> {
        if key.split('/').any(|it| matches!(it, "." | "..")) {
            let reason = format!("{key:?} cannot be asked for: a part of it is . or ..");
            return Err(Error::Unsupported(reason));
        }
        let path = key.split('/').map(encoded).collect::<Vec<_>>().join("/");
        self.call(&format!("/{path}")).await?.bytes(limit).await
    }

    async fn call(&self, path: &str) -> Result<Response> {
        let request = self.http.get(&format!("{}{path}", self.address()?))?.stay();
        let Some(access) = &self.access else {
            return answer::checked(request.send().await?, None).await;
        };
        let keys = access.keys().await?;
        let signer = Signer { keys: &keys, region: &self.region, service: "s3" };
        let response = signer.sign(request).send().await?;
        answer::checked(response, Some(&keys.secret)).await
    }

    fn address(&self) -> Result<String> {
        let name = self.name.trim();
        let plain = |it: u8| it.is_ascii_alphanumeric() || b"-._".contains(&it);
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(plain) {
            let reason = format!("{name:?} is no name of a bucket, such as my-files");
            return Err(Error::Unsupported(reason));
        }
        let region = self.region.trim();
        if region.is_empty() || !region.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-') {
            return Err(Error::Unsupported(format!("{region:?} is no region, such as us-east-1")));
        }
        if let Some(endpoint) = &self.endpoint {
            return Ok(format!("{}/{name}", endpoint.trim().trim_end_matches('/')));
        }
        let domain = domain(region);
        // A dot in the name would make a host that the certificate does not cover.
        if name.contains('.') {
            return Ok(format!("https://s3.{region}.{domain}/{name}"));
        }
        Ok(format!("https://{name}.s3.{region}.{domain}"))
    }
}

/// The objects of a list, and where the next one begins.
fn entries(said: Vec<(String, String)>) -> Result<(Vec<Object>, Option<String>)> {
    let mut objects = Vec::new();
    let (mut key, mut size, mut next) = (None, 0, None);
    for (name, text) in said {
        match name.as_str() {
            "Key" => key = Some(text),
            "Size" => {
                size = text.trim().parse().map_err(|_| {
                    Error::Transport("the list of objects says a size that is no number".into())
                })?;
            }
            "/Contents" => {
                objects.extend(key.take().map(|key| Object { key, size }));
                size = 0;
            }
            "NextContinuationToken" => next = Some(text),
            _ => {}
        }
    }
    Ok((objects, next))
}

#[cfg(test)]
mod tests {
    use flowstone_core::Credential;
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::HttpSettings;

    fn page(keys: &[(&str, u64)], next: &str) -> SitePage {
        let entry = |(key, size): &(&str, u64)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>x</LastModified><Size>{size}</Size>\
                     <Owner><ID>o</ID></Owner></Contents>"
            )
        };
        let entries = keys.iter().map(entry).collect::<String>();
        SitePage::new(
            "application/xml",
            format!(
                "<?xml version=\"1.0\"?>\n<ListBucketResult>\
            <Name>b</Name>{entries}{next}</ListBucketResult>"
            ),
        )
    }

    fn bucket(site: &FakeSite, keys: bool) -> Bucket {
        let allow = vec![site.address().to_owned()];
        let settings = HttpSettings { allow, attempts: 1, ..HttpSettings::default() };
        let http = Arc::new(HttpClient::new(settings).unwrap());
        let fields = [("awsKey", "k"), ("awsSecret", "s"), ("awsSession", "t")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let access = Access::of(http.clone(), &Credential::new(fields.into()), "us-east-1");
        Bucket {
            http,
            access: keys.then(|| Arc::new(access.unwrap())),
            name: "b".into(),
            region: "us-east-1".into(),
            endpoint: Some(site.url("")),
        }
    }

    #[tokio::test]
    async fn objects_are_listed_page_by_page_and_read_in_bounds() {
        let site = FakeSite::start([
            (
                "/b/?list-type=2&prefix=a%20b%2F",
                page(
                    &[("a b/", 0), ("a b/1&amp;2.txt", 5)],
                    "<NextContinuationToken>n/1=</NextContinuationToken>",
                ),
            ),
            (
                "/b/?continuation-token=n%2F1%3D&list-type=2&prefix=a%20b%2F",
                page(&[("a b/3.txt", 6), ("a b/4.txt", 7)], ""),
            ),
            ("/b/a%20b/1%262.txt", SitePage::new("text/plain", "hello")),
        ])
        .await;
        let bucket = bucket(&site, true);
        let found = bucket.list("a b/", 2).await.unwrap();
        let object = |key: &str, size| Object { key: key.into(), size };
        assert_eq!(found, [object("a b/1&2.txt", 5), object("a b/3.txt", 6)]);
        assert_eq!(bucket.get("a b/1&2.txt", 5).await.unwrap(), "hello");
        assert!(bucket.get("a b/1&2.txt", 4).await.is_err(), "longer than is allowed");
        let call = site.calls().pop().unwrap();
        assert_eq!(call.headers["x-amz-security-token"], "t");
        assert!(call.headers["authorization"].contains("/us-east-1/s3/aws4_request"));
    }

    #[tokio::test]
    async fn refusals_are_told_in_the_store_s_words() {
        let error = |code: &str, message: &str| {
            let xml = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            SitePage::new("application/xml", xml)
        };
        let site = FakeSite::start([
            ("/b/gone", error("NoSuchKey", "The key does not exist").status(404)),
            ("/b/html", SitePage::html("<p>proxy</p>").status(502)),
        ])
        .await;
        let open = bucket(&site, false);
        let said = open.get("gone", 9).await.unwrap_err().to_string();
        assert_eq!(said, "404 The key does not exist (NoSuchKey)");
        assert!(!site.calls()[0].headers.contains_key("authorization"), "nobody in particular");
        let said = open.get("html", 9).await.unwrap_err().to_string();
        assert_eq!(said, format!("502 is what {} answered", site.address()));
    }

    #[test]
    fn a_bucket_is_part_of_the_host_or_of_the_path() {
        let http = Arc::new(HttpClient::new(HttpSettings::default()).unwrap());
        let address = |name: &str, region: &str, endpoint: Option<&str>| {
            let (name, region) = (name.to_owned(), region.to_owned());
            let endpoint = endpoint.map(str::to_owned);
            Bucket { http: http.clone(), access: None, name, region, endpoint }.address().ok()
        };
        for (name, region, endpoint, expected) in [
            ("b", "eu-west-1", None, "https://b.s3.eu-west-1.amazonaws.com"),
            ("b", "cn-north-1", None, "https://b.s3.cn-north-1.amazonaws.com.cn"),
            ("b.c", "eu-west-1", None, "https://s3.eu-west-1.amazonaws.com/b.c"),
            ("b", "x", Some("http://localhost:9000/"), "http://localhost:9000/b"),
        ] {
            assert_eq!(address(name, region, endpoint).as_deref(), Some(expected));
        }
        for (name, region) in
            [("", "x"), ("a/b", "x"), ("../a", "x"), ("a@evil", "x"), ("a", "x.evil/")]
        {
            assert_eq!(address(name, region, None), None, "{name} {region}");
        }
    }
}
