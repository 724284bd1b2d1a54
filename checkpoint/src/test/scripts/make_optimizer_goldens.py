"""Exchanges optimizer states with a real PyTorch (2.7 or newer).

    python3 make_optimizer_goldens.py ../resources/io/lazytensor/optimizers
        writes one training checkpoint a case: parameters and optimizer after 5 steps, the gradients of all
        25 steps, and where PyTorch is after the other 20
    python3 make_optimizer_goldens.py --check ../../../target/optimizers
        goes on from what OptimizerExchangeTest wrote after 5 steps, and compares after 20 more
"""

import os
import sys

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

O = torch.optim
BEFORE, AFTER = 5, 20
SHAPES = {"a": (4, 3), "b": (5,), "c": (2, 3, 2), "frozen": (2,)}


def both(make):
    own = {"lr": 0.003, "weight_decay": 0.1, "betas": (0.85, 0.99)}
    return lambda p: make([{"params": p[:1]}, {"params": p[1:], **own}])


CASES = {
    "sgd": lambda p: O.SGD(p, lr=0.05),
    "sgdMomentum": lambda p: O.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01, nesterov=True),
    "sgdDampening": lambda p: O.SGD(p, lr=0.05, momentum=0.8, dampening=0.3),
    "adam": lambda p: O.Adam(p, lr=0.01, weight_decay=0.05),
    "adamAmsgrad": lambda p: O.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, amsgrad=True),
    "adamw": lambda p: O.AdamW(p),
    "adamwGroups": both(lambda g: O.AdamW(g, lr=0.02, maximize=True)),
    "adagrad": lambda p: O.Adagrad(p),
    "adagradDecay": lambda p: O.Adagrad(
        p, lr=0.1, lr_decay=0.02, weight_decay=0.01, initial_accumulator_value=0.5, eps=1e-8
    ),
    "rmsprop": lambda p: O.RMSprop(p),
    "rmspropCentered": lambda p: O.RMSprop(
        p, lr=0.003, alpha=0.9, eps=1e-6, weight_decay=0.02, momentum=0.7, centered=True
    ),
    "adafactor": lambda p: O.Adafactor(p),
    "adafactorOptions": lambda p: O.Adafactor(
        p, lr=0.05, beta2_decay=-0.6, eps=(1e-5, 0.01), d=1.5, weight_decay=0.1, maximize=True
    ),
}


def steps(parameters, optimizer, gradients, numbers):
    for i in numbers:
        for name, parameter in parameters.items():
            parameter.grad = gradients[name][i].clone() if name in gradients else None
        optimizer.step()


def snapshot(parameters):
    return {name: parameter.detach().clone() for name, parameter in parameters.items()}


def make(name, folder):
    torch.manual_seed(11)
    parameters = {n: torch.nn.Parameter(torch.randn(s), n != "frozen") for n, s in SHAPES.items()}
    gradients = {n: torch.randn(BEFORE + AFTER, *s) for n, s in SHAPES.items() if n != "frozen"}
    optimizer = CASES[name](list(parameters.values()))
    start = snapshot(parameters)
    steps(parameters, optimizer, gradients, range(BEFORE))
    torch.save(optimizer.state_dict(), os.path.join(folder, name + "-optimizer.pt"))
    model = snapshot(parameters)
    steps(parameters, optimizer, gradients, range(BEFORE, BEFORE + AFTER))
    tree = {"start": start, "model": model, "gradients": gradients, "final": snapshot(parameters)}
    tree["final_optimizer"] = optimizer.state_dict()
    torch.save(tree, os.path.join(folder, name + ".pt"))


def averaged():
    model = torch.nn.Linear(3, 2)
    return model, AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))


def make_extras(folder):
    torch.manual_seed(12)
    model, average = averaged()
    for _ in range(3):
        with torch.no_grad():
            model.weight.add_(0.5)
        average.update_parameters(model)
    scaler = torch.amp.GradScaler("cpu", init_scale=512.0)
    torch.save({"ema": average.state_dict(), "scaler": scaler.state_dict()}, os.path.join(folder, "extras.pt"))


def check_extras(folder):
    tree = torch.load(os.path.join(folder, "extras.pt"), weights_only=True)
    _, average = averaged()
    print("extras:", average.load_state_dict(tree["ema"]), "averaged", average.n_averaged.item())
    scaler = torch.amp.GradScaler("cpu")
    scaler.load_state_dict(tree["scaler"])
    return scaler.get_scale() == tree["scaler"]["scale"]


def difference(expected, got):
    return ((expected - got).abs().max() / expected.abs().max().clamp(min=1e-30)).item()


def check(name, folder):
    tree = torch.load(os.path.join(folder, name + ".pt"), weights_only=True)
    parameters = {n: torch.nn.Parameter(v, n != "frozen") for n, v in tree["model"].items()}
    optimizer = CASES[name](list(parameters.values()))
    optimizer.load_state_dict(tree["optimizer"])
    steps(parameters, optimizer, tree["gradients"], range(BEFORE, BEFORE + AFTER))
    worst = max(difference(parameters[n].detach(), v) for n, v in tree["final"].items())
    print(f"{name}: PyTorch and Java differ by {worst:.2g} after {AFTER} steps")
    return worst <= 2e-6


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        sys.exit(0 if all([check(name, sys.argv[2]) for name in CASES] + [check_extras(sys.argv[2])]) else 1)
    for case in CASES:
        make(case, sys.argv[1])
    make_extras(sys.argv[1])
