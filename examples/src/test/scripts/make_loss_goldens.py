"""Writes loss.txt: losses with all their options, for LossGoldenTest."""

import torch
from torch.nn import functional as F

from goldens import Goldens

goldens = Goldens(seed=17)
case = goldens.case
r = torch.randn
REDUCTIONS = ("none", "mean", "sum")


def reduced(name, function, no_gradient=(), **inputs):
    for reduction in REDUCTIONS:
        given = lambda *a, kind=reduction: function(*a, reduction=kind)
        case(name + "_" + reduction, given, no_gradient, **inputs)


# ---- classes ----------------------------------------------------------------------------------

x, t = r(5, 4), torch.tensor([0, 3, -100, 2, 3])
w = torch.rand(4) + 0.5
p = torch.softmax(r(5, 4), 1)
ce = F.cross_entropy
fixed = ("w", "p")

reduced("crossEntropy", ce, x=x, t=t)
reduced("crossEntropySmooth", lambda x, t, **k: ce(x, t, label_smoothing=0.2, **k), x=x, t=t)
reduced("crossEntropyWeight", lambda x, t, w, **k: ce(x, t, w, **k), fixed, x=x, t=t, w=w)
reduced(
    "crossEntropyAll",
    lambda x, t, w, **k: ce(x, t, w, ignore_index=3, label_smoothing=0.2, **k),
    fixed,
    x=x,
    t=torch.tensor([0, 3, 1, 2, 3]),
    w=w,
)
reduced("crossEntropyProbabilities", ce, x=x, p=p)
reduced(
    "crossEntropyProbabilitiesAll",
    lambda x, p, w, **k: ce(x, p, w, label_smoothing=0.1, **k),
    fixed,
    x=x,
    p=p,
    w=w,
)
image = torch.randint(0, 4, (2, 3))
case("crossEntropyImage", ce, x=r(2, 4, 3), t=image)
case("crossEntropyImageWeight", lambda x, t, w: ce(x, t, w), fixed, x=r(2, 4, 3), t=image, w=w)
case("crossEntropyOne", ce, x=r(4), t=torch.tensor(2))
case("crossEntropyLarge", ce, x=r(3, 4) * 300, t=torch.tensor([0, 1, 2]))
logs = torch.log_softmax(r(5, 4), 1)
reduced("nll", F.nll_loss, x=logs, t=t)
reduced("nllWeight", lambda x, t, w, **k: F.nll_loss(x, t, w, **k), fixed, x=logs, t=t, w=w)
case("nllImage", F.nll_loss, x=torch.log_softmax(r(2, 4, 3), 1), t=image)
known = torch.tensor([0, 3, 1, 2, 3])
reduced("multiMargin", F.multi_margin_loss, x=x, t=known)
reduced(
    "multiMarginAll",
    lambda x, t, w, **k: F.multi_margin_loss(x, t, p=2, margin=0.7, weight=w, **k),
    fixed,
    x=x,
    t=known,
    w=w,
)
labels = (torch.rand(5, 4) > 0.5).float()
reduced(
    "multilabelSoftMargin",
    lambda x, t, **k: F.multilabel_soft_margin_loss(x, t, **k),
    ("t",),
    x=x,
    t=labels,
)
case(
    "multilabelSoftMarginWeight",
    lambda x, t, w: F.multilabel_soft_margin_loss(x, t, w),
    ("t", "w"),
    x=x,
    t=labels,
    w=w,
)

# ---- probabilities ----------------------------------------------------------------------------

share, soft = torch.rand(3, 4) * 0.98 + 0.01, torch.rand(3, 4)
each = torch.rand(3, 4) + 0.5
reduced("bce", F.binary_cross_entropy, ("t",), x=share, t=soft)
reduced(
    "bceWeight",
    lambda x, t, w, **k: F.binary_cross_entropy(x, t, w, **k),
    ("t", "w"),
    x=share,
    t=soft,
    w=each,
)
case(
    "bceEdges",
    F.binary_cross_entropy,
    ("t",),
    x=torch.tensor([0.0, 1.0, 0.0, 1.0, 0.5]),
    t=torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0]),
)
bcl = F.binary_cross_entropy_with_logits
logits = r(3, 4) * 3
reduced("bceWithLogits", bcl, ("t",), x=logits, t=soft)
reduced(
    "bceWithLogitsAll",
    lambda x, t, w, q, **k: bcl(x, t, w, pos_weight=q, **k),
    ("t", "w", "q"),
    x=logits,
    t=soft,
    w=torch.rand(3, 1) + 0.5,
    q=torch.rand(4) * 3,
)
case("bceWithLogitsLarge", bcl, ("t",), x=torch.tensor([-200.0, 200.0, 90.0]), t=torch.tensor([0.0, 0.0, 1.0]))
target = torch.softmax(r(3, 4), 1)
target[1, 2] = 0
reduced("klDiv", lambda x, t, **k: F.kl_div(x, t, **k), ("t",), x=torch.log_softmax(r(3, 4), 1), t=target)
reduced(
    "klDivLog",
    lambda x, t, **k: F.kl_div(x, t, log_target=True, **k),
    x=torch.log_softmax(r(3, 4), 1),
    t=torch.log_softmax(r(3, 4), 1),
)
for log in (False, True):
    t_ = torch.log_softmax(r(3, 4), 1) if log else target
    case(
        "klDivBatchMean" + ("Log" if log else ""),
        lambda x, t, log=log: F.kl_div(x, t, reduction="batchmean", log_target=log),
        ("t",),
        x=torch.log_softmax(r(3, 4), 1),
        t=t_,
    )
counts = torch.tensor([[0.0, 1.0, 5.0], [2.0, 9.0, 1.0]])
reduced("poissonNll", F.poisson_nll_loss, ("t",), x=r(2, 3), t=counts)
reduced(
    "poissonNllFull",
    lambda x, t, **k: F.poisson_nll_loss(x, t, log_input=False, full=True, **k),
    ("t",),
    x=torch.rand(2, 3) + 0.2,
    t=counts,
)
variance = torch.tensor([[0.3, 1.5, 1e-8], [2.0, 0.5, 0.7]])
reduced("gaussianNll", lambda x, t, v, **k: F.gaussian_nll_loss(x, t, v, eps=1e-2, **k), x=r(2, 3), t=r(2, 3), v=variance)
case("gaussianNllFull", lambda x, t, v: F.gaussian_nll_loss(x, t, v, full=True), x=r(2, 3), t=r(2, 3), v=variance.clamp(min=0.2))

# ---- distances --------------------------------------------------------------------------------

a, b = r(3, 4) * 2, r(3, 4) * 2
a[0, 0] = b[0, 0]
reduced("mse", F.mse_loss, a=a, b=b)
reduced("l1", F.l1_loss, a=a, b=b)
reduced("smoothL1", F.smooth_l1_loss, a=a, b=b)
reduced("smoothL1Beta", lambda a, b, **k: F.smooth_l1_loss(a, b, beta=0.4, **k), a=a, b=b)
case("smoothL1Zero", lambda a, b: F.smooth_l1_loss(a, b, beta=0.0), a=a, b=b)
reduced("huber", F.huber_loss, a=a, b=b)
reduced("huberDelta", lambda a, b, **k: F.huber_loss(a, b, delta=0.4, **k), a=a, b=b)
sign = torch.tensor([1, -1, -1])
near = a + 0.3 * r(3, 4)
reduced("cosineEmbedding", F.cosine_embedding_loss, a=a, b=near, t=sign)
reduced("cosineEmbeddingMargin", lambda a, b, t, **k: F.cosine_embedding_loss(a, b, t, margin=0.3, **k), a=a, b=near, t=sign)
case("cosineEmbeddingOne", F.cosine_embedding_loss, a=r(4), b=r(4), t=torch.tensor(-1))
tri = F.triplet_margin_loss
reduced("triplet", tri, a=a, b=b, c=near)
reduced("tripletAll", lambda a, b, c, **k: tri(a, b, c, margin=2.5, p=1.5, swap=True, **k), a=a, b=b, c=near)
case("tripletMet", tri, a=a, b=near, c=b + 10)
ranked = torch.tensor([1.0, -1.0, 1.0, -1.0])
reduced("marginRanking", F.margin_ranking_loss, ("t",), a=r(4), b=r(4), t=ranked)
reduced("marginRankingMargin", lambda a, b, t, **k: F.margin_ranking_loss(a, b, t, margin=0.8, **k), ("t",), a=r(4), b=r(4), t=ranked)
reduced("hingeEmbedding", F.hinge_embedding_loss, ("t",), x=r(4), t=ranked)
case("hingeEmbeddingMargin", lambda x, t: F.hinge_embedding_loss(x, t, margin=0.4), ("t",), x=r(4), t=ranked)
reduced("softMargin", F.soft_margin_loss, ("t",), x=r(4) * 2, t=ranked)

# ---- pairs of a batch -------------------------------------------------------------------------


def contrast(q, k, scale=20.0, cosine=True, symmetric=False, hidden=None, reduction="mean"):
    if cosine:
        q, k = F.normalize(q, dim=1), F.normalize(k, dim=1)
    scores = q @ k.t() * scale
    own = torch.arange(len(q))
    if hidden is not None:
        scores = scores.masked_fill(hidden & (own[:, None] != torch.arange(len(k))), -torch.inf)
    loss = ce(scores, own, reduction=reduction)
    if symmetric:
        loss = (loss + ce(scores.t(), own, reduction=reduction)) / 2
    return loss


q, k = r(4, 5), r(4, 5)
reduced("infoNce", contrast, q=q, k=k)
case("infoNceMore", contrast, q=q, k=r(7, 5))
case("infoNceDots", lambda q, k: contrast(q, k, scale=1 / 0.7, cosine=False), q=q, k=k)
case("infoNceSymmetric", lambda q, k: contrast(q, k, scale=5.0, symmetric=True), q=q, k=k)
false_negatives = torch.rand(4, 4) > 0.6
case("infoNceMasked", lambda q, k, h: contrast(q, k, hidden=h), q=q, k=k, h=false_negatives)
case(
    "infoNceAll",
    lambda q, k, h: contrast(q, k, symmetric=True, hidden=h, cosine=False, scale=0.5),
    q=q,
    k=k,
    h=false_negatives,
)

goldens.write("loss.txt")
