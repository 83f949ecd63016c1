"""The process around the engine: messages in, messages out, errors with codes."""
