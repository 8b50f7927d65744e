//! A real browser: Chromium without a window, spoken to in its own protocol over a pipe.
//!
//! What it complains about is kept, errors of scripts and refusals of the content security policy
//! among them. It starts with an empty profile and is gone with the test.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{Instant, sleep, timeout},
};

/// How long anything may take. A page is there in a second, unless every core is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Chromium speaks on the descriptors 3 and 4.
const ON_A_PIPE: &str = r#"exec chromium "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// A browser with one page.
pub struct Browser {
    process: Child,
    profile: Profile,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
    session: Option<String>,
    complaints: Vec<String>,
}

/// A folder that is removed in the end.
struct Profile(PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        // After a failed test the browser may still be writing. What it leaves lies among the temporary files.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

impl Browser {
    /// Starts it with an empty page.
    pub async fn start() -> Self {
        let profile = std::env::temp_dir().join(format!("chat-debug-browser-{}", std::process::id()));
        std::fs::create_dir_all(&profile).unwrap();
        let mut process = Command::new("sh")
            .args(["-c", ON_A_PIPE, "sh"])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--remote-debugging-pipe", "--window-size=1280,1600"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .env("TMPDIR", &profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let (profile, complaints) = (Profile(profile), Vec::new());
        let mut browser = Self { process, profile, to, from, last: 0, session: None, complaints };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach).await;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Log", "Page", "Runtime"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        browser
    }

    /// Goes to a page.
    pub async fn open(&mut self, url: &str) {
        let went = self.call("Page.navigate", json!({"url": url})).await;
        assert!(went.get("errorText").is_none(), "{url}: {went}");
    }

    /// The value of an expression in the page.
    pub async fn value(&mut self, expression: &str) -> Value {
        let evaluate = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut evaluated = self.call("Runtime.evaluate", evaluate).await;
        assert!(evaluated.get("exceptionDetails").is_none(), "{expression}: {evaluated}");
        evaluated["result"]["value"].take()
    }

    /// Waits until an expression holds in the page.
    #[track_caller]
    pub fn until(&mut self, expression: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let begin = Instant::now();
            while self.value(&format!("Boolean({expression})")).await != json!(true) {
                assert!(begin.elapsed() < PATIENCE, "{caller}: never so: {expression}; {:?}", self.complaints);
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// What the window shows, as a PNG.
    pub async fn screenshot(&mut self) -> Vec<u8> {
        let captured = self.call("Page.captureScreenshot", json!({"format": "png"})).await;
        STANDARD.decode(captured["data"].as_str().unwrap()).unwrap()
    }

    /// Has the page believe that the person prefers this: `light` or `dark`.
    pub async fn prefer(&mut self, scheme: &str) {
        let preferred = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", preferred).await;
    }

    /// Every violation of the page's security policy, and every error of its scripts.
    pub fn complaints(&self) -> &[String] {
        &self.complaints
    }

    /// Ends it, and waits until it has.
    pub async fn close(mut self) {
        self.session = None;
        self.call("Browser.close", json!({})).await;
        timeout(PATIENCE, self.process.wait()).await.expect("Chromium's end").unwrap();
        drop(self.profile);
    }

    /// One call of the protocol.
    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).await.expect(MISSING);
        loop {
            let mut bytes = Vec::new();
            timeout(PATIENCE, self.from.read_until(0, &mut bytes)).await.expect("an answer of Chromium").unwrap();
            assert!(bytes.pop().is_some(), "{MISSING}");
            let mut message: Value = serde_json::from_slice(&bytes).unwrap();
            if message["id"] == self.last {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
            self.listen(&message["method"], &message["params"]);
        }
    }

    fn listen(&mut self, event: &Value, told: &Value) {
        let is_complaint = match event.as_str() {
            Some("Log.entryAdded") => told["entry"]["level"] != "verbose" && told["entry"]["level"] != "info",
            Some("Runtime.consoleAPICalled") => told["type"] == "error" || told["type"] == "warning",
            Some("Runtime.exceptionThrown") => true,
            _ => false,
        };
        if is_complaint {
            self.complaints.push(told.to_string());
        }
    }
}

const MISSING: &str = "Chromium did not start. Install it, on Debian the package chromium.";
