"""Failing reports, word for word: a file each in `reports`, the test above, what is reported of it below."""

from pathlib import Path

import pytest

from tests.test_pytest_plugin.project import report, run

pytest_plugins = ["pytester"]

REPORTS = sorted((Path(__file__).parent / "reports").glob("*.txt"))


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: file.stem)
def test_a_failing_test_reports(file: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CI", "BUILD_NUMBER"):  # pytest itself says more where it finds these
        monkeypatch.delenv(variable, raising=False)
    tests, _, expected = file.read_text(encoding="utf-8").partition("\n=====\n")

    ran = run(pytester, tests, "--tb=short")

    assert report(ran) == expected.strip()
    ran.assert_outcomes(failed=1)
