//! An authority that nobody knows, and a server's certificate of it.

use std::{path::PathBuf, process::Command};

use tempfile::TempDir;

/// The files of a server on this machine, as `127.0.0.1` and `localhost`.
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// Makes both anew; they hold for two days.
    ///
    /// # Panics
    /// Where the Debian package `openssl` is missing.
    pub fn new() -> Self {
        let made = Self { folder: tempfile::tempdir().unwrap() };
        made.make("authority", &["-subj", "/CN=An authority of a test"]);
        made.make(
            "server",
            &[
                "-subj",
                "/CN=localhost",
                "-CA",
                "authority.pem",
                "-CAkey",
                "authority.key",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost",
            ],
        );
        made
    }

    /// The authority's certificate in PEM: who trusts it, trusts the server.
    ///
    /// # Panics
    /// Where the file is gone.
    pub fn authority(&self) -> Vec<u8> {
        std::fs::read(self.path("authority.pem")).unwrap()
    }

    /// What makes a Redis speak TLS on `port`, and nothing else.
    pub(crate) fn settings_of_redis(&self, port: u16) -> Vec<String> {
        let file = |name: &str| self.path(name).to_str().unwrap().to_owned();
        [
            ["--port".to_owned(), "0".to_owned()],
            ["--tls-port".to_owned(), port.to_string()],
            ["--tls-cert-file".to_owned(), file("server.pem")],
            ["--tls-key-file".to_owned(), file("server.key")],
            ["--tls-ca-cert-file".to_owned(), file("authority.pem")],
            // Clients sign in by a password, or not at all.
            ["--tls-auth-clients".to_owned(), "no".to_owned()],
        ]
        .concat()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "a tool of a test; the product starts none")]
    fn make(&self, name: &str, settings: &[&str]) {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(["req", "-x509", "-noenc", "-days", "2"]);
        command.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
        command.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
        let output = command.args(settings).output();
        let output = output.expect("openssl is missing: install the Debian package openssl");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl made no certificate:\n{said}");
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}
