"""Strategies on candles as docs/assumptions.md tells them, event by event: lists, no arrays, nothing clever.

Knows nothing of the engine but the words of its rules, so that a mistake cannot be shared.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from quantbot_engine.simulate.rules import BasisPointCosts, SimulationRules, SwapCosts

DAY_S = 86_400
TOLERANCE = 1e-9


class Candle(NamedTuple):
    timestamp: int
    open: float
    high: float
    low: float
    close: float


@dataclass(frozen=True)
class Signal:
    direction: int = 0
    order: str = "market"
    price: float | None = None
    size: float | None = None
    stop_distance: float | None = None
    target_distance: float | None = None
    exit_long: bool = False
    exit_short: bool = False


# Symbol → timestamp → candle or signal. The order of the symbols is the declared one.
Candles = Mapping[str, Mapping[int, Candle]]
Signals = Mapping[str, Mapping[int, Signal]]


class Fill(NamedTuple):
    timestamp: int
    symbol: str
    reason: str
    side: str
    units: float
    price: float
    fee: float
    position: int


class Trade(NamedTuple):
    symbol: str
    direction: str
    entry_timestamp: int
    exit_timestamp: int
    units: float
    entry_price: float
    exit_price: float
    pnl: float
    costs: float
    mae: float
    mfe: float
    reason: str


class Shortfall(NamedTuple):
    timestamp: int
    signal_timestamp: int
    symbol: str
    direction: str
    reason: str
    asked: float = 0.0
    given: float = 0.0


@dataclass
class Order:
    is_long: bool
    signal: Signal
    placed_at: int
    candles_seen: int = 0


@dataclass
class Position:
    id: int
    is_long: bool
    entry_timestamp: int
    entry_price: float
    units: float
    first_units: float
    stop_loss: float | None
    liquidation: float | None
    target: float | None
    best: float
    worst: float
    pnl: float
    costs: float
    candles_held: int
    inside: str | None = None
    rungs_done: int = 0
    exit_value: float = 0.0

    def gain(self, price: float) -> float:
        """Return the profit per unit at a price."""
        return price - self.entry_price if self.is_long else -1 * (price - self.entry_price)

    def worth(self, price: float) -> float:
        """Return what closing would give back before costs; a short set its entry price aside."""
        return self.units * price if self.is_long else self.units * (2 * self.entry_price - price)

    def shift(self, fraction: float) -> float:
        """Return the entry price moved by a fraction towards profit."""
        return self.entry_price * (1 + fraction) if self.is_long else self.entry_price * (1 - fraction)

    def better(self, first: float, second: float) -> float:
        return max(first, second) if self.is_long else min(first, second)

    def worse(self, first: float, second: float) -> float:
        return min(first, second) if self.is_long else max(first, second)

    def is_beyond(self, price: float, level: float | None) -> bool:
        """Tell whether a price is at a level of profit or better."""
        return level is not None and (price >= level if self.is_long else price <= level)

    def is_below(self, price: float, level: float | None) -> bool:
        """Tell whether a price is at a stop or worse."""
        return level is not None and (price <= level if self.is_long else price >= level)


class Stop(NamedTuple):
    level: float
    reason: str


@dataclass
class Outcome:
    fills: list[Fill] = field(default_factory=list)
    trades: dict[int, Trade] = field(default_factory=dict)
    shortfalls: list[Shortfall] = field(default_factory=list)
    equity: list[float] = field(default_factory=list)
    cash: list[float] = field(default_factory=list)
    exposure: list[float] = field(default_factory=list)
    ambiguous: int = 0
    above_top_rung: int = 0


class Simulation:
    def __init__(self, candles: Candles, signals: Signals, rules: SimulationRules) -> None:
        self.candles = candles
        self.signals = signals
        self.rules = rules
        self.symbols = list(candles)
        self.times = sorted({timestamp for rows in candles.values() for timestamp in rows})
        self.cash = rules.initial_capital
        self.equity = rules.initial_capital
        self.positions: dict[str, list[Position]] = {symbol: [] for symbol in self.symbols}
        self.orders: dict[str, Order] = {}
        self.exits: dict[str, str] = {}
        self.last_close: dict[str, float] = {}
        self.is_halted = False
        self.is_day_lost = False
        self.opened = 0
        self.outcome = Outcome()

    def run(self) -> Outcome:
        peak = self.equity
        day, day_start = -1, self.equity
        for time in self.times:
            now = {symbol: self.candles[symbol][time] for symbol in self.symbols if time in self.candles[symbol]}
            if time // DAY_S != day:
                day, day_start = time // DAY_S, self.equity
                self.is_day_lost = False
            self.at_open(now)
            self.enter_inside(now)
            self.hold(now)
            self.mark()
            peak = max(peak, self.equity)
            self.judge(time, peak, day_start)
            self.take_signals(now)
            self.record()
        self.end()
        return self.outcome

    # 1. Open.

    def at_open(self, now: dict[str, Candle]) -> None:
        for symbol, candle in now.items():
            for position in list(self.positions[symbol]):
                self.meet(symbol, position, candle.timestamp, (candle.open, candle.open, candle.open))
            reason = self.exits.pop(symbol, None)
            if reason is not None:
                fraction = 1.0 if reason == "max_drawdown" else self.rules.partial_close_pct
                self.close_first_in(symbol, fraction, candle.open, candle.timestamp, reason)
        for symbol, candle in now.items():
            order = self.orders.get(symbol)
            if order is None:
                continue
            price = candle.open if order.signal.order == "market" else self.find_fill_at_open(order, candle)
            if price is not None:
                self.enter(symbol, price, candle.timestamp, -1)

    def find_fill_at_open(self, order: Order, candle: Candle) -> float | None:
        price = order.signal.price
        assert price is not None
        is_cheap = candle.open <= price if order.is_long else candle.open >= price
        is_dear = candle.open >= price if order.is_long else candle.open <= price
        if order.signal.order == "limit" and is_cheap:
            return candle.open if self.rules.gap_fill == "open" else price
        if order.signal.order == "stop" and is_dear:
            return price if self.rules.gap_fill == "level" else candle.open
        return None

    # 2. Inside: orders first, since what exits set free is not free before the close.

    def enter_inside(self, now: dict[str, Candle]) -> None:
        for symbol, candle in now.items():
            order = self.orders.get(symbol)
            if order is None:
                continue
            price = order.signal.price
            assert price is not None
            falls_to = candle.low <= price if order.is_long else candle.high >= price
            rises_to = candle.high >= price if order.is_long else candle.low <= price
            if falls_to if order.signal.order == "limit" else rises_to:
                self.enter(symbol, price, candle.timestamp, -1, inside=order.signal.order)
                continue
            order.candles_seen += 1
            if order.candles_seen == self.rules.order_valid_candles:
                self.drop(symbol, candle.timestamp, "expired")

    def hold(self, now: dict[str, Candle]) -> None:
        """Take every position through the rest of its candle: what it meets inside, then the close."""
        for symbol, candle in now.items():
            self.last_close[symbol] = candle.close
            for position in list(self.positions[symbol]):
                self.exit_inside(symbol, position, candle)
                if position.units > 0:
                    self.exit_at_close(symbol, position, candle)

    def exit_inside(self, symbol: str, position: Position, candle: Candle) -> None:
        worst, best = (candle.low, candle.high) if position.is_long else (candle.high, candle.low)
        if position.inside is None:
            self.meet(symbol, position, candle.timestamp, (candle.open, worst, best))
        elif self.rules.inside_entry_exits == "stop":
            stop = self.stop_in_force(position)
            if stop is not None and position.is_below(worst, stop.level):
                self.outcome.ambiguous += position.inside == "stop"
                self.close(symbol, position, position.units, stop.level, (candle.timestamp, stop.reason))

    def meet(self, symbol: str, position: Position, time: int, prices: tuple[float, float, float]) -> None:
        """Fill what a candle meets; with three times the open: what the open alone meets."""
        opened, worst, best = prices
        stop = self.stop_in_force(position)
        rung = self.next_rung(position)
        is_reached = position.is_beyond(best, rung) or position.is_beyond(best, position.target)
        is_stopped = stop is not None and position.is_below(worst, stop.level)
        is_stopped_at_open = stop is not None and position.is_below(opened, stop.level)
        stop_price = 0.0
        if stop is not None:
            stop_price = stop.level if self.rules.gap_fill == "level" else position.worse(stop.level, opened)
        if is_stopped and is_reached and not is_stopped_at_open:
            self.outcome.ambiguous += 1
        comes_first = is_stopped_at_open or self.rules.intrabar == "stop_first" or not is_reached
        if stop is not None and is_stopped and comes_first:
            self.close(symbol, position, position.units, stop_price, (time, stop.reason))
            return
        self.sell_rungs(symbol, position, time, (opened, best))
        if position.units == 0:
            return
        target = position.target
        if target is not None and position.is_beyond(best, target):
            price = position.better(target, opened) if self.rules.gap_fill == "open" else target
            self.close(symbol, position, position.units, price, (time, "take_profit"))
        elif stop is not None and is_stopped:
            self.close(symbol, position, position.units, stop_price, (time, stop.reason))

    def stop_in_force(self, position: Position) -> Stop | None:
        """Return the nearest stop; of equal ones the first of stop loss, liquidation, break-even, trailing stop."""
        rules = self.rules
        stops = []
        if position.stop_loss is not None:
            stops.append(Stop(position.stop_loss, "stop_loss"))
        if position.liquidation is not None:
            stops.append(Stop(position.liquidation, "liquidation"))
        trigger = rules.break_even_trigger
        if trigger is not None and position.is_beyond(position.best, position.shift(trigger)):
            stops.append(Stop(position.shift(rules.break_even_offset), "break_even"))
        trail = rules.trailing_stop
        if trail is not None and position.is_beyond(position.best, position.shift(rules.trailing_activation)):
            level = position.best * (1 - trail if position.is_long else 1 + trail)
            stops.append(Stop(level, "trailing_stop"))
        if not stops:
            return None
        return max(stops, key=lambda stop: stop.level if position.is_long else -stop.level)

    def next_rung(self, position: Position) -> float | None:
        """Return the next rung that lies before the target."""
        if position.rungs_done >= len(self.rules.ladder):
            return None
        level = position.shift(self.rules.ladder[position.rungs_done].profit)
        return None if position.is_beyond(level, position.target) else level

    def sell_rungs(self, symbol: str, position: Position, time: int, prices: tuple[float, float]) -> None:
        opened, best = prices
        while position.units > 0:
            level = self.next_rung(position)
            if level is None or not position.is_beyond(best, level):
                return
            is_last = position.rungs_done == len(self.rules.ladder) - 1
            is_whole = sum(rung.share for rung in self.rules.ladder) >= 1 - TOLERANCE
            units = self.rules.ladder[position.rungs_done].share * position.first_units
            units = self.round_down(units)
            if is_last and is_whole:
                units = position.units
            position.rungs_done += 1
            price = position.better(level, opened) if self.rules.gap_fill == "open" else level
            if units > 0:
                self.close(symbol, position, units, price, (time, "ladder"))

    # 3. Close.

    def exit_at_close(self, symbol: str, position: Position, candle: Candle) -> None:
        worst, best = (candle.low, candle.high) if position.is_long else (candle.high, candle.low)
        if position.inside is not None:
            worst = best = candle.close
            position.inside = None
        position.best = position.better(position.best, best)
        position.worst = position.worse(position.worst, worst)
        position.candles_held += 1
        limit, limit_s = self.rules.max_hold_candles, self.rules.max_hold_s
        is_late = limit is not None and position.candles_held >= limit
        if limit_s is not None and candle.timestamp - position.entry_timestamp >= limit_s:
            is_late = True
        if is_late:
            self.close(symbol, position, position.units, candle.close, (candle.timestamp, "time_exit"))

    def mark(self) -> None:
        self.equity = self.cash
        for symbol in self.symbols:
            for position in self.positions[symbol]:
                self.equity += position.worth(self.last_close[symbol])

    def judge(self, time: int, peak: float, day_start: float) -> None:
        limit = self.rules.max_drawdown
        if limit is not None and not self.is_halted and peak - self.equity >= limit * peak:
            self.is_halted = True
            for symbol in self.symbols:
                if self.positions[symbol]:
                    self.exits[symbol] = "max_drawdown"
                if symbol in self.orders:
                    self.drop(symbol, time, "max_drawdown")
        limit = self.rules.daily_loss_limit
        if limit is not None and day_start - self.equity >= limit * day_start:
            self.is_day_lost = True

    def take_signals(self, now: dict[str, Candle]) -> None:
        at_close = self.rules.entry_fill == "signal_close"
        for symbol, candle in now.items():
            signal = self.signals[symbol].get(candle.timestamp)
            if signal is None:
                continue
            held = self.positions[symbol]
            if held and (signal.exit_long if held[0].is_long else signal.exit_short):
                if at_close:
                    fraction = self.rules.partial_close_pct
                    self.close_first_in(symbol, fraction, candle.close, candle.timestamp, "signal")
                else:
                    self.exits.setdefault(symbol, "signal")
            order = self.orders.get(symbol)
            if order is not None and (signal.exit_long if order.is_long else signal.exit_short):
                self.drop(symbol, candle.timestamp, "cancelled")
            if signal.direction != 0 and self.rules.directions in ("both", "long" if signal.direction > 0 else "short"):
                self.place(symbol, signal, candle.timestamp)
        if at_close:
            for symbol, candle in now.items():
                if symbol in self.orders and self.orders[symbol].signal.order == "market":
                    self.enter(symbol, candle.close, candle.timestamp, 0)
            self.mark()

    def place(self, symbol: str, signal: Signal, time: int) -> None:
        if symbol in self.orders:
            self.drop(symbol, time, "replaced")
        self.orders[symbol] = Order(signal.direction > 0, signal, time)
        needed = [signal.stop_distance, signal.target_distance]
        if signal.order != "market":
            needed.append(signal.price)
        if any(value is not None and not 0 < value < math.inf for value in needed):
            self.drop(symbol, time, "undefined_order")
        elif self.is_halted:
            self.drop(symbol, time, "max_drawdown")

    def record(self) -> None:
        self.outcome.equity.append(self.equity)
        self.outcome.cash.append(self.cash)
        self.outcome.exposure.append(self.find_exposure())

    def find_exposure(self) -> float:
        return sum(held.units * self.last_close[symbol] for symbol in self.symbols for held in self.positions[symbol])

    def end(self) -> None:
        time = self.times[-1]
        for symbol in self.symbols:
            if symbol in self.orders:
                self.drop(symbol, time, "end_of_data")
            for position in list(self.positions[symbol]):
                price = self.last_close[symbol]
                if self.rules.final_close == "close":
                    self.close(symbol, position, position.units, price, (time, "end_of_data"))
                else:
                    self.record_trade(symbol, position, price, (time, "open"))
        self.mark()
        for curve, value in (
            (self.outcome.equity, self.equity),
            (self.outcome.cash, self.cash),
            (self.outcome.exposure, self.find_exposure()),
        ):
            curve[-1] = value

    # Orders and money.

    def drop(self, symbol: str, time: int, reason: str, asked: float = 0.0) -> None:
        order = self.orders.pop(symbol)
        self.fall_short(symbol, order, time, reason, (asked, 0.0))

    def fall_short(self, symbol: str, order: Order, time: int, reason: str, money: tuple[float, float]) -> None:
        direction = "long" if order.is_long else "short"
        self.outcome.shortfalls.append(Shortfall(time, order.placed_at, symbol, direction, reason, *money))

    def find_obstacle(self, symbol: str, order: Order) -> str | None:
        held = self.positions[symbol]
        if self.is_halted:
            return "max_drawdown"
        if self.is_day_lost:
            return "daily_loss_limit"
        if held and held[0].is_long != order.is_long:
            return "opposite_position"
        if held and not self.rules.scale_in:
            return "position_open"
        if len(held) >= self.rules.max_positions:
            return "max_positions"
        return None

    def enter(self, symbol: str, level: float, time: int, age: int, inside: str | None = None) -> None:
        order = self.orders[symbol]
        rules = self.rules
        obstacle = self.find_obstacle(symbol, order)
        if obstacle is not None:
            self.drop(symbol, time, obstacle)
            return
        price = self.slip(level, is_buying=order.is_long)
        stop_loss = self.find_level(
            price, order.is_long, order.signal.stop_distance, rules.stop_loss, towards_loss=True
        )
        wish = self.find_wish(order, price, stop_loss)
        if wish is None:
            self.drop(symbol, time, "undefined_order")
            return
        asked, wished_units = wish
        given, cut = self.find_limit(symbol, asked, price)
        if given <= (0 if cut is None else TOLERANCE * rules.initial_capital):
            self.drop(symbol, time, cut or "insufficient_cash", asked)
            return
        purchase = self.find_purchase(given, None if cut else wished_units, price)
        if isinstance(purchase, str):
            self.drop(symbol, time, purchase, asked)
            return
        units, spent = purchase
        if cut is not None:
            self.fall_short(symbol, order, time, cut, (asked, spent))
        del self.orders[symbol]
        self.open(symbol, order, (units, price, spent, stop_loss), time, (age, inside))

    def find_limit(self, symbol: str, asked: float, price: float) -> tuple[float, str | None]:
        """Return the money that may be spent, and what cut it."""
        given, cut = asked, None
        if self.rules.max_position_size is not None:
            owned = sum(held.units * price for held in self.positions[symbol])
            room = self.rules.max_position_size * self.equity - owned
            if room < given:
                given, cut = room, "max_position_size"
        if self.cash < given:
            given, cut = self.cash, "insufficient_cash"
        return given, cut

    def find_purchase(self, given: float, wished_units: float | None, price: float) -> tuple[float, float] | str:
        """Return units and their money, or why there are none."""
        lot = self.rules.lot_size
        units = self.units_for(given, price) if wished_units is None else wished_units
        if units <= 0:
            return "costs_exceed_size"
        spent = given
        if lot > 0:
            units = self.round_down(units)
            if units > 0 and self.money_for(units, price) > self.cash * (1 + 1e-12):
                units = self.round_down(units - lot)
            if units == 0:
                return "below_lot_size"
        if lot > 0 or wished_units is not None:
            spent = min(self.money_for(units, price), self.cash)
        return (units, spent) if spent >= self.rules.min_order_value else "below_minimum"

    def open(
        self,
        symbol: str,
        order: Order,
        bought: tuple[float, float, float, float | None],
        time: int,
        how: tuple[int, str | None],
    ) -> None:
        rules, costs = self.rules, self.rules.costs
        units, price, spent, stop_loss = bought
        liquidation = None
        if isinstance(costs, SwapCosts):
            cost = spent - units * price
            self.outcome.above_top_rung += spent > costs.rungs[-1][0]
        else:
            fee, slippage = costs.fee_bps / 10_000, costs.slippage_bps / 10_000
            cost = units * price * fee + costs.fixed_fee
            if not order.is_long:
                liquidation = (2 * price * units - costs.fixed_fee) / (units * (1 + fee) * (1 + slippage))
        self.cash -= spent
        position = Position(
            id=self.opened,
            is_long=order.is_long,
            entry_timestamp=time,
            entry_price=price,
            units=units,
            first_units=units,
            stop_loss=stop_loss,
            liquidation=liquidation,
            target=self.find_level(price, order.is_long, order.signal.target_distance, rules.take_profit),
            best=price,
            worst=price,
            pnl=-cost,
            costs=cost,
            candles_held=how[0],
            inside=how[1],
        )
        self.opened += 1
        self.positions[symbol].append(position)
        side = "buy" if order.is_long else "sell"
        self.outcome.fills.append(Fill(time, symbol, "entry", side, units, price, cost, position.id))

    def find_level(
        self, price: float, is_long: bool, distance: float | None, fraction: float | None, towards_loss: bool = False
    ) -> float | None:
        is_up = is_long != towards_loss
        if distance is not None:
            return price + distance if is_up else price - distance
        if fraction is not None:
            return price * (1 + fraction if is_up else 1 - fraction)
        return None

    def find_wish(self, order: Order, price: float, stop_loss: float | None) -> tuple[float, float | None] | None:
        """Return the money an order asks for and, if it asks for units, their number."""
        sizing = self.rules.sizing
        size = self.rules.size if order.signal.size is None else order.signal.size
        if not 0 < size < math.inf:
            return None
        if sizing == "equity_fraction":
            return size * self.equity, None
        if sizing == "amount":
            return size, None
        units = size
        if sizing in ("risk_fraction", "risk_amount"):
            assert stop_loss is not None
            gap = price - stop_loss if order.is_long else stop_loss - price
            units = (size * self.equity if sizing == "risk_fraction" else size) / gap
        return (self.money_for(units, price), units) if 0 < units < math.inf else None

    def units_for(self, money: float, price: float) -> float:
        costs = self.rules.costs
        if isinstance(costs, BasisPointCosts):
            return (money - costs.fixed_fee) / (price * (1 + costs.fee_bps / 10_000))
        return (money - (money * find_loss_rate(costs, money) / 2 + costs.gas_buy)) / price

    def money_for(self, units: float, price: float) -> float:
        costs = self.rules.costs
        notional = units * price
        if isinstance(costs, BasisPointCosts):
            return notional + (notional * (costs.fee_bps / 10_000) + costs.fixed_fee)
        spends = [((notional + costs.gas_buy) / (1 - rate / 2), rung) for rung, rate in costs.rungs]
        return next((spend for spend, rung in spends if spend <= rung), spends[-1][0])

    def exit_cost(self, notional: float) -> float:
        costs = self.rules.costs
        if isinstance(costs, BasisPointCosts):
            return notional * (costs.fee_bps / 10_000) + costs.fixed_fee
        self.outcome.above_top_rung += notional > costs.rungs[-1][0]
        return notional * find_loss_rate(costs, notional) / 2 + costs.gas_sell

    def slip(self, price: float, is_buying: bool) -> float:
        costs = self.rules.costs
        slippage = costs.slippage_bps / 10_000 if isinstance(costs, BasisPointCosts) else 0.0
        return price * (1 + slippage if is_buying else 1 - slippage)

    def round_down(self, units: float) -> float:
        lot = self.rules.lot_size
        return math.floor(units / lot + TOLERANCE) * lot if lot > 0 else units

    def close_first_in(self, symbol: str, fraction: float, level: float, time: int, reason: str) -> None:
        held = list(self.positions[symbol])
        left = sum(position.units for position in held) * fraction
        lot = self.rules.lot_size
        if lot > 0:
            left = math.ceil(left / lot - TOLERANCE) * lot
        for position in held:
            units = position.units
            is_all = fraction >= 1 or left >= units * (1 - TOLERANCE)
            self.close(symbol, position, units if is_all else left, level, (time, reason))
            left -= units
            if fraction < 1 and left <= units * TOLERANCE:
                return

    def close(self, symbol: str, position: Position, units: float, level: float, why: tuple[int, str]) -> None:
        units = min(units, position.units)
        price = self.slip(level, is_buying=not position.is_long)
        returned = units * price if position.is_long else units * (2 * position.entry_price - price)
        cost = min(self.exit_cost(units * price), max(returned, 0.0))
        self.cash += returned - cost
        position.pnl += position.gain(price) * units - cost
        position.costs += cost
        side = "sell" if position.is_long else "buy"
        self.outcome.fills.append(Fill(why[0], symbol, why[1], side, units, price, cost, position.id))
        if units < position.units:
            position.units -= units
            position.exit_value += units * price
            return
        position.best = position.better(position.best, price)
        position.worst = position.worse(position.worst, price)
        self.record_trade(symbol, position, price, why)
        position.units = 0.0
        self.positions[symbol].remove(position)

    def record_trade(self, symbol: str, position: Position, price: float, why: tuple[int, str]) -> None:
        is_open = why[1] == "open"
        is_whole = position.units == position.first_units
        mean = price if is_whole else (position.exit_value + position.units * price) / position.first_units
        sign = 1 if position.is_long else -1
        self.outcome.trades[position.id] = Trade(
            symbol=symbol,
            direction="long" if position.is_long else "short",
            entry_timestamp=position.entry_timestamp,
            exit_timestamp=why[0],
            units=position.first_units,
            entry_price=position.entry_price,
            exit_price=mean,
            pnl=position.pnl + (position.gain(price) * position.units if is_open else 0.0),
            costs=position.costs,
            mae=sign * (position.worst - position.entry_price) / position.entry_price,
            mfe=sign * (position.best - position.entry_price) / position.entry_price,
            reason=why[1],
        )


def find_loss_rate(costs: SwapCosts, notional: float) -> float:
    return next((rate for rung, rate in costs.rungs if notional <= rung), costs.rungs[-1][1])


def simulate(candles: Candles, signals: Signals, rules: SimulationRules) -> Outcome:
    """Trade the signals; symbols share cash in the order of `candles`."""
    return Simulation(candles, signals, rules).run()
