-- Views over the date files of an Argus lake, for DuckDB 1.2 or newer. Generated, do not

-- edit. Facts not merged yet are not in these files: `argus query` shows them, too. The

-- view of a data type without any file is refused, the others work.

SET TimeZone = 'UTC';

CREATE OR REPLACE VIEW trade AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "trade_id", "price", "size", "side", "trade_type", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=trade/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW agg_trade AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "agg_trade_id", "price", "size", "side", "first_trade_id", "last_trade_id", "size_without_rpi", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=agg_trade/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW bbo AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "update_id", "bid_price", "bid_size", "ask_price", "ask_size", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=bbo/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW book_delta AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "first_update_id", "last_update_id", "previous_update_id", "bids", "asks", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=book_delta/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW book_delta_levels AS
SELECT "ts_event", "ts_recv", "origin", "first_update_id", "last_update_id", "previous_update_id", "source", "data_type", "symbol", "year", "date", 'bid' AS book_side, place AS level, "bids"[place].price AS price, "bids"[place].size AS size
FROM (SELECT *, unnest(range(1, len("bids") + 1)) AS place FROM book_delta)
UNION ALL
SELECT "ts_event", "ts_recv", "origin", "first_update_id", "last_update_id", "previous_update_id", "source", "data_type", "symbol", "year", "date", 'ask' AS book_side, place AS level, "asks"[place].price AS price, "asks"[place].size AS size
FROM (SELECT *, unnest(range(1, len("asks") + 1)) AS place FROM book_delta);

CREATE OR REPLACE VIEW book_snapshot AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "last_update_id", "bids", "asks", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=book_snapshot/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW book_snapshot_levels AS
SELECT "ts_event", "ts_recv", "origin", "last_update_id", "source", "data_type", "symbol", "year", "date", 'bid' AS book_side, place AS level, "bids"[place].price AS price, "bids"[place].size AS size
FROM (SELECT *, unnest(range(1, len("bids") + 1)) AS place FROM book_snapshot)
UNION ALL
SELECT "ts_event", "ts_recv", "origin", "last_update_id", "source", "data_type", "symbol", "year", "date", 'ask' AS book_side, place AS level, "asks"[place].price AS price, "asks"[place].size AS size
FROM (SELECT *, unnest(range(1, len("asks") + 1)) AS place FROM book_snapshot);

CREATE OR REPLACE VIEW kline AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "interval", "ts_open"::TIMESTAMP_NS AS "ts_open", "ts_close"::TIMESTAMP_NS AS "ts_close", "open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume", "taker_buy_quote_volume", "closed", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=kline/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW mark_price AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "mark_price", "index_price", "funding_rate", "ts_next_funding"::TIMESTAMP_NS AS "ts_next_funding", "settle_price", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=mark_price/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW liquidation AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "side", "price", "average_price", "size", "filled_size", "order_type", "status", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=liquidation/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW open_interest AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "open_interest", "open_interest_value", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=open_interest/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW instrument AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "status", "base", "quote", "tick_size", "lot_size", "min_notional", "contract_type", "contract_size", "margin_asset", "ts_onboard"::TIMESTAMP_NS AS "ts_onboard", "ts_delivery"::TIMESTAMP_NS AS "ts_delivery", "raw", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=instrument/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW bar AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "profile", "rule", "sequence", "revision", "ts_open"::TIMESTAMP_NS AS "ts_open", "ts_first"::TIMESTAMP_NS AS "ts_first", "ts_last"::TIMESTAMP_NS AS "ts_last", "open", "high", "low", "close", "volume", "quote_volume", "vwap", "buy_volume", "sell_volume", "buy_ticks", "sell_ticks", "total_ticks", "theta", "threshold", "expected_ticks_before", "expected_imbalance_before", "expected_ticks_after", "expected_imbalance_after", "vpin", "gap", "clamped", "first_trade_id", "last_trade_id", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=bar/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW bars AS
SELECT "ts_event", "ts_recv", "origin", "profile", "rule", "sequence", "revision", "ts_open", "ts_first", "ts_last", "open", "high", "low", "close", "volume", "quote_volume", "vwap", "buy_volume", "sell_volume", "buy_ticks", "sell_ticks", "total_ticks", "theta", "threshold", "expected_ticks_before", "expected_imbalance_before", "expected_ticks_after", "expected_imbalance_after", "vpin", "gap", "clamped", "first_trade_id", "last_trade_id", "source", "data_type", "symbol", "year", "date"
FROM bar
QUALIFY "revision" = max("revision") OVER (PARTITION BY "source", "symbol", "profile" ORDER BY "sequence");

CREATE OR REPLACE VIEW gap AS
SELECT "ts_event"::TIMESTAMP_NS AS "ts_event", "ts_recv"::TIMESTAMP_NS AS "ts_recv", "origin", "of_data_type", "ts_from"::TIMESTAMP_NS AS "ts_from", "ts_until"::TIMESTAMP_NS AS "ts_until", "first_missing_id", "last_missing_id", "missing", "reason", "state", "source", "data_type", "symbol", "year", "date"
FROM read_parquet('data/lake/source=*/data_type=gap/symbol=*/year=*/date=*/data.parquet', hive_partitioning = true, hive_types = {source: VARCHAR, data_type: VARCHAR, symbol: VARCHAR, year: INTEGER, date: DATE}, filename = true, union_by_name = false);

CREATE OR REPLACE VIEW gaps AS
SELECT "source", "symbol", "of_data_type", "ts_from", "ts_until", "first_missing_id", "last_missing_id", "reason", max("missing") AS "missing", if(bool_or(state = 'filled'), 'filled', 'open') AS "state", greatest(0, epoch_ns("ts_until") - epoch_ns("ts_from")) AS duration_ns, min("ts_recv") AS ts_recorded, min("ts_recv") FILTER (WHERE state = 'filled') AS ts_filled, "ts_from"::DATE AS "date"
FROM gap
GROUP BY "source", "symbol", "of_data_type", "ts_from", "ts_until", "first_missing_id", "last_missing_id", "reason";
