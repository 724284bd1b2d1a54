"""Writes the golden checkpoint folders of the tests with real tools.

    python3 make_folder_goldens.py ../resources/folders
    python3 make_folder_goldens.py ../resources/folders/torch-2.6 distributed_one   # PyTorch 2.6

The first takes the newest PyTorch, safetensors and huggingface_hub, the second PyTorch alone. One
folder a case, and manifest.tsv with the SHA-256 of every tensor: case, path, type, shape, digest.
"""

import os
import shutil
import sys
import types
import warnings

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing as mp

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from make_goldens import as_bytes, leaves  # noqa: E402

import hashlib  # noqa: E402

HF_SHARD_BYTES = 150
RENDEZVOUS = "29517"


def ramp(*shape, dtype=torch.float32, start=0):
    count = 1
    for size in shape:
        count *= size
    return torch.arange(start, start + count).reshape(shape).to(dtype)


def hf_state():
    return {
        "embed.weight": ramp(8, 4),
        "layers.0.weight": ramp(4, 4, start=100),
        "layers.0.bias": ramp(4, dtype=torch.bfloat16),
        "big.weight": ramp(10, 10, start=7),
        "layers.1.weight": ramp(4, 4, start=200),
        "layers.1.steps": torch.tensor(12),
        "na\u00efve \"name\"": ramp(3, dtype=torch.float16),
        "norm.weight": torch.ones(4),
    }


def hf_shared_state():
    base = ramp(6, 4)
    tied = ramp(8, 4, start=50)
    return {
        "embed.weight": tied,
        "rows": base[2:],
        "layer.weight": ramp(5, 5),
        "transposed": base.t(),
        "bias": ramp(7),
        "head.weight": tied,
    }


def hugging_face(folder):
    from huggingface_hub import save_torch_state_dict

    cases = {
        "hf-safetensors": (hf_state(), True, HF_SHARD_BYTES),
        "hf-torch": (hf_shared_state(), False, HF_SHARD_BYTES),
        "hf-single": (hf_state(), True, "5GB"),
    }
    for case, (state, safe, size) in cases.items():
        target = os.path.join(folder, case)
        os.makedirs(target)
        save_torch_state_dict(state, target, max_shard_size=size, safe_serialization=safe)
        yield case, state


def train_state():
    torch.manual_seed(1)
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": 3,
        "name": "run \u00e9",
        "history": [torch.tensor([1.0, 2.0]), {"loss": torch.tensor(0.5)}],
        "pair": (1, 2.5),
        "plain list": [1, "two", None],
        "half": ramp(2, 2, dtype=torch.bfloat16),
        "double": ramp(3, dtype=torch.float64),
        "empty": torch.empty(0, 3),
        "strided": ramp(4, 6).t()[1:3],
    }


def distributed_one(folder):
    state = train_state()
    dcp.save(state, checkpoint_id="dcp-1")
    # What DCP's loader gives back: its keys are strings.
    yield "dcp-1", state


def two_state():
    return {
        "rows": ramp(5, 4),
        "columns": ramp(3, 6, dtype=torch.int64),
        "grid": ramp(4, 4, 2),
        "tiny": ramp(1, 3),
        "replicated": ramp(2, 2),
        "sharded": ramp(4, 3),
        "module": {"weight": ramp(6, 4), "bias": ramp(6)},
    }


def rank_main(rank, folder):
    from torch.distributed._shard.sharded_tensor import ShardedTensor, Shard as LocalShard
    from torch.distributed.fsdp import fully_shard
    from torch.distributed.tensor import Replicate, Shard, distribute_tensor, init_device_mesh

    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=RENDEZVOUS)
    dist.init_process_group("gloo", rank=rank, world_size=2)
    mesh = init_device_mesh("cpu", (2,))
    state = two_state()
    module = torch.nn.Linear(4, 6)
    with torch.no_grad():
        module.weight.copy_(state["module"]["weight"])
        module.bias.copy_(state["module"]["bias"])
    fully_shard(module, mesh=mesh)
    half = state["sharded"][2 * rank : 2 * rank + 2].clone()
    local = LocalShard.from_tensor_and_offsets(half, shard_offsets=[2 * rank, 0], rank=rank)
    saved = {
        "rows": distribute_tensor(state["rows"], mesh, [Shard(0)]),
        "columns": distribute_tensor(state["columns"], mesh, [Shard(1)]),
        "grid": distribute_tensor(state["grid"], mesh, [Shard(1)]),
        "tiny": distribute_tensor(state["tiny"], mesh, [Shard(0)]),
        "replicated": distribute_tensor(state["replicated"], mesh, [Replicate()]),
        "sharded": ShardedTensor._init_from_local_shards([local], 4, 3),
        "module": module.state_dict(),
        "step": 7,
    }
    dcp.save(saved, checkpoint_id="dcp-2")
    dist.destroy_process_group()


def distributed_two(folder):
    mp.spawn(rank_main, args=(folder,), nprocs=2)
    yield "dcp-2", two_state()


def reference_class():
    """Stands in for torch_xla's class, of which only name and attribute are in the file."""
    name = "torch_xla.utils.serialization"
    parts = name.split(".")
    for i in range(len(parts)):
        sys.modules.setdefault(".".join(parts[: i + 1]), types.ModuleType(".".join(parts[: i + 1])))

    class TensorReference:
        def __init__(self, tid):
            self.tid = tid

    TensorReference.__module__ = name
    TensorReference.__qualname__ = "TensorReference"
    sys.modules[name].TensorReference = TensorReference
    return TensorReference


def save_xser(value, path, reference):
    """As torch_xla's serialization.save: tensors in a folder of their own."""
    os.makedirs(path + ".tensors")
    tensors = []

    def convert(item):
        if isinstance(item, torch.Tensor):
            tensors.append(item)
            torch.save(item, os.path.join(path + ".tensors", f"tensor_{len(tensors) - 1}.pt"))
            return reference(len(tensors) - 1)
        if isinstance(item, dict):
            return type(item)((k, convert(v)) for k, v in item.items())
        if isinstance(item, (list, tuple)):
            return type(item)(convert(v) for v in item)
        return item

    torch.save(convert(value), path)


def xser(folder):
    os.makedirs(os.path.join(folder, "xser"))
    state = {"model": {"weight": ramp(3, 2), "bias": ramp(3)}, "list": [ramp(2)], "epoch": 4}
    save_xser(state, os.path.join(folder, "xser", "model.pt"), reference_class())
    yield "xser", {"model.pt": state}


def neuronx(folder):
    """The layout of NeuronX Distributed: column parallel, row parallel, strided, replicated."""
    whole = {"up": ramp(8, 3), "down": ramp(3, 8), "gate_up": ramp(8, 2), "norm": ramp(3)}
    reference = reference_class()
    tag = os.path.join(folder, "neuronx", "step_10")
    os.makedirs(os.path.join(tag, "model"))
    with open(os.path.join(tag, "checkpoint"), "w") as mark:
        mark.write("1")
    model = {}
    for rank in range(2):
        pieces = torch.split(whole["gate_up"], 2, 0)[rank::2]
        shard = {
            "up": whole["up"][4 * rank : 4 * rank + 4].clone(),
            "down": whole["down"][:, 4 * rank : 4 * rank + 4].clone(),
            "gate_up": torch.cat(pieces, 0),
            "norm": whole["norm"],
        }
        name = f"dp_rank_00_tp_rank_{rank:02d}_pp_rank_00"
        path = os.path.join(tag, "model", name + ".pt")
        if rank == 0:
            save_xser(shard, path, reference)
            info = {i: {"dtype": t.dtype, "shape": t.shape} for i, t in enumerate(shard.values())}
            torch.save(info, path + ".info.pt")
        else:
            torch.save(shard, path)
        model[name] = shard
    torch.save({"last_epoch": 10}, os.path.join(tag, "scheduler.pt"))
    with open(os.path.join(tag, "done"), "w") as mark:
        mark.write("1")
    yield "neuronx/step_10", {"model": model}
    yield "neuronx-whole", whole


def main(folder, only):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    warnings.filterwarnings("ignore")
    folder = os.path.abspath(folder)
    os.chdir(folder)  # DCP notes the path it was given
    lines = []
    for maker in (hugging_face, distributed_one, distributed_two, xser, neuronx):
        if only and maker.__name__ not in only:
            continue
        for case, state in maker(folder):
            for path, tensor in leaves([], state):
                digest = hashlib.sha256(as_bytes(tensor)).hexdigest()
                shape = ",".join(map(str, tensor.shape))
                name = str(tensor.dtype).replace("torch.", "")
                lines.append("\t".join([case, "/".join(path), name, shape, digest]))
    with open(os.path.join(folder, "manifest.tsv"), "w", encoding="utf-8") as manifest:
        manifest.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
