//! Who serves the model, and which model, by the URL that was called.

/// Hosts by their ends; the first that matches counts. They come before paths, since many speak another's dialect.
const HOSTS: [(&str, &str); 30] = [
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
    ("api.moonshot.ai", "moonshot"),
    ("api.moonshot.cn", "moonshot"),
    ("api.deepinfra.com", "deepinfra"),
    ("api.sambanova.ai", "sambanova"),
    ("api.minimax.io", "minimax"),
    ("api.z.ai", "zai"),
    ("open.bigmodel.cn", "zai"),
    ("dashscope.aliyuncs.com", "alibaba"),
    ("dashscope-intl.aliyuncs.com", "alibaba"),
    ("router.huggingface.co", "huggingface"),
    ("integrate.api.nvidia.com", "nvidia"),
];

/// Paths by a part of them.
const PATHS: [(&str, &str); 21] = [
    ("/chat/completions", "openai"),
    ("/responses", "openai"),
    ("/embeddings", "openai"),
    ("/v1/completions", "openai"),
    ("/v1/messages", "anthropic"),
    (":generateContent", "google"),
    (":streamGenerateContent", "google"),
    (":embedContent", "google"),
    (":predict", "google"),
    (":rawPredict", "google"),
    (":streamRawPredict", "google"),
    ("/converse", "bedrock"),
    ("/invoke", "bedrock"),
    ("/v2/chat", "cohere"),
    ("/api/chat", "ollama"),
    ("/api/generate", "ollama"),
    ("/generate_stream", "huggingface"),
    ("/v1/conversations", "mistral"),
    ("/v1/realtime", "openai"),
    ("/v1/audio/", "openai"),
    ("/v1/images/", "openai"),
];

/// Whose paths chat products have too, as `/api/chat`: the bodies have to look like theirs.
const OF_ANYBODY: [&str; 1] = ["ollama"];

/// Who serves the model by a URL: a short name. `by_shape` is what the bodies look like, and counts when the URL says
/// nothing; the host is all there is when they do not either.
pub fn provider(url: &str, by_shape: Option<&str>) -> Option<String> {
    let host = host(url);
    let by_host = HOSTS.iter().find(|(end, _)| host.is_some_and(|host| is_host(host, end)));
    let is_of = |name: &str| !OF_ANYBODY.contains(&name) || by_shape == Some(name);
    let by_path =
        || PATHS.iter().find(|(piece, name)| path(url).is_some_and(|path| path.contains(piece)) && is_of(name));
    let known = by_host.or_else(by_path).map(|(_, name)| *name);
    known.or(by_shape).or(host).map(str::to_owned)
}

/// Whether a URL is one of those that models are called by.
pub fn is_known(url: &str) -> bool {
    let is_of_host = HOSTS.iter().any(|(end, _)| host(url).is_some_and(|host| is_host(host, end)));
    is_of_host || PATHS.iter().any(|(piece, _)| path(url).is_some_and(|path| path.contains(piece)))
}

/// The model that a URL names: Gemini, Bedrock and Azure have it in the path, realtime sessions in the query.
pub fn model(url: &str) -> Option<String> {
    let mut parts = path(url)?.split('/');
    let in_path = parts.find(|part| matches!(*part, "models" | "model" | "deployments")).and_then(|_| parts.next());
    let in_query = || {
        let (_, query) = url.split_once('?')?;
        query.split(['&', '#']).find_map(|pair| pair.strip_prefix("model="))
    };
    let model = in_path.or_else(in_query)?;
    let model = ["%3A", "%3a"].iter().fold(model.to_owned(), |model, colon| model.replace(colon, ":"));
    let model = ["%2F", "%2f"].iter().fold(model, |model, slash| model.replace(slash, "/"));
    // Gemini's method follows a colon, as do Bedrock's versions.
    let is_method = |name: &str| ["ontent", "redict", "Tokens", "Text", "Message"].iter().any(|it| name.contains(it));
    let model = match model.rsplit_once(':') {
        Some((model, name)) if is_method(name) => model.to_owned(),
        _ => model,
    };
    Some(model).filter(|model| !model.is_empty())
}

/// Whether a URL asks for a stream.
pub fn is_stream(url: &str) -> bool {
    path(url).is_some_and(|path| path.contains(":stream") || path.ends_with("-stream"))
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

    #[test]
    fn the_url_says_who_serves_which_model() {
        for (url, name, asked) in [
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
                "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@1:streamRawPredict",
                "google",
                Some("claude-x@1"),
            ),
            (
                "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v1%3A0/converse",
                "bedrock",
                Some("anthropic.claude-v1:0"),
            ),
            ("https://api.groq.com/openai/v1/chat/completions", "groq", None),
            (
                "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.0:countTokens",
                "google",
                Some("gemini-2.0"),
            ),
            ("https://chat.example/api/chat", "chat.example", None),
            ("http://localhost:8080/v1/chat/completions", "openai", None),
            ("wss://api.openai.com/v1/realtime?model=gpt-realtime", "openai", Some("gpt-realtime")),
            ("https://models.example.com/anything", "models.example.com", None),
            ("https://notapi.openai.com.example/x", "notapi.openai.com.example", None),
        ] {
            assert_eq!(provider(url, None).as_deref(), Some(name), "{url}");
            assert_eq!(model(url).as_deref(), asked, "{url}");
        }
        assert_eq!(provider("http://h.example/api/chat", Some("ollama")).as_deref(), Some("ollama"));
        assert_eq!(provider("[masked]", Some("anthropic")).as_deref(), Some("anthropic"));
        assert_eq!((provider("[masked]", None), model("[masked]")), (None, None));
    }

    #[test]
    fn the_pieces_of_a_url_are_found() {
        assert_eq!(host("https://user:pass@h.example:8443/a?b"), Some("h.example"));
        assert_eq!(path("https://h.example:8443/a/b?c#d"), Some("/a/b"));
        assert_eq!((host("[masked]"), path("https://h?x")), (None, Some("/")));
        assert!(is_stream("https://h/model/m/converse-stream") && !is_stream("https://h/stream"));
    }
}
