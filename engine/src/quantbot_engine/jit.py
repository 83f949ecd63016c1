"""The only door to Numba: the cache folder, the decorator of kernels, and the array types they may take.

Numba's disk cache notices a change in the file of a kernel, but not in a rule that it calls from another file; the old
results would go on silently. So the cache folder is named after a hash of all sources, and is set before Numba loads.
"""

import hashlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar, cast, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from quantbot_engine.source_hash import PACKAGE_FOLDER, get_source_hash

# C-contiguous arrays by dtype and number of dimensions. Kernels take nothing else, so each has one signature for ever.
# Memory-mapped columns are mapped copy-on-write: read-only arrays would be another Numba type.
Float1D = Annotated[npt.NDArray[np.float64], ("float64", 1)]
Float2D = Annotated[npt.NDArray[np.float64], ("float64", 2)]
Float4D = Annotated[npt.NDArray[np.float64], ("float64", 4)]
Int1D = Annotated[npt.NDArray[np.int64], ("int64", 1)]
Int2D = Annotated[npt.NDArray[np.int64], ("int64", 2)]
Index1D = Annotated[npt.NDArray[np.int32], ("int32", 1)]
Index2D = Annotated[npt.NDArray[np.int32], ("int32", 2)]
Flag1D = Annotated[npt.NDArray[np.uint8], ("uint8", 1)]
Flag2D = Annotated[npt.NDArray[np.uint8], ("uint8", 2)]

P = ParamSpec("P")
R = TypeVar("R")


def find_cache_base() -> Path:
    """Return QUANTBOT_CACHE_DIR, else `.cache` of the checkout, else a private folder for temporary files."""
    configured = os.environ.get("QUANTBOT_CACHE_DIR")
    if configured:
        return Path(configured)
    checkout = PACKAGE_FOLDER.parents[2]
    if (checkout / "engine" / "pyproject.toml").is_file() and os.access(checkout, os.W_OK):
        return checkout / ".cache"
    return _private_temporary_folder()


def _private_temporary_folder() -> Path:
    """Return a folder that only this user can write to, since cached kernels are loaded as code."""
    folder = Path(tempfile.gettempdir()) / f"quantbot-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    is_private = folder.is_dir() and not folder.is_symlink() and status.st_uid == os.getuid()
    if is_private and status.st_mode & 0o022 == 0:
        return folder
    return Path(tempfile.mkdtemp(prefix="quantbot-"))


def _cache_folder() -> Path:
    versions = f"{version('numba')} {np.__version__} {sys.version}"
    name = hashlib.sha256(f"{get_source_hash()} {versions}".encode()).hexdigest()[:24]
    return find_cache_base() / "numba" / name


os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())


def _import_numba() -> Any:
    """Return Numba. For products of matrices, which no kernel has, it would load SciPy: 0.2 s of every start."""
    hidden = "scipy" not in sys.modules
    if hidden:
        # The import system's own way to say that a module is not to be had; the type of the table does not know it.
        cast(dict[str, Any], sys.modules)["scipy"] = None
    try:
        importlib.import_module("numba.np.arraymath")
        return importlib.import_module("numba")
    finally:
        if hidden:
            del sys.modules["scipy"]


numba: Any = _import_numba()
ir: Any = importlib.import_module("llvmlite.ir")

# No fastmath: it would reorder money. The NumPy error model only spares checks for division by zero.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
# Without Numba's runtime nothing counts references to arrays: the caller's outlive the call, and nothing is allocated.
_BARE_OPTIONS: dict[str, Any] = {**_OPTIONS, "_nrt": False}


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function for the one signature its annotations state, from the disk cache if it is there.

    Parameters may be int, float, bool, the array types above, and tuples of these. Anything else that is
    passed at run time is an error, never a new compilation.
    """
    return cast(Callable[P, R], numba.njit(_to_signature(function), cache=True, **_OPTIONS)(function))


def rule(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a piece that only kernels call: it becomes part of them and has no cache entry of its own."""
    return cast(Callable[P, R], numba.njit(**_OPTIONS)(function))


def bare_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel that allocates nothing and hands many arrays to its rules, all of them `bare_rule`.

    To count references at each of these calls took ten times as long as what the rules do. An allocation in it, that of
    a copied row among them, is an error when it is compiled.
    """
    return cast(Callable[P, R], numba.njit(_to_signature(function), cache=True, **_BARE_OPTIONS)(function))


def bare_rule(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a piece that only bare kernels call, into each place that calls it."""
    return cast(Callable[P, R], numba.njit(forceinline=True, **_BARE_OPTIONS)(function))


def intrinsic(function: Callable[..., Any]) -> Any:
    """Make a function that emits LLVM instructions itself callable from kernels (`lanes.py`)."""
    return numba.extending.intrinsic(function)


def vector_type(name: str, vector: Any) -> Any:
    """Return a new type of kernels' local variables that is one LLVM vector."""
    extending = numba.extending
    kind = type(name, (numba.types.Type,), {})
    primitive = extending.models.PrimitiveModel

    def create(self: Any, manager: Any, lanes: Any) -> None:
        primitive.__init__(self, manager, lanes, vector)

    model = type(f"{name}Model", (primitive,), {"__init__": create})
    extending.register_model(kind)(model)
    return kind(name=name)


def lower_operator(function: Any, lanes: Any, instruction: str) -> None:
    """Let kernels apply a binary operator to two values of a vector type, as one LLVM instruction."""
    templates = numba.core.typing.templates
    template = type("Operator", (templates.ConcreteTemplate,), {"cases": [templates.signature(lanes, lanes, lanes)]})
    templates.infer_global(function)(template)

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return getattr(builder, instruction)(*arguments)

    numba.extending.lower_builtin(function, lanes, lanes)(emit)


def _to_signature(function: Callable[..., Any]) -> Any:
    hints = get_type_hints(function, include_extras=True)
    result = _to_numba_type(hints.pop("return"))
    return result(*(_to_numba_type(hint) for hint in hints.values()))


def _to_numba_type(hint: Any) -> Any:
    types = numba.types
    scalars = {int: types.int64, float: types.float64, bool: types.boolean, type(None): types.void}
    if hint in scalars:
        return scalars[hint]
    if get_origin(hint) is Annotated:
        dtype, dimensions = get_args(hint)[1]
        return types.Array(getattr(types, dtype), dimensions, "C")
    if get_origin(hint) is tuple:
        return types.Tuple([_to_numba_type(item) for item in get_args(hint)])
    if issubclass(hint, tuple):
        fields = [_to_numba_type(field) for field in get_type_hints(hint, include_extras=True).values()]
        if all(field == fields[0] for field in fields):
            return types.NamedUniTuple(fields[0], len(fields), hint)
        return types.NamedTuple(fields, hint)
    raise TypeError(f"a kernel cannot take {hint}")
