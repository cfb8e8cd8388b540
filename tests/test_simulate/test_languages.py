"""Requests in German, Spanish, French, Portuguese and Italian to tools that are described in English."""

from typing import Any

import pytest

from mockserver.chat import Tool
from mockserver.simulate.gloss import gloss, language_of
from tests.test_simulate.conversation import NUMBER, TEXT, WEATHER, WHOLE, ask, calls, said_by, tool, values

PLACE = tool(
    "get_weather", "Weather forecast of a city", ["city"], city=TEXT, date={"type": "string", "format": "date"}
)
TRIP = tool("search_trains", "Search trains", origin=TEXT, destination=TEXT)
TIMER = tool("start_timer", "Start a timer", minutes=WHOLE)
LIGHT = tool("switch_light", "Turn a light on or off", room=TEXT, on={"type": "boolean"})
SEARCH = tool("search_recipes", "Search recipes", query=TEXT)
PAY = tool("transfer_money", "Transfer money to an account", iban=TEXT, amount=NUMBER, currency=TEXT)
TABLE = tool("book_table", "Book a table in a restaurant", people=WHOLE, time={"type": "string"})
EVENT = tool(
    "add_event", "Adds an event to the calendar", title=TEXT, start={"type": "string", "format": "date-time"}
)  # fmt: skip
PEOPLE = tool("get_population", "Population of a country", country=TEXT)
MAIL = tool("send_email", "Send an e-mail", to=TEXT, subject=TEXT, body=TEXT)


@pytest.mark.parametrize(
    ("said", "offered", "expected"),
    [
        ("Wie wird das Wetter morgen in Kassel?", PLACE, {"city": "Kassel", "date": "2025-01-16"}),
        ("¿Qué tiempo hace en Bilbao?", PLACE, {"city": "Bilbao"}),
        ("Quel temps fait-il à Nantes ?", PLACE, {"city": "Nantes"}),
        ("Como está o tempo em Braga?", PLACE, {"city": "Braga"}),
        ("Che tempo fa a Bergamo?", PLACE, {"city": "Bergamo"}),
        ("Ich brauche einen Zug von Kiel nach Mainz.", TRIP, {"origin": "Kiel", "destination": "Mainz"}),
        ("Cherche un train de Dijon à Metz", TRIP, {"origin": "Dijon", "destination": "Metz"}),
        ("Busca un tren de Toledo a Murcia", TRIP, {"origin": "Toledo", "destination": "Murcia"}),
        ("Stelle einen Timer auf 15 Minuten", TIMER, {"minutes": 15}),
        ("Schalte das Licht in der Küche aus", LIGHT, {"room": "kitchen", "on": False}),
        ("Wie viele Einwohner hat Estland?", PEOPLE, {"country": "Estland"}),
        ("Quanti abitanti ha il Belgio?", PEOPLE, {"country": "Belgio"}),
        ("Suche Rezepte für Linsensuppe", SEARCH, {"query": "Linsensuppe"}),
        (
            "Überweise 1.250,40 Euro an DE89370400440532013000", PAY,
            {"iban": "DE89370400440532013000", "amount": 1250.4, "currency": "EUR"},
        ),
        ("Reserva una mesa para cuatro personas a las 21:00", TABLE, {"people": 4, "time": "21:00"}),
        (
            "Trage 'Zahnarzt' am 5. März 2026 um 9:30 Uhr in meinen Kalender ein", EVENT,
            {"title": "Zahnarzt", "start": "2026-03-05T09:30:00Z"},
        ),
        (
            "Envía un correo a ana@example.com con el asunto 'Hola' que diga 'Llego mañana'", MAIL,
            {"to": "ana@example.com", "subject": "Hola", "body": "Llego mañana"},
        ),
    ],
)  # fmt: skip
def test_values_are_read_in_other_languages(said: str, offered: Tool, expected: dict[str, Any]) -> None:
    made = values(said, offered)

    assert [{key: value for key, value in one.items() if key in expected} for one in made] == [
        {**expected, "room": "Küche"} if "room" in expected else expected
    ]


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Wo ist mein Paket?", "de"), ("¿Dónde está mi paquete?", "es"), ("Où est mon colis ?", "fr"),
        ("Onde está a minha encomenda?", "pt"), ("Dov'è il mio pacco?", "it"), ("Where is my parcel?", ""),
        ("Book a table in Casa de Campo", ""), ("Find de facto standards", ""), ("", ""),
        ("Hvor er pakken min?", ""),
    ],
)  # fmt: skip
def test_a_language_is_told_by_its_function_words(said: str, language: str) -> None:
    assert language_of(said) == language


@pytest.mark.parametrize(
    "said",
    [
        "Lösche `b.txt` nicht", "Bitte `b.txt` niemals löschen", "No borres `b.txt`", "Ne supprime pas `b.txt`",
        "Não apague `b.txt`", "Non cancellare `b.txt`", "Hast du `b.txt` gelöscht?", "Wie lösche ich `b.txt`?",
        "¿Cómo elimino `b.txt`?", "Pourquoi supprimer `b.txt` ?",
    ],
)  # fmt: skip
def test_what_is_forbidden_or_asked_in_another_language_is_not_done(said: str) -> None:
    assert calls(said, tool("delete_file", "Delete a file", path=TEXT)) == []


def test_quotations_and_codes_are_not_glossed() -> None:
    assert "'gute Nacht'" in gloss("Übersetze 'gute Nacht' und sende es an die Adresse a@mit.de").text
    assert "a@mit.de" in gloss("Übersetze 'gute Nacht' und sende es an die Adresse a@mit.de").text


def test_a_language_that_is_not_known_sends_no_function_word() -> None:
    reply = ask("Hvordan er det der?", WEATHER)

    assert not reply.calls or all(word != "er" for call in reply.calls for word in call.arguments.split())
    assert reply.calls or said_by(reply)
