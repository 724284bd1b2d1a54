"""Writes autocast.txt: a small model's logits and step-0 gradients in PyTorch's autocast, and in f64.

Run with any recent PyTorch: python make_autocast_goldens.py > autocast.txt
Each line is "array type[dims] values..."; "truth.", "bf16." and "f16." begin the names of results.
"""

import torch
import torch.nn.functional as F

torch.manual_seed(7)
NAMES = ["first.weight", "first.bias", "norm.weight", "norm.bias", "second.weight", "second.bias"]


def show(name, value):
    dims = ",".join(str(d) for d in value.shape)
    if value.dtype == torch.int64:
        print(f"{name} s32[{dims}] " + " ".join(str(v) for v in value.flatten().tolist()))
    else:
        print(f"{name} f32[{dims}] " + " ".join(f"{v:.9g}" for v in value.detach().double().flatten().tolist()))


def forward(p, x):
    h = F.gelu(F.linear(x, p["first.weight"], p["first.bias"]))
    h = F.layer_norm(h, (16,), p["norm.weight"], p["norm.bias"])
    weights = F.softmax(h @ h.transpose(0, 1) * 0.25, -1)
    h = h + weights @ h
    return F.linear(h, p["second.weight"], p["second.bias"])


def run(prefix, dtype, autocast):
    p = {k: v.to(dtype).clone().requires_grad_() for k, v in parameters.items()}
    with torch.autocast("cpu", dtype=autocast or torch.bfloat16, enabled=autocast is not None):
        logits = forward(p, x.to(dtype))
        loss = F.cross_entropy(logits.float() if autocast else logits, y)
    loss.backward()
    show(prefix + ".logits", logits)
    show(prefix + ".loss", loss)
    for k in NAMES:
        show(f"{prefix}.{k}", p[k].grad)


shapes = [(16, 8), (16,), (16,), (16,), (5, 16), (5,)]
parameters = {k: torch.randn(s) * (0.3 if k != "norm.weight" else 0.1) for k, s in zip(NAMES, shapes)}
parameters["norm.weight"] += 1
x, y = torch.randn(6, 8), torch.randint(5, (6,))
for name, value in parameters.items():
    show(name, value)
show("x", x)
show("y", y)
run("truth", torch.float64, None)
run("bf16", torch.float32, torch.bfloat16)
run("f16", torch.float32, torch.float16)
