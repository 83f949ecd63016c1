"""The documentation of figures is what the table of figures says."""

from pathlib import Path

from quantbot_engine.metrics import measured
from quantbot_engine.metrics.figure_texts import GROUPS, REASONS, TEXTS
from quantbot_engine.metrics.measured import FIELDS, Measured
from quantbot_engine.metrics.periods import DETAIL_NAMES
from quantbot_engine.metrics.reference_page import render
from quantbot_engine.metrics.undefined import Undefined

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == render(), "run: python -m quantbot_engine.metrics.reference_page docs/metrics.md"


def test_every_figure_and_every_reason_is_on_the_page_once() -> None:
    assert sorted(TEXTS) == sorted(DETAIL_NAMES)
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(DETAIL_NAMES)
    assert sorted(REASONS) == sorted(Undefined)


def test_kernels_fill_rows_in_the_order_of_the_fields() -> None:
    named = [getattr(measured, field.upper()) for field in Measured._fields]
    assert named == list(range(FIELDS))
