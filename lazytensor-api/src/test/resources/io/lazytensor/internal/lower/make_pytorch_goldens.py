"""Writes pytorch.txt: inputs, results and gradients of PyTorch's functions, for GoldenTest.

Run with any recent PyTorch: python make_pytorch_goldens.py > pytorch.txt
Each line is "case.array type[dims] values..."; "g" is the gradient of the result "y", "dx" that of "x".
"""

import torch
import torch.nn.functional as F

NAMES = {torch.float32: "f32", torch.int64: "s32", torch.int32: "s32", torch.bool: "pred"}


def show(case, name, value):
    dims = ",".join(str(d) for d in value.shape)
    numbers = value.detach().flatten().tolist()
    if value.dtype == torch.float32:
        text = " ".join(f"{v:.9g}" for v in numbers)
    else:
        text = " ".join(str(int(v)) for v in numbers)
    print(f"{case}.{name} {NAMES[value.dtype]}[{dims}] {text}".rstrip())


def case(name, function, no_gradient=(), **inputs):
    leaves = {}
    for key, value in inputs.items():
        value = value.clone()
        if value.is_floating_point() and key not in no_gradient:
            value.requires_grad_()
            leaves[key] = value
        show(name, key, value)
        inputs[key] = value
    y = function(*inputs.values())
    show(name, "y", y)
    if leaves and y.requires_grad:
        g = torch.randn(y.shape)
        show(name, "g", g)
        grads = torch.autograd.grad(y, list(leaves.values()), g)
        for key, grad in zip(leaves, grads):
            show(name, "d" + key, grad)


torch.manual_seed(7)
print("# PyTorch " + torch.__version__.split("+")[0])
nan, inf = float("nan"), float("inf")
edge = torch.tensor([-100.0, -20.5, -3.0, -1.0, -0.5, -1e-4, 0.0, 1e-4, 0.25, 1.0, 2.5, 19.0, 21.0, 90.0])
r = torch.randn
ri = torch.randint

# Activations
case("relu", F.relu, x=edge)
case("leakyRelu", lambda x: F.leaky_relu(x, 0.02), x=edge)
case("elu", lambda x: F.elu(x, 1.5), x=edge)
case("gelu", F.gelu, x=edge)
case("geluTanh", lambda x: F.gelu(x, approximate="tanh"), x=edge)
case("silu", F.silu, x=edge)
case("sigmoid", torch.sigmoid, x=edge)
case("logSigmoid", F.logsigmoid, x=edge)
case("softplus", F.softplus, x=edge)
case("softplusBeta", lambda x: F.softplus(x, 2.0, 10.0), x=edge)
case("softmax", lambda x: F.softmax(x, -1), x=r(3, 7) * 5)
case("softmaxFirst", lambda x: F.softmax(x, 0), x=r(3, 2, 2) * 5)
case("softmaxMasked", lambda x: F.softmax(x, 1), x=torch.tensor([[1.0, -inf, 2.0], [100.0, -100.0, 99.0]]))
case("logSoftmax", lambda x: F.log_softmax(x, 1), x=r(3, 7, 2) * 20)

# Elementwise
case("remainder", torch.remainder, no_gradient=("a", "c"), a=torch.tensor([5.5, -5.5, 5.5, -5.5, 6.0, -6.0, 0.0]), c=torch.tensor([2.0, 2.0, -2.0, -2.0, 3.0, 3.0, -3.0]))
case("remainderInt", torch.remainder, a=torch.tensor([5, -5, 5, -5, 6, -6]), c=torch.tensor([2, 2, -2, -2, 3, 3]))
case("remainderFloat", torch.remainder, a=torch.tensor([5.5, -5.3, 5.1, -5.9]), c=torch.tensor([2.0, 2.2, -2.1, -2.3]))
case("round", torch.round, no_gradient=("x",), x=torch.tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6]))
case("clamp", lambda x: x.clamp(-1, 2), x=torch.tensor([-3.0, -1.0, 0.0, 2.0, 5.0, nan]))
case("clampMin", lambda x: x.clamp(min=-0.5), x=torch.tensor([-3.0, -0.5, 0.0, 2.0]))
case("pow2", lambda x: x**2, x=torch.tensor([-2.0, 0.0, 3.0]))
case("pow3", lambda x: x**3, x=torch.tensor([-2.0, 0.0, 3.0]))
case("powNegative", lambda x: x**-2, x=torch.tensor([-2.0, 0.5, 3.0]))
case("pow17", lambda x: x**1.7, x=torch.tensor([0.2, 1.0, 3.0]))
case("powTensor", lambda a, c: a**c, a=torch.tensor([0.5, 1.5, 2.0]), c=torch.tensor([2.0, -1.0, 0.5]))
case("divInts", lambda a, c: a / c, a=torch.tensor([1, 2, -7]), c=torch.tensor([2, 3, 2]))
case("where", lambda m, a, c: torch.where(m, a, c), m=torch.tensor([[True], [False]]), a=r(3), c=r(2, 1))
case("maskedFill", lambda x, m: x.masked_fill(m, -1e9), x=r(2, 3), m=torch.tensor([True, False, True]))

# Reductions
case("sumAll", torch.sum, x=r(3, 4))
case("sumInts", torch.sum, x=ri(-9, 9, (3, 4)))
case("sumPred", torch.sum, x=r(3, 4) > 0)
case("meanDims", lambda x: x.mean((0, -1), keepdim=True), x=r(3, 4, 2))
case("amax", lambda x: x.amax(1), x=r(3, 4))
case("amin", lambda x: x.amin((0, 2)), x=r(3, 4, 2))
case("prod", lambda x: x.prod(1), x=r(3, 4))
case("variance", lambda x: x.var((0, 1)), x=r(3, 4, 2) + 100)
case("varianceBiased", lambda x: x.var(-1, correction=0, keepdim=True), x=r(3, 4))
case("std", lambda x: x.std(0), x=r(5, 4))
case("argmax", lambda x: x.argmax(1), x=torch.tensor([[1.0, 3.0, 3.0], [nan, 5.0, nan], [-inf, -inf, -inf], [0.0, 1.0, 2.0]]))
case("argmin", lambda x: x.argmin(0, keepdim=True), x=torch.tensor([[1.0, 3.0], [1.0, nan], [0.5, 2.0], [0.5, nan]]))
case("argmaxAll", lambda x: x.argmax(), x=ri(-3, 3, (4, 5)))
case("all", lambda x: x.all(1), x=torch.tensor([[1, 2], [0, 3], [0, 0]]))
case("any", lambda x: x.any(1), x=torch.tensor([[1, 2], [0, 3], [0, 0]]))
case("logSumExp", lambda x: x.logsumexp(1), x=torch.cat([r(3, 4) * 50, torch.tensor([[-inf, 1.0, 2.0, 3.0]])]))
case("logSumExpEmptyRow", lambda x: x.logsumexp(1), no_gradient=("x",), x=torch.tensor([[-inf, -inf], [inf, 1.0]]))
case("norm2", lambda x: x.norm(2, 1), x=torch.cat([r(3, 4), torch.zeros(1, 4)]))
case("norm1", lambda x: x.norm(1, 1), x=r(3, 4))
case("norm3", lambda x: x.norm(3, 1), x=r(3, 4))
case("normInf", lambda x: x.norm(inf, 1), x=r(3, 4))

# Matrix products
shapes = {"vv": ((4,), (4,)), "mv": ((3, 4), (4,)), "vm": ((4,), (4, 3)), "mm": ((2, 4), (4, 3)),
          "bm": ((2, 3, 4), (4, 5)), "mb": ((3, 4), (2, 4, 5)), "vb": ((4,), (2, 4, 5)), "bv": ((2, 3, 4), (4,)),
          "bb": ((2, 3, 4), (2, 4, 5)), "broadcast": ((2, 1, 3, 4), (5, 4, 2)), "shared": ((3, 4), (2, 2, 4, 2))}
for name, (left, right) in shapes.items():
    case("matmul_" + name, torch.matmul, a=r(left), c=r(right))
case("attentionScores", lambda q, k: q.view(2, 3, 2, 4).transpose(1, 2) @ k.view(2, 3, 2, 4).transpose(1, 2).transpose(-1, -2), q=r(2, 3, 8), k=r(2, 3, 8))
case("linear", F.linear, input=r(2, 3, 4), weight=r(5, 4), bias=r(5))
case("linearVector", F.linear, input=r(4), weight=r(5, 4), bias=r(5))

# Losses
logits, classes = r(4, 5) * 3, torch.tensor([1, 0, -100, 4])
for reduction in ("none", "mean", "sum"):
    case("crossEntropy_" + reduction, lambda x, t: F.cross_entropy(x, t, reduction=reduction), x=logits, t=classes)
    case("smoothing_" + reduction, lambda x, t: F.cross_entropy(x, t, reduction=reduction, label_smoothing=0.1), x=logits, t=classes)
    case("nll_" + reduction, lambda x, t: F.nll_loss(x, t, reduction=reduction), x=logits, t=classes)
    case("mse_" + reduction, lambda x, t: F.mse_loss(x, t, reduction=reduction), x=r(3, 2), t=r(3, 2))
case("crossEntropyImage", lambda x, t: F.cross_entropy(x, t), x=r(2, 3, 2, 2), t=ri(0, 3, (2, 2, 2)))
case("crossEntropySingle", lambda x, t: F.cross_entropy(x, t), x=r(6), t=torch.tensor(2))
case("crossEntropyLarge", lambda x, t: F.cross_entropy(x, t), x=torch.tensor([[1000.0, 0.0, -1000.0], [5.0, 5.0, 5.0]]), t=torch.tensor([2, 1]))
case("crossEntropyProbabilities", lambda x, t: F.cross_entropy(x, t, label_smoothing=0.2), x=r(3, 4), t=F.softmax(r(3, 4), 1))
case("l1", F.l1_loss, x=r(3, 2), t=r(3, 2))
case("smoothL1", lambda x, t: F.smooth_l1_loss(x, t, beta=0.7), x=r(3, 4), t=r(3, 4))
case("huber", lambda x, t: F.huber_loss(x, t, delta=0.7), x=r(3, 4), t=r(3, 4))
case("bce", F.binary_cross_entropy, x=torch.tensor([0.0, 1e-5, 0.3, 0.7, 0.99, 1.0]), t=torch.tensor([0.0, 1.0, 0.25, 1.0, 0.0, 1.0]))
case("bceWithLogits", F.binary_cross_entropy_with_logits, x=torch.tensor([-200.0, -3.0, 0.0, 1.5, 200.0]), t=torch.tensor([0.0, 1.0, 0.25, 1.0, 1.0]))
case("bceWithLogitsWeighted", lambda x, t, w: F.binary_cross_entropy_with_logits(x, t, pos_weight=w), no_gradient=("w",), x=r(3, 4) * 5, t=torch.rand(3, 4), w=torch.rand(4) * 3)
case("klDiv", lambda x, t: F.kl_div(x, t, reduction="sum"), no_gradient=("t",), x=F.log_softmax(r(3, 4), 1), t=torch.tensor([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]]))

# Normalization and indexing
case("layerNorm", lambda x, w, c: F.layer_norm(x, (6,), w, c), x=r(2, 3, 6) * 3 + 1, w=r(6), c=r(6))
case("layerNormPlain", lambda x: F.layer_norm(x, (3, 4), eps=1e-12), x=r(2, 3, 4))
case("embedding", lambda t, i: F.embedding(i, t), t=r(5, 3), i=torch.tensor([[0, 4, 4], [2, 1, 4]]))
case("gather", lambda x, i: torch.gather(x, 1, i), x=r(3, 4), i=torch.tensor([[0, 3, 3], [2, 1, 0]]))
case("indexSelect", lambda x, i: torch.index_select(x, 1, i), x=r(2, 4, 3), i=torch.tensor([3, 0, 3]))
case("oneHot", lambda i: F.one_hot(i, 4), i=torch.tensor([[0, 3], [2, 1]]))
case("cumulativeSum", lambda x: x.cumsum(1), x=r(2, 7))

case("rmsNorm", lambda x, w: F.rms_norm(x, (6,), w, eps=1e-6), x=r(2, 3, 6), w=r(6))
case("normalize", lambda x: F.normalize(x, dim=1), x=torch.cat([r(3, 4), torch.zeros(1, 4)]))
case("cosineSimilarity", lambda a, c: F.cosine_similarity(a, c, dim=-1), a=r(2, 1, 4), c=r(3, 4))
attention = F.scaled_dot_product_attention
case("attention", lambda q, k, v: attention(q, k, v), q=r(2, 2, 3, 4), k=r(2, 2, 5, 4), v=r(2, 2, 5, 3))
visible = torch.tensor([[[[True, True, False]]], [[[True, False, False]]]])
case("attentionMasked", lambda q, k, v, m: attention(q, k, v, attn_mask=m), q=r(2, 2, 3, 4), k=r(2, 2, 3, 4), v=r(2, 2, 3, 4), m=visible)
case("attentionHidden", lambda q, k, v, m: attention(q, k, v, attn_mask=m), q=r(1, 2, 4), k=r(1, 2, 4), v=r(1, 2, 4), m=torch.tensor([[True, False], [False, False]]))
case("attentionCausal", lambda q, k, v: attention(q, k, v, is_causal=True), q=r(1, 4, 4), k=r(1, 4, 4), v=r(1, 4, 2))
case("repeat", lambda x: x.repeat(2, 3, 1), x=r(2, 3))
case("roll", lambda x: x.roll(-2, 1), x=r(2, 5))
case("tril", lambda x: x.tril(-1), x=r(2, 3, 4))
case("triu", lambda x: x.triu(), x=r(3, 4))
case("flip", lambda x: x.flip(0, -1), x=r(2, 3))
case("pad", lambda x: F.pad(x, (1, -1, 2, 0), value=7.0), x=r(2, 3))
case("sliced", lambda x: x[:, 1:-1:2], x=r(2, 6))


# Optimizers: three steps from the same parameter with given gradients.
def optimize(name, make, steps=3):
    p = torch.nn.Parameter(r(6))
    show(name, "p0", p)
    optimizer = make([p])
    for i in range(1, steps + 1):
        p.grad = r(6)
        show(name, f"g{i}", p.grad)
        optimizer.step()
        show(name, f"p{i}", p)


O = torch.optim
optimize("sgdPlain", lambda p: O.SGD(p, lr=0.1))
optimize("sgdDecay", lambda p: O.SGD(p, lr=0.1, weight_decay=0.01, maximize=True))
optimize("sgdMomentum", lambda p: O.SGD(p, lr=0.1, momentum=0.9))
optimize("sgdNesterov", lambda p: O.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.02))
optimize("sgdDampening", lambda p: O.SGD(p, lr=0.1, momentum=0.9, dampening=0.3))
optimize("adamw", lambda p: O.AdamW(p, lr=1e-3))
optimize("adamwBetas", lambda p: O.AdamW(p, lr=0.01, betas=(0.4, 0.9), eps=1e-6, weight_decay=0.1, maximize=True))
optimize("adam", lambda p: O.Adam(p, lr=1e-3, weight_decay=0.05))
optimize("amsgrad", lambda p: O.AdamW(p, lr=1e-2, amsgrad=True))

# Clipping
for name, limit in (("clipped", 1.5), ("unclipped", 100.0)):
    a, c = torch.nn.Parameter(r(3)), torch.nn.Parameter(r(2, 2))
    a.grad, c.grad = r(3), r(2, 2)
    show(name, "a", a.grad)
    show(name, "c", c.grad)
    show(name, "norm", torch.nn.utils.clip_grad_norm_([a, c], limit))
    show(name, "ya", a.grad)
    show(name, "yc", c.grad)
