-- Raven's star schema, and what it takes to hold every bar once.
--
-- Run by `argus db init` in one transaction, with the search path set to the schema (`mart` unless
-- configured otherwise) and then to that of TimescaleDB, if there is any. By hand:
--
--   BEGIN; SET LOCAL search_path TO mart, public; SET LOCAL argus.hypertables TO 'on'; \i …; COMMIT;
--
-- Tables of a Raven that wrote here before are taken over: they keep their rows and get the columns
-- that they lack.

CREATE TABLE IF NOT EXISTS dim__coin (
    coin_id SERIAL PRIMARY KEY,
    coin TEXT NOT NULL UNIQUE,
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    deleted_date TIMESTAMPTZ NULL
);

CREATE TABLE IF NOT EXISTS dim__quote (
    quote_id SERIAL PRIMARY KEY,
    quote TEXT NOT NULL UNIQUE,
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    deleted_date TIMESTAMPTZ NULL
);

CREATE TABLE IF NOT EXISTS dim__exchange (
    exchange_id SERIAL PRIMARY KEY,
    exchange TEXT NOT NULL UNIQUE,
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    deleted_date TIMESTAMPTZ NULL
);

CREATE TABLE IF NOT EXISTS dim__interval (
    interval_id SERIAL PRIMARY KEY,
    interval TEXT NOT NULL UNIQUE,
    is_deleted BOOLEAN NOT NULL DEFAULT false,
    deleted_date TIMESTAMPTZ NULL
);

-- Which coin and quote a venue's symbol stands for. Decided at its first row and kept: what is
-- known of an instrument may change, and its rows must not be divided among two names.
CREATE TABLE IF NOT EXISTS dim__symbol (
    exchange_id INT NOT NULL REFERENCES dim__exchange (exchange_id),
    symbol TEXT NOT NULL,
    coin_id INT NOT NULL REFERENCES dim__coin (coin_id),
    quote_id INT NOT NULL REFERENCES dim__quote (quote_id),
    PRIMARY KEY (exchange_id, symbol),
    UNIQUE (exchange_id, coin_id, quote_id)
);

-- The first bar of each revision but 0. A bar counts unless a higher revision begins at or before
-- its sequence; by this table that is known without looking through the bars.
CREATE TABLE IF NOT EXISTS bar__revision (
    coin_id INT NOT NULL,
    quote_id INT NOT NULL,
    exchange_id INT NOT NULL,
    interval_id INT NOT NULL,
    revision BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    PRIMARY KEY (coin_id, quote_id, exchange_id, interval_id, revision)
);

DO $$
DECLARE
    hypertables CONSTANT BOOLEAN := coalesce(current_setting('argus.hypertables', true), '') = 'on';
    series CONSTANT TEXT := 'coin_id, quote_id, exchange_id, interval_id';
    fact TEXT;
    old TEXT;
BEGIN
    FOREACH fact IN ARRAY ARRAY[
        'fact__tick_imbalance', 'fact__volume_imbalance', 'fact__vpin', 'fact__bar', 'fact__kline'
    ] LOOP
        EXECUTE format(
            'CREATE TABLE IF NOT EXISTS %I (
                time TIMESTAMPTZ NOT NULL,
                coin_id INT NOT NULL REFERENCES dim__coin (coin_id),
                quote_id INT NOT NULL REFERENCES dim__quote (quote_id),
                exchange_id INT NOT NULL REFERENCES dim__exchange (exchange_id),
                interval_id INT NOT NULL REFERENCES dim__interval (interval_id),
                open DOUBLE PRECISION NOT NULL,
                high DOUBLE PRECISION NOT NULL,
                low DOUBLE PRECISION NOT NULL,
                close DOUBLE PRECISION NOT NULL,
                volume DOUBLE PRECISION NOT NULL
            ) %s', fact, CASE WHEN hypertables THEN '' ELSE 'PARTITION BY RANGE (time)' END);

        IF fact = 'fact__kline' THEN
            EXECUTE format(
                'ALTER TABLE %I
                ADD COLUMN IF NOT EXISTS quote_volume DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS trades BIGINT,
                ADD COLUMN IF NOT EXISTS taker_buy_volume DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS taker_buy_quote_volume DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS ts_event BIGINT,
                ADD COLUMN IF NOT EXISTS ts_recv BIGINT,
                ADD COLUMN IF NOT EXISTS ts_open BIGINT,
                ADD COLUMN IF NOT EXISTS ts_close BIGINT,
                ADD COLUMN IF NOT EXISTS origin TEXT', fact);
        ELSE
            EXECUTE format(
                'ALTER TABLE %I
                ADD COLUMN IF NOT EXISTS buy_ticks BIGINT DEFAULT 0,
                ADD COLUMN IF NOT EXISTS sell_ticks BIGINT DEFAULT 0,
                ADD COLUMN IF NOT EXISTS total_ticks BIGINT DEFAULT 0,
                ADD COLUMN IF NOT EXISTS theta DOUBLE PRECISION DEFAULT 0,
                ADD COLUMN IF NOT EXISTS sequence BIGINT NOT NULL DEFAULT 0,
                ADD COLUMN IF NOT EXISTS revision BIGINT NOT NULL DEFAULT 0,
                ADD COLUMN IF NOT EXISTS rule TEXT,
                ADD COLUMN IF NOT EXISTS quote_volume DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS vwap DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS buy_volume DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS sell_volume DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS threshold DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS expected_ticks_before DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS expected_imbalance_before DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS expected_ticks_after DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS expected_imbalance_after DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS vpin DOUBLE PRECISION,
                ADD COLUMN IF NOT EXISTS gap BOOLEAN,
                ADD COLUMN IF NOT EXISTS clamped BOOLEAN,
                ADD COLUMN IF NOT EXISTS first_trade_id BIGINT,
                ADD COLUMN IF NOT EXISTS last_trade_id BIGINT,
                ADD COLUMN IF NOT EXISTS ts_event BIGINT,
                ADD COLUMN IF NOT EXISTS ts_recv BIGINT,
                ADD COLUMN IF NOT EXISTS ts_open BIGINT,
                ADD COLUMN IF NOT EXISTS ts_first BIGINT,
                ADD COLUMN IF NOT EXISTS ts_last BIGINT,
                ADD COLUMN IF NOT EXISTS origin TEXT', fact);
            -- Raven's key has the open millisecond instead of the sequence: two bars would collide.
            FOR old IN
                SELECT conname FROM pg_constraint WHERE conrelid = fact::regclass AND contype = 'u'
                AND cardinality(conkey) = 5
            LOOP
                EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', fact, old);
            END LOOP;
        END IF;

        IF hypertables THEN
            PERFORM create_hypertable(
                fact::regclass, 'time', if_not_exists => true, migrate_data => true);
        END IF;

        -- The key of a hypertable and of a partitioned table has to hold its time.
        EXECUTE format(
            'CREATE UNIQUE INDEX IF NOT EXISTS %I ON %I (%s)', fact || '__key', fact,
            CASE WHEN fact = 'fact__kline' THEN series || ', time'
            ELSE series || ', sequence, time' END);
        EXECUTE format(
            'CREATE INDEX IF NOT EXISTS %I ON %I (%s, time DESC)', fact || '__series', fact, series);
        EXECUTE format(
            'CREATE INDEX IF NOT EXISTS %I ON %I (time DESC)', fact || '_time_idx', fact);
    END LOOP;
END
$$;

-- All bars with names instead of numbers.
CREATE OR REPLACE VIEW bars AS
SELECT f.time, e.exchange, s.symbol, c.coin, q.quote, i.interval AS profile, f.rule, f.sequence,
    f.revision, f.open, f.high, f.low, f.close, f.volume, f.quote_volume, f.vwap, f.buy_volume,
    f.sell_volume, f.buy_ticks, f.sell_ticks, f.total_ticks, f.theta, f.threshold, f.vpin, f.gap,
    f.clamped, f.ts_open, f.ts_first, f.ts_last
FROM (
    SELECT * FROM (
        SELECT time, coin_id, quote_id, exchange_id, interval_id, rule, sequence, revision, open,
            high, low, close, volume, quote_volume, vwap, buy_volume, sell_volume, buy_ticks,
            sell_ticks, total_ticks, theta, threshold, vpin, gap, clamped, ts_open, ts_first,
            ts_last
        FROM fact__tick_imbalance
        UNION ALL
        SELECT time, coin_id, quote_id, exchange_id, interval_id, rule, sequence, revision, open,
            high, low, close, volume, quote_volume, vwap, buy_volume, sell_volume, buy_ticks,
            sell_ticks, total_ticks, theta, threshold, vpin, gap, clamped, ts_open, ts_first,
            ts_last
        FROM fact__volume_imbalance
        UNION ALL
        SELECT time, coin_id, quote_id, exchange_id, interval_id, rule, sequence, revision, open,
            high, low, close, volume, quote_volume, vwap, buy_volume, sell_volume, buy_ticks,
            sell_ticks, total_ticks, theta, threshold, vpin, gap, clamped, ts_open, ts_first,
            ts_last
        FROM fact__vpin
        UNION ALL
        SELECT time, coin_id, quote_id, exchange_id, interval_id, rule, sequence, revision, open,
            high, low, close, volume, quote_volume, vwap, buy_volume, sell_volume, buy_ticks,
            sell_ticks, total_ticks, theta, threshold, vpin, gap, clamped, ts_open, ts_first,
            ts_last
        FROM fact__bar
    ) AS every
) AS f
JOIN dim__coin c USING (coin_id)
JOIN dim__quote q USING (quote_id)
JOIN dim__exchange e USING (exchange_id)
JOIN dim__interval i USING (interval_id)
LEFT JOIN dim__symbol s USING (exchange_id, coin_id, quote_id);
