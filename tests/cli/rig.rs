//! A folder with a database and a configuration, a provider beside it, and the binary.

use bailiwick::demo::provider::{self, ProviderSettings, RunningProvider};
use diesel::SqliteConnection;
use diesel::connection::{Connection, SimpleConnection};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub const CLIENT: &str = "panel";
/// Must never appear in any output.
pub const SECRET: &str = "s3cr3t-of-the-client";

const SCHEMA: &str = "
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, region TEXT NOT NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, number TEXT NOT NULL,
        customer_id INTEGER NOT NULL REFERENCES customers (id), total NUMERIC, margin NUMERIC);
    CREATE VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;
    INSERT INTO customers VALUES (1, 'Ada', 'emea');";

const ROLES: &str = r#"
[roles.admin]
groups = ["admins"]
[[roles.admin.grants]]
on = ["*"]
may = ["view", "create", "edit", "delete", "export", "history"]

[roles.editor]
groups = ["editors"]
[[roles.editor.grants]]
on = ["customers"]
may = ["view", "edit"]
rows = ["region=eq:{claim.region}"]
[[roles.editor.grants]]
on = ["orders"]
may = ["view"]
hide = ["margin"]
"#;

/// A folder to run the panel in.
pub struct Rig {
    folder: TempDir,
    pub listen: SocketAddr,
}

/// The result of running the binary.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Rig {
    /// Makes a folder with `data.db`.
    pub fn new() -> Self {
        let rig = Self {
            folder: tempfile::tempdir().unwrap(),
            listen: free_address(),
        };
        rig.execute(SCHEMA);
        rig
    }

    /// Runs SQL on the database; returns the connection, which keeps its locks.
    pub fn execute(&self, sql: &str) -> SqliteConnection {
        let path = self.path("data.db");
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(sql).unwrap();
        conn
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn root(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// A provider at which this panel is registered.
    pub async fn provider(&self) -> RunningProvider {
        self.provider_with(|settings| settings).await
    }

    pub async fn provider_with(
        &self,
        change: impl FnOnce(ProviderSettings) -> ProviderSettings,
    ) -> RunningProvider {
        let settings = ProviderSettings::new(CLIENT, SECRET)
            .redirect_uri(format!("{}/auth/callback", self.root()));
        let anywhere = ([127, 0, 0, 1], 0).into();
        provider::start(anywhere, change(settings)).await.unwrap()
    }

    /// A correct configuration.
    pub fn config(&self, issuer: &str) -> String {
        format!(
            "[server]\nlisten = \"{listen}\"\npublic_url = \"{root}\"\n\
             [database]\nurl = \"data.db\"\n\
             [oidc]\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\n\
             client_secret = \"{SECRET}\"\n{ROLES}",
            listen = self.listen,
            root = self.root(),
        )
    }

    /// Writes a file that only its owner can read.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary in this folder, with a clean environment.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path());
        for (name, _) in std::env::vars() {
            let is_proxy = name.to_lowercase().ends_with("_proxy");
            if is_proxy || name.starts_with("BAILIWICK") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs the binary to its end, without blocking other tasks of the test.
    pub async fn run(&self, line: &str) -> Ran {
        self.run_with(line, &[], "").await
    }

    pub async fn run_with(&self, line: &str, variables: &[(&str, &str)], input: &str) -> Ran {
        let mut command = self.command(line);
        command.envs(variables.iter().copied());
        let input = input.to_owned();
        let output = tokio::task::spawn_blocking(move || finish(command, &input));
        let ran = Ran::from(output.await.unwrap());
        assert!(!ran.all().contains(SECRET), "{line}: {}", ran.all());
        ran
    }

    /// Runs `check` on this configuration.
    pub async fn check(&self, config: &str) -> Ran {
        self.write("bailiwick.toml", config);
        self.run("check --config bailiwick.toml").await
    }
}

fn finish(mut command: Command, input: &str) -> Output {
    use std::io::Write;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // A command that fails early does not read its input.
    let _ = pipe.write_all(input.as_bytes());
    drop(pipe);
    child.wait_with_output().unwrap()
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The failed findings.
    pub fn failures(&self) -> Vec<&str> {
        let lines = self.out.lines();
        lines.filter(|line| line.starts_with("fail  ")).collect()
    }

    /// Requires code 0.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.all());
        self
    }

    /// Requires exactly one failure, with these texts in its message and remedy.
    #[track_caller]
    pub fn only_failure(&self, texts: &[&str]) {
        let failures = self.failures();
        assert_eq!((self.code, failures.len()), (1, 1), "{}", self.all());
        self.tells(failures[0], texts);
    }

    /// Requires a warning with these texts, and no failure.
    #[track_caller]
    pub fn warning(&self, texts: &[&str]) {
        assert_eq!(self.code, 0, "{}", self.all());
        let lines = self.out.lines();
        let mut warnings = lines.filter(|line| line.starts_with("warn  "));
        let found = warnings.find(|line| line.contains(texts[0]));
        self.tells(found.unwrap_or_else(|| panic!("{}", self.all())), texts);
    }

    /// Requires a note with this text.
    #[track_caller]
    pub fn note(&self, text: &str) {
        let mut lines = self.out.lines();
        let found = lines.any(|line| line.starts_with("note  ") && line.contains(text));
        assert!(found, "no note {text:?} in\n{}", self.all());
    }

    #[track_caller]
    fn tells(&self, line: &str, texts: &[&str]) {
        assert!(line.contains(" \u{2014} "), "no remedy: {line}");
        for text in texts {
            assert!(line.contains(text), "{text:?} is not in {line}");
        }
    }
}

pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// Every file in a folder, with its content.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}
