"""A small travel desk: an application of its own that knows nothing of the mock."""
