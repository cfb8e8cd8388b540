"""Asking back: what the model says when an act lacks values that only the user can give."""

from collections.abc import Mapping, Sequence

from mockserver.simulate.skills import Parameter, Skill
from mockserver.simulate.smalltalk import offer
from mockserver.simulate.words import identifier_words

SPELL_IT_OUT = (
    "Before I change anything I need to know more. Could you tell me what exactly shall be done, and give me the file, "
    "the command or the values to use?"
)
_WORDS = {
    "recipient": "the address to send it to", "email": "the e-mail address", "command": "the exact command",
    "source": "the exact code", "sql": "the exact statement", "money": "the amount",
}  # fmt: skip


def ask_back(lacking: Mapping[Skill, Sequence[Parameter]]) -> str:
    """A question for the values that the first of the calls lacks."""
    skill, missing = next(iter(lacking.items()))
    names = list(dict.fromkeys(_named(parameter) for parameter in missing))
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"I can do that ({offer(skill)}), but I need to know {listed} first. Could you tell me?"


def _named(parameter: Parameter) -> str:
    return _WORDS.get(parameter.role) or f"the {' '.join(identifier_words(parameter.name)) or parameter.name}"
