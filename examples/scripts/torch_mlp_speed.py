#!/usr/bin/env python3
"""Measures PyTorch's own speed on the example's training step, printing key=value lines.

Usage: torch_mlp_speed.py [--steps 300] [--warmup 50] [--threads 1 2]
Needs torch. The net is 784-512-256-10 with ReLU and cross-entropy, f32, batch 128, SGD with
momentum 0.9, on random data (speed does not depend on it). Each optimizer variant that this torch
has is measured; milliseconds are the median over the steps.
"""
import argparse
import statistics
import time

import torch

BATCH = 128
VARIANTS = ("fused", "foreach", "plain")


def optimizer(model, variant):
    options = {"foreach": variant == "foreach", "fused": variant == "fused"}
    return torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, **options)


def milliseconds(variant, threads, warmup, steps):
    torch.set_num_threads(threads)
    torch.manual_seed(42)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 512),
        torch.nn.ReLU(),
        torch.nn.Linear(512, 256),
        torch.nn.ReLU(),
        torch.nn.Linear(256, 10),
    )
    optim = optimizer(model, variant)
    images, labels = torch.rand(BATCH, 784), torch.randint(0, 10, (BATCH,))
    times = []
    for _ in range(warmup + steps):
        start = time.perf_counter()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        optim.zero_grad()
        loss.backward()
        optim.step()
        loss.item()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[warmup:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--warmup", type=int, default=50)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    print(f"torch={torch.__version__}")
    for threads in arguments.threads:
        times = {}
        for variant in VARIANTS:
            try:
                times[variant] = milliseconds(
                    variant, threads, arguments.warmup, arguments.steps
                )
            except (RuntimeError, TypeError) as e:
                print(f"threads={threads} optimizer={variant} unavailable={type(e).__name__}")
                continue
            print(f"threads={threads} optimizer={variant} ms_per_step={times[variant]:.3f}")
        best = min(times, key=times.get)
        print(f"threads={threads} best={best} ms_per_step={times[best]:.3f}")


if __name__ == "__main__":
    main()
