#!/usr/bin/env python3
"""Makes the shipped subset of Fashion-MNIST: the first 12,000 training and 2,000 test images.

Usage: make_subset.py FOLDER_OF_FULL_IDX_FILES OUTPUT_FOLDER
The full files come with the Debian package dataset-fashion-mnist. Images are split into files of
4,000, so that no file of the repository grows large. Output is the same bytes for the same input.
"""
import gzip
import pathlib
import struct
import sys


def read(path):
    with gzip.open(path) as f:
        data = f.read()
    rank = data[3]
    dims = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return data[:4], dims, data[4 + 4 * rank :]


def write(path, magic, dims, body):
    with open(path, "wb") as f:
        with gzip.GzipFile(filename="", mode="wb", fileobj=f, compresslevel=9, mtime=0) as z:
            z.write(magic + struct.pack(f">{len(dims)}I", *dims) + body)


def main(source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    for name, prefix, count in (("train", "train", 12000), ("test", "t10k", 2000)):
        magic, dims, body = read(source / f"{prefix}-images-idx3-ubyte.gz")
        size = dims[1] * dims[2]
        for part in range((count + 3999) // 4000):
            first, last = 4000 * part, min(count, 4000 * part + 4000)
            write(
                target / f"{name}-images-{part}.gz",
                magic,
                (last - first,) + dims[1:],
                body[first * size : last * size],
            )
        magic, dims, body = read(source / f"{prefix}-labels-idx1-ubyte.gz")
        write(target / f"{name}-labels-0.gz", magic, (count,), body[:count])


if __name__ == "__main__":
    main(*sys.argv[1:])
