"""Nothing generic knows a venue: what is special about one stands in its source (rule 6)."""

import re

from tests.structure.tree import Module, modules

GENERIC = re.compile(
    r"argus/(network/(?!sources/)|agora/|storage/|bars/|lake/|events\.py$|columns\.py$)"
)
KNOWN = {
    "binance", "bitfinex", "bitmex", "bitstamp", "bybit", "coinbase", "deribit", "gateio",
    "hyperliquid", "kraken", "kucoin", "okx",
}  # fmt: skip


def venues(package: list[Module]) -> set[str]:
    """Every venue we know by name, those with a source of their own first of all."""
    sources = (
        m.path for m in package if re.fullmatch(r"argus/network/sources/[a-z]\w*\.py", m.path)
    )
    return KNOWN | {path.rpartition("/")[2].removesuffix(".py").split("_")[0] for path in sources}


def mentions(package: list[Module]) -> list[str]:
    """Every line of generic code that names a venue."""
    name = re.compile("|".join(sorted(venues(package))), re.IGNORECASE)
    return [
        f"{module.path}:{number}: {found.group()}"
        for module in package
        if GENERIC.match(module.path)
        for number, line in enumerate(module.text.splitlines(), 1)
        if (found := name.search(line))
    ]


def test_generic_code_names_no_venue():
    assert mentions(modules("argus")) == []


def test_venue_is_found_in_generic_code_only():
    line = '"""Pure. As Binance does."""\n'
    package = [
        Module("argus/network/sources/binance_spot.py", line),
        Module("argus/network/worker.py", line),
        Module("argus/agora/path.py", line),
        Module("argus/events.py", line),
        Module("argus/config.py", line),
    ]
    assert mentions(package) == [
        "argus/network/worker.py:1: Binance",
        "argus/agora/path.py:1: Binance",
        "argus/events.py:1: Binance",
    ]


def test_new_source_makes_its_venue_known():
    package = [
        Module("argus/network/sources/upbit_spot.py", ""),
        Module("argus/columns.py", "upbit"),
    ]
    assert mentions(package) == ["argus/columns.py:1: upbit"]
