"""Writes layer.txt: layers with their state dicts, for LayerGoldenTest.

Sizes are small and odd, so that a wrong axis or stride shows.
"""

import torch
from torch import nn
from torch.nn import functional as F

from goldens import Goldens

goldens = Goldens(seed=13)
layer = goldens.layer
case = goldens.case
r = torch.randn


def evaluated(module):
    return module.eval()


def randomized(module):
    """Affine parameters and statistics start at 0 and 1, which hides mistakes."""
    for key, value in module.named_parameters():
        if value.dim() <= 1:
            nn.init.normal_(value, 0.5, 0.7)
    for key, value in module.named_buffers():
        if key.endswith("running_mean"):
            value.copy_(r(value.shape))
        if key.endswith("running_var"):
            value.copy_(r(value.shape).abs() + 0.3)
    return module


def whole(*shape, high):
    return torch.randint(0, high, shape)


# ---- activations ------------------------------------------------------------------------------

edges = torch.tensor([-4.0, -3.0, -2.9, -1.0, -0.5, -0.3, 0.0, 0.3, 0.5, 1.0, 2.9, 3.0, 6.0, 25.0])
some = torch.cat([edges, r(6) * 2])
for name, module in {
    "ReLU": nn.ReLU(),
    "ReLU6": nn.ReLU6(),
    "LeakyReLU": nn.LeakyReLU(),
    "LeakyReLUSlope": nn.LeakyReLU(0.2),
    "ELU": nn.ELU(),
    "ELUAlpha": nn.ELU(1.7),
    "SELU": nn.SELU(),
    "CELU": nn.CELU(),
    "CELUAlpha": nn.CELU(1.7),
    "GELU": nn.GELU(),
    "GELUTanh": nn.GELU(approximate="tanh"),
    "SiLU": nn.SiLU(),
    "Mish": nn.Mish(),
    "Sigmoid": nn.Sigmoid(),
    "LogSigmoid": nn.LogSigmoid(),
    "Hardsigmoid": nn.Hardsigmoid(),
    "Hardswish": nn.Hardswish(),
    "Hardtanh": nn.Hardtanh(),
    "HardtanhBounds": nn.Hardtanh(-0.5, 2.0),
    "Hardshrink": nn.Hardshrink(),
    "Softshrink": nn.Softshrink(),
    "Threshold": nn.Threshold(0.3, -7.0),
    "Tanh": nn.Tanh(),
    "Tanhshrink": nn.Tanhshrink(),
    "Softsign": nn.Softsign(),
    "Softplus": nn.Softplus(),
    "SoftplusBeta": nn.Softplus(2.0, 10.0),
    "PReLU": nn.PReLU(),
}.items():
    layer(name, module, x=some)
layer("Softmax", nn.Softmax(-1), x=r(3, 5))
layer("Softmin", nn.Softmin(0), x=r(3, 5))
layer("LogSoftmax", nn.LogSoftmax(1), x=r(3, 5))
layer("GLU", nn.GLU(), x=r(3, 6))
layer("GLUFirst", nn.GLU(0), x=r(4, 3))
layer("PReLUChannels", randomized(nn.PReLU(3)), x=r(2, 3, 4))

# ---- linear, embedding ------------------------------------------------------------------------

layer("Linear", nn.Linear(5, 3), x=r(2, 4, 5))
layer("LinearPlain", nn.Linear(5, 3, bias=False), x=r(5))
layer("Bilinear", nn.Bilinear(4, 5, 3), x=r(2, 3, 4), z=r(2, 3, 5))
layer("BilinearPlain", nn.Bilinear(2, 3, 1, bias=False), x=r(6, 2), z=r(6, 3))
layer("Identity", nn.Identity(), x=r(3))
layer("Flatten", nn.Flatten(), x=r(2, 3, 4))
layer("Embedding", nn.Embedding(7, 3), i=whole(2, 4, high=7))
layer("EmbeddingPadding", nn.Embedding(7, 3, padding_idx=2), i=torch.tensor([[2, 0, 2], [6, 2, 6]]))
bags = torch.tensor([[0, 3, 3], [2, 1, 0], [2, 2, 2], [5, 2, 5]])
for mode in ("sum", "mean", "max"):
    layer("EmbeddingBag_" + mode, nn.EmbeddingBag(6, 3, mode=mode), i=bags[:2])
    padded = nn.EmbeddingBag(6, 3, mode=mode, padding_idx=2)
    layer("EmbeddingBagPadding_" + mode, padded, i=bags)
layer(
    "EmbeddingBagWeighted",
    nn.EmbeddingBag(6, 3, mode="sum"),
    lambda m, i, w: m(i, per_sample_weights=w),
    i=bags,
    w=r(4, 3),
)
layer(
    "EmbeddingBagWeightedPadding",
    nn.EmbeddingBag(6, 3, mode="sum", padding_idx=2),
    lambda m, i, w: m(i, per_sample_weights=w),
    i=bags,
    w=r(4, 3),
)

# ---- normalization ----------------------------------------------------------------------------

layer("LayerNorm", randomized(nn.LayerNorm(6)), x=r(3, 4, 6) * 2 + 1)
layer("LayerNormDims", randomized(nn.LayerNorm((4, 6), eps=1e-3)), x=r(3, 4, 6))
layer("LayerNormPlain", nn.LayerNorm(6, elementwise_affine=False), x=r(3, 6))
layer("LayerNormNoBias", randomized(nn.LayerNorm(6, bias=False)), x=r(3, 6))
layer("RMSNorm", randomized(nn.RMSNorm(6)), x=r(3, 6))
layer("RMSNormDims", randomized(nn.RMSNorm((2, 6), eps=1e-2)), x=r(3, 2, 6))
layer("RMSNormPlain", nn.RMSNorm(6, elementwise_affine=False), x=r(3, 6))
layer("GroupNorm", randomized(nn.GroupNorm(2, 6)), x=r(3, 6, 5))
layer("GroupNormImage", randomized(nn.GroupNorm(3, 6, eps=1e-3)), x=r(2, 6, 2, 3))
layer("GroupNormPlain", nn.GroupNorm(1, 4, affine=False), x=r(2, 4))
layer("InstanceNorm", nn.InstanceNorm1d(3), x=r(2, 3, 5))
layer("InstanceNormAffine", randomized(nn.InstanceNorm2d(3, affine=True)), x=r(2, 3, 4, 2))
for mode in ("Train", "Eval"):
    done = evaluated if mode == "Eval" else (lambda m: m.train())
    layer("BatchNorm1d" + mode, done(randomized(nn.BatchNorm1d(3))), x=r(5, 3) * 2 + 1)
    layer("BatchNorm1dLength" + mode, done(randomized(nn.BatchNorm1d(3))), x=r(2, 3, 4))
    layer("BatchNorm2d" + mode, done(randomized(nn.BatchNorm2d(3))), x=r(2, 3, 2, 3))
    layer(
        "BatchNormOptions" + mode,
        done(randomized(nn.BatchNorm1d(3, eps=1e-2, momentum=0.3, affine=False))),
        x=r(4, 3),
    )
    layer(
        "BatchNormUntracked" + mode,
        done(randomized(nn.BatchNorm1d(3, track_running_stats=False))),
        x=r(4, 3),
    )
cumulative = randomized(nn.BatchNorm1d(3, momentum=None))
cumulative.num_batches_tracked.fill_(4)
layer("BatchNormCumulative", cumulative, x=r(4, 3))

# ---- convolution ------------------------------------------------------------------------------

layer("Conv1d", nn.Conv1d(3, 4, 3), x=r(2, 3, 7))
layer("Conv1dAll", nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), x=r(2, 4, 9))
layer("Conv1dSame", nn.Conv1d(2, 3, 4, padding="same", dilation=2), x=r(2, 2, 7))
layer("Conv1dSingle", nn.Conv1d(2, 3, 2, bias=False), x=r(2, 5))
layer("Conv2d", nn.Conv2d(3, 4, 3), x=r(2, 3, 5, 6))
layer("Conv2dStride", nn.Conv2d(2, 3, (3, 2), stride=(2, 3), padding=(1, 0)), x=r(2, 2, 6, 7))
layer("Conv2dLeftOver", nn.Conv2d(2, 3, 2, stride=3), x=r(1, 2, 7, 6))
layer("Conv2dDilation", nn.Conv2d(2, 3, 3, dilation=(2, 1), padding=1), x=r(1, 2, 6, 5))
layer("Conv2dGroups", nn.Conv2d(4, 6, 3, groups=2, padding=1), x=r(2, 4, 4, 5))
layer("Conv2dDepthwise", nn.Conv2d(3, 6, 3, groups=3, bias=False), x=r(2, 3, 4, 4))
layer("Conv2dSame", nn.Conv2d(2, 2, (2, 3), padding="same"), x=r(1, 2, 4, 4))
layer("ConvTranspose1d", nn.ConvTranspose1d(3, 2, 3, stride=2), x=r(2, 3, 4))
layer(
    "ConvTranspose2d",
    nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
    x=r(2, 4, 3, 4),
)
layer("ConvTranspose2dDilation", nn.ConvTranspose2d(2, 3, 2, dilation=2, bias=False), x=r(1, 2, 3, 3))

# ---- pooling ----------------------------------------------------------------------------------

layer("MaxPool1d", nn.MaxPool1d(2), x=r(2, 3, 7))
layer("MaxPool1dAll", nn.MaxPool1d(3, stride=2, padding=1, ceil_mode=True), x=r(2, 2, 8))
layer("MaxPool2d", nn.MaxPool2d(2), x=r(2, 2, 4, 5))
layer("MaxPool2dOverlap", nn.MaxPool2d(3, stride=1, padding=1), x=r(1, 2, 4, 5))
layer("MaxPool2dTies", nn.MaxPool2d(2, stride=1), x=torch.ones(1, 1, 3, 3))
layer("MaxPool2dDilation", nn.MaxPool2d((2, 3), stride=2, padding=1, dilation=2), x=r(1, 2, 7, 8))
layer("MaxPool2dCeil", nn.MaxPool2d(2, stride=3, ceil_mode=True), x=r(1, 1, 6, 7))
layer("AvgPool1d", nn.AvgPool1d(3), x=r(2, 3, 7))
layer("AvgPool1dPadded", nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), x=r(2, 2, 7))
layer("AvgPool1dCeil", nn.AvgPool1d(3, stride=2, padding=1, ceil_mode=True), x=r(1, 2, 8))
layer("AvgPool2d", nn.AvgPool2d((2, 3), stride=(1, 2)), x=r(1, 2, 4, 7))
layer(
    "AvgPool2dAll",
    nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    x=r(1, 2, 6, 5),
)
layer("AvgPool2dDivisor", nn.AvgPool2d(2, divisor_override=3), x=r(1, 2, 4, 4))
layer("AdaptiveAvgPool1d", nn.AdaptiveAvgPool1d(3), x=r(2, 2, 7))
layer("AdaptiveAvgPool2d", nn.AdaptiveAvgPool2d((2, 3)), x=r(1, 2, 4, 7))
layer("AdaptiveAvgPool2dKept", nn.AdaptiveAvgPool2d((None, 1)), x=r(1, 2, 3, 5))
layer("AdaptiveAvgPool2dLarger", nn.AdaptiveAvgPool2d(5), x=r(1, 1, 3, 4))
layer("AdaptiveMaxPool1d", nn.AdaptiveMaxPool1d(3), x=r(2, 2, 7))
layer("AdaptiveMaxPool2d", nn.AdaptiveMaxPool2d((2, 3)), x=r(1, 2, 4, 7))

# ---- attention --------------------------------------------------------------------------------

q, k, v = r(2, 2, 4, 3), r(2, 2, 5, 3), r(2, 2, 5, 2)
attend = F.scaled_dot_product_attention
seen = torch.rand(4, 5) > 0.4
seen[1] = False
seen[0, 0] = True
case("attention", attend, q=q, k=k, v=v)
case("attentionMask", lambda q, k, v, m: attend(q, k, v, attn_mask=m), q=q, k=k, v=v, m=seen)
case("attentionAdded", lambda q, k, v, m: attend(q, k, v, attn_mask=m), q=q, k=k, v=v, m=r(2, 1, 4, 5))
case("attentionCausal", lambda q, k, v: attend(q, k, v, is_causal=True), q=q, k=k, v=v)
case("attentionScale", lambda q, k, v: attend(q, k, v, scale=0.7), q=q, k=k, v=v)

E_, H = 6, 2
self_x = r(3, 4, E_)
hidden = torch.tensor([[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]]).bool()
pairs = torch.triu(torch.ones(4, 4), 1).bool()


def mha(**options):
    return randomized(nn.MultiheadAttention(E_, H, batch_first=True, **options))


layer("Multihead", mha(), lambda m, x: m(x, x, x, need_weights=False)[0], x=self_x)
layer(
    "MultiheadSecond",
    randomized(nn.MultiheadAttention(E_, H)),
    lambda m, x: m(x, x, x, need_weights=False)[0],
    x=self_x,
)
layer("MultiheadPlain", mha(bias=False), lambda m, x: m(x, x, x, need_weights=False)[0], x=self_x)
layer("MultiheadCross", mha(), lambda m, x, z: m(x, z, z), x=r(3, 2, E_), z=self_x)
layer(
    "MultiheadThree",
    mha(),
    lambda m, x, y, z: m(x, y, z, average_attn_weights=False),
    x=r(3, 2, E_),
    z=r(3, 4, E_),
    u=r(3, 4, E_),
)
layer("MultiheadSingle", mha(), lambda m, x: m(x, x, x), x=r(4, E_))
layer(
    "MultiheadPadding",
    mha(),
    lambda m, x, p: m(x, x, x, key_padding_mask=p),
    x=self_x,
    p=hidden,
)
layer("MultiheadMask", mha(), lambda m, x, a: m(x, x, x, attn_mask=a), x=self_x, a=pairs)
layer(
    "MultiheadBoth",
    mha(),
    lambda m, x, a, p: m(x, x, x, attn_mask=a, key_padding_mask=p),
    x=self_x,
    a=pairs,
    p=hidden,
)
layer(
    "MultiheadAdded",
    mha(),
    lambda m, x, a: m(x, x, x, attn_mask=a),
    no_gradient=("a",),
    x=self_x,
    a=r(3 * H, 4, 4),
)


def encoder_layer(**options):
    made = nn.TransformerEncoderLayer(E_, H, 5, dropout=0.0, batch_first=True, **options)
    return randomized(made)


layer("EncoderLayer", encoder_layer(), x=self_x)
layer("EncoderLayerEval", evaluated(encoder_layer()), x=self_x)
layer("EncoderLayerFirst", encoder_layer(norm_first=True, activation="gelu"), x=self_x)
layer("EncoderLayerPlain", encoder_layer(bias=False, layer_norm_eps=1e-2), x=self_x)
layer(
    "EncoderLayerMasks",
    encoder_layer(),
    lambda m, x, a, p: m(x, src_mask=a, src_key_padding_mask=p),
    x=self_x,
    a=pairs,
    p=hidden,
)
layer(
    "Encoder",
    randomized(nn.TransformerEncoder(encoder_layer(), 2, norm=nn.LayerNorm(E_))),
    lambda m, x, p: m(x, src_key_padding_mask=p),
    x=self_x,
    p=hidden,
)


def decoder_layer(**options):
    return randomized(nn.TransformerDecoderLayer(E_, H, 5, dropout=0.0, batch_first=True, **options))


layer(
    "DecoderLayer",
    decoder_layer(),
    lambda m, x, z, a, p: m(x, z, tgt_mask=a, memory_key_padding_mask=p),
    x=r(3, 4, E_),
    z=self_x,
    a=pairs,
    p=hidden,
)
layer("DecoderLayerFirst", decoder_layer(norm_first=True, activation="gelu"), x=r(3, 2, E_), z=self_x)

# ---- recurrence -------------------------------------------------------------------------------


def flat(result):
    y, states = result
    return (y, *states) if isinstance(states, tuple) else (y, states)


def run(m, x, *states):
    if not states:
        return flat(m(x))
    return flat(m(x, states if len(states) == 2 else states[0]))


layer("RNN", nn.RNN(3, 4), run, x=r(5, 2, 3))
layer("RNNRelu", nn.RNN(3, 4, nonlinearity="relu", batch_first=True), run, x=r(2, 4, 3))
for kind, count in ((nn.LSTM, 2), (nn.GRU, 1)):
    name = kind.__name__
    layer(name, kind(3, 4), run, x=r(5, 2, 3))
    layer(name + "Plain", kind(3, 2, bias=False, batch_first=True), run, x=r(2, 4, 3))
    deep = kind(3, 2, num_layers=2, bidirectional=True, batch_first=True)
    states = {"h0": r(4, 2, 2), "c0": r(4, 2, 2)}
    layer(name + "Deep", deep, run, x=r(2, 4, 3), **dict(list(states.items())[:count]))
    layer(name + "Single", kind(3, 2), run, x=r(4, 3))

# ---- chains, interactions ---------------------------------------------------------------------

layer(
    "Sequential",
    nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Sequential(nn.Linear(5, 3), nn.Tanh())),
    x=r(2, 4),
)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 5), nn.Linear(5, 3), nn.Linear(3, 1)])
        self.norms = nn.ModuleList([nn.LayerNorm(5), nn.LayerNorm(3)])

    def forward(self, x):
        for i, each in enumerate(self.layers):
            x = each(x)
            if i < 2:
                x = F.gelu(self.norms[i](x))
        return x


class Cross(nn.Module):
    def __init__(self, rank=None):
        super().__init__()
        self.layers = nn.ModuleList()
        for _ in range(2):
            made = nn.Module()
            made.u = nn.Linear(rank or 5, 5)
            if rank:
                made.v = nn.Linear(5, rank, bias=False)
            self.layers.append(made)

    def forward(self, x):
        y = x
        for each in self.layers:
            inner = each.v(y) if hasattr(each, "v") else y
            y = x * each.u(inner) + y
        return y


class Factorization(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(r(1))
        self.weights = nn.Embedding(8, 1)
        self.factors = nn.Embedding(8, 3)

    def forward(self, i):
        f = self.factors(i)
        pairs = 0.5 * (f.sum(1) ** 2 - (f**2).sum(1)).sum(1)
        return self.weights(i).sum(1).squeeze(1) + pairs + self.bias


def pairwise(x, low):
    products = x @ x.transpose(1, 2)
    rows, columns = torch.tril_indices(x.shape[1], x.shape[1], low)
    return products[:, rows, columns]


layer("Mlp", randomized(Mlp()), x=r(3, 4))
layer("CrossNetwork", Cross(), x=r(3, 5))
layer("CrossNetworkLowRank", Cross(2), x=r(3, 5))
layer("FactorizationMachine", Factorization(), i=whole(3, 4, high=8))
case("dot", lambda x, z: (x * z).sum(-1), x=r(3, 4), z=r(3, 4))
case("compared", lambda x, z: torch.cat([x, z, (x - z).abs(), x * z], -1), x=r(3, 4), z=r(3, 4))
case("pairwiseDot", lambda x: pairwise(x, -1), x=r(2, 4, 3))
case("pairwiseDotSelf", lambda x: pairwise(x, 0), x=r(2, 3, 3))
case("biInteraction", lambda x: 0.5 * (x.sum(1) ** 2 - (x**2).sum(1)), x=r(2, 4, 3))

goldens.write("layer.txt")
