"""The wire contract that both sides import: messages, framing, problem documents, limits."""
