//! What a page takes: what the browser counts of it, and what its own thread does.

use super::Browser;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The tasks of a thread, one after the other.
const TASKS: &str = "disabled-by-default-devtools.timeline";

/// What the page's own thread did for a while, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    /// How long it ran on a core.
    pub cpu: f64,
    /// How long it would have run, and had no core.
    pub kept: f64,
    /// How long its longest task ran on a core.
    pub longest: f64,
    /// How many of its tasks ran on a core for more than 50 ms, in which nobody gets an answer.
    pub long: u32,
}

impl Work {
    /// Both, one after the other.
    #[must_use]
    pub fn and(self, then: Self) -> Self {
        Self {
            cpu: self.cpu + then.cpu,
            kept: self.kept + then.kept,
            longest: self.longest.max(then.longest),
            long: self.long + then.long,
        }
    }
}

impl Browser {
    /// What the browser counts of its page, such as `JSHeapUsedSize`, once what is not needed is let go.
    pub async fn counts(&mut self) -> Value {
        self.call("Performance.enable", json!({})).await;
        self.call("HeapProfiler.collectGarbage", json!({})).await;
        let counted = self.call("Performance.getMetrics", json!({})).await;
        let counted = counted["metrics"].as_array().unwrap();
        let mut counts: Map<String, Value> =
            counted.iter().map(|one| (one["name"].as_str().unwrap().to_owned(), one["value"].clone())).collect();
        if let Value::Object(heap) = self.call("Runtime.getHeapUsage", json!({})).await {
            counts.extend(heap);
        }
        Value::Object(counts)
    }

    /// Begins to note what the page's thread does.
    pub async fn watch(&mut self) {
        self.traced = (Vec::new(), false);
        let config = json!({"includedCategories": [TASKS], "excludedCategories": ["*"]});
        self.call("Tracing.start", json!({"transferMode": "ReportEvents", "traceConfig": config})).await;
    }

    /// Ends that, and gives what the thread did.
    pub async fn work(&mut self) -> Work {
        self.call("Tracing.end", json!({})).await;
        while !self.traced.1 {
            self.evaluated("0").await.unwrap();
        }
        let events = std::mem::take(&mut self.traced.0);
        let thread = |event: &Value| (event["pid"].as_u64(), event["tid"].as_u64());
        let mut pages: BTreeMap<_, Work> = events
            .iter()
            .filter(|event| event["name"] == "thread_name" && event["args"]["name"] == "CrRendererMain")
            .map(|event| (thread(event), Work::default()))
            .collect();
        for task in events.iter().filter(|event| event["name"] == "RunTask") {
            let milliseconds = |of: &str| task[of].as_f64().unwrap_or(0.0) / 1e3;
            let (took, cpu) = (milliseconds("dur"), milliseconds("tdur"));
            if let Some(work) = pages.get_mut(&thread(task)) {
                *work = work.and(Work { cpu, kept: (took - cpu).max(0.0), longest: cpu, long: u32::from(cpu > 50.0) });
            }
        }
        // The browser keeps a process or two for pages to come.
        pages.into_values().max_by(|one, other| one.cpu.total_cmp(&other.cpu)).unwrap_or_default()
    }
}
