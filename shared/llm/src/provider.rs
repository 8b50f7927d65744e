//! Who serves the model, which model, and how it was called: by the URL, and by the shape of the bodies when the URL does
//! not say.

use crate::payload::Payload;
use api::step::{Headers, Operation};
use serde_json::Value;

/// What is needed of a call.
#[derive(Debug, Clone, Copy)]
pub struct CallView<'a> {
    /// Where it went.
    pub url: &'a str,
    /// The request's body.
    pub request: &'a Value,
    /// The response's headers.
    pub response_headers: &'a Headers,
    /// The response's body.
    pub response: &'a Payload,
}

/// Hosts by their ends; the first that matches counts. They come before paths, since many speak another's dialect.
const HOSTS: [(&str, &str); 19] = [
    ("api.openai.com", "openai"),
    (".openai.azure.com", "azure"),
    (".services.ai.azure.com", "azure"),
    (".cognitiveservices.azure.com", "azure"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "google"),
    ("aiplatform.googleapis.com", "google"),
    ("openrouter.ai", "openrouter"),
    ("ai-gateway.vercel.sh", "vercel"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral"),
    ("api.deepseek.com", "deepseek"),
    ("api.x.ai", "xai"),
    ("api.cohere.com", "cohere"),
    ("api.cohere.ai", "cohere"),
    ("api.together.xyz", "together"),
    ("api.fireworks.ai", "fireworks"),
    ("api.perplexity.ai", "perplexity"),
    ("api.cerebras.ai", "cerebras"),
];

/// Paths by a part of them.
const PATHS: [(&str, &str); 12] = [
    ("/chat/completions", "openai"),
    ("/responses", "openai"),
    ("/embeddings", "openai"),
    ("/v1/completions", "openai"),
    ("/v1/messages", "anthropic"),
    (":generateContent", "google"),
    (":streamGenerateContent", "google"),
    (":embedContent", "google"),
    ("/converse", "bedrock"),
    ("/invoke", "bedrock"),
    ("/api/chat", "ollama"),
    ("/api/generate", "ollama"),
];

impl CallView<'_> {
    /// Who serves the model: a short name, or the host when it is unknown.
    pub fn provider(&self) -> Option<String> {
        let host = host(self.url);
        let by_host = HOSTS.iter().find(|(end, _)| host.is_some_and(|host| is_host(host, end)));
        let by_path = || PATHS.iter().find(|(piece, _)| path(self.url).is_some_and(|path| path.contains(piece)));
        let known = by_host.or_else(by_path).map(|(_, name)| *name);
        known.or_else(|| self.shape()).or(host).map(str::to_owned)
    }

    /// The dialect of the bodies.
    fn shape(&self) -> Option<&'static str> {
        let first = match self.response {
            Payload::Json(value) => value,
            Payload::Events(events) => events.first().map_or(&Value::Null, |event| &event.data),
            Payload::Other => &Value::Null,
        };
        let object = first["object"].as_str().unwrap_or_default();
        let kind = first["type"].as_str().unwrap_or_default();
        if matches!(kind, "message" | "message_start") || self.request.get("anthropic_version").is_some() {
            Some("anthropic")
        } else if first.get("choices").is_some() || object == "response" || kind.starts_with("response.") {
            Some("openai")
        } else if first.get("candidates").is_some() || self.request.get("contents").is_some() {
            Some("google")
        } else {
            None
        }
    }

    /// The model that was asked for, or that answered.
    pub fn model(&self) -> Option<String> {
        let asked = ["model", "modelId"].iter().find_map(|name| self.request[name].as_str());
        let model = asked.map(str::to_owned).or_else(|| self.model_in_path()).or_else(|| self.model_in_response());
        model.filter(|model| !model.is_empty())
    }

    /// Gemini, Bedrock and Azure name the model in the path.
    fn model_in_path(&self) -> Option<String> {
        let mut parts = path(self.url)?.split('/');
        parts.find(|part| matches!(*part, "models" | "model" | "deployments"))?;
        let model = parts.next()?;
        let model = ["%3A", "%3a"].iter().fold(model.to_owned(), |model, colon| model.replace(colon, ":"));
        // Gemini's method follows a colon, as do Bedrock's versions.
        let method = |name: &str| name.contains("ontent") || name.contains("redict");
        Some(match model.rsplit_once(':') {
            Some((model, name)) if method(name) => model.to_owned(),
            _ => model,
        })
    }

    fn model_in_response(&self) -> Option<String> {
        let of = |value: &Value| {
            ["/model", "/modelVersion", "/message/model", "/response/model"]
                .iter()
                .find_map(|place| value.pointer(place)?.as_str().map(str::to_owned))
        };
        match self.response {
            Payload::Json(value) => of(value),
            Payload::Events(events) => events.iter().find_map(|event| of(&event.data)),
            Payload::Other => None,
        }
    }

    /// Streamed when that was asked for, or when a stream came back.
    pub fn operation(&self) -> Operation {
        let path = path(self.url).unwrap_or_default();
        let by_path = path.contains(":stream") || path.ends_with("-stream");
        let by_header = self.response_headers.0.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type")
                && (value.contains("event-stream") || value.contains("eventstream"))
        });
        let streamed = self.request["stream"] == true || by_path || by_header || self.response.events().is_some();
        if streamed { Operation::Stream } else { Operation::Generate }
    }
}

/// The host of a URL, without user and port.
pub fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.starts_with('[') { host } else { host.split(':').next()? };
    (!host.is_empty()).then_some(host)
}

/// The path of a URL, without its query.
pub fn path(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let path = &rest[rest.find(['/', '?', '#']).unwrap_or(rest.len())..];
    let path = path.split(['?', '#']).next()?;
    Some(if path.is_empty() { "/" } else { path })
}

/// Whether a host is the known one or, as with `aiplatform.googleapis.com`, one of its regions.
fn is_host(host: &str, end: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || end.starts_with('.') || before.ends_with(['.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn view<'a>(url: &'a str, request: &'a Value, response: &'a Payload) -> CallView<'a> {
        const NONE: &Headers = &Headers(Vec::new());
        CallView { url, request, response_headers: NONE, response }
    }

    #[test]
    fn the_url_says_who_serves_which_model() {
        let (null, other) = (Value::Null, Payload::Other);
        for (url, provider, model) in [
            ("https://api.openai.com/v1/chat/completions", "openai", None),
            (
                "https://x.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=1",
                "azure",
                Some("gpt-4o"),
            ),
            ("https://api.anthropic.com/v1/messages?beta=true", "anthropic", None),
            (
                "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.0:streamGenerateContent?alt=sse",
                "google",
                Some("gemini-2.0"),
            ),
            ("https://europe-west1-aiplatform.googleapis.com/v1/projects/p/models/m:predict", "google", Some("m")),
            (
                "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v1%3A0/converse",
                "bedrock",
                Some("anthropic.claude-v1:0"),
            ),
            ("https://api.groq.com/openai/v1/chat/completions", "groq", None),
            ("http://localhost:8080/v1/chat/completions", "openai", None),
            ("https://models.example.com/anything", "models.example.com", None),
            ("https://notapi.openai.com.example/x", "notapi.openai.com.example", None),
        ] {
            let call = view(url, &null, &other);
            assert_eq!(call.provider().as_deref(), Some(provider), "{url}");
            assert_eq!(call.model().as_deref(), model, "{url}");
        }
    }

    #[test]
    fn a_masked_url_leaves_it_to_the_bodies() {
        let request = json!({"model": "m"});
        for (response, provider) in [
            (json!({"type": "message"}), Some("anthropic")),
            (json!({"object": "response"}), Some("openai")),
            (json!({"choices": []}), Some("openai")),
            (json!({"candidates": []}), Some("google")),
            (json!({}), None),
        ] {
            let response = Payload::Json(response);
            assert_eq!(view("[masked]", &request, &response).provider().as_deref(), provider, "{response:?}");
        }
    }

    #[test]
    fn a_stream_is_known_by_its_request_or_by_its_response() {
        let operation =
            |request: Value, response: &[u8]| view("https://x.example/", &request, &Payload::of(response)).operation();
        assert_eq!(operation(json!({"stream": true}), b""), Operation::Stream);
        assert_eq!(operation(json!({}), b"data: 1\n\n"), Operation::Stream);
        assert_eq!(operation(json!({"stream": false}), b"{}"), Operation::Generate);
    }

    #[test]
    fn the_pieces_of_a_url_are_found() {
        assert_eq!(host("https://user:pass@h.example:8443/a?b"), Some("h.example"));
        assert_eq!(path("https://h.example:8443/a/b?c#d"), Some("/a/b"));
        assert_eq!((host("[masked]"), path("https://h?x")), (None, Some("/")));
    }
}
