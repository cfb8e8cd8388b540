"""Advice: what a robust application does about a fault; sentences that entries of the catalogue share."""

VALIDATE = (
    "Validate against the schema before running anything. Do not run it: answer the call with a tool message that "
    "names the path, the value and what is allowed, and let the model try again, two or three times at most."
)
ASK = "Stop and ask the user: something is missing, ambiguous, or needs a yes."
COERCE = "Convert only where the schema makes it lossless and unambiguous, and log it; otherwise refuse it as invalid."
UNKNOWN_NAME = (
    "Answer the call with a tool message that lists the offered tools. Do not crash, do not guess a similar tool that "
    "acts on the world, and clean the name before it goes back into the history."
)
PARSE_STRICTLY = (
    "Parse strictly. On failure keep the raw text, run nothing, report the error to the model, and never take `{}` "
    "instead; put a valid arguments string into the history, or the next request fails."
)
FINISH_FIRST = (
    "Look at the finish reason first: with `length`, `content_filter` or an unknown one drop all calls of the reply."
)
ONCE = "Run the same tool with the same arguments once in a turn, and give every id one answer."
LOOP_GUARD = "Bound the rounds and the number of identical calls; stop when nothing changes."
ACCUMULATE = (
    "Gather deltas by index, by id where there is none; set id and name once, append arguments, survive null and "
    "missing fields."
)
DATA = "Take tool results for data: a call that follows from a text inside one needs a confirmation or is refused."
CHECK_CLAIMS = "Check what the text claims against the calls that really ran."
BY_CALLS = "Go by the presence of `tool_calls`, not by the finish reason alone."
FAILED = "Take it for a failed request: try again with a growing pause, run nothing partial."
CONFIRM = "Have a person confirm exactly this name with exactly these arguments before anything acts on the world."
NO_TEXT_CALLS = (
    "Never run text. Salvage it only if asked to, for known tool names only, and never show the raw markup to a user."
)
