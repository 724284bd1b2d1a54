"""Loads folders that this library wrote with the tools of their formats.

    python3 check_folders.py FOLDER

FOLDER has what io.lazytensor.checkpoint.FolderInterchange writes (its javadoc says how to run it):
hf-safetensors, hf-torch and dcp, each whole and in shards, of one state dict, and train-dcp. It
takes PyTorch 2.6 or newer, safetensors and huggingface_hub 2.4 or newer.
"""

import os
import sys
import tempfile
import warnings

import torch
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save


def expected():
    return {
        "embed.weight": torch.arange(32.0).reshape(8, 4),
        "layer.weight": torch.arange(60.0).reshape(10, 6),
        "layer.bias": torch.arange(10).to(torch.bfloat16),
        "steps": torch.tensor(7),
        "empty": torch.empty(0, 3),
        "head.weight": torch.arange(32.0).reshape(8, 4),
        "na\u00efve \"name\"": torch.arange(5).to(torch.uint16),
        "view": torch.arange(32.0).reshape(8, 4).t()[1:3],
    }


def require_equal(what, want, got):
    assert want.dtype == got.dtype and want.shape == got.shape, (what, want, got)
    assert torch.equal(want, got), (what, want, got)


def require_same(what, want, got):
    assert set(want) == set(got), (what, sorted(want), sorted(got))
    for name, tensor in want.items():
        require_equal((what, name), tensor, got[name])


class Model(torch.nn.Module):
    """A module whose state dict is the expected one."""

    def __init__(self, state):
        super().__init__()
        self.names = {}
        for i, (name, tensor) in enumerate(state.items()):
            self.register_buffer(f"buffer{i}", torch.zeros_like(tensor))
            self.names[name] = f"buffer{i}"

    def state_dict(self, *args, **kwargs):
        return {name: getattr(self, attribute) for name, attribute in self.names.items()}

    def load_state_dict(self, state, strict=True):
        for name, tensor in state.items():
            getattr(self, self.names[name]).copy_(tensor)


def hugging_face(root):
    from huggingface_hub import load_state_dict_from_file, load_torch_model
    from safetensors.torch import load_file

    for case, extension in (("hf-safetensors", ".safetensors"), ("hf-torch", ".bin")):
        for variant in ("", "-shards"):
            folder = os.path.join(root, case + variant)
            safe = extension == ".safetensors"
            model = Model(expected())
            load_torch_model(model, folder, strict=True, safe=safe, weights_only=True)
            require_same(folder, expected(), model.state_dict())
            whole = {}
            for name in sorted(os.listdir(folder)):
                if name.endswith(extension):
                    file = os.path.join(folder, name)
                    shard = load_state_dict_from_file(file, weights_only=True, safe=safe)
                    if safe:
                        require_same(file, load_file(file), shard)
                    whole.update(shard)
            require_same(folder, expected(), whole)
            print("ok", folder)


def same_index(root):
    """The index equals, byte for byte, what huggingface_hub writes for the same state dict."""
    from huggingface_hub import save_torch_state_dict

    with tempfile.TemporaryDirectory() as mine:
        state = {k: v.contiguous().clone() for k, v in expected().items()}
        save_torch_state_dict(state, mine, max_shard_size=150)
        name = "model.safetensors.index.json"
        with open(os.path.join(mine, name), "rb") as want:
            with open(os.path.join(root, "hf-safetensors-shards", name), "rb") as got:
                assert want.read() == got.read(), name
    print("ok index")


def distributed(root):
    for variant in ("", "-shards"):
        folder = os.path.join(root, "dcp" + variant)
        state = {name: torch.zeros_like(tensor) for name, tensor in expected().items()}
        dcp.load(state, checkpoint_id=folder)
        require_same(folder, expected(), state)
        with tempfile.TemporaryDirectory() as mine:
            file = os.path.join(mine, "whole.pt")
            dcp_to_torch_save(folder, file)
            require_same(file, expected(), torch.load(file, weights_only=True))
        print("ok", folder)


def training(root):
    """A nested checkpoint: into a new model and optimizer, which then take the same step."""
    folder = os.path.join(root, "train-dcp")
    state = {
        "model": {"weight": torch.zeros(2, 3), "bias": torch.zeros(2)},
        "epoch": 0,
        "name": "",
        "history": [torch.zeros(2), 0.0],
        "plain": [],
    }
    dcp.load(state, checkpoint_id=folder)
    require_equal("weight", torch.arange(6.0).reshape(2, 3), state["model"]["weight"])
    require_equal("bias", torch.arange(2.0), state["model"]["bias"])
    require_equal("history", torch.arange(2.0), state["history"][0])
    assert state["history"][1] == 0.5 and state["epoch"] == 3, state
    assert state["name"] == "run \u00e9" and state["plain"] == [1, "two", None], state
    print("ok", folder)


def rank_main(rank, root, port):
    import torch.distributed as dist
    from torch.distributed.tensor import DTensor, Shard, distribute_tensor, init_device_mesh

    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=2)
    mesh = init_device_mesh("cpu", (2,))
    state = {
        name: distribute_tensor(torch.zeros_like(tensor), mesh, [Shard(0)])
        if tensor.dim() == 2
        else torch.zeros_like(tensor)
        for name, tensor in expected().items()
    }
    dcp.load(state, checkpoint_id=os.path.join(root, "dcp-shards"))
    whole = {k: v.full_tensor() if isinstance(v, DTensor) else v for k, v in state.items()}
    require_same("two ranks", expected(), whole)
    dist.destroy_process_group()


def two_ranks(root):
    torch.multiprocessing.spawn(rank_main, args=(root, 29519), nprocs=2)
    print("ok two ranks")


def main(root):
    warnings.filterwarnings("ignore")
    hugging_face(root)
    same_index(root)
    distributed(root)
    training(root)
    two_ranks(root)
    print("all folders load")


if __name__ == "__main__":
    main(sys.argv[1])
