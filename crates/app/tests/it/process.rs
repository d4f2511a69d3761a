//! The program as a child process.

use std::{
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
    sync::watch,
    task::JoinSet,
};

/// What the program says once it answers requests.
const READY: &str = "Flowstone is ready: ";
/// Longer than a start takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `flowstone start`; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) origin: String,
    log: Arc<watch::Sender<String>>,
    _reader: JoinSet<()>,
}

/// A command of the program with `home` as its home and working folder and nothing else of this
/// process's environment.
pub(crate) fn flowstone(home: &Path, arguments: &[&str]) -> Command {
    let mut command = program(home, env!("CARGO_BIN_EXE_flowstone"));
    command.args(arguments);
    command
}

/// Another program under the same conditions: one that starts the server in a special place.
#[expect(clippy::disallowed_methods, reason = "tests start the program from outside")]
pub(crate) fn program(home: &Path, name: &str) -> Command {
    let mut command = Command::new(name);
    command.env_clear().env("HOME", home).current_dir(home).kill_on_drop(true);
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

/// Runs a command to its end: whether it succeeded, its standard output and its standard error.
pub(crate) async fn finish(mut command: Command) -> (bool, String, String) {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

/// The same for a command that reads `input`.
pub(crate) async fn finish_with(mut command: Command, input: &str) -> (bool, String, String) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Dropped at the end of the line, which is the end of the input.
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

impl Server {
    /// Starts it in `home` on a free port of this machine and waits until it is ready.
    pub(crate) async fn start(home: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = flowstone(home, &["start"]);
        command.envs(variables.iter().copied());
        Self::of(command).await
    }

    /// The same for a command that somehow starts the program.
    pub(crate) async fn of(mut command: Command) -> Self {
        let told = |name: &str| command.as_std().get_envs().any(|(it, _)| it == name);
        let defaults = [("PORT", "0"), ("HOST", "127.0.0.1"), ("FLOWSTONE_EXAMPLES", "false")];
        let missing: Vec<_> = defaults.into_iter().filter(|(name, _)| !told(name)).collect();
        command.envs(missing).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(watch::Sender::new(String::new()));
        let written = log.clone();
        let mut reader = JoinSet::new();
        // Somebody must read on to the end, or a full pipe would stop the server.
        reader.spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                written.send_modify(|it| {
                    it.push_str(&line);
                    it.push('\n');
                });
            }
            written.send_modify(|it| it.push_str("(the program has ended)\n"));
        });
        let mut listener = log.subscribe();
        let said = listener.wait_for(|it| it.contains(READY) || it.contains("has ended"));
        let Ok(said) = tokio::time::timeout(PATIENCE, said).await else {
            panic!("not ready in time:\n{}", *log.borrow());
        };
        let said = said.unwrap().clone();
        let Some((_, rest)) = said.split_once(READY) else { panic!("it did not start:\n{said}") };
        let origin = rest.lines().next().unwrap().replace("localhost", "127.0.0.1");
        Self { child, origin, log, _reader: reader }
    }

    /// All that it has written so far.
    pub(crate) fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// Waits until it has written this.
    pub(crate) async fn says(&self, text: &str) {
        let mut listener = self.log.subscribe();
        let said = listener.wait_for(|it| it.contains(text));
        let Ok(said) = tokio::time::timeout(PATIENCE, said).await else {
            panic!("it did not say {text:?}:\n{}", self.log());
        };
        drop(said);
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, as `kill` and a service manager do; whether it ended well.
    pub(crate) async fn stop(mut self) -> bool {
        let id = self.id().to_string();
        let mut kill = program(Path::new("/"), "kill");
        kill.args(["-TERM", &id]);
        assert!(finish(kill).await.0, "the process is there");
        self.child.wait().await.unwrap().success()
    }
}
