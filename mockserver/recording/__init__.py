"""Recording of real sessions: forwarding, redaction, ordering and files, so that nothing is lost and nothing leaks."""
