//! The page's network, for better or worse: how far away it is, and what happens to a request.

use super::{Browser, fate::Fate};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

impl Browser {
    /// Takes the network away, or gives it back.
    pub async fn offline(&mut self, is_offline: bool) {
        self.network(is_offline, 0).await;
    }

    /// Has every answer take so many milliseconds more.
    pub async fn far(&mut self, latency: u32) {
        self.network(false, latency).await;
    }

    async fn network(&mut self, offline: bool, latency: u32) {
        let network = json!({"offline": offline, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1});
        self.call("Network.emulateNetworkConditions", network).await;
    }

    /// Decides what happens to the next so many requests whose address ends so.
    pub async fn spoil(&mut self, end: &str, fate: Fate, times: usize) {
        self.fates.push((end.to_owned(), fate, times));
        let patterns: Vec<_> = self.fates.iter().map(|(end, ..)| json!({"urlPattern": format!("*{end}")})).collect();
        self.call("Fetch.enable", json!({"patterns": patterns})).await;
    }

    /// Lets a request go on, or do as it shall. Nobody waits for what the browser says to that: its page may be gone.
    pub(super) async fn decide(&mut self, paused: &Value) {
        let (id, request) = (&paused["requestId"], &paused["request"]);
        let address = request["url"].as_str().unwrap();
        let fate = self.fates.iter_mut().find(|(end, _, times)| *times > 0 && address.ends_with(&**end));
        let fate = fate.map(|(_, fate, times)| {
            *times -= 1;
            fate.clone()
        });
        match fate {
            None => self.send("Fetch.continueRequest", json!({"requestId": id})).await,
            Some(Fate::Silence) => return,
            Some(Fate::Token(token)) => {
                let mut headers = request["headers"].as_object().unwrap().clone();
                headers.retain(|name, _| !name.eq_ignore_ascii_case("authorization"));
                headers.insert("authorization".to_owned(), json!(format!("Bearer {token}")));
                let headers: Vec<_> =
                    headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
                self.send("Fetch.continueRequest", json!({"requestId": id, "headers": headers})).await
            }
            Some(Fate::Answer(status, wait)) => {
                let mut headers = vec![json!({"name": "content-type", "value": "application/json"})];
                headers.extend(wait.map(|wait| json!({"name": "retry-after", "value": wait.to_string()})));
                let body = STANDARD.encode(json!({"message": format!("A {status} of the gateway.")}).to_string());
                let answer = json!({"requestId": id, "responseCode": status, "responseHeaders": headers, "body": body});
                self.send("Fetch.fulfillRequest", answer).await
            }
        };
    }
}
