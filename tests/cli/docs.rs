//! Runs every command and snippet of README.md and docs/, because people copy them.

use super::rig::Rig;
use bailiwick::config::Config;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A fenced block of a page.
struct Block {
    /// `docs/install.md:12`.
    place: String,
    /// The text after the fence: `toml grant`.
    info: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = docs
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .chain([root().join("README.md")])
        .collect();
    pages.sort();
    pages
}

fn name_of(page: &Path) -> String {
    page.strip_prefix(root()).unwrap().display().to_string()
}

fn blocks() -> Vec<Block> {
    let mut all = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let mut open: Option<Block> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let fence = line.trim_start().strip_prefix("```");
            match (&mut open, fence) {
                (None, Some(info)) => {
                    open = Some(Block {
                        place: format!("{}:{number}", name_of(&page)),
                        info: info.to_owned(),
                        text: String::new(),
                    });
                }
                (Some(_), Some(_)) => all.extend(open.take()),
                (Some(block), None) => block.text.push_str(&format!("{}\n", line.trim_start())),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", page.display());
    }
    all
}

/// The words of a command line, without its comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut is_begun) = (String::new(), None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') => (quote, is_begun) = (Some(c), true),
            (None, '#') if word.is_empty() => break,
            (None, ' ') => {
                if is_begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                is_begun = false;
            }
            (None, c) => word.push(c),
        }
    }
    if is_begun || !word.is_empty() {
        words.push(word);
    }
    words
}

#[test]
fn every_kind_of_block_is_one_that_is_tried() {
    let kinds = [
        "sh",
        "toml",
        "toml grant",
        "toml dependency",
        "json",
        "ini",
        "sql",
        "rust",
        "rust,no_run",
        "text",
    ];
    for block in blocks() {
        assert!(
            kinds.contains(&block.info.as_str()),
            "{}: {}",
            block.place,
            block.info
        );
    }
}

#[test]
fn every_configuration_of_the_docs_is_understood() {
    let mut tried = 0;
    for block in blocks()
        .iter()
        .filter(|block| matches!(block.info.as_str(), "toml" | "toml grant"))
    {
        let mut text = match block.info.as_str() {
            "toml grant" => format!(
                "[roles.r]\ngroups = [\"g\"]\n[[roles.r.grants]]\n{}",
                block.text
            ),
            _ => block.text.clone(),
        };
        if !text.contains("[database]") {
            text.push_str("[database]\nurl = \"data.db\"\n");
        }
        if !text.contains("[oidc]") {
            text.push_str("[oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"p\"\nclient_secret = \"s\"\n");
        }
        // Files that do not exist on a test machine.
        let lines = text.lines().map(|line| {
            if line.trim_start().starts_with("client_secret_file") {
                "client_secret = \"s\""
            } else {
                line
            }
        });
        let text: Vec<&str> = lines.collect();
        let config = Config::parse(&text.join("\n"), &block.place, std::iter::empty());
        let config = config.unwrap_or_else(|error| panic!("{}: {error}", block.place));
        assert_eq!(config.warnings, Vec::<String>::new(), "{}", block.place);
        tried += 1;
    }
    assert!(tried >= 5, "{tried}");
}

#[test]
fn every_feature_of_the_docs_is_there() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let mut tried = 0;
    for block in blocks() {
        if block.info == "toml dependency" {
            let table: toml::Table = block.text.parse().unwrap();
            let features = table["dependencies"]["bailiwick"]["features"].as_array();
            for feature in features.unwrap() {
                let feature = feature.as_str().unwrap();
                assert!(manifest["features"].get(feature).is_some(), "{feature}");
                tried += 1;
            }
        }
    }
    assert!(tried > 0);
}

#[test]
fn every_json_of_the_docs_is_json() {
    for block in blocks().iter().filter(|block| block.info == "json") {
        let json = serde_json::from_str::<serde_json::Value>(&block.text);
        assert!(json.is_ok(), "{}: {json:?}", block.place);
    }
}

/// A rig with everything that the docs mention.
async fn company(rig: &Rig, issuer: &str) {
    rig.write("bailiwick.toml", &rig.config(issuer));
    rig.write("claims.json", "{\"sub\": \"1\", \"groups\": [\"admins\"]}");
    rig.run("migrate").await.well();
    rig.execute(
        "INSERT INTO bailiwick_people (issuer, subject, name, email, first_seen_at, last_seen_at, groups, groups_note, claims)
         VALUES ('i', 's', 'Ada', 'ada@example.com', '2026-11-01 08:00:00', '2026-11-01 08:00:00', '[\"admins\"]', 'found', '{}');
         INSERT INTO bailiwick_audit (at, actor_issuer, actor_subject, actor_name, roles, action, request_id)
         VALUES ('2026-11-20 09:30:00', 'i', 's', 'Ada', 'admin', 'sign-in', 'AB12-CD34-EF56')",
    );
}

/// A command that runs until it is stopped: waits for this text in its output.
fn until_said(mut command: Command, text: &str) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let said = out.lines().any(|line| line.unwrap().contains(text));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said, "{command:?} never said {text:?}");
}

/// Runs one command of a page.
async fn try_out(rig: &Rig, place: &str, line: &str) {
    let mut words = words(line);
    let is_variable = |word: &String| {
        word.split_once('=')
            .is_some_and(|(name, _)| name.starts_with("BAILIWICK"))
    };
    let count = words.iter().take_while(|word| is_variable(word)).count();
    let variables: Vec<String> = words.drain(..count).collect();
    let Some(program) = words.first().cloned() else {
        return;
    };
    let arguments: Vec<String> = words
        .iter()
        .skip(1)
        .map(|word| {
            if word.starts_with("postgres://") {
                "data.db".to_owned()
            } else {
                word.replace("127.0.0.1:8080", &rig.listen.to_string())
            }
        })
        .collect();
    match program.as_str() {
        "systemctl" => return try_systemctl(place, &arguments),
        "sqlite3" => return try_sqlite3(rig, place, &arguments),
        "cargo" => return try_cargo(rig, place, &arguments),
        "curl" => {
            let url = &arguments[0];
            let path = url
                .strip_prefix(&rig.root())
                .unwrap_or_else(|| panic!("{place}: {url}"));
            assert!(
                ["/healthz", "/readyz", "/metrics"].contains(&path),
                "{place}: {url}"
            );
            return;
        }
        "bailiwick" => {}
        other => panic!("{place}: {other} is not tried"),
    }
    let mut command = rig.command("");
    command.args(&arguments);
    for variable in &variables {
        let (name, value) = variable.split_once('=').unwrap();
        let value = if value.starts_with("postgres://") {
            "data.db"
        } else {
            value
        };
        command.env(name, value);
    }
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    if has("serve") {
        return until_said(command, "the panel is served");
    }
    if has("--login") {
        return until_said(command, "/auth/callback");
    }
    let out = arguments
        .iter()
        .skip_while(|argument| *argument != "--out")
        .nth(1);
    if let Some(out) = out {
        let _ = std::fs::remove_file(rig.path(out));
    }
    let ran = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output()).await;
    let ran = ran.unwrap().unwrap();
    assert!(
        ran.status.success(),
        "{place}: {line}\n{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
}

/// Enables nothing on this machine. The unit must be the one saved by the page before, and have an
/// install section.
fn try_systemctl(place: &str, arguments: &[String]) {
    let [verb, rest @ ..] = arguments else {
        panic!("{place}: systemctl does nothing");
    };
    let known = [
        "enable",
        "disable",
        "start",
        "stop",
        "restart",
        "status",
        "daemon-reload",
    ];
    assert!(known.contains(&verb.as_str()), "{place}: {verb}");
    let (options, units): (Vec<&String>, Vec<&String>) =
        rest.iter().partition(|word| word.starts_with('-'));
    assert!(
        options.iter().all(|option| *option == "--now"),
        "{place}: {options:?}"
    );
    let (file, _) = place.rsplit_once(':').unwrap();
    let page = std::fs::read_to_string(root().join(file)).unwrap();
    for unit in units {
        let saved = format!("`/etc/systemd/system/{unit}.service`");
        assert!(page.contains(&saved), "{place}: {saved} is not there");
    }
}

/// Whether a program is installed.
fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).exists())
}

/// Runs the `sqlite3` shell, if installed, on a database with rows.
fn try_sqlite3(rig: &Rig, place: &str, arguments: &[String]) {
    let [file, command] = arguments else {
        panic!("{place}: {arguments:?}");
    };
    if !is_there("sqlite3") {
        return;
    }
    std::fs::copy(rig.path("data.db"), rig.path(file)).unwrap();
    let ran = Command::new("sqlite3")
        .args([file, command])
        .current_dir(rig.path(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.is_empty(), "{place}: {said}");
    let copy = command.split('\'').nth(1).unwrap();
    let rows = Command::new("sqlite3")
        .args([copy, "SELECT count(*) FROM customers"])
        .current_dir(rig.path(""))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&rows.stdout), "1\n", "{place}");
}

/// Cargo is not run inside its own tests, but its arguments must exist.
fn try_cargo(rig: &Rig, place: &str, arguments: &[String]) {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let after = |word: &str| {
        arguments
            .iter()
            .skip_while(|argument| *argument != word)
            .nth(1)
    };
    if let Some(feature) = after("--features") {
        assert!(
            manifest.contains(&format!("\n{feature} = [")),
            "{place}: {feature}"
        );
    }
    let known = ["run", "test", "build", "install"];
    assert!(
        known.contains(&arguments[0].as_str()),
        "{place}: {arguments:?}"
    );
    if let Some(command) = after("--") {
        assert_eq!(command, "demo", "{place}");
        let free = super::rig::free_address;
        let line = format!("demo --data d --listen {} --idp-listen {}", free(), free());
        until_said(rig.command(&line), "Press Ctrl+C to stop.");
    }
}

#[actix_web::test]
async fn every_command_of_the_docs_runs() {
    let mut tried = 0;
    for block in blocks().iter().filter(|block| block.info == "sh") {
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            // Each in a separate folder, as a reader would start.
            let rig = Rig::new();
            let provider = rig.provider().await;
            company(&rig, provider.issuer()).await;
            try_out(&rig, &block.place, line).await;
            provider.stop().await;
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
}

#[actix_web::test]
async fn every_command_in_the_text_is_understood() {
    let rig = Rig::new();
    company(&rig, "https://id.example.com").await;
    let mut tried = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        // Text between backticks, on one line.
        let spans = text.split('`').skip(1).step_by(2);
        let commands = spans.filter(|span| span.starts_with("bailiwick ") && !span.contains('\n'));
        for span in commands.filter(|span| !span.contains(['[', '|'])) {
            let arguments: Vec<String> = words(span).into_iter().skip(1).collect();
            let is_server = |word: &String| matches!(word.as_str(), "serve" | "demo" | "--login");
            let mut command = rig.command("");
            command.args(&arguments).stdin(Stdio::null());
            if arguments.iter().any(is_server) {
                command.arg("--help");
            }
            let ran = command.output().unwrap();
            // Code 2 means an invalid command. A command without its arguments is only named, not
            // run.
            let said = String::from_utf8_lossy(&ran.stderr);
            let is_named = arguments.len() == 1 && said.contains("required");
            assert!(
                ran.status.code() != Some(2) || is_named,
                "{}: {span}: {said}",
                name_of(&page)
            );
            tried += 1;
        }
    }
    assert!(tried >= 8, "{tried}");
}

/// The statements of a page, run by an account that may; then rolled back.
#[test]
fn every_statement_of_the_docs_is_taken() {
    let Ok(server) = std::env::var("BAILIWICK_TEST_POSTGRES") else {
        return;
    };
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let mut tried = 0;
    for block in blocks().iter().filter(|block| block.info == "sql") {
        let mut conn = PgConnection::establish(&server).unwrap();
        // The page's subject: the account, and the panel's own tables.
        conn.batch_execute("BEGIN; CREATE ROLE panel").unwrap();
        for table in ["people", "sessions"] {
            let own = format!("CREATE TABLE public.bailiwick_{table} (id INTEGER)");
            conn.batch_execute(&own).unwrap();
        }
        let ran = conn.batch_execute(&block.text);
        assert!(ran.is_ok(), "{}: {ran:?}", block.place);
        conn.batch_execute("ROLLBACK").unwrap();
        tried += 1;
    }
    assert!(tried >= 1);
}

/// Lets systemd verify the unit, if it is installed.
#[test]
fn systemd_takes_the_unit() {
    if !is_there("systemd-analyze") {
        return;
    }
    let blocks = blocks();
    let unit = blocks.iter().find(|block| block.info == "ini").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bailiwick.service");
    let program = env!("CARGO_BIN_EXE_bailiwick");
    let text = unit.text.replace("/usr/local/bin/bailiwick", program);
    std::fs::write(&file, text.replace("User=bailiwick", "User=root")).unwrap();
    let ran = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&file)
        .output();
    let ran = ran.unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    let about_it = said
        .lines()
        .filter(|line| line.contains("bailiwick.service"));
    assert_eq!(about_it.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[actix_web::test]
async fn the_unit_starts_what_there_is() {
    let blocks = blocks();
    let unit = blocks.iter().find(|block| block.info == "ini").unwrap();
    assert!(unit.text.contains("Type=notify\n"), "{}", unit.text);
    let start = unit
        .text
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .unwrap();
    let line = start.strip_prefix("/usr/local/bin/bailiwick ").unwrap();
    let ran = Rig::new().run(&format!("{line} --help")).await.well();
    assert!(ran.out.contains("Serve the panel"), "{}", ran.out);
}

#[test]
fn every_link_of_the_docs_leads_somewhere() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link}", name_of(&page));
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                let mut headings = text
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .map(anchor);
                assert!(
                    headings.any(|one| one == heading),
                    "{}: {link}",
                    name_of(&page)
                );
            }
        }
    }
}

/// The anchor of a heading, as Git hosting sites form it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
