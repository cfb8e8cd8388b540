"""A chat on the web: text is streamed, and acting calls wait for a decision that comes in a later request."""

import json
import os
from collections.abc import AsyncIterator

from aiohttp import web

from clientkit import LATER, Chat, Conversation, Pending, tool
from clientkit.events import Event, TextArrived

WAITING: dict[str, str] = {}  # by session; an application keeps this in its database


@tool(acts=True)
def send_email(to: str, body: str) -> str:
    """Send an email."""
    return f"sent to {to}: {body}"


async def reply(request: web.Request) -> web.StreamResponse:
    """Both requests: `{"text": …}` asks, `{"approved": {fingerprint: true}}` decides. Answers in lines of JSON."""
    body, session = await request.json(), request.match_info["session"]
    # Taken out before anything runs: a decision that is sent twice finds nothing to decide.
    waiting = WAITING.pop(session, "")
    if "approved" in body and not waiting:
        raise web.HTTPConflict
    response = web.StreamResponse(headers={"content-type": "application/x-ndjson"})
    await response.prepare(request)

    async def line(**value: object) -> None:
        await response.write(json.dumps(value).encode() + b"\n")

    async def show(event: Event) -> None:
        if isinstance(event, TextArrived):
            await line(text=event.text)

    talk = Conversation(request.app[CHAT], [send_email], confirm=lambda _: LATER, on_event=show, stream=True)
    if "approved" in body:
        answer = await talk.resume(Pending.from_json(waiting), body["approved"])
    else:
        answer = await talk.ask(body["text"])
    if isinstance(answer, Pending):
        WAITING[session] = answer.to_json()
        await line(confirm=[{"key": c.fingerprint, "name": c.name, "arguments": c.arguments} for c in answer.open])
    return response


async def connections(app: web.Application) -> AsyncIterator[None]:
    async with Chat(model="gpt-4o") as app[CHAT]:
        yield


CHAT = web.AppKey("chat", Chat)
application = web.Application()
application.cleanup_ctx.append(connections)
application.router.add_post("/chat/{session}", reply)
if __name__ == "__main__":
    web.run_app(application, host="127.0.0.1", port=int(os.environ["PORT"]))
