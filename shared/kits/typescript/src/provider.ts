/** Who serves the model, and which one, by the URL that was called: the service's list, in short. */

/** Hosts by their ends. They come before paths, since many speak another's dialect. */
const HOSTS = [
  ["api.openai.com", "openai"],
  [".openai.azure.com", "azure"],
  [".services.ai.azure.com", "azure"],
  [".cognitiveservices.azure.com", "azure"],
  ["api.anthropic.com", "anthropic"],
  ["generativelanguage.googleapis.com", "google"],
  ["aiplatform.googleapis.com", "google"],
  ["openrouter.ai", "openrouter"],
  ["ai-gateway.vercel.sh", "vercel"],
  ["api.groq.com", "groq"],
  ["api.mistral.ai", "mistral"],
  ["api.deepseek.com", "deepseek"],
  ["api.x.ai", "xai"],
  ["api.cohere.com", "cohere"],
  ["api.together.xyz", "together"],
  ["api.fireworks.ai", "fireworks"],
  ["api.perplexity.ai", "perplexity"],
  ["api.cerebras.ai", "cerebras"],
] as const;

const PATHS = [
  ["/chat/completions", "openai"],
  ["/responses", "openai"],
  ["/embeddings", "openai"],
  ["/v1/completions", "openai"],
  ["/v1/messages", "anthropic"],
  [":generateContent", "google"],
  [":streamGenerateContent", "google"],
  ["/converse", "bedrock"],
  ["/invoke", "bedrock"],
  ["/api/chat", "ollama"],
  ["/api/generate", "ollama"],
] as const;

/** Ollama's paths are those of many a product of its own: its port says that it is Ollama, or what it answers. */
const OLLAMA_PORT = "11434";
const isOllama = (answer: string): boolean => /"model"\s*:/.test(answer) && /"done"\s*:\s*(?:true|false)/.test(answer);

/** `answer` is the beginning and the end of what came back. */
export function providerOf(url: string, answer: () => string): string | undefined {
  const { host, port, path } = parts(url);
  const isOf = (end: string) => host === end || (host.endsWith(end) && (end.startsWith(".") || /[.-]$/.test(host.slice(0, -end.length))));
  const known = HOSTS.find(([end]) => isOf(end)) ?? PATHS.find(([piece, name]) => path.includes(piece) && (name !== "ollama" || port === OLLAMA_PORT || isOllama(answer())));
  return known?.[1] ?? (host || undefined);
}

/** The model that a URL names: Gemini, Bedrock and Azure have it in the path. */
export function modelOf(url: string): string | undefined {
  const named = /\/(?:models?|deployments)\/([^/]+)/.exec(parts(url).path)?.[1];
  return named?.replace(/%3a/gi, ":").replace(/%2f/gi, "/").replace(/:[a-zA-Z]*(ontent|redict)[a-zA-Z]*$/, "");
}

export function isStreamUrl(url: string): boolean {
  const { path } = parts(url);
  return path.includes(":stream") || path.endsWith("-stream");
}

export function pathOf(url: string): string {
  return parts(url).path;
}

function parts(url: string): { host: string; port: string; path: string } {
  const [, host = "", port = "", path = ""] = /^[^:/?#]+:\/\/(?:[^/?#]*@)?([^/?#:]*):?([^/?#]*)([^?#]*)/.exec(url) ?? [];
  return { host: host.toLowerCase(), port, path: path || "/" };
}
