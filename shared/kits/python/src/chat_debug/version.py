"""The version of this package, which pyproject.toml reads."""

__version__ = "0.1.0"
USER_AGENT = f"chat-debug-python/{__version__}"
