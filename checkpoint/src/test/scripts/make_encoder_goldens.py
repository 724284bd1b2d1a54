"""Writes small encoders of each family, as transformers saves them, with their hidden states.

    python3 make_encoder_goldens.py ../resources/encoders
"""

import os
import sys

import torch
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    RobertaConfig,
    RobertaModel,
)

IDS = torch.tensor([[2, 17, 9, 30, 3, 1, 1], [2, 5, 3, 1, 1, 1, 1], [2, 11, 12, 13, 14, 15, 3]])
MASK = (IDS != 1).long()


def numbers(name, tensor):
    dims = ",".join(str(d) for d in tensor.shape)
    return f"{name} [{dims}] " + " ".join(f"{v:.9g}" for v in tensor.flatten().tolist())


def make(folder, name, model):
    path = os.path.join(folder, name)
    model.eval()
    # Weights of the usual 0.02 would hide mistakes behind rounding.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4).add_(0.01 * torch.randn_like(parameter))
    model.save_pretrained(path)
    with torch.no_grad():
        hidden = model(IDS, attention_mask=MASK).last_hidden_state
        mask = MASK.unsqueeze(2).float()
        mean = (hidden * mask).sum(1) / mask.sum(1)
    with open(os.path.join(path, "golden.txt"), "w") as out:
        print(numbers("ids", IDS), numbers("mask", MASK), sep="\n", file=out)
        print(numbers("hidden", hidden * mask), numbers("mean", mean), sep="\n", file=out)
    generation = os.path.join(path, "generation_config.json")
    if os.path.exists(generation):
        os.remove(generation)


torch.manual_seed(5)
out = sys.argv[1]
sizes = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
make(out, "bert", BertModel(BertConfig(**sizes, max_position_embeddings=12)))
make(out, "roberta", RobertaModel(RobertaConfig(**sizes, max_position_embeddings=14, type_vocab_size=1, pad_token_id=1, hidden_act="gelu_new")))
make(out, "distilbert", DistilBertModel(DistilBertConfig(vocab_size=40, dim=16, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=12)))
