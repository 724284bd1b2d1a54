#!/usr/bin/env python3
"""Writes the first 100 losses of the example MLP, computed by a real PyTorch.

Usage: torch_mlp_losses.py FOLDER_OF_THE_SHIPPED_SUBSET > torch-losses.tsv
Needs torch and numpy. Weights come from the same Threefry numbers as Device.initialize with
Seed.of(42); batches are 128 rows in the order of the files, wrapping around.
"""
import gzip
import pathlib
import sys
import zlib

import numpy as np
import torch

SEED, BATCH, STEPS = 42, 128, 100
LAYERS = (("fc1", 784, 512), ("fc2", 512, 256), ("fc3", 256, 10))
ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


def threefry(key0, key1, counter0, counter1):
    """Threefry-2x32 with 20 rounds on arrays of uint32."""
    keys = (key0, key1, np.uint32(0x1BD11BDA) ^ key0 ^ key1)
    x0, x1 = counter0 + keys[0], counter1 + keys[1]
    for group in range(5):
        for r in ROTATIONS[4 * (group % 2) : 4 * (group % 2) + 4]:
            x0 = x0 + x1
            x1 = ((x1 << np.uint32(r)) | (x1 >> np.uint32(32 - r))) ^ x0
        x0 = x0 + keys[(group + 1) % 3]
        x1 = x1 + keys[(group + 2) % 3] + np.uint32(group + 1)
    return x0, x1


def uniform(name, count):
    """Numbers in [0, 1) with 24 bits, as io.lazytensor.nn.InitialNumbers."""
    u32 = lambda v: np.array([v & 0xFFFFFFFF], dtype=np.uint32)
    key = threefry(u32(SEED), u32(SEED >> 32), u32(zlib.crc32(name.encode())), u32(-1))
    counters = np.arange((count + 1) // 2, dtype=np.uint32)
    words = np.stack(threefry(key[0], key[1], counters, np.zeros_like(counters)), axis=1)
    return (words.reshape(-1)[:count] >> np.uint32(8)).astype(np.float64) * 2.0**-24


def weights():
    out = {}
    for name, fan_in, fan_out in LAYERS:
        bound = 1 / np.sqrt(float(fan_in))
        for part, shape in (("weight", (fan_out, fan_in)), ("bias", (fan_out,))):
            full = f"{name}.{part}"
            values = -bound + (bound - -bound) * uniform(full, int(np.prod(shape)))
            out[full] = torch.from_numpy(values.astype(np.float32).reshape(shape).copy())
    return out


def data(folder):
    parts = [gzip.open(folder / f"train-images-{i}.gz").read()[16:] for i in range(3)]
    images = np.frombuffer(b"".join(parts), dtype=np.uint8).reshape(-1, 784)
    labels = np.frombuffer(gzip.open(folder / "train-labels-0.gz").read()[8:], dtype=np.uint8)
    return images.astype(np.float32) / np.float32(255), labels.astype(np.int64)


def losses(folder, optimizer, activation):
    torch.set_num_threads(1)
    images, labels = data(folder)
    model = torch.nn.Sequential()
    for name, fan_in, fan_out in LAYERS:
        model.add_module(name, torch.nn.Linear(fan_in, fan_out))
        if name != "fc3":
            model.add_module(name + "_act", activation())
    model.load_state_dict(weights())
    optim = optimizer(model.parameters())
    out = []
    for step in range(STEPS):
        rows = np.arange(step * BATCH, (step + 1) * BATCH) % len(images)
        logits = model(torch.from_numpy(images[rows]))
        loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(labels[rows]))
        optim.zero_grad()
        loss.backward()
        optim.step()
        out.append(loss.item())
    return out


def main():
    folder = pathlib.Path(sys.argv[1])
    sgd = lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9)
    adamw = lambda p: torch.optim.AdamW(p, lr=1e-3)
    columns = {
        "sgd_relu": losses(folder, sgd, torch.nn.ReLU),
        "adamw_relu": losses(folder, adamw, torch.nn.ReLU),
        "sgd_gelu": losses(folder, sgd, torch.nn.GELU),
        "adamw_gelu": losses(folder, adamw, torch.nn.GELU),
    }
    print(f"# torch {torch.__version__}, CPU, 1 thread; SGD lr 0.01 momentum 0.9; AdamW lr 1e-3")
    print("step\t" + "\t".join(columns))
    for step in range(STEPS):
        print(f"{step}\t" + "\t".join(f"{c[step]:.9g}" for c in columns.values()))


if __name__ == "__main__":
    main()
