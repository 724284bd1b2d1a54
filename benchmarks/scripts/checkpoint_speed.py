"""PyTorch's and safetensors' part of `bin/lazytensor benchmark checkpoint`.

Usage: checkpoint_speed.py MODEL.pt MANY.pt FOLDER
For every line read, measures each operation once and prints one line of JSON: name -> seconds. MODEL.pt is a
state dict and MANY.pt one of many small tensors, both written by the benchmark.
"""

import json
import os
import sys
import time

import safetensors.torch
import torch


def durable(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def touch(tensors):
    total = 0
    for tensor in tensors.values():
        total += int(tensor.reshape(-1).view(torch.uint8)[::4096].sum())
    return total


def timed(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main():
    model_path, many_path, folder = sys.argv[1:]
    model = {name: tensor.clone() for name, tensor in torch.load(model_path).items()}
    many_safetensors = os.path.join(folder, "many.peer.safetensors")
    safetensors.torch.save_file({k: v.clone() for k, v in torch.load(many_path).items()}, many_safetensors)
    torch_path = os.path.join(folder, "model.peer.pt")
    safetensors_path = os.path.join(folder, "model.peer.safetensors")

    def save(path, write):
        if os.path.exists(path):
            os.remove(path)
        return timed(lambda: (write(model, path), durable(path)))

    print(json.dumps({"torch": torch.__version__, "safetensors": safetensors.__version__}), flush=True)
    for _ in sys.stdin:
        print(
            json.dumps(
                {
                    "torch.save, fsync": save(torch_path, torch.save),
                    "safetensors save_file, fsync": save(safetensors_path, safetensors.torch.save_file),
                    "torch.load, touch": timed(lambda: touch(torch.load(model_path))),
                    "torch.load(mmap=True), touch": timed(lambda: touch(torch.load(model_path, mmap=True))),
                    "safetensors load_file, touch": timed(
                        lambda: touch(safetensors.torch.load_file(safetensors_path))
                    ),
                    "torch.load(mmap=True)": timed(lambda: torch.load(many_path, mmap=True)),
                    "safetensors load_file": timed(lambda: safetensors.torch.load_file(many_safetensors)),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
