"""Runs one application against every fault named on the command line; a line of JSON for each."""

import asyncio
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

TIME = 30
NOT_SHOWN = ("fault_not_applicable", "fault_not_producible")


async def one(application: Any, base_url: str, fault: str) -> dict[str, Any]:
    application.SENT.clear()
    application.SHOWN.clear()
    headers = {"x-mock-fault": fault} if fault != "none" else {}
    try:
        async with asyncio.timeout(TIME):
            answer = await application.ask(base_url, headers, "Write to Anna about lunch")
        end = "answer" if answer.strip() else "empty answer"
    except TimeoutError:
        end = "hangs"
    except Exception as error:
        end = "NOT_SHOWN" if any(word in str(error) for word in NOT_SHOWN) else type(error).__name__
    return {
        "fault": fault,
        "end": end,
        "sent": [list(mail) for mail in application.SENT],
        "asked": len(application.SHOWN),
    }


async def main(path: str, base_url: str, faults: list[str]) -> None:
    spec = importlib.util.spec_from_file_location("application", path)
    assert spec is not None
    assert spec.loader is not None
    application = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(application)
    for fault in faults:
        print(json.dumps(await one(application, base_url, fault)), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
