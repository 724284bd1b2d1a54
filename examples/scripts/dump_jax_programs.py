#!/usr/bin/env python3
"""Write JAX programs as case folders of `bin/lazytensor hlo run`, with XLA's results.

    python3 -m venv /tmp/jax && /tmp/jax/bin/pip install jax
    /tmp/jax/bin/python examples/scripts/dump_jax_programs.py FOLDER [--scale 4] [NAME...]
    bin/lazytensor hlo run --device evaluator FOLDER/*
    /tmp/jax/bin/python examples/scripts/dump_jax_programs.py FOLDER --check
    /tmp/jax/bin/python examples/scripts/dump_jax_programs.py FOLDER --zip cli/src/test/resources/jax

A case folder holds module.hlo.pb, in_K.npy (entry parameter K), exp_K.npy (result K, by XLA on the CPU) and case.json,
which says how far results may be from XLA's: |result - expected| <= atol + rtol * |expected|. Integers are exact.
Training programs are one step of (state, batch) -> (state, loss); "loop" feeds the state back.
"""

import argparse
import json
import pathlib
import sys
import zipfile

import numpy as np

TYPES = {
    "bool": "pred", "int8": "s8", "int32": "s32", "int64": "s64", "uint8": "u8", "uint32": "u32",
    "float16": "f16", "float32": "f32", "float64": "f64", "complex64": "c64",
}


def programs(scale):
    """Yield (name, function, arguments, steps, rtol, atol); with steps > 1 results are (state, loss), arguments (state, ...)."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    random = np.random.default_rng(7)

    def normal(*shape, by=1.0):
        return (by * random.standard_normal(shape)).astype(np.float32)

    def labels(n, *shape):
        return random.integers(0, n, shape).astype(np.int32)

    def cross_entropy(logits, y):
        picked = jnp.take_along_axis(jax.nn.log_softmax(logits), y[..., None], axis=-1)
        return -jnp.mean(picked)

    def sgd(loss, rate):
        def step(state, *batch):
            value, gradient = jax.value_and_grad(loss)(state, *batch)
            return jax.tree.map(lambda p, g: p - rate * g, state, gradient), value
        return step

    # Multilayer perceptron, softmax cross-entropy, plain gradient descent.
    def mlp_loss(p, x, y):
        h = jax.nn.relu(x @ p["w1"] + p["b1"])
        return cross_entropy(h @ p["w2"] + p["b2"], y)

    n = 8 * scale
    mlp = {"w1": normal(n, 16, by=0.3), "b1": normal(16, by=0.1), "w2": normal(16, 10, by=0.3), "b2": normal(10, by=0.1)}
    yield "mlp_step", sgd(mlp_loss, 0.1), (mlp, normal(16, n), labels(10, 16)), 4, 1e-4, 1e-6

    # One transformer block with causal attention, layer normalisation and GELU, trained by AdamW.
    vocabulary, width, heads, length = 24, 8 * scale, 2, 6

    def norm(x, p):
        mean = jnp.mean(x, -1, keepdims=True)
        variance = jnp.mean((x - mean) ** 2, -1, keepdims=True)
        return (x - mean) * lax.rsqrt(variance + 1e-5) * p["scale"] + p["shift"]

    def attention(x, p):
        q, k, v = jnp.split((x @ p["qkv"]).reshape(*x.shape[:2], heads, -1), 3, axis=-1)
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(q.shape[-1]).astype(np.float32)
        scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -1e9)
        mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), v)
        return mixed.reshape(x.shape) @ p["out"]

    def transformer_loss(p, tokens):
        x = p["embedding"][tokens] + p["position"]
        x = x + attention(norm(x, p["norm1"]), p)
        x = x + jax.nn.gelu(norm(x, p["norm2"]) @ p["up"]) @ p["down"]
        logits = norm(x, p["norm3"]) @ p["embedding"].T
        return cross_entropy(logits[:, :-1], tokens[:, 1:])

    def adamw(state, *batch):
        value, gradient = jax.value_and_grad(transformer_loss)(state["p"], *batch)
        t = state["t"] + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, state["m"], gradient)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, state["v"], gradient)
        c1, c2 = 1 - 0.9 ** t.astype(jnp.float32), 1 - 0.999 ** t.astype(jnp.float32)
        p = jax.tree.map(
            lambda p, m, v: p - 0.01 * (m / c1 / (jnp.sqrt(v / c2) + 1e-8) + 0.1 * p), state["p"], m, v)
        return {"p": p, "m": m, "v": v, "t": t}, value

    layer = {
        "embedding": normal(vocabulary, width, by=0.3), "position": normal(length, width, by=0.3),
        "qkv": normal(width, 3 * width, by=0.3), "out": normal(width, width, by=0.3),
        "up": normal(width, 2 * width, by=0.3), "down": normal(2 * width, width, by=0.3),
    }
    for k in ("norm1", "norm2", "norm3"):
        layer[k] = {"scale": 1 + normal(width, by=0.1), "shift": normal(width, by=0.1)}
    zeros = jax.tree.map(np.zeros_like, layer)
    state = {"p": layer, "m": zeros, "v": zeros, "t": np.int32(0)}
    # Adam divides by the root of v: where a gradient is nearly zero, its rounding decides the step.
    yield "transformer_adamw", adamw, (state, labels(vocabulary, 2, length)), 3, 1e-3, 1e-4

    # Convolutions, batch normalisation, pooling.
    def batch_norm(x, p):
        mean, variance = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
        return (x - mean) * lax.rsqrt(variance + 1e-5) * p["scale"] + p["shift"], mean, variance

    def convolution(x, w, stride):
        return lax.conv_general_dilated(x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def cnn(state, x, y):
        def loss(p):
            h, mean, variance = batch_norm(convolution(x, p["k1"], 1), p["norm"])
            h = lax.reduce_window(jax.nn.relu(h), -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
            h = jax.nn.relu(convolution(h, p["k2"], 2))
            h = lax.reduce_window(h, 0.0, lax.add, (1, 2, 2, 1), (1, 1, 1, 1), "SAME") / 4
            return cross_entropy(h.reshape(x.shape[0], -1) @ p["w"], y), (mean, variance)
        (value, (mean, variance)), gradient = jax.value_and_grad(loss, has_aux=True)(state["p"])
        return {
            "p": jax.tree.map(lambda p, g: p - 0.1 * g, state["p"], gradient),
            "mean": 0.9 * state["mean"] + 0.1 * mean,
            "variance": 0.9 * state["variance"] + 0.1 * variance,
        }, value

    image, channels = 4 * scale + 4, 4
    rest = (image // 2 + 1) // 2
    p = {
        "k1": normal(3, 3, 3, channels, by=0.3), "k2": normal(3, 3, channels, 6, by=0.3),
        "w": normal(rest * rest * 6, 10, by=0.3), "norm": {"scale": 1 + normal(channels, by=0.1), "shift": normal(channels)},
    }
    state = {"p": p, "mean": np.zeros(channels, np.float32), "variance": np.ones(channels, np.float32)}
    yield "cnn_batch_norm", cnn, (state, normal(4, image, image, 3), labels(10, 4)), 3, 1e-3, 1e-5

    # LSTM by scan: a loop forward, a loop backward.
    def lstm_loss(p, x, y):
        def cell(carry, x):
            h, c = carry
            i, f, g, o = jnp.split(x @ p["wx"] + h @ p["wh"] + p["b"], 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h
        start = jnp.zeros((x.shape[1], p["wh"].shape[0]))
        (h, _), every = lax.scan(cell, (start, start), x)
        return cross_entropy(h @ p["w"], y) + 0.01 * jnp.mean(every ** 2)

    hidden = 4 * scale
    p = {"wx": normal(5, 4 * hidden, by=0.4), "wh": normal(hidden, 4 * hidden, by=0.4), "b": normal(4 * hidden, by=0.1), "w": normal(hidden, 6, by=0.4)}
    yield "lstm_scan", sgd(lstm_loss, 0.1), (p, normal(7, 3, 5), labels(6, 3)), 3, 1e-3, 1e-5

    # Dropout: Threefry bits, uniform numbers from them, a new key for the next step.
    def dropout(state, x, y):
        key, now = jax.random.split(state["key"])
        def loss(w):
            kept = jax.random.bernoulli(now, 0.7, x.shape)
            return jnp.mean((jnp.where(kept, x / 0.7, 0.0) @ w - y) ** 2)
        value, gradient = jax.value_and_grad(loss)(state["w"])
        return {"key": key, "w": state["w"] - 0.05 * gradient}, value

    state = {"key": np.array([0, 42], np.uint32), "w": normal(n, 3)}
    yield "dropout_threefry", dropout, (state, normal(12, n), normal(12, 3)), 3, 1e-4, 1e-6

    def samples(key):
        a, b, c = jax.random.split(key, 3)
        return (
            jax.random.bits(a, (5, 7)), jax.random.normal(b, (33,)), jax.random.permutation(c, 20),
            jax.random.categorical(a, jnp.log(jnp.arange(1.0, 6.0)), shape=(12,)), jax.random.gumbel(c, (4, 4)),
        )
    yield "random_samples", samples, (np.array([1, 7], np.uint32),), 1, 1e-5, 1e-6

    # Embedding: gather forward, scatter-add of repeated rows backward.
    def embedding_loss(table, ids, target):
        return jnp.sum((table[ids] - target) ** 2)

    yield "embedding_scatter_add", sgd(embedding_loss, 0.1), (normal(12, n), labels(12, 9, 4), normal(9, 4, n)), 3, 1e-4, 1e-5

    # Sorting: stable, descending, by two keys, arg-sort, top-k, with ties and unordered values.
    def sorting(x, i):
        return (
            jnp.sort(x, axis=0), jnp.argsort(i), lax.sort((i, x[0]), num_keys=2), lax.top_k(x, 3),
            lax.top_k(i, 4), jnp.median(x), jnp.searchsorted(jnp.sort(i), i), jnp.cumsum(i), jnp.argmax(x, axis=1),
        )

    x = normal(5, n)
    x[0, :4], x[1, 2] = [np.inf, -np.inf, -0.0, 0.0], np.inf
    yield "sort_top_k", sorting, (x, labels(6, n)), 1, 1e-6, 0.0

    # Linear algebra and Fourier transforms, which JAX gives to libraries; loops with conditionals.
    def control(x, count):
        def body(s):
            i, y = s
            return i + 1, lax.cond(i % 2 == 0, lambda v: v * 0.5, lambda v: v + jnp.sin(v), y)
        _, y = lax.while_loop(lambda s: s[0] < count, body, (0, x))
        return y, lax.switch(count % 3, [jnp.cumsum, jnp.flip, jnp.negative], x), lax.fori_loop(0, 4, lambda i, v: v.at[i].add(v[i + 1]), x)

    yield "control_flow", control, (normal(9), np.int32(5)), 1, 1e-5, 1e-6

    def fourier(x):
        f = jnp.fft.rfft(x)
        return jnp.abs(f), jnp.angle(f[:, 1:-1]), jnp.fft.irfft(f * jnp.conj(f)), jnp.fft.fft2(x).real
    yield "fourier", fourier, (normal(4, 8),), 1, 1e-4, 1e-5

    def half(x, w):
        y = jnp.tanh(x.astype(jnp.bfloat16) @ w.astype(jnp.bfloat16)).astype(jnp.float32)
        return y, jax.nn.softmax(x.astype(jnp.float16) * 2).astype(jnp.float32), jnp.round(x * 10).astype(jnp.int8)
    yield "mixed_precision", half, (normal(6, 5), normal(5, 4)), 1, 2e-2, 1e-3


def dump(folder, scale, names):
    import jax

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_traceback_in_locations_limit", 0)
    jax.config.update("jax_hlo_source_file_canonicalization_regex", ".*/")
    for name, function, arguments, steps, rtol, atol in programs(scale):
        if names and name not in names:
            continue
        leaves, tree = jax.tree.flatten(arguments)
        leaves = [np.asarray(leaf) for leaf in leaves]

        def flat(*values):
            return tuple(jax.tree.leaves(function(*jax.tree.unflatten(tree, values))))

        lowered = jax.jit(flat, keep_unused=True).lower(*leaves)
        compiled = lowered.compile()
        values = list(leaves)
        state = len(jax.tree.leaves(arguments[0])) if steps > 1 else 0
        for _ in range(steps):
            results = [np.asarray(r) for r in compiled(*values)]
            values[:state] = results[:state]
        case = folder / name
        case.mkdir(parents=True, exist_ok=True)
        for old in case.glob("*.npy"):
            old.unlink()
        (case / "module.hlo.pb").write_bytes(lowered.compiler_ir("hlo").as_serialized_hlo_module_proto())
        for prefix, arrays in (("in", leaves), ("exp", results)):
            for k, array in enumerate(arrays):
                np.save(case / f"{prefix}_{k}.npy", array)
        description = {
            "name": name,
            "inputs": [{"dtype": TYPES[a.dtype.name], "shape": list(a.shape)} for a in leaves],
            "outputs": [{"dtype": TYPES[a.dtype.name], "shape": list(a.shape)} for a in results],
            "rtol": rtol,
            "atol": atol,
        }
        if steps > 1:
            description["loop"] = {"steps": steps, "feedback": [[k, k] for k in range(state)]}
        (case / "case.json").write_text(json.dumps(description) + "\n")
        print(f"{name}: {sum(f.stat().st_size for f in case.iterdir())} bytes, {len(leaves)} inputs, {len(results)} results")


def difference(got, expected, rtol, atol):
    """Return what is wrong with a result, or None."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return f"is {got.dtype}{got.shape}, expected {expected.dtype}{expected.shape}"
    if not np.issubdtype(expected.dtype, np.inexact):
        wrong = got != expected
    else:
        wrong = ~np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return None
    at = tuple(int(i[0]) for i in np.nonzero(wrong))
    return f"differs in {int(wrong.sum())} of {wrong.size} elements, at {at}: {got[at]}, expected {expected[at]}"


def check(folder, names):
    failed = 0
    cases = [case for case in sorted(folder.iterdir()) if (case / "case.json").exists() and (not names or case.name in names)]
    for case in cases:
        description = json.loads((case / "case.json").read_text())
        message = None
        if (case / "error.txt").exists():
            message = (case / "error.txt").read_text().splitlines()[0]
        for k in range(len(description["outputs"])):
            if message is None and not (case / f"out_{k}.npy").exists():
                message = f"out_{k}.npy is missing"
            if message is None:
                wrong = difference(
                    np.load(case / f"out_{k}.npy"), np.load(case / f"exp_{k}.npy"), description["rtol"], description["atol"])
                message = wrong and f"result {k} {wrong}"
        failed += message is not None
        print(f"{case.name}: {message or 'ok'}")
    print(f"result: cases={len(cases)} failed={failed}")
    return failed == 0 and bool(cases)


def pack(folder, target):
    """Write one archive a case, the same for the same files: what tests run."""
    target.mkdir(parents=True, exist_ok=True)
    for case in sorted(folder.iterdir()):
        with zipfile.ZipFile(target / f"{case.name}.zip", "w") as archive:
            for file in sorted(case.iterdir()):
                if not file.name.startswith("out_"):
                    entry = zipfile.ZipInfo(file.name, (2026, 1, 1, 0, 0, 0))
                    archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*", help="programs; all if none is given")
    parser.add_argument("--scale", type=int, default=1, help="how wide layers are")
    parser.add_argument("--check", action="store_true", help="compare out_K.npy with exp_K.npy")
    parser.add_argument("--zip", type=pathlib.Path, help="pack the cases into this folder")
    options = parser.parse_args()
    if options.check:
        sys.exit(0 if check(options.folder, options.names) else 1)
    if options.zip:
        pack(options.folder, options.zip)
    else:
        dump(options.folder, options.scale, options.names)


if __name__ == "__main__":
    main()
