"""Runs the demonstration: `python -m clientkit [BASE_URL] [--model NAME]`."""

from clientkit.demo import main

if __name__ == "__main__":
    raise SystemExit(main())
