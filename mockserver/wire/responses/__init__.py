"""The Responses API (`POST /v1/responses`): items in, items out, events with sequence numbers."""
