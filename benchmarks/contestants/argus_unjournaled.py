"""Shell. Argus as it would be without a journal: `argus run` with the appending left out.

Only there to measure what the journal costs; nobody should record like this.
"""

from argus.__main__ import main
from argus.storage.journal import Journal

_initialise = Journal.__init__


def _keep_nothing(self: Journal, *args: object, **keys: object) -> None:
    _initialise(self, *args, **keys)  # type: ignore[arg-type]
    self.append = lambda _: None  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    Journal.__init__ = _keep_nothing  # type: ignore[method-assign, assignment]
    main()
