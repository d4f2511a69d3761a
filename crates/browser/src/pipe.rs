//! The browser's process and the two pipes it is told by: JSON texts, each with a zero byte behind it.

use std::{path::Path, process::Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{Error, Result};

/// Longest text of the browser, in bytes.
const LONGEST: u64 = 128 << 20;

/// Puts the pipes where the browser looks for them; its own words go nowhere.
const SHELL: &str = "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null";

/// What keeps the browser from reaching anything by itself, and from things a page has no need of.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--remote-debugging-pipe",
    // Port 9 discards what it gets, where there is something at all; loopback is no exception.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    // Frames of other sites stay in the process whose calls are answered.
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,DnsOverHttps,NetworkPrediction,Translate,\
     MediaRouter,OptimizationHints,AutofillServerCommunication,PrivacySandboxSettings4",
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-notifications",
    "--disable-sync",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
    "--window-size=1280,1024",
];

/// A browser that is running. It ends when this is dropped, and its folder goes.
pub(crate) struct Pipe {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// What of a text has come, so that waiting for it may be broken off.
    read: Vec<u8>,
    _process: Child,
    _folder: TempDir,
}

impl Pipe {
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let broken = |error: std::io::Error| Error::Broken(error.kind().to_string());
        let folder = tempfile::Builder::new().prefix("flowstone-browser-").tempdir();
        let folder = folder.map_err(broken)?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the browser that the operator installed is the one program of this crate"
        )]
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SHELL, "sh"]).arg(program).args(FLAGS);
        if is_root(folder.path()) {
            // It refuses to put processes of the superuser into its sandbox.
            command.arg("--no-sandbox");
        }
        let mut profile = std::ffi::OsString::from("--user-data-dir=");
        profile.push(folder.path());
        command.arg(profile).arg("about:blank");
        // Keys of the installation are none of the browser's business.
        command.env_clear().env("HOME", folder.path()).env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.kill_on_drop(true).spawn().map_err(broken)?;
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Error::Broken("it has no pipes".to_owned()));
        };
        let from = BufReader::with_capacity(256 * 1024, from);
        Ok(Self { to, from, read: Vec::new(), _process: process, _folder: folder })
    }

    pub(crate) async fn send(&mut self, message: &Value) -> Result<()> {
        let mut text = message.to_string().into_bytes();
        text.push(0);
        let sent = async {
            self.to.write_all(&text).await?;
            self.to.flush().await
        };
        sent.await.map_err(|_| ended())
    }

    /// The next text. May be broken off and asked for again.
    pub(crate) async fn receive(&mut self) -> Result<Value> {
        let left = LONGEST.saturating_sub(self.read.len() as u64);
        let come = (&mut self.from).take(left).read_until(0, &mut self.read).await;
        come.map_err(|_| ended())?;
        if self.read.pop() != Some(0) {
            return Err(ended());
        }
        let text = std::mem::take(&mut self.read);
        serde_json::from_slice(&text).map_err(|_| Error::Broken("it speaks no JSON".to_owned()))
    }
}

fn ended() -> Error {
    Error::Broken("it ended, or never started".to_owned())
}

/// Whether this process is the superuser's, as the folder it just made says.
#[cfg(unix)]
fn is_root(made: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    made.metadata().is_ok_and(|it| it.uid() == 0)
}

#[cfg(not(unix))]
fn is_root(_: &Path) -> bool {
    false
}
