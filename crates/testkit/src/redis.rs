//! A real Redis of Debian's package, started for one test and gone when dropped.

use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
};

use crate::Certificates;

/// A running Redis without anything in it; nothing it holds is written to a disk.
pub struct RedisProcess {
    port: u16,
    settings: Vec<String>,
    certificates: Option<Certificates>,
    child: Child,
}

impl RedisProcess {
    /// Starts a server with these settings of its command line and waits until it is ready.
    ///
    /// # Panics
    /// Where the Debian package `redis-server` is missing.
    pub fn start(settings: &[&str]) -> Self {
        Self::with(settings, None)
    }

    /// The same, which speaks TLS and nothing else.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub fn start_secured(settings: &[&str]) -> Self {
        Self::with(settings, Some(Certificates::new()))
    }

    fn with(settings: &[&str], certificates: Option<Certificates>) -> Self {
        let settings: Vec<String> = settings.iter().map(|it| (*it).to_owned()).collect();
        // Another process may take the port before the server does.
        let started = (0..5).find_map(|_| {
            let port = free_port();
            spawn(port, &settings, certificates.as_ref()).map(|child| (port, child))
        });
        let (port, child) = started.expect("redis-server did not start");
        Self { port, settings, certificates, child }
    }

    /// The certificate, in PEM, of the authority that vouches for it; empty where it speaks no TLS.
    pub fn authority(&self) -> Vec<u8> {
        self.certificates.as_ref().map(Certificates::authority).unwrap_or_default()
    }

    /// Its address with the word before it that clients are to go by.
    pub fn url(&self) -> String {
        let scheme = if self.certificates.is_some() { "rediss" } else { "redis" };
        format!("{scheme}://{}", self.address())
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, as an allow list names it.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends it, with all it holds, and starts it again in the same place.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn restart(&mut self) {
        self.stop();
        let child =
            (0..5).find_map(|_| spawn(self.port, &self.settings, self.certificates.as_ref()));
        self.child = child.expect("redis-server did not start again");
    }

    /// Ends it while its clients are still there.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for RedisProcess {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a server; `None` where it ends before it is ready.
#[expect(clippy::disallowed_methods, reason = "a server of a test; the product starts none")]
fn spawn(port: u16, settings: &[String], certificates: Option<&Certificates>) -> Option<Child> {
    // The server must not outlive a test that is killed.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig=TERM", "redis-server", "--bind", "127.0.0.1"]);
    command.args(["--port", &port.to_string(), "--save", "", "--appendonly", "no"]);
    if let Some(certificates) = certificates {
        command.args(certificates.settings_of_redis(port));
    }
    command.args(settings).current_dir(std::env::temp_dir());
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("setpriv is missing: install the Debian package util-linux");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    if lines.any(|it| it.contains("Ready to accept connections")) {
        // Whoever does not read on blocks the server when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        return Some(child);
    }
    let ended = child.wait().unwrap();
    assert_ne!(
        ended.code(),
        Some(127),
        "redis-server is missing: install the Debian package redis-server"
    );
    None
}
