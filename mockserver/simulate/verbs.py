"""Verbs by what they do to the world: some only look, others act, destroy or run something; data and look-up."""

from functools import lru_cache

from mockserver.simulate.lexicon import word_set
from mockserver.simulate.words import stem

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


def acts_of(word_stem: str) -> frozenset[str]:
    """The classes of act that a verb may mean, by its stem; empty for one that is not known to act."""
    return _by_stem().get(word_stem.translate(_PLAIN_LETTERS), frozenset())


def looks(word_stem: str) -> bool:
    """Whether a verb only looks, computes or speaks."""
    return word_stem in _looking()
