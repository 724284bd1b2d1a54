"""Writes the golden checkpoints of the tests with a real PyTorch (1.13 or newer).

    python3 make_goldens.py ../resources/io/lazytensor/checkpoint

One folder a PyTorch version: small files and a manifest with the SHA-256 of every tensor. With
safetensors installed it also writes safetensors files. Files legacy_*.pt are in the format before
1.6, script.pt is of torch.jit.save, numpy.pt and objects.pt hold what torch.load takes only with
weights_only=False.
"""

import argparse
import collections
import hashlib
import os
import pathlib
import sys

import numpy
import torch


def as_bytes(tensor):
    if isinstance(tensor, numpy.ndarray):
        return numpy.ascontiguousarray(tensor).astype(tensor.dtype.newbyteorder("<")).tobytes()
    tensor = tensor.detach().resolve_conj().resolve_neg().contiguous()
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    storage = tensor.clone().untyped_storage() if hasattr(tensor, "untyped_storage") else tensor.clone().storage()
    size = tensor.numel() * tensor.element_size()
    if hasattr(tensor, "untyped_storage"):
        return bytes(storage.tolist())[:size]
    return tensor.clone().flatten().view(torch.uint8).numpy().tobytes() if size else b""


def leaves(path, value):
    if isinstance(value, (torch.Tensor, numpy.ndarray)):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(path + [str(key)], item)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from leaves(path + [str(i)], item)


def linear():
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        layer.bias.copy_(torch.tensor([0.5, -0.5]))
    return layer.state_dict()


def views():
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    tied = torch.nn.Parameter(torch.ones(2, 3))
    out = {
        "base": base,
        "transposed": base.t(),
        "slice": base[1:, 2:],
        "expanded": torch.arange(3.0).expand(2, 3),
        "scalar": torch.tensor(7),
        "empty": torch.empty(0),
        "empty rows": torch.empty(0, 3),
        "rank 5": torch.arange(32, dtype=torch.int16).reshape(2, 2, 2, 2, 2),
        "tied a": tied,
        "tied b": tied,
        "frozen": torch.nn.Parameter(torch.ones(1), requires_grad=False),
        "gradient": torch.ones(2, requires_grad=True),
    }
    if hasattr(torch.Tensor, "untyped_storage"):  # 1.13 forgets that a view is conjugate
        out["conjugate"] = torch.tensor([1 + 2j, -3 - 4j]).conj()
        out["negative"] = torch._neg_view(torch.tensor([1.0, -2.0]))
    return out


def dtypes():
    names = (
        "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex128 complex64"
        " complex32 uint16 uint32 uint64 float8_e5m2 float8_e4m3fn float8_e5m2fnuz float8_e4m3fnuz"
        " float8_e8m0fnu float4_e2m1fn_x2"
    )
    out = {}
    for name in names.split():
        dtype = getattr(torch, name, None)
        # 1.13 has complex32 but cannot save it.
        if dtype is not None and (name != "complex32" or hasattr(torch.Tensor, "untyped_storage")):
            raw = torch.arange(1, 65, dtype=torch.uint8)
            out[name] = (raw % 2).to(torch.bool) if name == "bool" else raw.view(dtype)
    out["quantized"] = torch.quantize_per_tensor(torch.arange(4.0), 0.5, 3, torch.quint8)
    return out


def train():
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
    model(torch.randn(4, 2)).sum().backward()
    optimizer.step()
    scheduler.step()
    return {
        "epoch": 3,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "scaler": {},
        "rng": torch.get_rng_state(),
        "best": 0.123,
        "negative": -5,
        "big": 2**40,
        "huge": 2**70,
        "nothing": None,
        "flag": True,
        "name": "\u00e9\U0001f600",
        "tuple": (1, 2, 3, 4),
        "bytes": b"ab\xff",
        "no bytes": b"",
        "set": {1},
        "complex": 1 + 2j,
        "size": torch.Size([2, 3]),
        "device": torch.device("cpu"),
        "type": torch.float32,
        "counter": collections.Counter({"a": 2}),
        "list": [[], list(range(1001))],
    }


class Scripted(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.first = torch.nn.Linear(2, 3)
        self.blocks = torch.nn.ModuleList([torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3, bias=False)])
        self.head = torch.nn.Linear(3, 2)
        self.head.weight = torch.nn.Parameter(torch.arange(6.0).reshape(3, 2).t())
        self.register_buffer("scale", torch.tensor([0.5, 2.0], dtype=torch.float64))
        self.sizes = [1, 2]
        self.rates = {"a": 1.5}

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x) * self.scale * self.sizes[0] * self.rates["a"]


def numpy_values():
    return {
        "best": numpy.float64(1.5),
        "half": numpy.float16(0.25),
        "step": numpy.int64(-3),
        "byte": numpy.uint8(200),
        "large": numpy.uint64(2**64 - 1),
        "flag": numpy.bool_(True),
        "complex": numpy.complex64(1 + 2j),
        "rows": numpy.arange(6, dtype=numpy.int32).reshape(2, 3),
        "columns": numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)),
        "big-endian": numpy.arange(4, dtype=">i2"),
        "scalar": numpy.array(7.0, dtype=numpy.float32),
        "empty": numpy.zeros((0, 3), dtype=bool),
        "type": numpy.dtype("f4"),
        "random": numpy.random.RandomState(1).get_state(),
    }


def objects():
    rates = collections.defaultdict(float, {"a": 0.5, "b": 0.25})
    return {
        "args": argparse.Namespace(lr=0.1, name="run", sizes=[1, 2], nested=argparse.Namespace()),
        "path": pathlib.PurePosixPath("/data/run 1"),
        "rates": rates,
        "lists": collections.defaultdict(list, {1: [2]}),
        "counts": collections.defaultdict(int),
        "no default": collections.defaultdict(None, {"a": 1}),
        "again": rates,
        "frozen": frozenset([3]),
        "range": range(1, 10, 2),
        "slice": slice(1, None),
        "weight": torch.ones(2),
    }


def main(target):
    folder = os.path.join(target, "torch-" + torch.__version__.split("+")[0])
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "manifest.tsv"), "w", encoding="utf-8") as manifest:

        def note(file, value):
            for path, tensor in leaves([], value):
                digest = hashlib.sha256(as_bytes(tensor)).hexdigest()
                shape = ",".join(map(str, tensor.shape))
                dtype = tensor.dtype.newbyteorder("=") if isinstance(tensor, numpy.ndarray) else tensor.dtype
                name = str(dtype).replace("torch.", "")
                print(file, "/".join(path), name, shape, digest, sep="\t", file=manifest)

        for maker in (linear, views, dtypes, train):
            value = maker()
            torch.save(value, os.path.join(folder, maker.__name__ + ".pt"))
            note(maker.__name__ + ".pt", value)
        for maker in (linear, views, dtypes, train):
            value = maker()
            file = "legacy_" + maker.__name__ + ".pt"
            torch.save(value, os.path.join(folder, file), _use_new_zipfile_serialization=False)
            note(file, value)
        for name, value in (("numpy.pt", numpy_values()), ("objects.pt", objects())):
            torch.save(value, os.path.join(folder, name))
            note(name, value)
        script = os.path.join(folder, "script.pt")
        torch.jit.save(torch.jit.script(Scripted().eval()), script)
        note("script.pt", torch.jit.load(script).state_dict())
        try:
            from safetensors.torch import save, save_file
        except ImportError:
            return

        def is_known(tensor):
            try:
                save({"t": tensor})
                return True
            except (KeyError, ValueError):  # each version knows more types
                return False

        value = {k: v for k, v in dtypes().items() if k != "quantized" and is_known(v)}
        value["layer.weight"] = torch.ones(3, 2)
        value["empty"] = torch.empty(0, 3)
        save_file(value, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
        note("model.safetensors", value)


if __name__ == "__main__":
    main(sys.argv[1])
