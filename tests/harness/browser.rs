//! A real browser: Chromium without a window, spoken to in its own protocol over a pipe.
//!
//! What it complains about is kept, errors of scripts and refusals of the content security policy
//! among them, and so is what it asks for, whose [`Fate`] a test decides. It starts with an empty profile and is gone
//! with the test.

mod fate;
pub mod measure;
mod network;

pub use fate::Fate;

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

/// Where files go that a page hands over, within the browser's profile.
const DOWNLOADS: &str = "downloads";

/// Chromium speaks on the descriptors 3 and 4.
const ON_A_PIPE: &str = r#"exec chromium "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// A browser with a page, or with more: what is said and asked is said to and asked of one of them.
pub struct Browser {
    process: Child,
    profile: Profile,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
    session: Option<String>,
    /// The tabs, by their targets and sessions.
    tabs: Vec<[String; 2]>,
    complaints: Vec<String>,
    asked: Vec<String>,
    /// The ends of addresses, what happens to their requests, and to how many of them still.
    fates: Vec<(String, Fate, usize)>,
    /// The requests that wait for it.
    paused: Vec<Value>,
    /// What a trace has brought so far, and whether that is all.
    traced: (Vec<Value>, bool),
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
        std::fs::create_dir_all(profile.join(DOWNLOADS)).unwrap();
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
        let mut browser = Self {
            process,
            profile: Profile(profile),
            to,
            from,
            last: 0,
            session: None,
            tabs: Vec::new(),
            complaints: Vec::new(),
            asked: Vec::new(),
            fates: Vec::new(),
            paused: Vec::new(),
            traced: (Vec::new(), false),
        };
        let downloads = json!({"behavior": "allow", "downloadPath": browser.downloads()});
        browser.call("Browser.setDownloadBehavior", downloads).await;
        browser.open_tab().await;
        browser
    }

    /// Opens another tab, and goes on in it.
    pub async fn open_tab(&mut self) {
        self.session = None;
        let target = self.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call("Target.attachToTarget", attach).await;
        self.tabs.push([&target["targetId"], &session["sessionId"]].map(|id| id.as_str().unwrap().to_owned()));
        self.go_to_tab(self.tabs.len() - 1).await;
        for domain in ["Log", "Network", "Page", "Runtime"] {
            self.call(&format!("{domain}.enable"), json!({})).await;
        }
    }

    /// Goes on in the tab that was opened first, second and so on; its reader sees it, and no other.
    pub async fn go_to_tab(&mut self, place: usize) {
        let [target, session] = self.tabs[place].clone();
        self.session = None;
        self.call("Target.activateTarget", json!({"targetId": target})).await;
        self.session = Some(session);
    }

    /// What can be used or read on the page, as a screen reader has it: roles and names.
    pub async fn accessible(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({})).await;
        let said = |of: &Value| of["value"].as_str().unwrap_or_default().trim().to_owned();
        let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] == false);
        nodes.map(|node| (said(&node["role"]), said(&node["name"]))).collect()
    }

    /// Goes to a page.
    pub async fn open(&mut self, url: &str) {
        let went = self.call("Page.navigate", json!({"url": url})).await;
        assert!(went.get("errorText").is_none(), "{url}: {went}");
    }

    /// Has a script run before those of every page that is opened from now on.
    pub async fn prepare(&mut self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
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

    /// Clicks on an element with the mouse, once nothing covers it, and again if it has moved meanwhile.
    #[track_caller]
    pub fn click(&mut self, element: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        let place = format!(
            "(async () => {{
                const element = {element};
                if (!element || element.disabled) return null;
                element.scrollIntoView({{block: 'center', inline: 'center'}});
                const place = () => {{
                    const box = element.getBoundingClientRect();
                    return {{x: box.x + box.width / 2, y: box.y + box.height / 2}};
                }};
                const {{x, y}} = place();
                // What is still being loaded may move it.
                for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
                const top = document.elementFromPoint(x, y);
                const isThere = element.contains(top) || top?.closest('label')?.contains(element);
                if (!isThere || place().x !== x || place().y !== y) return null;
                window.wasClicked = false;
                element.addEventListener('click', () => (window.wasClicked = true), {{capture: true, once: true}});
                return {{x, y}};
            }})()"
        );
        async move {
            let begin = Instant::now();
            loop {
                match self.evaluated(&place).await {
                    Ok(mut event) if event.is_object() => {
                        for (kind, button) in
                            [("mouseMoved", "none"), ("mousePressed", "left"), ("mouseReleased", "left")]
                        {
                            (event["type"], event["button"], event["clickCount"]) =
                                (json!(kind), json!(button), json!(1));
                            self.call("Input.dispatchMouseEvent", event.clone()).await;
                        }
                        // A page that it has led away from says nothing of it.
                        if self.evaluated("window.wasClicked").await != Ok(json!(false)) {
                            return;
                        }
                    }
                    _ if begin.elapsed() < PATIENCE => {}
                    other => {
                        let shown = self.evaluated("document.body?.innerText").await;
                        let told = &self.complaints;
                        panic!("{caller}: never to be clicked on: {place}: {other:?}; {told:?}; shown is {shown:?}");
                    }
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Writes into what has the focus.
    pub async fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// The next file that the page hands over, by its name.
    pub async fn downloaded(&mut self) -> (String, Vec<u8>) {
        let begin = Instant::now();
        loop {
            // Until it is whole, it has a name of the browser's, and at times an empty file keeps its own for it.
            let mut files = std::fs::read_dir(self.downloads()).into_iter().flatten().map(|file| file.unwrap().path());
            let whole = files.find(|file| {
                let name = file.file_name().unwrap().to_str().unwrap();
                let named = !name.starts_with('.') && !name.ends_with(".crdownload");
                named && file.metadata().is_ok_and(|file| file.len() > 0)
            });
            if let Some(file) = whole {
                let bytes = std::fs::read(&file).unwrap();
                std::fs::remove_file(&file).unwrap();
                return (file.file_name().unwrap().to_str().unwrap().to_owned(), bytes);
            }
            assert!(begin.elapsed() < PATIENCE, "no file came: {:?}", self.complaints);
            self.evaluated("0").await.unwrap();
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn downloads(&self) -> PathBuf {
        self.profile.0.join(DOWNLOADS)
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

    /// Shows the page as it would be printed, or again as on a screen.
    pub async fn paper(&mut self, is_paper: bool) {
        let media = json!({"media": if is_paper { "print" } else { "" }});
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    /// Has the page believe that the person has chosen the colours of everything.
    pub async fn force_colours(&mut self) {
        let forced = json!({"features": [{"name": "forced-colors", "value": "active"}]});
        self.call("Emulation.setEmulatedMedia", forced).await;
    }

    /// Gives the window another size, as a phone or a screen has it.
    pub async fn resize(&mut self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Presses a key, which may be named: `Escape`.
    pub async fn press(&mut self, key: &str) {
        // What the browser itself does at a key, it does by its number.
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Escape" => ("", 27),
            _ => (key, 0),
        };
        for kind in ["keyDown", "keyUp"] {
            let pressed = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyDown" { text } else { "" }});
            self.call("Input.dispatchKeyEvent", pressed).await;
        }
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
        let id = self.send(method, parameters).await;
        loop {
            let mut bytes = Vec::new();
            timeout(PATIENCE, self.from.read_until(0, &mut bytes)).await.expect("an answer of Chromium").unwrap();
            assert!(bytes.pop().is_some(), "{MISSING}");
            let mut message: Value = serde_json::from_slice(&bytes).unwrap();
            if message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].take()),
                };
            }
            self.listen(&message["method"], &message["params"]);
            for paused in std::mem::take(&mut self.paused) {
                self.decide(&paused).await;
            }
        }
    }

    async fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).await.expect(MISSING);
        self.last
    }

    fn listen(&mut self, event: &Value, told: &Value) {
        if event == "Network.requestWillBeSent" {
            self.asked.extend(told["request"]["url"].as_str().map(str::to_owned));
        }
        if event == "Fetch.requestPaused" {
            self.paused.push(told.clone());
        }
        if event == "Tracing.dataCollected" {
            self.traced.0.extend(told["value"].as_array().into_iter().flatten().cloned());
        }
        self.traced.1 |= event == "Tracing.tracingComplete";
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
