"""The operation `describe_strategies`: what strategies of files and one of rules are, and what is wrong with them."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from quantbot_engine.errors import EngineError
from quantbot_engine.protocol import (
    CandleStrategyConfig,
    DescribeStrategiesRequest,
    DescribeStrategiesResult,
    ErrorCode,
    Expression,
    StrategyDescription,
    StrategyProblem,
)
from quantbot_engine.rules.parts import calls_of, expressions_of, signals_of
from quantbot_engine.strategies.candles.columns import find_warm_up
from quantbot_engine.strategies.candles.invented import invent_candles
from quantbot_engine.strategies.candles.python_program import PythonProgram
from quantbot_engine.strategies.candles.rule_program import RuleProgram
from quantbot_engine.strategies.candles.settings import to_plain_rules
from quantbot_engine.strategies.user_files import UserEntry, read_user_file

ReportProgress = Callable[[int, int, str], None]


def describe_strategies(request: DescribeStrategiesRequest, report: ReportProgress) -> DescribeStrategiesResult:
    """Return what the strategies are, those of files in the order of the files, then that of rules.

    What is wrong with a file is a problem of that file alone. With a config whose `rules` are null, its other fields
    hold for the strategies of the files, and these are tried out on invented candles; without one their code does not
    compute: in a list, one that never ends would take all others with it.

    Raises
    ------
    EngineError
        INVALID_STRATEGY, STRATEGY_FAILED or FILE_NOT_FOUND for what is wrong with the strategy of rules.
    """
    config = msgspec.structs.replace(request.rules or CandleStrategyConfig(), rules=None)
    strategies: list[StrategyDescription] = []
    problems: list[StrategyProblem] = []
    report(0, len(request.files), "files")
    for done, file in enumerate(request.files, start=1):
        names = {each.name: each.file for each in strategies}
        try:
            for entry in read_user_file(file):
                if entry.name in names:
                    raise _refuse_name(entry, names[entry.name])
                description = _describe_entry(entry, config)
                if request.rules is not None and entry.candle_strategy is not None:
                    description = _try_out(description, PythonProgram(entry.candle_strategy, file, config))
                strategies.append(description)
        except EngineError as error:
            problems.append(_to_problem(file, error))
        report(done, len(request.files), "files")
    if request.rules is not None and request.rules.rules is not None:
        strategies.append(_describe_rules(RuleProgram(request.rules, request.rules.rules)))
    return DescribeStrategiesResult(strategies=strategies, problems=problems)


def _refuse_name(entry: UserEntry, other: str | None) -> EngineError:
    message = f"strategy file {entry.file}: expected a name of its own, {entry.name!r} is in {other} too"
    return EngineError(ErrorCode.INVALID_STRATEGY, message, file=entry.file, strategy=entry.name)


def _to_problem(file: str, error: EngineError) -> StrategyProblem:
    found: Any = error.details.get("traceback")
    return StrategyProblem(file=file, code=error.code.value, message=error.message, traceback=found)


def _describe_entry(entry: UserEntry, config: CandleStrategyConfig) -> StrategyDescription:
    if entry.candle_strategy is None:
        return StrategyDescription(
            name=entry.name,
            kind="trial_function",
            file=entry.file,
            summary=(inspect.getdoc(entry.function) or "").split("\n", 1)[0],
            parameters={},
            space=[],
            warm_up_candles=None,
            indicators=[],
            rules={},
        )
    program = PythonProgram(entry.candle_strategy, entry.file, config)
    parameters = program.complete({})
    return StrategyDescription(
        name=program.name,
        kind="python",
        file=entry.file,
        summary=program.summary,
        parameters=parameters,
        space=program.list_space(),
        warm_up_candles=None,
        indicators=[],
        rules=to_plain_rules(program.to_rules(parameters)),
    )


def _try_out(description: StrategyDescription, program: PythonProgram) -> StrategyDescription:
    """Return the description with what shows on invented candles."""
    indicators, _ = program.compute(invent_candles(), description.parameters)
    return msgspec.structs.replace(description, warm_up_candles=find_warm_up(indicators), indicators=list(indicators))


def _describe_rules(program: RuleProgram) -> StrategyDescription:
    parameters = program.complete({})
    rules = program.to_rules(parameters)
    asked = program.ask([invent_candles()], parameters).by_symbol[0]
    return StrategyDescription(
        name=program.name,
        kind="rules",
        file=None,
        summary=program.summary,
        parameters=parameters,
        space=[],
        warm_up_candles=asked.warm_up,
        indicators=list(dict.fromkeys(_find_names(program))),
        rules=to_plain_rules(rules),
    )


def _find_names(program: RuleProgram) -> Iterator[str]:
    conditions = [each for each in program.rule_set.conditions if each is not None]
    expressions: list[Expression] = [each for condition in conditions for each in expressions_of(condition)]
    for expression in (*expressions, *program.list_expressions().values()):
        yield from (call.text.removeprefix("signals.") for call in calls_of(expression))
    for condition in conditions:
        yield from (each.signal.removeprefix("signals.") for each in signals_of(condition))
