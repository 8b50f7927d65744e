//! A real browser: Chromium without a window, spoken to in its own protocol over a pipe.
//!
//! What it complains about is kept, errors of scripts and refusals of the content security policy
//! among them, and so is what it asks for. It starts with an empty profile and is gone with the test.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};
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
    asked: Vec<String>,
}

static BROWSERS: AtomicUsize = AtomicUsize::new(0);

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
        let name = format!("chat-debug-browser-{}-{}", std::process::id(), BROWSERS.fetch_add(1, Relaxed));
        let profile = std::env::temp_dir().join(name);
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
        let (profile, complaints, asked) = (Profile(profile), Vec::new(), Vec::new());
        let mut browser = Self { process, profile, to, from, last: 0, session: None, complaints, asked };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach).await;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Log", "Network", "Page", "Runtime"] {
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
        self.evaluated(expression).await.unwrap_or_else(|wrong| panic!("{expression}: {wrong}"))
    }

    /// The same, or why there is none.
    async fn evaluated(&mut self, expression: &str) -> Result<Value, Value> {
        let evaluate = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut evaluated = self.answer("Runtime.evaluate", evaluate).await?;
        match evaluated.get("exceptionDetails") {
            Some(thrown) => Err(thrown.clone()),
            None => Ok(evaluated["result"]["value"].take()),
        }
    }

    /// Waits until an expression holds in the page.
    #[track_caller]
    pub fn until(&mut self, expression: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let begin = Instant::now();
            // On its way from one page to another it has neither.
            while self.evaluated(&format!("Boolean({expression})")).await != Ok(json!(true)) {
                if begin.elapsed() > PATIENCE {
                    let shown = self.evaluated("document.body?.innerText").await;
                    panic!("{caller}: never so: {expression}; {:?}; shown is {shown:?}", self.complaints);
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// What the window shows, as a PNG.
    pub async fn screenshot(&mut self) -> Vec<u8> {
        self.captured(json!({"format": "png"})).await
    }

    /// The same as a small WebP, for a page that people read.
    pub async fn picture(&mut self) -> Vec<u8> {
        self.captured(json!({"format": "webp", "quality": 85})).await
    }

    async fn captured(&mut self, how: Value) -> Vec<u8> {
        let captured = self.call("Page.captureScreenshot", how).await;
        STANDARD.decode(captured["data"].as_str().unwrap()).unwrap()
    }

    /// Has the page believe that the person prefers this: `light` or `dark`.
    pub async fn prefer(&mut self, scheme: &str) {
        let preferred = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", preferred).await;
    }

    /// Gives the window another size, as a phone or a screen has it.
    pub async fn resize(&mut self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Presses a key, which may be named: `Escape`.
    pub async fn press(&mut self, key: &str) {
        let text = if key.chars().count() == 1 { key } else { "" };
        // What the browser itself does at a key, it does by this number.
        let code = if key == "Escape" { 27 } else { 0 };
        for kind in ["keyDown", "keyUp"] {
            let pressed = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyDown" { text } else { "" }});
            self.call("Input.dispatchKeyEvent", pressed).await;
        }
    }

    /// Takes the network away, or gives it back.
    pub async fn offline(&mut self, is_offline: bool) {
        let network = json!({"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.call("Network.emulateNetworkConditions", network).await;
    }

    /// The address of everything that it asked for.
    pub fn asked(&self) -> &[String] {
        &self.asked
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
        self.answer(method, parameters).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The same, or why it was refused.
    async fn answer(&mut self, method: &str, parameters: Value) -> Result<Value, Value> {
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
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].take()),
                };
            }
            self.listen(&message["method"], &message["params"]);
        }
    }

    fn listen(&mut self, event: &Value, told: &Value) {
        if event == "Network.requestWillBeSent" {
            self.asked.extend(told["request"]["url"].as_str().map(str::to_owned));
        }
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
