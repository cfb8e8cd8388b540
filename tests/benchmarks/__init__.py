"""Speed and memory as ratios against a plain aiohttp handler, both measured in turns within one run."""
