"""Writes pytorch-names.txt: what PyTorch has, for the page that maps its names to ours.

Each line is a part of PyTorch and a name in it. Variants that work in place are left out.
"""

import inspect
import pathlib

import torch
import torch.nn.functional as F

FILE = pathlib.Path(__file__).parent.parent / "resources/io/lazytensor/cli/pytorch-names.txt"


def public(module):
    return [n for n in dir(module) if not n.startswith("_") and not n.endswith("_")]


def functions(module):
    return [n for n in public(module) if callable(getattr(module, n)) and not inspect.isclass(getattr(module, n))]


def classes(module, base):
    found = [n for n in public(module) if inspect.isclass(getattr(module, n))]
    return [n for n in found if issubclass(getattr(module, n), base)]


documented = {n for n in functions(torch) if (getattr(torch, n).__doc__ or "").strip().startswith(n + "(")}
creation = {"rand", "randn", "randint", "randperm", "arange", "linspace", "eye", "full", "zeros", "ones", "einsum", "meshgrid", "norm", "split", "cdist"}
parts = {
    "torch": sorted(documented | creation),
    "torch.Tensor": [n for n in functions(torch.Tensor) if (getattr(torch.Tensor, n).__doc__ or "").strip()],
    "torch.nn.functional": [n for n in functions(F) if getattr(F, n).__module__ in ("torch.nn.functional", "torch._C._nn", None) or n in ("relu", "tanh", "sigmoid")],
    "torch.nn": classes(torch.nn, torch.nn.Module),
    "torch.nn.init": [n for n in dir(torch.nn.init) if n.endswith("_") and not n.startswith("_")] + ["calculate_gain"],
    "torch.optim": classes(torch.optim, torch.optim.Optimizer),
    "torch.optim.lr_scheduler": classes(torch.optim.lr_scheduler, torch.optim.lr_scheduler.LRScheduler),
}
parts["other"] = sorted(set(functions(torch)) - set(parts["torch"]))
lines = ["# PyTorch " + torch.__version__.split("+")[0]]
lines += [f"{part} {name}" for part, names in parts.items() for name in sorted(set(names))]
FILE.write_text("\n".join(lines) + "\n")
print({part: len(names) for part, names in parts.items()})
