//! What `make run` and `make deploy-local` print of the recorder kit for Python: README.md's own lines, to be pasted
//! into a shell.

const README: &str = include_str!("../../../README.md");

/// With this service and this key, a look at whether all works, and a turn that is recorded.
pub fn lines(url: &str, key: &str) -> String {
    let shown = README.split_once("\n```python\n").and_then(|(_, rest)| rest.split_once("```"));
    let program = shown.map_or("", |(program, _)| program);
    format!(
        "export CHAT_DEBUG_URL={url} CHAT_DEBUG_KEY={key}
PYTHONPATH=shared/kits/python/src python3 -m chat_debug check

# After `pip install ./shared/kits/python openai`, with a key of OpenAI's in OPENAI_API_KEY:
python3 - <<'END'
{program}END
"
    )
}
