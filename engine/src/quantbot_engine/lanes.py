"""Vectors inside kernels: the same step for 32 walks at once, as the processor's own vector instructions.

Numba compiles loops over small arrays to loads and stores; these types stay in registers. A set of lanes is a plain
int, bit k for lane k. Every operation is the one of float64 or int32, lane by lane, rounded as ever: no fastmath. None
checks an index: what is out of bounds is read or written all the same.
"""

import operator
from collections.abc import Callable
from typing import Any, Final

from quantbot_engine.jit import intrinsic, ir, lower_operator, numba, vector_type

LANES: Final = 32
# Lane k of row r stands at (r << LANE_SHIFT) + k.
LANE_SHIFT: Final = 5
ALL_LANES: Final = (1 << LANES) - 1

_types: Any = numba.types
_INT32 = ir.IntType(32)
_INT64 = ir.IntType(64)
_FLOAT_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_INT_VECTOR = ir.VectorType(_INT32, LANES)
_BIT_VECTOR = ir.VectorType(ir.IntType(1), LANES)
_FLOATS: Any = vector_type("FloatLanes", _FLOAT_VECTOR)
_INTS: Any = vector_type("IntLanes", _INT_VECTOR)

for _function, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    lower_operator(_function, _FLOATS, _instruction)
lower_operator(operator.add, _INTS, "add")
lower_operator(operator.sub, _INTS, "sub")


def _broadcast(builder: Any, value: Any, vector: Any) -> Any:
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(_INT_VECTOR, [0] * LANES))


def _to_bits(builder: Any, mask: Any) -> Any:
    return builder.zext(builder.bitcast(mask, ir.IntType(LANES)), _INT64)


def _to_mask(builder: Any, bits: Any) -> Any:
    return builder.bitcast(builder.trunc(bits, ir.IntType(LANES)), _BIT_VECTOR)


def _pointer(context: Any, builder: Any, array_type: Any, arguments: Any) -> Any:
    array = context.make_array(array_type)(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


def _vector_pointer(context: Any, builder: Any, array_type: Any, arguments: Any) -> Any:
    vector = _FLOAT_VECTOR if array_type.dtype == _types.float64 else _INT_VECTOR
    return builder.bitcast(_pointer(context, builder, array_type, arguments), vector.as_pointer())


def _scalar_of(array: Any) -> Any:
    return _types.float64 if array.dtype == _types.float64 else _types.int64


def _lanes_of(array: Any) -> Any:
    return {_types.float64: _FLOATS, _types.int32: _INTS}[array.dtype]


@intrinsic
def get(_context: Any, array: Any, _index: Any) -> tuple[Any, Callable[..., Any]]:
    """get(array, index): one element of an int32, int64 or float64 array, without the test for negative indices."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        value = builder.load(_pointer(context, builder, array, arguments))
        return builder.sext(value, _INT64) if array.dtype == _types.int32 else value

    return _scalar_of(array)(array, _types.int64), emit


@intrinsic
def put(_context: Any, array: Any, _index: Any, _value: Any) -> tuple[Any, Callable[..., Any]]:
    """put(array, index, value): store one element, without the test for negative indices; int32 keeps the low bits."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        value = builder.trunc(arguments[2], _INT32) if array.dtype == _types.int32 else arguments[2]
        builder.store(value, _pointer(context, builder, array, arguments))
        return context.get_dummy_value()

    return _types.void(array, _types.int64, _scalar_of(array)), emit


@intrinsic
def load(_context: Any, array: Any, _index: Any) -> tuple[Any, Callable[..., Any]]:
    """load(array, index): lanes from LANES neighbouring elements of a float64 or int32 array."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        loaded = builder.load(_vector_pointer(context, builder, array, arguments))
        loaded.align = array.dtype.bitwidth // 8
        return loaded

    return _lanes_of(array)(array, _types.int64), emit


@intrinsic
def store(_context: Any, array: Any, _index: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """store(array, index, lanes): lanes into LANES neighbouring elements."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        stored = builder.store(arguments[2], _vector_pointer(context, builder, array, arguments))
        stored.align = array.dtype.bitwidth // 8
        return context.get_dummy_value()

    return _types.void(array, _types.int64, value), emit


@intrinsic
def splat(_context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """splat(value): the same float, or the low 32 bits of the same int, in every lane."""
    is_float = isinstance(value, _types.Float)

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        if is_float:
            return _broadcast(builder, arguments[0], _FLOAT_VECTOR)
        return _broadcast(builder, builder.trunc(arguments[0], _INT32), _INT_VECTOR)

    return (_FLOATS(_types.float64) if is_float else _INTS(_types.int64)), emit


@intrinsic
def select(_context: Any, _bits: Any, first: Any, _second: Any) -> tuple[Any, Callable[..., Any]]:
    """select(bits, first, second): lanes of `first` where the bit is set, of `second` elsewhere."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.select(_to_mask(builder, arguments[0]), arguments[1], arguments[2])

    return first(_types.int64, first, first), emit


@intrinsic
def less(_context: Any, first: Any, _second: Any) -> tuple[Any, Callable[..., Any]]:
    """less(first, second): the lanes in which first < second."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        compare = builder.fcmp_ordered if first == _FLOATS else builder.icmp_signed
        return _to_bits(builder, compare("<", arguments[0], arguments[1]))

    return _types.int64(first, first), emit


@intrinsic
def equal(_context: Any, first: Any, _second: Any) -> tuple[Any, Callable[..., Any]]:
    """equal(first, second): the lanes in which first == second."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        compare = builder.fcmp_ordered if first == _FLOATS else builder.icmp_signed
        return _to_bits(builder, compare("==", arguments[0], arguments[1]))

    return _types.int64(first, first), emit


@intrinsic
def minimum(_context: Any, first: Any, _second: Any) -> tuple[Any, Callable[..., Any]]:
    """minimum(first, second): the smaller float of each lane, the first if they are equal."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        is_less = builder.fcmp_ordered("<", arguments[1], arguments[0])
        return builder.select(is_less, arguments[1], arguments[0])

    return first(first, first), emit


@intrinsic
def first_lane(_context: Any, _bits: Any) -> tuple[Any, Callable[..., Any]]:
    """first_lane(bits): the lowest lane of a set that is not empty."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return _types.int64(_types.int64), emit
