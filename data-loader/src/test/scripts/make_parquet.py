"""Writes the Parquet files of data-loader's tests: python make_parquet.py FOLDER (pyarrow)."""
import sys
import pyarrow as pa
import pyarrow.parquet as pq

folder = sys.argv[1]
rows = 25
table = pa.table(
    {
        "id": pa.array(range(rows), pa.int64()),
        "query": pa.array([f"query {i}" for i in range(rows)]),
        "item": pa.array([None if i == 7 else f"item {i} \u00e9" for i in range(rows)]),
        "price": pa.array([i / 4 for i in range(rows)], pa.float32()),
        "sold": pa.array([i % 2 == 0 for i in range(rows)]),
        "tokens": pa.array([list(range(i % 4)) for i in range(rows)], pa.list_(pa.int32())),
    }
)
pq.write_table(table, folder + "/pairs.parquet", row_group_size=10, compression="gzip")
pq.write_table(table.slice(0, 3), folder + "/zstd.parquet", compression="zstd")
