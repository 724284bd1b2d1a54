#!/usr/bin/env python3
"""Counts batches per second of PyTorch's DataLoader alone, printing key=value lines.

Usage: loader_speed.py [--images FILE] [--workers 0 1 2]
Needs torch and numpy. Images of 28 x 28 bytes, shuffled, each mirrored or not at random and made
numbers from 0 to 1, in batches of 128; the counterpart of LoaderComparison.java. The first epoch of
each setting is not counted; workers stay alive between epochs.
"""
import argparse
import gzip
import time

import numpy as np
import torch

SIDE = 28
BATCH = 128


class Images(torch.utils.data.Dataset):
    def __init__(self, pixels):
        self.pixels = torch.from_numpy(pixels)
        self.labels = torch.zeros(len(pixels), dtype=torch.long)

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, index):
        image = self.pixels[index]
        if torch.rand(()) < 0.5:
            image = image.flip(-1)
        return image.reshape(-1).float() / 255, self.labels[index]


def read(path):
    if path is None:
        return np.random.default_rng(1).integers(0, 256, (60_000, SIDE, SIDE), dtype=np.uint8)
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, SIDE, SIDE).copy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    images = Images(read(arguments.images))
    for workers in arguments.workers:
        loader = torch.utils.data.DataLoader(
            images,
            batch_size=BATCH,
            shuffle=True,
            drop_last=True,
            num_workers=workers,
            persistent_workers=workers > 0,
        )
        for _ in range(2):
            start = time.perf_counter()
            batches = sum(1 for _ in loader)
            seconds = time.perf_counter() - start
        print(f"torch={torch.__version__} workers={workers} batches_per_second={batches / seconds:.0f}", flush=True)


if __name__ == "__main__":
    main()
