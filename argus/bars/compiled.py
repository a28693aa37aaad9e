"""Pure. How the loops over trades are compiled: once, kept on disk, and never out of date.

numba keeps compiled code beside the source (in `__pycache__`), or in the user's cache folder where
that cannot be written, or not at all where neither can. It looks at the file of the outermost
function only, so a kernel takes `stamp` of all that it calls into its closure, which is a part
of numba's key: after a change of any of them it is compiled anew.
"""

from collections.abc import Callable
from pickle import PickleError
from types import CodeType
from typing import Any, TypeVar, cast
from zlib import crc32

import numba
import numpy as np
import numpy.typing as npt
from numba.core import cgutils
from numba.core.dispatcher import Dispatcher
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., object])
T = TypeVar("T", bound=np.generic)


def compiled(function: F) -> F:
    """Compile a function at its first call; called from another one, it becomes a part of it.

    Arithmetic is IEEE's, in the order in which it is written: no `fastmath`. A division by zero
    gives infinity or NaN, as numpy's.
    """
    return cast("F", numba.njit(error_model="numpy", fastmath=False)(function))


def kept(signature: Signature) -> Callable[[F], F]:
    """Compile a function for one signature now, or load what an earlier process has compiled.

    What is kept and cannot be read is forgotten and compiled anew.
    """

    def compile_now(function: F) -> F:
        try:
            made: Any = numba.njit(cache=True, error_model="numpy", fastmath=False)(function)
            try:
                made.compile(signature)
            except UNREADABLE:
                made._cache.flush()  # noqa: SLF001 numba has no other way to say it
                made.compile(signature)
        except (RuntimeError, OSError):
            # There is no folder to write to, or no room in it.
            made = numba.njit(signature, error_model="numpy", fastmath=False)(function)
        return cast("F", made)

    return compile_now


UNREADABLE = (
    PickleError, EOFError, OSError, ValueError, TypeError, LookupError, AttributeError, ImportError,
    MemoryError, RuntimeError,
)  # fmt: skip
"""What reading a file of numba's cache may raise if it is torn or foreign: pickle reads it."""


def stamp(*functions: Callable[..., object], besides: str = "") -> int:
    """Return a number that changes with the code of compiled functions or of what they call.

    Numbers among their globals are looked at, too; what else it depends on is told `besides`.
    """
    seen: dict[str, int] = {"": crc32(besides.encode())}
    for function in functions:
        _visit(function, seen)
    return crc32(repr(sorted(seen.items())).encode())


def _visit(function: object, seen: dict[str, int]) -> None:
    plain = cast("Any", function).py_func
    name = f"{plain.__module__}.{plain.__qualname__}"
    if name in seen:
        return
    code: CodeType = plain.__code__
    used = {word: plain.__globals__[word] for word in code.co_names if word in plain.__globals__}
    numbers = {word: value for word, value in used.items() if isinstance(value, int | float)}
    seen[name] = crc32(repr((code.co_code, code.co_consts, sorted(numbers.items()))).encode())
    for value in used.values():
        if isinstance(value, Dispatcher):
            _visit(value, seen)


def _without_owner(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
    """Write the code that takes an array's pointer and shape, and leaves its owner out."""
    array = context.make_array(signature.return_type)(context, builder, value=args[0])
    for owner in ("meminfo", "parent"):
        setattr(array, owner, cast("Any", cgutils).get_null_value(getattr(array, owner).type))
    return array._getvalue()  # noqa: SLF001 as numba's own functions do


def _lent(_: object, array: Any) -> Any:  # noqa: ANN401 numba's types have none
    return array.copy(readonly=False)(array), _without_owner


lent: Callable[[npt.NDArray[T]], npt.NDArray[T]] = cast("Any", intrinsic)(_lent)
"""Return the same numbers, in compiled code, as an array that numba does not count.

Each function that is given an array counts it up and down, atomically: with a handful of arrays
and a single trade that took ten times as long as all the rest. The caller has to hold the array.
"""
