//! What the page takes on a run of 500 steps. What does not swing with the machine is held here, on a tenth of the
//! bytes; `make viewer-report` prints all of it on all of them, beside what it shall be at most.

use super::reader::{LOADED, OWNER, admit, click, has, the};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{env, fs};
use tests::{
    browser::{Browser, measure::Work},
    site::Site,
    world::*,
};

const STEPS: u32 = 500;
/// The history begins anew after so many steps, as when an agent sums it up.
const TURN: u32 = 50;
/// The bytes of all requests together.
const BYTES: usize = 30_000_000;

/// Has the page note its long tasks, and say when something is painted.
const MEASURE: &str = "
    const painted = selector => new Promise(done => {
        const look = () => requestAnimationFrame(() => document.querySelector(selector) ? setTimeout(() => done(performance.now())) : look());
        look();
    });
    window.measured = {tasks: [], painted, frame: painted('.bar')};
    new PerformanceObserver(list => measured.tasks.push(...list.getEntries().map(task => task.duration)))
        .observe({entryTypes: ['longtask']});";

/// Scrolls the page and the list of steps to and fro, and gives the longest of 95 % of the frames.
const SCROLL: &str = "new Promise(done => {
    const [frames, list] = [[], document.querySelector('.left')];
    let last = performance.now();
    const step = now => {
        frames.push(now - last);
        last = now;
        const by = frames.length % 120 < 60 ? 150 : -150;
        scrollBy(0, by);
        list.scrollBy(0, by);
        if (frames.length < 240) requestAnimationFrame(step);
        else done(frames.sort((a, b) => a - b)[Math.floor(frames.length * 0.95)]);
    };
    requestAnimationFrame(step);
})";

/// A step of an agent that has called its tool so often before.
fn agent_step(number: u32, text: &str) -> Value {
    let call = |n: u32| {
        let function = json!({"name": "read_sensor", "arguments": format!("{{\"hour\":{n}}}")});
        json!({"id": format!("call_{n}"), "type": "function", "function": function})
    };
    let mut messages = vec![
        json!({"role": "system", "content": "You care for a greenhouse."}),
        json!({"role": "user", "content": "Why is it colder at night?"}),
    ];
    for n in (number - 1) / TURN * TURN + 1..number {
        messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call(n)]}));
        messages.push(json!({"role": "tool", "tool_call_id": format!("call_{n}"), "content": format!("{n}: {text}")}));
    }
    let asked = json!({"model": "gpt-5", "stream": true, "messages": messages});
    let event = |delta: Value| {
        let choices = json!([{"index": 0, "delta": delta, "finish_reason": null}]);
        format!("data: {}\n\n", json!({"id": "c", "model": "gpt-5", "choices": choices}))
    };
    let mut answered: String = (0..40).map(|n| event(json!({"content": format!("{n} words of an answer ")}))).collect();
    answered += &event(json!({"tool_calls": [call(number)]}));
    answered += "data: [DONE]\n\n";
    let mut step = step_body(None);
    (step["started_at"], step["finished_at"]) = (json!(started_at(number)), json!(started_at(number + 1)));
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "method": "POST", "url": "https://api.openai.com/v1/chat/completions",
        "request_headers": {"content-type": "application/json"}, "request_body": STANDARD.encode(asked.to_string()),
        "response_headers": {"content-type": "text/event-stream"}, "response_status": 200, "duration_ms": 900,
        "first_byte_ms": 300, "response_body": STANDARD.encode(answered),
    }]);
    step
}

/// Records the run, of so many bytes.
async fn record(world: &World, bytes: usize) {
    world.consent(OWNER).await;
    world.recorder().post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    // Each step repeats 25 results on average.
    let text = "It was 12.5 degrees at the vent. ".repeat(bytes / 500 / 25 / 33);
    for number in 1..=STEPS {
        world.recorder().put(&step(1, 1, number), agent_step(number, &text)).await.expect(201);
    }
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
}

async fn number(browser: &mut Browser, expression: &str) -> f64 {
    browser.value(expression).await.as_f64().unwrap_or_else(|| panic!("no number: {expression}"))
}

/// Milliseconds from an act until something is painted, and what the page's own thread did meanwhile.
async fn took(browser: &mut Browser, act: &str, painted: &str) -> (f64, Work) {
    let measure =
        format!("{{ const began = performance.now(); {act}; measured.painted('{painted}').then(at => at - began) }}");
    browser.watch().await;
    let clock = number(browser, &measure).await;
    (clock, browser.work().await)
}

/// What is measured, beside what it shall be at most. Of a time, also how much of it the page's own thread worked, and
/// how much of it that had no core: the rest it waited for answers and for the next frame.
struct Row {
    what: &'static str,
    is: f64,
    most: f64,
    worked: Option<[f64; 2]>,
}

impl Row {
    fn new(what: &'static str, is: f64, most: f64) -> Self {
        Self { what, is, most, worked: None }
    }

    fn timed(what: &'static str, (is, work): (f64, Work), most: f64) -> Self {
        Self { what, is, most, worked: Some([work.cpu, work.kept]) }
    }

    /// The longest task by the clock, and the one that worked longest.
    fn longest(what: &'static str, is: f64, work: Work) -> Self {
        Self { what, is, most: 100.0, worked: Some([work.longest, (is - work.longest).max(0.0)]) }
    }

    fn line(&self) -> String {
        let Self { what, is, most, worked } = self;
        let worked =
            worked.map_or(String::new(), |[cpu, kept]| format!("   CPU {cpu:7.1}   without a core {kept:7.1}"));
        format!("{what:36} {is:9.1}  of {most:6.0}{worked}\n")
    }
}

async fn longest_task(browser: &mut Browser) -> f64 {
    number(browser, "Math.max(0, ...measured.tasks)").await
}

/// Waits until nothing is being loaded, the step that is looked at next among it.
async fn quiet(browser: &mut Browser, next: u32) {
    let read = format!(
        "performance.getEntriesByType('resource').some(it => it.name.endsWith('/view?step={next}') && it.responseEnd)"
    );
    browser.until(&format!("{LOADED} && {read}")).await;
}

#[tokio::test]
async fn a_run_of_500_steps_takes_few_requests_and_nodes_and_keeps_answering() {
    let is_report = env::var_os("VIEWER_REPORT").is_some();
    let world = World::new().await;
    record(&world, if is_report { BYTES } else { BYTES / 10 }).await;
    let site = Site::of(&world).await;
    let mut browser = Browser::start().await;
    browser.prepare(MEASURE).await;
    browser.resize(1440, 900).await;
    let mut report = Vec::new();

    browser.watch().await;
    browser.open(&site.viewer("#/")).await;
    browser.until(&has("sign-in")).await;
    let starting = browser.work().await;
    let page = "performance.getEntriesByType('navigation')[0]";
    let kilobytes = number(&mut browser, &format!("{page}.encodedBodySize / 1000")).await;
    report.push(Row::new("page as it travels, kB", kilobytes, 90.0));
    let script = format!("measured.frame.then(at => at - {page}.responseEnd)");
    let script = (number(&mut browser, &script).await, starting);
    report.push(Row::timed("script until the frame stands, ms", script, 150.0));
    click(&mut browser, "sign-in").await;
    admit(&mut browser, &site).await;
    browser.until(&has("chat-row")).await;

    browser.far(100).await;
    let asked = browser.asked().len();
    let place = format!("#/c/{}/r/{}", chat_id(1), run_id(1));
    let open = format!("location.hash = '{place}'");
    let first = took(&mut browser, &open, r#".split:has([data-testid="step-row"]) [data-testid="given"]"#).await;
    report.push(Row::timed("run of 500 steps, first screen, ms", first, 1_000.0));
    browser.watch().await;
    browser.until(LOADED).await;
    let loading = first.1.and(browser.work().await);
    let requests: Vec<_> = browser.asked()[asked..].iter().filter(|url| url.contains("/api/")).cloned().collect();
    report.push(Row::new("requests for it", f64::from(u32::try_from(requests.len()).unwrap()), 8.0));
    report.push(Row::new("nodes of it", number(&mut browser, "document.querySelectorAll('*').length").await, 2_500.0));
    report.push(Row::longest("longest task while it loads, ms", longest_task(&mut browser).await, loading));

    // From the middle on, each step is read before it is chosen, as when one goes from step to step.
    browser.far(0).await;
    browser.value(&format!("{open} + '/s/240'")).await;
    quiet(&mut browser, 241).await;
    let (mut slowest, mut choosing) = ((0.0, Work::default()), Work::default());
    for step in 241..=245 {
        let shown = format!(r#"[data-testid="step"][data-step="{step}"] [data-testid="given"]"#);
        let chosen = took(&mut browser, &format!("{open} + '/s/{step}'"), &shown).await;
        choosing = choosing.and(chosen.1);
        slowest = if chosen.0 > slowest.0 { chosen } else { slowest };
        quiet(&mut browser, step + 1).await;
    }
    report.push(Row::timed("choosing a step, ms", slowest, 100.0));
    report.push(Row::new(
        "nodes of the last",
        number(&mut browser, "document.querySelectorAll('*').length").await,
        3_000.0,
    ));
    if is_report {
        report.push(Row::new("long tasks of choosing five", f64::from(choosing.long), 5.0));
        measure_the_rest(&world, &mut browser, &mut report).await;
    }
    let lines = report.iter().map(Row::line).collect::<Vec<_>>().concat();
    if is_report {
        // Everything runs on the same cores: the browser, the functions, and whatever else the machine does.
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        println!("\n{lines}\n{cores} cores, load {}", load.split(' ').next().unwrap_or_default());
    }
    // What takes time takes as much as the machine lets it; the rest is the page's own.
    let over = report.iter().filter(|row| !row.what.ends_with("ms") && row.is > row.most).count();
    assert_eq!(over, 0, "\n{lines}{requests:#?}");
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

/// What only a quiet machine tells, on all bytes.
async fn measure_the_rest(world: &World, browser: &mut Browser, report: &mut Vec<Row>) {
    report.push(Row::new("frame while scrolling, 95 %, ms", number(browser, SCROLL).await, 50.0));

    let search = |text: &str| {
        format!(
            "{{ const field = {}; field.focus(); field.value = '{text}';
                field.dispatchEvent(new Event('input', {{bubbles: true}})); }}",
            the("search")
        )
    };
    browser.value("measured.tasks.length = 0").await;
    let done = r#"[data-testid="hits"][aria-busy="false"]"#;
    took(browser, &search("vent"), done).await;
    browser.watch().await;
    click(browser, "search-all").await;
    browser.until(&format!("!{} && !document.querySelector('.hits > p.muted')", the("search-all"))).await;
    let reading = browser.work().await;
    report.push(Row::longest("longest task while all is read, ms", longest_task(browser).await, reading));
    browser.value("measured.tasks.length = 0").await;
    let searching = took(browser, &search("degrees at"), done).await;
    report.push(Row::timed("searching all, ms", searching, 1_000.0));
    report.push(Row::longest("longest task while searching, ms", longest_task(browser).await, searching.1));
    let counts = browser.counts().await;
    let bytes = ["usedSize", "embedderHeapUsedSize", "backingStorageSize"].map(|of| counts[of].as_f64().unwrap_or(0.0));
    report.push(Row::new("memory with all of it loaded, MB", bytes.iter().sum::<f64>() / 1e6, 120.0));

    for n in 1..=100 {
        world.recorder().post(&runs(2), turn(OWNER, n, vec![step_body(Some(1))])).await.expect(201);
    }
    let shown = took(browser, &format!("location.hash = '#/c/{}'", chat_id(2)), r#"[data-testid="run-row"]"#).await;
    let answered = "performance.getEntriesByType('resource').findLast(it => it.name.endsWith('/debug/runs')).duration";
    let shown = (shown.0 - number(browser, answered).await, shown.1);
    report.push(Row::timed("list of 100 runs, from its answer, ms", shown, 200.0));

    let mut large = step_body(Some(1));
    large["normalized_request"] = json!({"messages": [{"role": "user", "content": "long ".repeat(1_000_000)}]});
    world.recorder().post(&runs(3), turn(OWNER, 1, vec![large])).await.expect(201);
    browser.value(&format!("location.hash = '#/c/{}/r/{}'", chat_id(3), run_id(1))).await;
    browser.until("document.querySelector('.msg .fold')").await;
    let opened = took(browser, "document.querySelector('.msg .fold').click()", ".msg .plain .block").await;
    report.push(Row::timed("text of 5 MB opened, ms", opened, 200.0));
}
