"""Pure. How the loops over trades are compiled: once, kept on disk, and never out of date.

numba keeps compiled code beside the source (in `__pycache__`), or in the user's cache folder where
that cannot be written, or not at all where neither can. It looks at the file of the outermost
function only, so a kernel takes `stamp` of all that it calls into its closure, which is a part
of numba's key: after a change of any of them it is compiled anew.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any, TypeVar, cast
from zlib import crc32

import numba
from numba.core.dispatcher import Dispatcher

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile a function at its first call; called from another one, it becomes a part of it.

    Arithmetic is IEEE's, in the order in which it is written: no `fastmath`. A division by zero
    gives infinity or NaN, as numpy's.
    """
    return cast("F", numba.njit(error_model="numpy", fastmath=False)(function))


def kept(signature: object) -> Callable[[F], F]:
    """Compile a function for one signature now, or load what an earlier process has compiled."""

    def compile_now(function: F) -> F:
        def jit(*, cache: bool) -> F:
            how = numba.njit(signature, cache=cache, error_model="numpy", fastmath=False)
            return cast("F", how(function))

        try:
            return jit(cache=True)
        except UNREADABLE:
            return jit(cache=False)

    return compile_now


# What numba raises if there is no folder to write to (RuntimeError) or a kept file is torn: it
# is read by pickle, which raises whatever it stumbles over.
UNREADABLE = (
    RuntimeError, OSError, EOFError, ValueError, TypeError, LookupError, AttributeError,
    ImportError, MemoryError,
)  # fmt: skip


def stamp(*functions: Callable[..., object]) -> int:
    """Return a number that changes with the code of compiled functions or of what they call."""
    seen: dict[str, int] = {}
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
