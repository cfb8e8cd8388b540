"""How a fault is asked for: `NAME[:key=value,…]`, read by one parser."""

import subprocess
import sys

import pytest

from mockserver.faults import Target, UnknownFault, fault_spec, parse, specs_of


def test_a_name_alone_is_the_fault_with_its_defaults() -> None:
    (one,) = parse("unknown_param")

    assert (one.name, one.rate, one.once, one.attempts, one.turn, one.target) == (
        *("unknown_param", None, False, None, None),
        Target(),
    )


def test_keys_say_when_a_fault_happens_and_what_it_changes() -> None:
    (one,) = parse("unknown_param:rate=5%,attempts=2,turn=3,once,tool=get_time,call=1,parameter=order.lines.0.price")

    assert (one.rate, one.attempts, one.turn, one.once) == (0.05, 2, 3, True)
    assert one.target == Target(1, "get_time", "order.lines.0.price")


def test_several_faults_are_separated_by_semicolons() -> None:
    assert [one.name for one in parse("unknown_param:call=1; unknown_param:call=2;")] == ["unknown_param"] * 2


def test_a_value_in_quotes_may_hold_commas_and_semicolons() -> None:
    assert parse('unknown_param:tool="a,b;c"')[0].target.tool == "a,b;c"


@pytest.mark.parametrize("written", ["unknown_param", "unknown_param:rate=0.25,once=true", 'unknown_param:tool="a,b"'])
def test_a_fault_spec_as_text_parses_to_itself(written: str) -> None:
    assert str(parse(written)[0]) == written


def test_python_mappings_and_text_give_the_same_specs() -> None:
    said = parse("unknown_param:attempts=2")

    assert (fault_spec("unknown_param", attempts=2),) == said
    assert specs_of([{"name": "unknown_param", "attempts": 2}]) == specs_of("unknown_param:attempts=2") == said


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("unknown_parm", "No fault is called 'unknown_parm'. Nearest: unknown_param"),
        ("unknown_param:tol=x", "The fault 'unknown_param' has no parameter 'tol'. Nearest: tool"),
        ("unknown_param:rate=2", "The fault 'unknown_param': rate=2: expected a number from 0 to 1, or a percentage"),
        ("unknown_param:turn=0", "The fault 'unknown_param': turn=0: expected a whole number from 1 to 10000000"),
        ("unknown_param:=", "'unknown_param:=': expected key=value pairs with commas between them"),
    ],
)
def test_a_mistake_is_an_error_that_says_what_was_expected(written: str, message: str) -> None:
    with pytest.raises(UnknownFault) as told:
        parse(written)

    assert str(told.value).startswith(message)


def test_a_value_that_is_not_a_fault_is_an_error_with_the_right_form() -> None:
    with pytest.raises(UnknownFault, match="A fault is a text like"):
        specs_of(7)


def test_a_server_without_faults_starts_without_the_catalogue() -> None:
    program = "import sys, mockserver.server.app; print('mockserver.faults.catalogue' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"
