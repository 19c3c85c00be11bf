#!/usr/bin/env python3
"""Small golden files for the tests: a tiny BERT, computed in float64 from random weights.

    python make_small_golden.py ../resources/golden

Needs torch and safetensors. The model is written out here in plain tensor operations, so that it shares no code with what
it checks. Layout and names as in Hugging Face's folders; `in.*` are inputs, `out.*` results, `d_*` gradients of `out.loss`.
"""
import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

SEED = 20240229
WIDTH, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, TYPES = 24, 2, 3, 20, 29, 13, 2
EPS = 1e-12
LENGTHS = (7, 1, 5)
RANK, ALPHA, TARGETS = 3, 5.0, ("query", "value", "output.dense")
BOTTLENECK = 5
SITES = [f"bert.encoder.layer.{i}.{block}" for i in range(LAYERS) for block in ("attention.output.dense", "output.dense")]


def random(generator, *shape, scale=1.0, mean=0.0):
    """Normal numbers that are exact in float32."""
    return (mean + scale * torch.randn(*shape, generator=generator, dtype=torch.float64)).float().double()


def linear_weights(generator, name, out, inner):
    return {name + ".weight": random(generator, out, inner, scale=inner ** -0.5), name + ".bias": random(generator, out, scale=0.3)}


def norm_weights(generator, name):
    return {name + ".weight": random(generator, WIDTH, scale=0.2, mean=1.0), name + ".bias": random(generator, WIDTH, scale=0.2)}


def model_weights(generator):
    weights = {}
    for table, rows in (("word", VOCABULARY), ("position", POSITIONS), ("token_type", TYPES)):
        weights[f"bert.embeddings.{table}_embeddings.weight"] = random(generator, rows, WIDTH, scale=0.5)
    weights |= norm_weights(generator, "bert.embeddings.LayerNorm")
    for i in range(LAYERS):
        at = f"bert.encoder.layer.{i}."
        for projection in ("query", "key", "value"):
            weights |= linear_weights(generator, at + "attention.self." + projection, WIDTH, WIDTH)
        weights |= linear_weights(generator, at + "attention.output.dense", WIDTH, WIDTH)
        weights |= norm_weights(generator, at + "attention.output.LayerNorm")
        weights |= linear_weights(generator, at + "intermediate.dense", INNER, WIDTH)
        weights |= linear_weights(generator, at + "output.dense", WIDTH, INNER)
        weights |= norm_weights(generator, at + "output.LayerNorm")
    weights |= linear_weights(generator, "cls.predictions.transform.dense", WIDTH, WIDTH)
    weights |= norm_weights(generator, "cls.predictions.transform.LayerNorm")
    weights["cls.predictions.bias"] = random(generator, VOCABULARY, scale=0.3)
    return weights


def batch(generator):
    """Rows of different lengths, padded on the right; every second real token has a label."""
    longest = max(LENGTHS)
    mask = torch.tensor([[int(t < n) for t in range(longest)] for n in LENGTHS])
    shape = mask.shape
    ids = torch.randint(1, VOCABULARY, shape, generator=generator) * mask
    types = torch.randint(0, TYPES, shape, generator=generator) * mask
    labels = torch.randint(0, VOCABULARY, shape, generator=generator)
    counted = mask.flatten().cumsum(0).reshape(shape) % 2 == 1
    labels[(mask == 0) | ~counted] = -100
    return {"in.input_ids": ids, "in.attention_mask": mask, "in.token_type_ids": types, "in.labels": labels}


def gelu(x):
    return x * 0.5 * (1 + torch.erf(x / 2 ** 0.5))


class Bert:
    """The forward pass; `added` holds the tensors of LoRA or of bottleneck adapters."""

    def __init__(self, weights, added):
        self.w, self.added = weights, added

    def linear(self, name, x):
        y = x @ self.w[name + ".weight"].T + self.w[name + ".bias"]
        a = self.added.get(f"base_model.model.{name}.lora_A.weight")
        if a is not None:
            y = y + ALPHA / RANK * (x @ a.T) @ self.added[f"base_model.model.{name}.lora_B.weight"].T
        return y

    def block_output(self, site, h):
        down = self.added.get(site + ".adapter.down.weight")
        if down is None:
            return h
        z = h @ down.T + self.added[site + ".adapter.down.bias"]
        return h + gelu(z) @ self.added[site + ".adapter.up.weight"].T + self.added[site + ".adapter.up.bias"]

    def norm(self, name, x):
        centred = x - x.mean(-1, keepdim=True)
        deviation = ((centred ** 2).mean(-1, keepdim=True) + EPS).sqrt()
        return centred / deviation * self.w[name + ".weight"] + self.w[name + ".bias"]

    def attention(self, at, x, mask):
        b, t, _ = x.shape
        q, k, v = (self.linear(at + p, x).view(b, t, HEADS, -1).transpose(1, 2) for p in ("query", "key", "value"))
        scores = q @ k.transpose(2, 3) / (WIDTH // HEADS) ** 0.5
        scores = scores.masked_fill(mask[:, None, None, :] == 0, float("-inf"))
        return (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, WIDTH)

    def layer(self, at, x, mask):
        site = at + "attention.output.dense"
        mixed = self.block_output(site, self.linear(site, self.attention(at + "attention.self.", x, mask)))
        h = self.norm(at + "attention.output.LayerNorm", mixed + x)
        site = at + "output.dense"
        outer = self.block_output(site, self.linear(site, gelu(self.linear(at + "intermediate.dense", h))))
        return self.norm(at + "output.LayerNorm", outer + h)

    def __call__(self, inputs):
        ids, mask = inputs["in.input_ids"], inputs["in.attention_mask"]
        table = {name: self.w[f"bert.embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")}
        x = table["word"][ids] + table["position"][: ids.shape[1]] + table["token_type"][inputs["in.token_type_ids"]]
        hidden = [self.norm("bert.embeddings.LayerNorm", x)]
        for i in range(LAYERS):
            hidden.append(self.layer(f"bert.encoder.layer.{i}.", hidden[-1], mask))
        h = gelu(self.linear("cls.predictions.transform.dense", hidden[-1]))
        h = self.norm("cls.predictions.transform.LayerNorm", h)
        logits = h @ table["word"].T + self.w["cls.predictions.bias"]
        labels = inputs["in.labels"]
        kept = labels != -100
        loss = -logits.log_softmax(-1)[kept, labels[kept]].mean()
        return {f"out.hidden_{i}": h for i, h in enumerate(hidden)} | {"out.logits": logits, "out.loss": loss.reshape(1)}


def golden(weights, added, trained, inputs):
    """Inputs, results and gradients of one case."""
    for tensor in trained.values():
        tensor.requires_grad_(True).grad = None
    results = Bert(weights, added)(inputs)
    results["out.loss"].backward()
    gradients = {"d_" + name: tensor.grad.float() for name, tensor in trained.items()}
    for tensor in trained.values():
        tensor.requires_grad_(False)
    stored = {name: value.detach() if name == "out.loss" else value.detach().float() for name, value in results.items()}
    return inputs | stored | gradients


def write(folder, tensors, **other):
    """tensors go to golden.safetensors, a dict of `other` to NAME.safetensors or NAME.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"golden": tensors, **other}.items():
        if all(isinstance(value, torch.Tensor) for value in content.values()):
            content = {key: value.contiguous() for key, value in sorted(content.items())}
            save_file(content, folder / (name + ".safetensors"), metadata={"format": "pt"})
        else:
            (folder / (name + ".json")).write_text(json.dumps(content, indent=1) + "\n")


def settings(folder, trained, content):
    content["trainable_parameters"] = sum(tensor.numel() for tensor in trained.values())
    (folder / "golden.json").write_text(json.dumps({"base_model": "models/tiny_bert"} | content, indent=1) + "\n")


def lora(generator, weights):
    added = {}
    for name in (n.removesuffix(".weight") for n in weights if n.startswith("bert.encoder") and n.endswith(".weight")):
        if name.endswith(tuple("." + target for target in TARGETS)):
            out, inner = weights[name + ".weight"].shape
            added[f"base_model.model.{name}.lora_A.weight"] = random(generator, RANK, inner, scale=inner ** -0.5)
            added[f"base_model.model.{name}.lora_B.weight"] = random(generator, out, RANK, scale=0.5)
    return added


def houlsby(generator):
    added = {}
    for site in SITES:
        added |= linear_weights(generator, site + ".adapter.down", BOTTLENECK, WIDTH)
        added |= linear_weights(generator, site + ".adapter.up", WIDTH, BOTTLENECK)
    return added


def floats(tensors):
    return {name: tensor.float() for name, tensor in tensors.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(SEED)
    weights, inputs = model_weights(generator), batch(generator)
    config = {"model_type": "bert", "vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": LAYERS,
              "num_attention_heads": HEADS, "intermediate_size": INNER, "max_position_embeddings": POSITIONS,
              "type_vocab_size": TYPES, "layer_norm_eps": EPS, "hidden_act": "gelu", "pad_token_id": 0,
              "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    write(out / "models/tiny_bert", golden(weights, {}, weights, inputs), model=floats(weights), config=config)

    folder, added = out / "peft/tiny_bert_lora", lora(generator, weights)
    write(folder, golden(weights, added, added, inputs), adapter_model=floats(added),
          adapter_config={"peft_type": "LORA", "base_model_name_or_path": "models/tiny_bert", "r": RANK, "lora_alpha": ALPHA,
                          "lora_dropout": 0.0, "bias": "none", "target_modules": list(TARGETS)})
    settings(folder, added, {})

    folder, added = out / "adapters/tiny_bert_houlsby", houlsby(generator)
    write(folder, golden(weights, added, added, inputs), adapter=floats(added))
    settings(folder, added, {"method": "houlsby", "bottleneck": BOTTLENECK})

    folder, biases = out / "adapters/tiny_bert_bitfit", {n: w for n, w in weights.items() if n.endswith("bias")}
    write(folder, golden(weights, {}, biases, inputs))
    settings(folder, biases, {"method": "bitfit"})


if __name__ == "__main__":
    main()
