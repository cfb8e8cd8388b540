"""Effects: what calling a tool does (look, act or run something), read from its name, description and parameters."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from mockserver.simulate.lexicon import word_set
from mockserver.simulate.stemming import identifier_words, stem

EffectKind = Literal["looks", "acts", "runs"]
"""`looks`: reads, computes or speaks; `acts`: changes the world; `runs`: runs a command or code that it is given."""
LOOKS = word_set(
    """get find search look lookup fetch list read show view see check retrieve return describe query count calculate
    compute solve determine estimate convert evaluate analyze analyse compare predict forecast identify verify validate
    inspect explain summarize summarise translate detect classify extract parse recommend suggest browse scan explore
    track monitor measure tell give answer ask load glob grep ls cat head tail tree stat diff locate google preview
    lint score rank rate filter sort match plan think reason reflect simulate generate draft compose render
    know select finish respond think display print say repeat mention help learn watch review examine crawl scrape
    calc assess draw plot visualize sketch design
    understand discover obtain access take conclude factor differentiate integrate derive transcribe ocr"""
)
ACTS = {
    "send": """send email mail message text sms notify reply forward invite dm ping post publish tweet share submit
    remind call phone dial contact alert broadcast comment announce respond deliver tell ask dispatch upload push
    schicke sende envia envoie envoyer enviar manda invia mande escribe""",
    "create": """create add make open put schedule plan book reserve order buy purchase register set start record
    log save write draft store insert raise submit remind file place enter append upload touch mkdir begin sign enroll
    subscribe issue generate rent hire request build commit push note arrange need bake prepare
    erstelle lege trage buche reserviere bestelle crea crear ajoute creer cree reserva reserve cria agrega anota""",
    "change": """update change edit modify set rename move turn switch adjust replace fix patch apply assign mark lock
    unlock enable disable increase decrease raise lower dim mute unmute reschedule postpone play pause resume skip
    shuffle activate deactivate configure rewrite overwrite refactor append merge copy convert tag label close reopen
    open start stop approve reject accept grant install upgrade deploy migrate put write restore sync toggle warm cool
    heat charge feed water clean change correct rotate link attach swap transform insert implement
    setze stelle schalte aendere verschiebe cambia actualiza modifica change allume eteins apaga enciende""",
    "destroy": """delete remove erase cancel drop clear wipe clean purge kill terminate uninstall reset revoke
    unsubscribe archive close end stop discard destroy rm rmdir unlink truncate abort refund return detach prune undo
    dismiss tidy trash block ban
    loesche entferne storniere kuendige borra elimina cancela supprime annule cancella apaga""",
    "pay": """pay transfer send buy purchase order wire donate charge refund checkout check remit tip settle bet trade
    invest sell withdraw deposit top
    ueberweise zahle bezahle transfiere paga transfere paie vire paye""",
    "run": """run execute exec invoke launch start perform eval evaluate compile deploy restart reboot spawn
    delegate test trigger use call
    fuehre starte ejecuta lance execute esegui executa""",
}
"""The verbs of each class of act; a verb may belong to several, and each language adds its own."""

ACTING_NOUNS = {
    "bash": "run", "shell": "run", "terminal": "run", "powershell": "run", "console": "run", "python": "run",
    "repl": "run", "interpreter": "run", "cmd": "run", "subprocess": "run", "exec": "run", "sandbox": "run",
    "ipython": "run", "jupyter": "run", "command": "run", "script": "run", "agent": "run", "task": "run",
    "payment": "pay", "checkout": "pay", "transaction": "pay", "refund": "destroy", "purchase": "pay",
    "reminder": "create", "editor": "change", "patch": "change", "str": "change", "multiedit": "change",
    "notebookedit": "change", "deletion": "destroy", "removal": "destroy", "cancellation": "destroy",
    "todowrite": "create", "ride": "create", "new": "create", "sms": "send", "email": "send",
}  # fmt: skip
"""Nouns that tools are named by which act."""

_PLAIN_LETTERS = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "ê": "e", "á": "a", "à": "a", "ã": "a", "í": "i",
    "ó": "o", "ú": "u", "ç": "c", "ñ": "n",
})  # fmt: skip
_ARITHMETIC = frozenset(map(stem, word_set("add subtract multiply divide sum increase")))
_SHELLS = word_set("bash shell terminal powershell console cmd python repl ipython jupyter interpreter subprocess exec")
_SPEAKS = word_set(
    "think thought final finish finished respond response answer attempt followup clarify conclude handoff done"
)
_HANDS_OVER = re.compile(
    r"(?i)\b(?:hand(?:s|ing)?[\s_-]?(?:off|over)|transfers?[\s_](?:to|you)|route[\s_]to|escalate)\b"
)
_OPENED_TO_READ = word_set("file page url document browser link website")
_OPENED = frozenset({"open", "load", "pull"})
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_QUERY_LANGUAGE = frozenset({"sql"})
_PREFIXES = word_set("mcp functions function tool tools api github slack gmail google fs filesystem client server")
_THING_OR_DEED = word_set(
    """order book record report issue request comment message email mail file log note schedule task text call update
    trade play contact invoice payment transfer reservation refund purchase share ship return rent post store
    reserve change heat ride"""
)
_ABOUT_THE_THING = word_set(
    """status history detail details info information list count lookup search rate rates price prices forecast stats
    statistics summary score balance value level distance results overview availability progress total"""
)
_ANSWERS = re.compile(r"(?i)\b(?:answer|final|conclusion)\b")
_HANDS_IN = frozenset({"submit", "report", "complete"})
_SAYS_NOTHING = frozenset(map(stem, word_set("use call request this tool perform")))
_PROGRAMS = frozenset({"code", "script", "snippet"})
_ASKING = word_set("how what when where which who whose why whether")
_TAKES_AN_OBJECT = re.compile(r"(?i)\W*\w+\s+(?:an?|the|one|some|all|every|your|this|that|new|or|and)\b")
_NO_VERB = re.compile(r"(?:ings?|tions?|ments?|[^e]ed)\Z")
_JOINED = re.compile(r"(?i)(?:and|or)[\s_]+([^\W\d_]+)")
_READ_ONLY = re.compile(r"(?i)\bread[\s-]only\b|\b(?:does not|never) (?:change|modify|write)\b")
_SHOWN = 400
_BEFORE_THE_VERB = 3
"""As many words of a name are looked at for its verb: the rest of it is the object."""


class Effect(NamedTuple):
    """What a call does: its kind, the classes of act (`verbs.ACTS`) that it may be, and the stems of its verbs."""

    kind: EffectKind
    acts: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()


LOOKING = Effect("looks")


def acts_of(word_stem: str) -> frozenset[str]:
    """The classes of act that a verb may mean, by its stem; empty for one that is not known to act."""
    return _by_stem().get(word_stem.translate(_PLAIN_LETTERS), frozenset())


def looks(word_stem: str) -> bool:
    """Whether a verb only looks, computes or speaks."""
    return word_stem in _looking()


@lru_cache(maxsize=1)
def _by_stem() -> dict[str, frozenset[str]]:
    classes: dict[str, set[str]] = {}
    for name, words in ACTS.items():
        for word in words.split():
            classes.setdefault(stem(word), set()).add(name)
    return {root: frozenset(names) for root, names in classes.items()}


@lru_cache(maxsize=1)
def _looking() -> frozenset[str]:
    return frozenset(map(stem, LOOKS))


def effect_of(name: str, description: str, parameters: Sequence[tuple[str, str, str]]) -> Effect:
    """The effect of a tool; `parameters` are (name, role, type) of each.

    A verb that is not known counts as acting: a tool that only looks says so.
    """
    words = [word for word in identifier_words(name) if not word.isdigit()]
    roles = {role for _, role, _ in parameters}
    if roles & {"command", "code"}:
        return Effect("runs", frozenset({"run"}), frozenset({"run", "execut"}))
    if roles & _QUERY_LANGUAGE:
        return LOOKING  # the statement decides, see `evidence.writes`
    if _speaks(words, name, description, parameters):
        return LOOKING
    verb, acts = _verb(words, description)
    if verb is None or (stem(verb) in _ARITHMETIC and _only_numbers(parameters)):
        return LOOKING
    if verb in _OPENED and not _OPENED_TO_READ.isdisjoint(words):
        return LOOKING
    kind: EffectKind = "runs" if acts == {"run"} and not _SHELLS.isdisjoint(words) else "acts"
    opening = stem(_opening(description))
    opening = "" if opening in _SAYS_NOTHING else opening
    acts |= acts_of(opening).union(*({ACTING_NOUNS[word]} for word in words if word in ACTING_NOUNS))
    deeds = (stem(verb), opening, *(stem(word) for word in words if word not in _THING_OR_DEED))
    return Effect(kind, acts, frozenset(root for root in deeds if acts_of(root)))


def _speaks(words: list[str], name: str, description: str, parameters: Sequence[tuple[str, str, str]]) -> bool:
    """Whether a tool thinks, answers the user, or hands the conversation over: nothing in the world changes."""
    if words and (words[0] in _SPEAKS or (words[0] in _HANDS_IN and _ANSWERS.search(f"{name} {description[:_SHOWN]}"))):
        return True
    handed = _HANDS_OVER.search(" ".join(words)) or _HANDS_OVER.search(description[:_SHOWN])
    return handed is not None and not {role for _, role, _ in parameters} & {"money", "account", "recipient", "email"}


def _verb(words: list[str], description: str) -> tuple[str | None, frozenset[str]]:
    """The verb that makes a tool an acting one, with its classes; None for a tool that only looks."""
    opening = stem(_opening(description))
    harsh = any(acts_of(stem(word)) & {"destroy", "pay"} for word in words)
    if _opening(description) in _ASKING or (_READ_ONLY.search(description[:_SHOWN]) and not harsh):
        return None, frozenset()
    named = [word for word in words if word not in _PREFIXES and not _is_noun(word, words)] or words
    if looks(opening) and any(looks(stem(word)) for word in named) and not _also_acts(words, description):
        return None, frozenset()
    for place, word in enumerate(named):
        root = stem(word)
        if place >= _BEFORE_THE_VERB and "destroy" not in acts_of(root) and word not in ACTING_NOUNS:
            continue
        if _only_looks(word, named, opening):
            return None, frozenset()
        classes = acts_of(root) or ({ACTING_NOUNS[word]} if word in ACTING_NOUNS else frozenset())
        if not classes and root == opening and _TAKES_AN_OBJECT.match(description):
            classes = {"change", "create"}
        if classes:
            return word, frozenset(classes)
    acting = acts_of(opening) and not looks(opening) and opening not in _SAYS_NOTHING
    return (opening, acts_of(opening)) if acting else (None, frozenset())


def _is_noun(word: str, words: list[str]) -> bool:
    """Whether a word of a name is not a verb by its ending, or stands where the thing stands, as in `t_test`."""
    return word not in ACTING_NOUNS and (bool(_NO_VERB.search(word)) or (word == "test" and word != words[0]))


def _also_acts(words: list[str], description: str) -> bool:
    """Whether a tool that looks does more: its name destroys, or it says what it does besides (`find and replace`)."""
    besides = (*_JOINED.findall(" ".join(words)), *_JOINED.findall(description[:_SHOWN]))
    return any("destroy" in acts_of(stem(word)) for word in words) or any(
        acts_of(stem(word)) and not looks(stem(word)) and word not in _THING_OR_DEED for word in besides
    )


def _only_looks(word: str, named: list[str], opening: str) -> bool:
    """Whether a word of a name says that the tool looks: `get`, or `order` in `order_status`."""
    alone = len(named) == 1 and bool(acts_of(opening))
    return (looks(stem(word)) and not alone) or (word in _THING_OR_DEED and named[-1] in _ABOUT_THE_THING)


def _opening(description: str) -> str:
    """The word that a description begins with."""
    said = _FIRST_WORD.search(description)
    return said.group().casefold() if said else ""


def _only_numbers(parameters: Sequence[tuple[str, str, str]]) -> bool:
    return all(kind in ("integer", "number") for _, _, kind in parameters)
