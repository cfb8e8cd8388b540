"""What a provider is: a name, and a function for each part of the wire that it writes in its own way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mockserver.steps import Head, Step
from mockserver.wire.identity import Identity
from mockserver.wire.rewrite import rewrite_body, rewrite_chunks, streamed

JsonObject = dict[str, Any]
Headers = dict[str, str]


class Occasion(NamedTuple):
    """What a provider may know of the request that it answers.

    `path` is the path that was asked for, `given` the request's headers, `identity` the source of ids and invented
    values.
    """

    path: str
    given: Mapping[str, str]
    identity: Identity


@dataclass(frozen=True, slots=True)
class Provider:
    """A way to write the wire. Each function takes what OpenAI would send and gives what this provider sends.

    * `error(body, status, occasion)`: the body of an error, `{"error": {…}}` at OpenAI.
    * `body(body, occasion)`: the body of a plain chat completion.
    * `chunks(chunks, occasion)`: all chunks of a streamed one, without the closing `[DONE]`; there may be more or
      fewer of them afterwards.
    * `headers(headers, body, occasion)`: the headers of any answer, in lower case; `body` is the finished body, or
      None for a stream.

    What is None stays as it is. The functions may change what they are given.
    """

    name: str
    about: str
    error: Callable[[JsonObject, int, Occasion], JsonObject] | None = None
    body: Callable[[JsonObject, Occasion], JsonObject] | None = None
    chunks: Callable[[list[JsonObject], Occasion], list[JsonObject]] | None = None
    headers: Callable[[Headers, JsonObject | None, Occasion], Headers] | None = None

    @property
    def rewrites(self) -> bool:
        """Whether anything is written in another way than OpenAI's."""
        return any((self.error, self.body, self.chunks, self.headers))

    def dress(self, steps: Sequence[Step], occasion: Occasion) -> list[Step]:
        """A response of OpenAI's as this provider gives it; a body that is not JSON stays as it is."""
        if streamed(steps):
            dressed = list(steps)
            if self.chunks is not None:
                chunks = self.chunks
                dressed = rewrite_chunks(steps, lambda said: chunks(said, occasion))
            return [self._headed(step, None, occasion) if isinstance(step, Head) else step for step in dressed]
        dressed, body = rewrite_body(steps, lambda body, status: self._rewritten(body, status, occasion))
        return [self._headed(step, body, occasion) if isinstance(step, Head) else step for step in dressed]

    def _rewritten(self, body: JsonObject, status: int, occasion: Occasion) -> JsonObject:
        if "error" in body:
            return self.error(body, status, occasion) if self.error is not None else body
        if self.body is not None and body.get("object") == "chat.completion":
            return self.body(body, occasion)
        return body

    def _headed(self, head: Head, body: JsonObject | None, occasion: Occasion) -> Head:
        if self.headers is None:
            return head
        return replace(head, headers=tuple(self.headers(dict(head.headers), body, occasion).items()))
