"""Registers: the decorator that enters a fault into the catalogue."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from mockserver.faults.fault import Apply, Category, Fault, Layer, Need, Parameter, Promises

Function = TypeVar("Function", bound=Callable[..., Any])


class FaultDecorator(Protocol):
    """What enters a function into a register; the function stays what it is."""

    def __call__(self, function: Function, /) -> Function:
        """Enter it."""


class Register:
    """The faults of one category, with what most of them share; each entry may say otherwise.

    `adapt` makes a function of the layer's value and the context of what an entry is written as, so that a category
    can be written in its own terms: values of one call, say, instead of whole replies. `api` names the only API in
    which the faults of the register exist.
    """

    def __init__(  # noqa: PLR0913 - what the entries of a category share
        self,
        category: Category,
        layer: Layer,
        *,
        needs: tuple[Need, ...] = (),
        promises: Promises | None = None,
        robust: str = "",
        adapt: Callable[[Callable[..., Any]], Apply] = lambda function: function,
        api: str | None = None,
    ) -> None:
        self.faults: list[Fault] = []
        self._category = category
        self._layer = layer
        self._needs = needs
        self._promises = promises or Promises()
        self._robust = robust
        self._adapt = adapt
        self._api = api

    def __call__(  # noqa: PLR0913 - an entry of the catalogue
        self,
        name: str,
        definition: str,
        *,
        source: str,
        robust: str = "",
        needs: tuple[Need, ...] | None = None,
        promises: Promises | None = None,
        layer: Layer | None = None,
        adapt: Callable[[Callable[..., Any]], Apply] | None = None,
        impossible: str | None = None,
        **parameters: Parameter,
    ) -> FaultDecorator:
        """Enter a fault under a name; keywords that are none of these are its parameters."""

        def enter(function: Function, /) -> Function:
            self.faults.append(
                Fault(
                    name=name,
                    category=self._category,
                    layer=layer or self._layer,
                    definition=definition,
                    apply=(adapt or self._adapt)(function),
                    needs=self._needs if needs is None else needs,
                    parameters=parameters,
                    promises=promises or self._promises,
                    source=source,
                    robust=robust or self._robust,
                    impossible=impossible,
                    api=self._api,
                )
            )
            return function

        return enter


def by_name(*categories: Register) -> Mapping[str, Fault]:
    """All entries by their names.

    Raises:
        ValueError: a name is there twice.
    """
    found: dict[str, Fault] = {}
    for fault in [fault for category in categories for fault in category.faults]:
        if fault.name in found:
            raise ValueError(f"the fault '{fault.name}' is in the catalogue twice")
        found[fault.name] = fault
    return found
