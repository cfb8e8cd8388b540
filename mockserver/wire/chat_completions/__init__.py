"""The chat completions API: bytes of its requests, answers and streams to and from the vocabulary of `chat`."""
