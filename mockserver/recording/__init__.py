"""How real sessions are kept: heard, cleaned of secrets, put in order, and written so that nothing is lost."""
