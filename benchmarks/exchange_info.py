"""Pure. The REST bodies the venue answers with, in Binance's spot shape."""

from typing import Any

from benchmarks.traffic import price, size


def exchange_info(symbols: list[str], ts_ms: int) -> dict[str, Any]:
    """Return `GET /api/v3/exchangeInfo`: every symbol trading, with the filters readers need."""
    return {
        "timezone": "UTC",
        "serverTime": ts_ms,
        "rateLimits": [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": 6000,
            }
        ],
        "exchangeFilters": [],
        "symbols": [symbol_info(symbol) for symbol in symbols],
    }


def symbol_info(symbol: str) -> dict[str, Any]:
    """Return one symbol's definition; prices in cents, sizes in hundred-thousandths."""
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": symbol.removesuffix("USDT"),
        "baseAssetPrecision": 8,
        "quoteAsset": "USDT",
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": "0.01000000",
                "maxPrice": "1000000.00000000",
                "tickSize": "0.01000000",
            },
            {
                "filterType": "LOT_SIZE",
                "minQty": "0.00001000",
                "maxQty": "9000.00000000",
                "stepSize": "0.00001000",
            },
        ],
        "permissions": ["SPOT"],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }


def depth_snapshot(last_update_id: int, levels: int = 20) -> dict[str, Any]:
    """Return `GET /api/v3/depth` as of `last_update_id`; the levels themselves are made up."""
    return {
        "lastUpdateId": last_update_id,
        "bids": [[price(100_000 - n), size(100_000 + n)] for n in range(levels)],
        "asks": [[price(100_001 + n), size(100_000 + n)] for n in range(levels)],
    }
