#!/usr/bin/env python3
"""Loads the example's model.pt into PyTorch, or makes the digest its test compares with.

    torch_mlp_checkpoint.py model.pt        loads strictly, memory-mapped, without running anything
    torch_mlp_checkpoint.py training-state.pt   the same, and takes ten steps with the optimizer
    torch_mlp_checkpoint.py --golden > torch-model.sha256

Needs torch.
"""
import hashlib
import pathlib
import sys
import tempfile
import zipfile

import torch


class Mlp(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(784, 512)
        self.fc2 = torch.nn.Linear(512, 256)
        self.fc3 = torch.nn.Linear(256, 10)

    def forward(self, x):
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


def check(path):
    model = Mlp()
    tree = torch.load(path, weights_only=True, mmap=True)
    print(model.load_state_dict(tree.get("model", tree), strict=True))
    if "optimizer" in tree:
        resume(model, tree)
    print("logits of a grey image:", model(torch.full((1, 784), 0.5)).tolist())


def resume(model, tree):
    kind = torch.optim.AdamW if "betas" in tree["optimizer"]["param_groups"][0] else torch.optim.SGD
    optimizer = kind(model.parameters())
    optimizer.load_state_dict(tree["optimizer"])
    print(tree["schedule"]["last_epoch"], "steps, epoch", tree["epoch"], "learning rate", optimizer.param_groups[0]["lr"])
    torch.manual_seed(0)
    x, y = torch.rand(64, 784), torch.randint(0, 10, (64,))
    for _ in range(10):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        print("loss", loss.item())
    print("steps counted by PyTorch:", sorted({s["step"].item() for s in optimizer.state.values() if "step" in s}))


def golden():
    """Prints the SHA-256 of every record torch.save writes, but for the id of the file."""
    model = Mlp()
    for parameter in model.parameters():
        numbers = torch.arange(parameter.numel(), dtype=torch.int64) * 7919 % 1001 - 500
        with torch.no_grad():
            parameter.copy_((numbers.float() / 1024).reshape(parameter.shape))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.pt"
        torch.save(model.state_dict(), path)
        digest = hashlib.sha256()
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if not name.endswith("serialization_id"):
                    digest.update(name.encode())
                    digest.update(archive.read(name))
        print(digest.hexdigest(), path.stat().st_size, torch.__version__)


if __name__ == "__main__":
    golden() if sys.argv[1] == "--golden" else check(sys.argv[1])
