//! What is sent to each kind of bucket, and what its answers become.

use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use flowstone_core::{FilePlace, services::Files as _};

use super::*;

const CHAT: FilePlace<'_> = FilePlace::Chat { workspace: "w", flow: "f", chat: "c" };

/// Writes down calls and answers them in turn.
#[derive(Default)]
struct Script {
    answers: Mutex<Vec<Result<http::Response<Bytes>>>>,
    calls: Mutex<Vec<String>>,
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Result<http::Response<Bytes>>>) -> Arc<Self> {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        Arc::new(Self { answers: Mutex::new(answers), calls: Mutex::default() })
    }

    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Outgoing for Script {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let signed = request.headers().get("authorization").map_or("", |it| it.to_str().unwrap());
        let how = signed.split([' ', ':']).next().unwrap_or_default();
        self.calls.lock().unwrap().push(format!("{} {} {how}", request.method(), request.uri()));
        self.answers.lock().unwrap().pop().unwrap_or_else(|| Ok(answer(404, "")))
    }
}

fn answer(status: u16, body: &'static str) -> http::Response<Bytes> {
    http::Response::builder()
        .status(status)
        .header("content-length", body.len())
        .header("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("etag", "\"1\"")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

fn s3(endpoint: Option<&str>, path_style: bool) -> Cloud {
    Cloud::S3(S3 {
        bucket: "flow".to_owned(),
        region: "eu-central-1".to_owned(),
        key: Some(("id".to_owned(), "secret".to_owned())),
        endpoint: endpoint.map(str::to_owned),
        path_style,
        chain: Vec::new(),
    })
}

/// A file that is written and read: the calls that were made for it.
async fn exchanged(cloud: Cloud) -> Vec<String> {
    let script = Script::of([Ok(answer(201, "")), Ok(answer(200, "tea"))]);
    let storage = cloud.open(script.clone(), 1024).unwrap();
    storage.write(CHAT, "a b.txt", b"tea".to_vec()).await.unwrap();
    assert_eq!(storage.read(CHAT, "a b.txt").await.unwrap(), b"tea");
    script.calls()
}

#[tokio::test]
async fn each_cloud_is_called_at_its_address_and_in_its_manner() {
    let clouds = [
        (s3(None, false), "https://flow.s3.eu-central-1.amazonaws.com/", "AWS4-HMAC-SHA256"),
        (s3(None, true), "https://s3.eu-central-1.amazonaws.com/flow/", "AWS4-HMAC-SHA256"),
        (s3(Some("http://minio:9000/"), true), "http://minio:9000/flow/", "AWS4-HMAC-SHA256"),
        (s3(Some("http://minio:9000"), false), "http://flow.minio:9000/", "AWS4-HMAC-SHA256"),
        (s3(Some("http://[::1]:9000"), false), "http://[::1]:9000/flow/", "AWS4-HMAC-SHA256"),
        (
            Cloud::Azure(Azure::of_account("flow".into(), "ada".into(), "a2V5".into())),
            "https://ada.blob.core.windows.net/flow/",
            "SharedKey",
        ),
        (
            Cloud::Azure(
                Azure::of_connection_string(
                    "flow".into(),
                    "AccountName=ada;AccountKey=a2V5;BlobEndpoint=http://10.0.0.7:10000/ada;",
                )
                .unwrap(),
            ),
            "http://10.0.0.7:10000/ada/flow/",
            "SharedKey",
        ),
    ];
    for (cloud, address, how) in clouds {
        let calls = exchanged(cloud).await;
        let key = "w/flows/f/chats/c/a%20b.txt";
        assert_eq!(
            calls,
            [format!("PUT {address}{key} {how}"), format!("GET {address}{key} {how}")]
        );
    }
}

#[tokio::test]
async fn a_key_of_an_emulator_names_its_address() {
    let json = r#"{"private_key":"x","private_key_id":"x","client_email":"x",
        "gcs_base_url":"http://10.0.0.7:4443","disable_oauth":true}"#;
    let key = GoogleKey::ServiceAccount(json.to_owned());
    let cloud = Cloud::Google(Google { bucket: "flow".to_owned(), key });
    assert_eq!(cloud.servers().unwrap(), ["10.0.0.7:4443"]);
    let calls = exchanged(cloud).await;
    // Google's keys are one segment of an address; an emulator is called without a key.
    let address = "http://10.0.0.7:4443/flow/w%2Fflows%2Ff%2Fchats%2Fc%2Fa%20b%2Etxt";
    assert_eq!(calls, [format!("PUT {address} Bearer"), format!("GET {address} ")]);
}

#[tokio::test]
async fn a_shared_access_signature_goes_along_in_the_address() {
    let text = "BlobEndpoint=https://ada.blob.core.windows.net;\
                SharedAccessSignature=sv=2024-11-04&sig=a%2Fb%3D";
    let azure = Azure::of_connection_string("flow".into(), text).unwrap();
    let calls = exchanged(Cloud::Azure(azure)).await;
    assert!(calls[0].contains("sv=2024-11-04&sig=a%2Fb%3D"), "{calls:?}");
}

#[tokio::test]
async fn a_missing_file_is_none_and_no_trouble() {
    let storage = s3(None, false).open(Script::of([]), 1024).unwrap();
    let said = storage.read(CHAT, "a.txt").await.unwrap_err().to_string();
    assert_eq!(said, "there is no stored file \"a.txt\"");
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_stays_is_told_without_the_address() {
    let script = Script::of([
        Ok(answer(503, "")),
        Err(Error::Transport("broke off".to_owned())),
        Ok(answer(200, "tea")),
        Ok(answer(403, "<Error><Code>AccessDenied</Code></Error>")),
        Err(Error::AddressRefused("not that one".to_owned())),
    ]);
    let storage = s3(None, false).open(script.clone(), 1024).unwrap();
    assert_eq!(storage.read(CHAT, "a.txt").await.unwrap(), b"tea");
    assert_eq!(script.calls().len(), 3);
    for _ in ["the key may not", "the address may not"] {
        let said = storage.write(CHAT, "a.txt", b"tea".to_vec()).await.unwrap_err().to_string();
        assert_eq!(said, "a stored file could not be written");
    }
    assert_eq!(script.calls().len(), 5, "neither helps to ask again");
}

#[test]
fn an_address_with_a_password_or_none_at_all_is_refused() {
    for endpoint in ["http://me:pass@minio:9000", "minio:9000", "ftp://minio", ""] {
        let said = s3(Some(endpoint), false).servers().unwrap_err().to_string();
        assert!(said.starts_with("S3_ENDPOINT_URL: "), "{said}");
        assert!(!said.contains("pass"), "{said}");
    }
}
