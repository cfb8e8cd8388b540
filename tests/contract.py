"""`python -m tests.contract SCHEMATHESIS`: our routes held against their OpenAPI document by schemathesis.

It stands beside the suite, in an environment of its own, because it wants an older jsonschema-rs than the server runs
with. A few examples for each operation take some ten seconds; the exit code is schemathesis's.
"""

import subprocess
import sys

from mockserver import MockLLM

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = 10


def main(schemathesis: str) -> int:
    with MockLLM() as llm:
        root = llm.base_url.removesuffix("/v1")
        options = ["--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", "1"]
        return subprocess.run([schemathesis, "run", f"{root}/_mock/openapi.json", *options], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
