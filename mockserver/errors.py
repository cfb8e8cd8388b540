"""The base of every error that this package raises at its users."""


class MockServerError(Exception):
    """Base class of the errors that users meet: `except MockServerError` catches all of them.

    Each child also derives from the built-in exception that fits it (`ValueError` for a name that is not known), and is
    exported from `mockserver`. Errors that the server *answers* with are not exceptions here: they are responses.
    """
