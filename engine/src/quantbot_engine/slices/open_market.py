"""Where the market of a request comes from: a slice on disk, or the request itself. Exactly one of both."""

from msgspec import UNSET

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    ErrorCode,
    GroupedEvaluationRequest,
    OptimizePerCallerRequest,
    OptimizeRequest,
    RankRequest,
    SimulateRequest,
)
from quantbot_engine.slices.inline import read_inline_market
from quantbot_engine.slices.load import SliceCache
from quantbot_engine.slices.market import Market

MarketRequest = SimulateRequest | OptimizeRequest | OptimizePerCallerRequest | GroupedEvaluationRequest | RankRequest


def open_market(request: MarketRequest, cache: SliceCache) -> Market:
    """Return the checked market that the request names or holds."""
    has_inline = request.calls is not UNSET or request.candles_by_call_id is not UNSET
    if request.slice is not UNSET and not has_inline:
        return cache.load(request.slice)
    if request.slice is UNSET and request.calls is not UNSET and request.candles_by_call_id is not UNSET:
        return read_inline_market(request.calls, request.candles_by_call_id)
    names = ("slice", "calls", "candles_by_call_id")
    given = [name for name in names if getattr(request, name) is not UNSET]
    raise EngineError(
        ErrorCode.INVALID_REQUEST,
        f"expected either slice, or calls and candles_by_call_id; found {', '.join(given) or 'none of them'}",
        given=given,
    )
