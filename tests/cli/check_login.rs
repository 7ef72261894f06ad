//! `check --login`: the test acts as the browser.

use super::rig::{Ran, Rig, SECRET, contents};
use bailiwick::demo::provider::RunningProvider;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Stdio};

/// The running command, and the browser that it waits for.
pub struct Trial {
    process: Child,
    out: BufReader<ChildStdout>,
    pub said: String,
    /// The address to open.
    address: String,
    client: reqwest::Client,
    cookies: String,
}

impl Trial {
    /// Starts the command and waits until it listens, without blocking the provider, which runs in
    /// this test.
    pub async fn start(rig: &Rig, options: &str) -> Self {
        let mut command = rig.command(&format!("check --login {options}"));
        let started = tokio::task::spawn_blocking(move || {
            let mut process = command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut out = BufReader::new(process.stdout.take().unwrap());
            let mut said = String::new();
            while !said.contains("Waiting for") {
                let read = out.read_line(&mut said).unwrap();
                assert!(read > 0, "{said}");
            }
            (process, out, said)
        });
        let (process, out, said) = started.await.unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            process,
            out,
            address: said.lines().nth(2).unwrap().trim().to_owned(),
            said,
            client,
            cookies: String::new(),
        }
    }

    /// Opens the address and signs in at the provider; returns the address of the redirect back.
    pub async fn choose(&mut self, person: &str) -> String {
        let begun = self.client.get(&self.address).send().await.unwrap();
        assert_eq!(begun.status(), 303);
        let cookie = begun.headers().get("set-cookie").unwrap().to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        self.cookies = cookie.split(';').next().unwrap().to_owned();
        let page = self.client.post(place(&begun)).form(&[("person", person)]);
        place(&page.send().await.unwrap())
    }

    /// Opens an address of the command; returns the status and the text.
    pub async fn open(&self, address: &str) -> (u16, String) {
        let request = self.client.get(address).header("cookie", &self.cookies);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The result of the command.
    pub fn end(mut self) -> Ran {
        let mut err = String::new();
        self.out.read_to_string(&mut self.said).unwrap();
        let mut stderr = self.process.stderr.take().unwrap();
        stderr.read_to_string(&mut err).unwrap();
        let code = self.process.wait().unwrap().code().unwrap_or(-1);
        let out = std::mem::take(&mut self.said);
        let ran = Ran { code, out, err };
        for secret in [SECRET, "eyJ"] {
            assert!(!ran.all().contains(secret), "{}", ran.all());
        }
        ran
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn place(answer: &reqwest::Response) -> String {
    let place = answer.headers().get("location").unwrap();
    place.to_str().unwrap().to_owned()
}

/// A rig with its configuration, and a provider with four people.
async fn ready(in_token: bool) -> (Rig, RunningProvider) {
    let rig = Rig::new();
    let provider = rig.provider_with(|settings| settings.groups_in_id_token(in_token));
    let provider = provider.await;
    rig.write("bailiwick.toml", &rig.config(provider.issuer()));
    (rig, provider)
}

#[track_caller]
fn tells(ran: &Ran, texts: &[&str]) {
    for text in texts {
        assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.all());
    }
}

#[actix_web::test]
async fn who_would_be_let_in_is_told_with_the_claims_and_what_they_give() {
    let (rig, _provider) = ready(false).await;
    let before = contents(&rig.path(""));
    let mut trial = Trial::start(&rig, "").await;
    // The public URL is on this machine and its port is free, so the redirect URI is the registered
    // one.
    assert!(
        trial
            .said
            .contains(&format!("{}/auth/callback\n", rig.root()))
    );
    let back = trial.choose("bob").await;
    let (status, page) = trial.open(&back).await;
    assert_eq!(
        (status, page.as_str()),
        (
            200,
            "You are signed in. The terminal says what you may do.\n"
        )
    );
    let ran = trial.end().well();
    tells(
        &ran,
        &[
            "The ID token, checked:\n{",
            "\"nonce\": ",
            "Userinfo, asked for the groups:\n{",
            "\"region\": \"emea\"",
            "Person: Bob Berger",
            "Claim:  from userinfo: groups came, with one group",
            "Role editor: from group editors",
            "rows: Region is emea (claim region)",
            "Decision: let in, as editor.",
        ],
    );
    assert_eq!(contents(&rig.path("")), before, "something was written");
}

#[actix_web::test]
async fn groups_in_the_id_token_make_userinfo_needless() {
    let (rig, _provider) = ready(true).await;
    let mut trial = Trial::start(&rig, "").await;
    let back = trial.choose("alice").await;
    trial.open(&back).await;
    tells(
        &trial.end().well(),
        &[
            "Userinfo was not asked.",
            "Claim:  in the ID token: groups came",
        ],
    );
}

#[actix_web::test]
async fn somebody_without_a_role_is_turned_away_with_code_1() {
    let (rig, _provider) = ready(false).await;
    let mut trial = Trial::start(&rig, "").await;
    let back = trial.choose("dave").await;
    trial.open(&back).await;
    let ran = trial.end();
    assert_eq!(ran.code, 1, "{}", ran.all());
    tells(
        &ran,
        &[
            "Person: Dave Novak",
            "groups came, with no groups in it",
            "Decision: turned away.",
        ],
    );
}

#[actix_web::test]
async fn a_refusal_is_told_with_its_cause() {
    let (rig, _provider) = ready(false).await;
    let wrong = rig.read("bailiwick.toml").replace(SECRET, "another-secret");
    rig.write("bailiwick.toml", &wrong);
    let mut trial = Trial::start(&rig, "").await;
    let back = trial.choose("alice").await;
    let (_, page) = trial.open(&back).await;
    assert!(page.contains("The terminal says why"), "{page}");
    let ran = trial.end();
    assert_eq!(ran.code, 1);
    tells(
        &ran,
        &["Decision: refused. the token endpoint refused the code: invalid_client"],
    );
    assert!(!ran.all().contains("another-secret"));
}

#[actix_web::test]
async fn only_the_browser_that_began_ends_it_and_only_once() {
    let (rig, _provider) = ready(false).await;
    let mut trial = Trial::start(&rig, "").await;
    let root = trial.address.clone();
    let back = trial.choose("alice").await;
    let made_up = format!("{root}auth/callback?code=x&state=y");
    let (status, _) = trial.open(&made_up).await;
    assert_eq!(status, 400, "a made-up state");
    let cookies = std::mem::take(&mut trial.cookies);
    let (status, page) = trial.open(&back).await;
    assert!(
        status == 400 && page.contains("cookie"),
        "without the cookie: {page}"
    );
    trial.cookies = format!("{}x", &cookies[..cookies.len() - 1]);
    let (status, page) = trial.open(&back).await;
    assert!(
        status == 400 && page.contains("another browser"),
        "of another browser: {page}"
    );
    trial.cookies = cookies;
    let (status, _) = trial
        .open(&format!("{back}&iss=https://other.example.com"))
        .await;
    assert_eq!(status, 400, "iss twice");
    let (status, _) = trial.open(&format!("{root}elsewhere")).await;
    assert_eq!(status, 404);
    // Everything else stays unchanged.
    let (status, _) = trial.open(&back).await;
    assert_eq!(status, 200);
    trial.end().well();
}

#[actix_web::test]
async fn an_answer_of_another_provider_is_refused() {
    for other in [Some("https://other.example.com"), None] {
        let (rig, _provider) = ready(false).await;
        let mut trial = Trial::start(&rig, "").await;
        let mut back = url::Url::parse(&trial.choose("alice").await).unwrap();
        let kept: Vec<(String, String)> = back
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| name != "iss")
            .collect();
        back.query_pairs_mut().clear().extend_pairs(kept);
        if let Some(other) = other {
            back.query_pairs_mut().append_pair("iss", other);
        }
        let (_, page) = trial.open(back.as_str()).await;
        assert!(page.contains("The terminal says why"), "{page}");
        let ran = trial.end();
        assert_eq!(ran.code, 1, "{other:?}");
        tells(&ran, &["Decision: refused.", "iss"]);
    }
}

#[actix_web::test]
async fn where_the_public_url_is_taken_another_port_is_named() {
    let (rig, provider) = ready(false).await;
    let _panel = TcpListener::bind(rig.listen).unwrap();
    let port = super::rig::free_address().port();
    let redirect = format!("http://127.0.0.1:{port}/auth/callback");
    provider.register_redirect_uri(&redirect);
    let mut trial = Trial::start(&rig, &format!("--port {port}")).await;
    assert!(trial.said.contains(&redirect), "{}", trial.said);
    let back = trial.choose("alice").await;
    assert!(back.starts_with(&redirect));
    trial.open(&back).await;
    trial.end().well();
    let ran = rig
        .run(&format!("check --login --port {}", rig.listen.port()))
        .await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("choose another port as --port"),
        "{}",
        ran.err
    );
}

#[actix_web::test]
async fn it_does_not_wait_for_ever_nor_for_a_provider_that_is_down() {
    let (rig, provider) = ready(false).await;
    let ran = rig.run("check --login --timeout 1s").await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .contains("nobody came back from the provider within 1 s"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("redirect URI"));
    provider.stop().await;
    let ran = rig.run("check --login").await;
    assert_eq!(ran.code, 1);
    assert!(!ran.out.contains("Open this address"), "{}", ran.out);
    let ran = rig.run("check --port 1").await;
    assert_eq!(ran.code, 2, "a port without --login");
}
