"""Pure. The answer of `exchangeInfo`: what is traded, and by which rules.

Every symbol is written with all the fields the venue gives (rest-api.md and filters.md of the spot
documentation, 2026-07-21; for USD-M the connector's models, 2026-08-21).
"""

from argus.simulator.limits import Limits
from argus.simulator.streams import Source
from argus.simulator.symbols import SymbolSpec

_ORDER_TYPES_SPOT = [
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]
_ORDER_TYPES_USDM = [
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
]
_PREVENTION = ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"]
_PERPETUAL_END_MS = 4_133_404_800_000
_ONBOARDED_MS = 1_569_398_400_000


def exchange_info(
    source: Source, symbols: list[tuple[SymbolSpec, str]], *, now_ms: int, limits: Limits
) -> dict[str, object]:
    """Return the whole answer for symbols with their status."""
    describe = _spot_symbol if source is Source.BINANCE_SPOT else _usdm_symbol
    answer: dict[str, object] = {
        "timezone": "UTC",
        "serverTime": now_ms,
        "rateLimits": [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": limits.weight_per_minute,
            },
            {
                "rateLimitType": "RAW_REQUESTS",
                "interval": "MINUTE",
                "intervalNum": 5,
                "limit": 300_000,
            },
        ],
        "exchangeFilters": [],
        "symbols": [describe(spec, status) for spec, status in symbols],
    }
    if source is Source.BINANCE_USDM:
        answer["futuresType"] = "U_MARGINED"
        answer["assets"] = [
            {"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}
        ]
    return answer


def _spot_symbol(spec: SymbolSpec, status: str) -> dict[str, object]:
    return {
        "symbol": spec.symbol,
        "status": status,
        "baseAsset": spec.base,
        "baseAssetPrecision": 8,
        "quoteAsset": spec.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": _ORDER_TYPES_SPOT,
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": True,
        "isSpotTradingAllowed": status == "TRADING",
        "isMarginTradingAllowed": False,
        "filters": [
            *_filters(spec),
            {"filterType": "ICEBERG_PARTS", "limit": 100},
            {"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": 10},
            {
                "filterType": "NOTIONAL",
                "minNotional": "5.00000000",
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
        ],
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": _PREVENTION,
    }


def _usdm_symbol(spec: SymbolSpec, status: str) -> dict[str, object]:
    return {
        "symbol": spec.symbol,
        "pair": spec.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": _PERPETUAL_END_MS,
        "onboardDate": _ONBOARDED_MS,
        "status": status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": spec.base,
        "quoteAsset": spec.quote,
        "marginAsset": spec.quote,
        "pricePrecision": spec.price_digits,
        "quantityPrecision": spec.size_digits,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10000,
        "filters": [
            *_filters(spec),
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MIN_NOTIONAL", "notional": "5"},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": "1.0500",
                "multiplierDown": "0.9500",
                "multiplierDecimal": "4",
            },
        ],
        "orderTypes": _ORDER_TYPES_USDM,
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def _filters(spec: SymbolSpec) -> list[dict[str, object]]:
    """Return the filters in an order that no reader should count on."""
    return [
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": spec.lot_size,
            "maxQty": "1000.00000000",
            "stepSize": spec.lot_size,
        },
        {
            "filterType": "PRICE_FILTER",
            "minPrice": spec.tick_size,
            "maxPrice": "1000000.00000000",
            "tickSize": spec.tick_size,
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": spec.lot_size,
            "maxQty": "9000.00000000",
            "stepSize": spec.lot_size,
        },
    ]
