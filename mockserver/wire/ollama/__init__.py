"""Ollama's own API: `/api/chat` and `/api/generate`, streamed as JSON lines unless `stream` is false."""
