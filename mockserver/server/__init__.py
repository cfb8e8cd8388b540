"""How it is served: the one aiohttp pipeline, its control routes, and a server in a thread of its own."""
