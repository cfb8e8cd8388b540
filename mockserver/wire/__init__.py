"""How it is written: one folder an API behind one interface (`dialect`), and what they share."""
