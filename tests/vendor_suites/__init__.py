"""The vendors' own generated tests of their SDKs, run against this server: `python -m tests.vendor_suites`."""
