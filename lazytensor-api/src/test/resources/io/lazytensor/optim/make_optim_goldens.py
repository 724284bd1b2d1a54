"""Writes schedules.txt and optimizers.txt for the tests of io.lazytensor.optim, with a real PyTorch (2.7 or newer).

    python3 make_optim_goldens.py

schedules.txt: "name value value …", the learning rates of steps 0 to 200 in float64; "name.momentum …" beside them.
optimizers.txt: "case.array type[dims] values…": 20 steps from p0 with the gradients g (one row a step) to p20. LAMB
and LARS, which PyTorch has not, are computed here in float64 from their papers' formulas.
"""

import math
import warnings

import numpy
import torch

warnings.simplefilter("ignore")
S = torch.optim.lr_scheduler
STEPS = 20

# ---- schedules ----------------------------------------------------------------------------------


def chained(o):
    return S.ChainedScheduler([S.LinearLR(o, 0.25, 1.0, 12), S.ExponentialLR(o, 0.98), S.StepLR(o, 30, 0.5)])


def sequential(o):
    parts = [S.ConstantLR(o, 0.1, 15), S.CosineAnnealingLR(o, 40, 0.01), S.ExponentialLR(o, 0.97), S.CosineAnnealingWarmRestarts(o, 20)]
    return S.SequentialLR(o, parts, [20, 75, 140])


def warmed(o):
    return S.SequentialLR(o, [S.LinearLR(o, 1e-3, 1.0, 10), S.PolynomialLR(o, 150, 2.0)], [10])


SCHEDULES = {
    "stepped": lambda o: S.StepLR(o, 30, 0.3),
    "multiStep": lambda o: S.MultiStepLR(o, [10, 50, 50, 120], 0.2),
    "exponential": lambda o: S.ExponentialLR(o, 0.97),
    "reduced": lambda o: S.ConstantLR(o),
    "linear": lambda o: S.LinearLR(o, 0.2, 0.9, 120),
    "polynomial": lambda o: S.PolynomialLR(o, 150, 1.7),
    "cosine": lambda o: S.CosineAnnealingLR(o, 60),
    "cosineLeast": lambda o: S.CosineAnnealingLR(o, 70, 0.02),
    "warmRestarts": lambda o: S.CosineAnnealingWarmRestarts(o, 30, eta_min=0.01),
    "warmRestartsLonger": lambda o: S.CosineAnnealingWarmRestarts(o, 12, 2),
    "lambda": lambda o: S.LambdaLR(o, lambda t: 1 / math.sqrt(t + 1)),
    "oneCycle": lambda o: S.OneCycleLR(o, 0.5, 200),
    "oneCycleLinear": lambda o: S.OneCycleLR(o, 0.5, 200, pct_start=0.4, anneal_strategy="linear"),
    "oneCycleThree": lambda o: S.OneCycleLR(o, 0.5, 200, three_phase=True),
    "chained": chained,
    "sequential": sequential,
    "warmed": warmed,
}


def metric(step):
    return 5 / (1 + step / 8) if step < 60 else 1.0 + 0.001 * math.sin(step)


PLATEAUS = {
    "plateau": dict(),
    "plateauMax": dict(mode="max", factor=0.5, patience=3, threshold=0.05),
    "plateauAbsolute": dict(factor=0.3, patience=5, threshold=0.2, threshold_mode="abs", cooldown=4, min_lr=0.001),
}


def schedules(out):
    def row(name, values):
        out.write(name + " " + " ".join(f"{v:.17g}" for v in values) + "\n")

    for name, make in SCHEDULES.items():
        o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
        s = make(o)
        rates, momenta = [], []
        for i in range(201):
            rates.append(o.param_groups[0]["lr"])
            momenta.append(o.param_groups[0]["momentum"])
            o.step()
            if i < 200:
                s.step()
        row(name, rates)
        if name.startswith("oneCycle"):
            row(name + ".momentum", momenta)
    row("metrics", [metric(i) for i in range(200)])
    for name, options in PLATEAUS.items():
        o = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        s = S.ReduceLROnPlateau(o, **options)
        rates = [0.1]
        for i in range(200):
            s.step(metric(i))
            rates.append(o.param_groups[0]["lr"])
        row(name, rates)


# ---- optimizers ---------------------------------------------------------------------------------


def show(out, name, value):
    value = torch.as_tensor(value)
    dims = ",".join(str(d) for d in value.shape)
    text = " ".join(f"{v:.9g}" for v in value.flatten().tolist())
    out.write(f"{name} f32[{dims}] {text}\n")


def norm(x):
    return math.sqrt(float((x * x).sum()))


def lamb(p, gradients, lr=0.02, b1=0.9, b2=0.999, eps=1e-6, decay=0.01, always=False):
    m, v = numpy.zeros_like(p), numpy.zeros_like(p)
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        u = m / (1 - b1**t) / (numpy.sqrt(v / (1 - b2**t)) + eps) + decay * p
        w, n = norm(p), norm(u)
        ratio = w / n if (always or decay != 0) and w > 0 and n > 0 else 1.0
        p = p - lr * ratio * u
    return p


def lars(p, gradients, lr=0.5, momentum=0.9, decay=0.01, trust=0.02, eps=1e-8, nesterov=False):
    buffer = None
    for g in gradients:
        w, n = norm(p), norm(g)
        if w > 0 and n > 0:
            g = (g + decay * p) * (trust * w / (n + decay * w + eps))
        buffer = g if buffer is None else momentum * buffer + g
        p = p - lr * (g + momentum * buffer if nesterov else buffer)
    return p


FORMULAS = {
    "lamb": lambda p, g: lamb(p, g),
    "lambPlain": lambda p, g: lamb(p, g, decay=0, b1=0.8, b2=0.95),
    "lambAlways": lambda p, g: lamb(p, g, decay=0, always=True),
    "lars": lambda p, g: lars(p, g),
    "larsNesterov": lambda p, g: lars(p, g, decay=0, nesterov=True, trust=0.1),
}

CYCLES = {
    "cycledSgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "cycledAdamw": lambda p: torch.optim.AdamW(p, lr=0.1),
    "cycledRmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1, momentum=0.9),
}


def optimizers(out):
    torch.manual_seed(5)
    for name, formula in FORMULAS.items():
        p, g = torch.randn(3, 4), torch.randn(STEPS, 3, 4)
        if name == "lambAlways":
            p = torch.zeros(3, 4)
        show(out, name + ".p0", p)
        show(out, name + ".g", g)
        show(out, name + ".p20", torch.from_numpy(formula(p.double().numpy(), g.double().numpy())))
    for name, make in CYCLES.items():
        p, g = torch.nn.Parameter(torch.randn(3, 4)), torch.randn(STEPS, 3, 4)
        show(out, name + ".p0", p.detach())
        show(out, name + ".g", g)
        o = make([p])
        s = S.OneCycleLR(o, 0.05, STEPS)
        for i in range(STEPS):
            p.grad = g[i].clone()
            o.step()
            if i + 1 < STEPS:
                s.step()
        show(out, name + ".p20", p.detach())
    averages(out)
    scales(out)


def averages(out):
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    model = torch.nn.Linear(3, 2)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    show(out, "average.start", model.weight.detach())
    for i in range(5):
        with torch.no_grad():
            model.weight.add_(torch.randn(2, 3))
        show(out, f"average.w{i}", model.weight.detach())
        average.update_parameters(model)
        show(out, f"average.a{i}", average.module.weight.detach())


def scales(out):
    """The scale after each of some steps, of which some overflow."""
    scale, growth = torch.tensor(1024.0), torch.tensor(0, dtype=torch.int32)
    overflow = [0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]
    found, after, tracker = [], [], []
    for each in overflow:
        torch._amp_update_scale_(scale, growth, torch.tensor(float(each)), 2.0, 0.5, 3)
        found.append(float(each))
        after.append(scale.item())
        tracker.append(float(growth.item()))
    show(out, "scale.overflow", torch.tensor(found))
    show(out, "scale.scale", torch.tensor(after))
    show(out, "scale.tracker", torch.tensor(tracker))


if __name__ == "__main__":
    with open("schedules.txt", "w") as out:
        schedules(out)
    with open("optimizers.txt", "w") as out:
        optimizers(out)
