-- Which files are live: one Parquet file per instrument and interval, at most one for the calls, and where each came from.
CREATE TABLE import (
  id INTEGER PRIMARY KEY,
  imported_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE import_source (
  import_id INTEGER NOT NULL REFERENCES import (id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('candles', 'calls')),
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  mapping TEXT NOT NULL,
  rows_read INTEGER NOT NULL,
  rows_added INTEGER NOT NULL,
  rows_replaced INTEGER NOT NULL,
  PRIMARY KEY (import_id, position)
) STRICT;

CREATE TABLE candle_file (
  instrument TEXT NOT NULL,
  interval_s INTEGER NOT NULL CHECK (interval_s > 0),
  path TEXT NOT NULL UNIQUE,
  import_id INTEGER NOT NULL REFERENCES import (id),
  row_count INTEGER NOT NULL CHECK (row_count > 0),
  first_timestamp INTEGER NOT NULL,
  last_timestamp INTEGER NOT NULL,
  gap_count INTEGER NOT NULL,
  missing_candles INTEGER NOT NULL,
  zero_volume_rows INTEGER NOT NULL,
  longest_gaps TEXT NOT NULL,
  PRIMARY KEY (instrument, interval_s)
) STRICT;

CREATE TABLE call_file (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  path TEXT NOT NULL,
  import_id INTEGER NOT NULL REFERENCES import (id),
  row_count INTEGER NOT NULL CHECK (row_count > 0),
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  callers INTEGER NOT NULL
) STRICT;

-- Files that a later import replaced. They stay for readers that have just begun, and are swept an hour later.
CREATE TABLE retired_file (
  path TEXT PRIMARY KEY,
  retired_at_ms INTEGER NOT NULL
) STRICT;
