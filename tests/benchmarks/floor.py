"""The measure: a plain aiohttp server that answers fixed bytes and does nothing else.

`python floor.py ANSWERS` reads a JSON file with the answer to a plain request and the frames of a streamed one.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

from aiohttp import web


def application(answers: Path) -> web.Application:
    """One handler: `json_response` for a plain request, an awaited write for every chunk of a streamed one."""
    fixed = json.loads(answers.read_text())
    frames = [frame.encode() for frame in fixed["frames"]]

    async def plain(request: web.Request) -> web.Response:
        return web.json_response(fixed["body"])

    async def streamed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for frame in frames:
            await response.write(frame)
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", plain)
    app.router.add_post("/v1/streamed", streamed)
    return app


async def serve(answers: Path) -> None:
    """Listen on a free port and say which, as the mock does."""
    runner = web.AppRunner(application(answers), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"floor listening on http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable()  # clients that leave at the end of a measurement are no news
    asyncio.run(serve(Path(sys.argv[1])))
