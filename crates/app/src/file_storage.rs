//! Where the files lie that users gave to forms and chats: a folder, or a bucket of a cloud.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use bytes::Bytes;
use flowstone_core::Error;
use flowstone_providers::http::{Fetch, HttpClient};
use flowstone_storage::{Azure, Cloud, Google, GoogleKey, Outgoing, S3, Storage};

use crate::{
    config::{Config, Variables},
    installation::http_settings,
};

/// Longest answer of a cloud, in bytes: a file that was kept under a higher limit is still read.
const LONGEST: usize = 2 << 30;

/// Opens what `STORAGE_TYPE` names.
///
/// # Errors
/// The variable that is missing or wrong and what would be right.
pub(crate) fn open(config: &Config) -> Result<Storage> {
    let Some(cloud) = cloud(&config.variables)? else {
        return Ok(Storage::local(&config.files, config.body_limit)?);
    };
    let mut http = http_settings(&config.variables)?;
    // The operator named this server, as they name the database's, so it may be called wherever it
    // stands. Flows use another client, for which nothing changes.
    http.allow.extend(cloud.servers()?);
    let client = CloudClient(HttpClient::new(http)?);
    Ok(cloud.open(Arc::new(client), config.body_limit)?)
}

/// The bucket that the variables name; `None` where files stay on this machine.
fn cloud(variables: &Variables) -> Result<Option<Cloud>> {
    let kind = variables.get("STORAGE_TYPE").unwrap_or("local");
    let text = |name: &str| variables.get(name).map(str::to_owned);
    let required = |name: &str| {
        text(name).with_context(|| format!("{name} is not set: STORAGE_TYPE={kind} needs it"))
    };
    Ok(match kind {
        "local" => None,
        "s3" => Some(Cloud::S3(S3 {
            bucket: required("S3_STORAGE_BUCKET_NAME")?,
            region: required("S3_STORAGE_REGION")?,
            key: key(variables)?,
            endpoint: text("S3_ENDPOINT_URL"),
            path_style: variables.flag("S3_FORCE_PATH_STYLE", false)?,
            chain: S3::CHAIN.iter().filter_map(|name| Some((*name, text(name)?))).collect(),
        })),
        "gcs" => Some(Cloud::Google(Google {
            bucket: required("GOOGLE_CLOUD_STORAGE_BUCKET_NAME")?,
            key: google_key(variables)?,
        })),
        "azure" => {
            let container = required("AZURE_BLOB_STORAGE_CONTAINER_NAME")?;
            Some(Cloud::Azure(match variables.get("AZURE_BLOB_STORAGE_CONNECTION_STRING") {
                Some(text) => Azure::of_connection_string(container, text)?,
                None => Azure::of_account(
                    container,
                    required("AZURE_BLOB_STORAGE_ACCOUNT_NAME").context(
                        "AZURE_BLOB_STORAGE_CONNECTION_STRING is not set, nor is what may stand for it",
                    )?,
                    required("AZURE_BLOB_STORAGE_ACCOUNT_KEY")?,
                ),
            }))
        }
        other => bail!("STORAGE_TYPE: \"{other}\" is none of local, s3, gcs, azure"),
    })
}

/// The key for S3, which is whole or not there.
fn key(variables: &Variables) -> Result<Option<(String, String)>> {
    let (id, secret) = ("S3_STORAGE_ACCESS_KEY_ID", "S3_STORAGE_SECRET_ACCESS_KEY");
    match (variables.get(id), variables.get(secret)) {
        (Some(id), Some(secret)) => Ok(Some((id.to_owned(), secret.to_owned()))),
        (None, None) => Ok(None),
        (Some(_), None) => bail!("{secret} is not set: {id} means nothing without it"),
        (None, Some(_)) => bail!("{id} is not set: {secret} means nothing without it"),
    }
}

/// Who calls Google: the account of a file that is named, or of one where Google's own tools leave
/// it, or this machine's.
fn google_key(variables: &Variables) -> Result<GoogleKey> {
    const NAME: &str = "GOOGLE_CLOUD_STORAGE_CREDENTIAL";
    if let Some(path) = variables.path(NAME) {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{NAME}: {} cannot be read", path.display()))?;
        let json: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        if !json.is_some_and(|it| it["client_email"].is_string() && it["private_key"].is_string()) {
            bail!(
                "{NAME}: {} is no key file of a service account, JSON with client_email and \
                 private_key in it",
                path.display()
            );
        }
        return Ok(GoogleKey::ServiceAccount(text));
    }
    let usual = variables.path("HOME").map(|home| {
        home.join(".config").join("gcloud").join("application_default_credentials.json")
    });
    let file = match variables.path("GOOGLE_APPLICATION_CREDENTIALS") {
        Some(path) => Some(path),
        None => usual.filter(|it| it.is_file()),
    };
    Ok(file.map_or(GoogleKey::Machine, |it| GoogleKey::File(it.display().to_string())))
}

/// Calls to a bucket, by a client of `providers`.
struct CloudClient(HttpClient);

#[async_trait]
impl Outgoing for CloudClient {
    async fn call(
        &self,
        request: http::Request<Bytes>,
    ) -> flowstone_core::Result<http::Response<Bytes>> {
        let (head, body) = request.into_parts();
        let headers = head.headers.iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let fetch = Fetch {
            method: head.method.to_string(),
            url: head.uri.to_string(),
            headers: headers.collect(),
            // What writes says its length, and be it none.
            body: Some(body).filter(|it| !it.is_empty() || !head.method.is_safe()),
            limit: LONGEST,
        };
        let fetched = self.0.fetch(fetch).await?;
        let mut answer = http::Response::builder().status(fetched.status);
        for (name, value) in &fetched.headers {
            answer = answer.header(name, value);
        }
        answer.body(fetched.body).map_err(|error| Error::Transport(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Vec<String>>> {
        Ok(cloud(&Variables::of(pairs))?.map(|it| it.servers()).transpose()?)
    }

    fn said(pairs: &[(&str, &str)]) -> String {
        read(pairs).map(drop).err().map(|it| it.to_string()).unwrap_or_default()
    }

    #[test]
    fn nothing_set_is_the_disk_of_this_machine() {
        assert!(read(&[]).unwrap().is_none());
        assert!(
            read(&[("STORAGE_TYPE", "local"), ("S3_STORAGE_BUCKET_NAME", "b")]).unwrap().is_none()
        );
    }

    #[test]
    fn each_kind_calls_the_servers_that_were_named() {
        let s3 = [
            ("STORAGE_TYPE", "s3"),
            ("S3_STORAGE_BUCKET_NAME", "flow"),
            ("S3_STORAGE_REGION", "eu-central-1"),
            ("S3_STORAGE_ACCESS_KEY_ID", "id"),
            ("S3_STORAGE_SECRET_ACCESS_KEY", "secret"),
        ];
        assert_eq!(read(&s3).unwrap().unwrap(), ["flow.s3.eu-central-1.amazonaws.com:443"]);
        let with = |more: &[(&'static str, &'static str)]| {
            let all: Vec<(&str, &str)> = s3.iter().chain(more).copied().collect();
            read(&all).unwrap().unwrap()
        };
        let path = ("S3_FORCE_PATH_STYLE", "true");
        assert_eq!(with(&[path]), ["s3.eu-central-1.amazonaws.com:443"]);
        let own = ("S3_ENDPOINT_URL", "http://minio:9000");
        assert_eq!(with(&[own]), ["flow.minio:9000"]);
        assert_eq!(with(&[own, path]), ["minio:9000"]);
        assert_eq!(with(&[("S3_ENDPOINT_URL", "http://10.0.0.7:9000")]), ["10.0.0.7:9000"]);
        // Without a key, the machine is asked who it is.
        assert!(read(&s3[..3]).unwrap().unwrap().contains(&"169.254.169.254:80".to_owned()));
        let azure = [
            ("STORAGE_TYPE", "azure"),
            ("AZURE_BLOB_STORAGE_CONTAINER_NAME", "flow"),
            ("AZURE_BLOB_STORAGE_ACCOUNT_NAME", "ada"),
            ("AZURE_BLOB_STORAGE_ACCOUNT_KEY", "a2V5"),
        ];
        assert_eq!(read(&azure).unwrap().unwrap(), ["ada.blob.core.windows.net:443"]);
        let text = "AccountName=ada;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:10000/ada";
        let azure = [azure[0], azure[1], ("AZURE_BLOB_STORAGE_CONNECTION_STRING", text)];
        assert_eq!(read(&azure).unwrap().unwrap(), ["127.0.0.1:10000"]);
        let google = [
            ("STORAGE_TYPE", "gcs"),
            ("GOOGLE_CLOUD_STORAGE_BUCKET_NAME", "flow"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/key.json"),
        ];
        assert_eq!(read(&google).unwrap().unwrap(), ["storage.googleapis.com:443"]);
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_by_the_name_of_the_variable() {
        assert_eq!(
            said(&[("STORAGE_TYPE", "ftp")]),
            "STORAGE_TYPE: \"ftp\" is none of local, s3, gcs, azure"
        );
        let mut s3 = vec![("STORAGE_TYPE", "s3")];
        let expected = "S3_STORAGE_BUCKET_NAME is not set: STORAGE_TYPE=s3 needs it";
        assert_eq!(said(&s3), expected);
        s3.push(("S3_STORAGE_BUCKET_NAME", "b"));
        assert!(said(&s3).starts_with("S3_STORAGE_REGION is not set"));
        s3.push(("S3_STORAGE_REGION", "r"));
        s3.push(("S3_STORAGE_ACCESS_KEY_ID", "id"));
        assert!(said(&s3).starts_with("S3_STORAGE_SECRET_ACCESS_KEY is not set"));
        s3.pop();
        s3.push(("S3_ENDPOINT_URL", "minio"));
        assert!(said(&s3).starts_with("S3_ENDPOINT_URL: "), "{}", said(&s3));
        assert!(said(&[("STORAGE_TYPE", "gcs")]).starts_with("GOOGLE_CLOUD_STORAGE_BUCKET_NAME"));
        let gcs = [
            ("STORAGE_TYPE", "gcs"),
            ("GOOGLE_CLOUD_STORAGE_BUCKET_NAME", "b"),
            ("GOOGLE_CLOUD_STORAGE_CREDENTIAL", "/nowhere/key.json"),
        ];
        assert!(said(&gcs).starts_with("GOOGLE_CLOUD_STORAGE_CREDENTIAL: "));
        let azure = [
            ("STORAGE_TYPE", "azure"),
            ("AZURE_BLOB_STORAGE_CONTAINER_NAME", "c"),
            ("AZURE_BLOB_STORAGE_CONNECTION_STRING", "AccountKey=c2VjcmV0"),
        ];
        let wrong = said(&azure);
        assert!(wrong.starts_with("AZURE_BLOB_STORAGE_CONNECTION_STRING: "), "{wrong}");
        assert!(!wrong.contains("c2VjcmV0"), "{wrong}");
        assert!(said(&azure[..2]).contains("AZURE_BLOB_STORAGE_CONNECTION_STRING is not set"));
    }
}
