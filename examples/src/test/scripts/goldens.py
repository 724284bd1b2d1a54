"""Writes golden files for the tests of this module: see Golden.java for the format.

A script for each area makes a Goldens object, adds cases to it and calls write().
Any recent PyTorch does; a script's file changes with its version and its seed only.
"""

import copy
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent.parent / "resources/io/lazytensor/examples/goldens"
NAMES = {
    torch.float64: "f64",
    torch.float32: "f32",
    torch.bfloat16: "bf16",
    torch.float16: "f16",
    torch.int64: "s32",
    torch.int32: "s32",
    torch.int16: "s16",
    torch.int8: "s8",
    torch.uint8: "u8",
    torch.bool: "pred",
}


def wide(value):
    """A tensor of floating-point numbers as float64, anything else as it is."""
    return value.double() if torch.is_tensor(value) and value.is_floating_point() else value


class Goldens:
    def __init__(self, seed):
        torch.manual_seed(seed)
        self.lines = ["# PyTorch " + torch.__version__.split("+")[0]]
        self.names = set()

    def case(self, name, function, no_gradient=(), **inputs):
        """Adds a call of a function of tensors, in their order; it returns a tensor or several."""
        self._new(name)
        for key, value in inputs.items():
            self._show(name, key, value)
        upstream = []
        narrow = self._run(function, inputs, no_gradient, upstream, lambda v: v)
        truth = self._run(function, inputs, no_gradient, upstream, wide)
        self._results(name, narrow, truth, upstream)

    def layer(self, name, module, call=lambda m, *a: m(*a), no_gradient=(), **inputs):
        """Adds a call of a module: its parameters and buffers are inputs, changed buffers results."""
        self._new(name)
        state = {k: v.clone() for k, v in module.state_dict().items()}
        for key, value in list(state.items()) + list(inputs.items()):
            self._show(name, key, value)
        upstream = []
        other = copy.deepcopy(module).double()
        narrow = self._run_layer(module, call, inputs, no_gradient, upstream, lambda v: v, state)
        truth = self._run_layer(other, call, inputs, no_gradient, upstream, wide, state)
        self._results(name, narrow, truth, upstream)

    def _new(self, name):
        assert name not in self.names and "." not in name, name
        self.names.add(name)

    def _run(self, function, inputs, no_gradient, upstream, convert):
        leaves = self._leaves(inputs, no_gradient, convert)
        return self._differentiate(function(*leaves.values()), leaves, upstream, convert)

    def _run_layer(self, module, call, inputs, no_gradient, upstream, convert, state):
        leaves = self._leaves(inputs, no_gradient, convert)
        y = call(module, *leaves.values())
        parameters = {k: p for k, p in module.named_parameters() if p.requires_grad}
        out = self._differentiate(y, parameters | leaves, upstream, convert)
        for key, value in module.state_dict().items():
            if key not in parameters and not torch.equal(value, convert(state[key])):
                out["after." + key] = value
        return out

    @staticmethod
    def _leaves(inputs, no_gradient, convert):
        leaves = {}
        for key, value in inputs.items():
            leaf = convert(value.detach().clone())
            if leaf.is_floating_point() and key not in no_gradient:
                leaf.requires_grad_()
            leaves[key] = leaf
        return leaves

    @staticmethod
    def _differentiate(y, leaves, upstream, convert):
        results = [y] if torch.is_tensor(y) else list(y)
        out = {"y" + (str(i) if i else ""): v for i, v in enumerate(results)}
        if not upstream:
            for v in results:
                upstream.append(torch.randn(v.shape) if v.requires_grad else None)
                if upstream[-1] is not None:
                    upstream[-1] = upstream[-1].to(v.dtype)
        wanted = {k: v for k, v in leaves.items() if v.requires_grad}
        pairs = [(v, convert(g)) for v, g in zip(results, upstream) if g is not None]
        if wanted and pairs:
            values, given = zip(*pairs)
            grads = torch.autograd.grad(values, list(wanted.values()), given, allow_unused=True)
            for key, grad in zip(wanted, grads):
                if grad is not None:
                    out["d" + key] = grad
        return out

    def _results(self, name, narrow, truth, upstream):
        order = sorted(narrow, key=lambda k: not k.startswith("y"))
        for key in order:
            self._show(name, key, narrow[key])
            if narrow[key].is_floating_point():
                self._show(name, key + "64", truth[key])
        for i, g in enumerate(upstream):
            if g is not None:
                self._show(name, "g" + (str(i) if i else ""), g)

    def _show(self, case, name, value):
        dims = ",".join(str(d) for d in value.shape)
        numbers = value.detach().flatten().tolist()
        if not value.is_floating_point():
            text = " ".join(str(int(v)) for v in numbers)
        elif value.dtype == torch.float64:
            text = " ".join(repr(v) for v in numbers)
        else:
            text = " ".join(f"{v:.9g}" for v in numbers)
        self.lines.append(f"{case}.{name} {NAMES[value.dtype]}[{dims}] {text}".rstrip())

    def write(self, file):
        (FOLDER / file).write_text("\n".join(self.lines) + "\n")
        print(f"{file}: {len(self.names)} cases, {(FOLDER / file).stat().st_size} bytes")
