"""Trailing stops by replay: the straightforward loop, every candle of every call for every (activation, trail).

The rule: from the candle after entry on, an active stop at `peak * (1 - trail)` is tested against the level it had
before the candle, a candle that opens below it fills at its open; then the deadline; then the candle's high may
activate the stop (`high >= entry * activation`) and raises the peak, for the next candle on.
"""

from quantbot_engine.jit import Float1D, Float2D, Index2D, Int1D, kernel

TRAILING_STOP = 1
TIME_EXIT = 2
END_OF_DATA = 3


@kernel
def replay_trailing(
    candles: tuple[Float1D, Float1D, Float1D, Float1D],
    rows: tuple[Int1D, Int1D, Int1D],
    levels: tuple[Float1D, Float1D],
    found: tuple[Index2D, Index2D, Float2D],
    span: tuple[int, int],
) -> None:
    """Fill exit row, reason and price, shape (activations * trails, calls), for the calls of the half-open span.

    `candles` are open, high, low, close; `rows` first row, end row and deadline row of each call; `levels` activations
    as multiples of the entry price and trails as fractions of the peak.
    """
    activations, trails = levels
    for call in range(span[0], span[1]):
        entry = rows[0][call]
        end = rows[1][call]
        deadline = rows[2][call]
        last = min(deadline, end - 1)
        opened = candles[0][entry : last + 1]
        high = candles[1][entry : last + 1]
        low = candles[2][entry : last + 1]
        close = candles[3][entry : last + 1]
        for cell in range(activations.size * trails.size):
            activation = close[0] * activations[cell // trails.size]
            keep = 1.0 - trails[cell % trails.size]
            peak = 0.0
            step = last - entry
            reason = TIME_EXIT if deadline < end else END_OF_DATA
            price = close[step]
            for candle in range(1, high.size):
                level = peak * keep
                if low[candle] <= level:
                    step = candle
                    reason = TRAILING_STOP
                    price = min(level, opened[candle])
                    break
                if high[candle] > peak and (peak > 0.0 or high[candle] >= activation):
                    peak = high[candle]
            found[0][cell, call] = step
            found[1][cell, call] = reason
            found[2][cell, call] = price
