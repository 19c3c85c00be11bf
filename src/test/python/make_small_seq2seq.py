#!/usr/bin/env python3
"""Small golden files for the tests: a tiny BART and two tiny T5s, computed in float64 from random weights.

    python make_small_seq2seq.py ../resources/golden

Needs torch and safetensors. The models are written out here in plain tensor operations, so that they share no code with what
they check. Layout and names as in Hugging Face's folders; `in.*` are inputs, `out.*` results, `d_*` gradients of `out.loss`.
"""
import argparse
import math
from pathlib import Path

import torch

from make_small_golden import floats, gelu, random, write

SEED = 20240301
SOURCE_LENGTHS, TARGET_LENGTHS = (6, 1, 4), (3, 5, 1)
IGNORED = -100


class Model:
    """What both families share. Weights are drawn when they are first asked for; `config` is the config.json."""

    def __init__(self, generator, config):
        self.generator, self.config, self.w = generator, config, {}
        self.d = config["d_model"]

    def tensor(self, name, *shape, scale, mean=0.0):
        if name not in self.w:
            self.w[name] = random(self.generator, *shape, scale=scale, mean=mean)
        return self.w[name]

    def linear(self, name, x, out, bias):
        y = x @ self.tensor(name + ".weight", out, x.shape[-1], scale=x.shape[-1] ** -0.5).T
        return y + self.tensor(name + ".bias", out, scale=0.3) if bias else y

    def attend(self, q, k, v, heads, mask, scale, bias=0.0):
        """softmax(scale q k^T + bias) v with mask [batch, queries, keys] of what is seen."""
        q, k, v = (x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2) for x in (q, k, v))
        scores = (q @ k.transpose(2, 3) * scale + bias).masked_fill(~mask[:, None], float("-inf"))
        return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)

    def __call__(self, inputs):
        ids, labels = inputs["in.input_ids"], inputs["in.labels"]
        start = torch.full((labels.shape[0], 1), self.config["decoder_start_token_id"])
        read = torch.cat([start, labels[:, :-1]], 1)
        read = read.masked_fill(read == IGNORED, self.config["pad_token_id"])
        seen = inputs["in.attention_mask"].bool()
        encoder = self.encoder(ids, seen[:, None, :].expand(-1, ids.shape[1], -1))
        causal = torch.ones(read.shape[1], read.shape[1], dtype=torch.bool).tril().expand(read.shape[0], -1, -1)
        decoder = self.decoder(read, causal, encoder[-1], seen[:, None, :].expand(-1, read.shape[1], -1))
        logits = self.logits(decoder[-1])
        kept = labels != IGNORED
        loss = -logits.log_softmax(-1)[kept, labels[kept]].mean()
        return ({f"out.encoder_hidden_{i}": h for i, h in enumerate(encoder)}
                | {f"out.decoder_hidden_{i}": h for i, h in enumerate(decoder)} | {"out.logits": logits, "out.loss": loss.reshape(1)})


class Bart(Model):
    def norm(self, name, x):
        centred = x - x.mean(-1, keepdim=True)
        y = centred / ((centred ** 2).mean(-1, keepdim=True) + 1e-5).sqrt()
        return y * self.tensor(name + ".weight", self.d, scale=0.2, mean=1.0) + self.tensor(name + ".bias", self.d, scale=0.2)

    def shared(self):
        return self.tensor("model.shared.weight", self.config["vocab_size"], self.d, scale=0.5)

    def embeddings(self, stack, ids):
        table = self.tensor(f"model.{stack}.embed_positions.weight", self.config["max_position_embeddings"] + 2, self.d, scale=0.5)
        words = self.shared()[ids] * math.sqrt(self.d)
        return self.norm(f"model.{stack}.layernorm_embedding", words + table[2: 2 + ids.shape[1]])

    def attention(self, at, x, memory, mask, heads):
        q, k, v = (self.linear(f"{at}.{p}_proj", y, self.d, True) for p, y in (("q", x), ("k", memory), ("v", memory)))
        mixed = self.attend(q, k, v, heads, mask, (self.d // heads) ** -0.5)
        return self.norm(at + "_layer_norm", x + self.linear(at + ".out_proj", mixed, self.d, True))

    def feed_forward(self, at, x, inner):
        y = self.linear(at + "fc2", gelu(self.linear(at + "fc1", x, inner, True)), self.d, True)
        return self.norm(at + "final_layer_norm", x + y)

    def encoder(self, ids, mask):
        c, states = self.config, [self.embeddings("encoder", ids)]
        for i in range(c["encoder_layers"]):
            at = f"model.encoder.layers.{i}."
            x = self.attention(at + "self_attn", states[-1], states[-1], mask, c["encoder_attention_heads"])
            states.append(self.feed_forward(at, x, c["encoder_ffn_dim"]))
        return states

    def decoder(self, ids, causal, memory, mask):
        c, states = self.config, [self.embeddings("decoder", ids)]
        for i in range(c["decoder_layers"]):
            at = f"model.decoder.layers.{i}."
            x = self.attention(at + "self_attn", states[-1], states[-1], causal, c["decoder_attention_heads"])
            x = self.attention(at + "encoder_attn", x, memory, mask, c["decoder_attention_heads"])
            states.append(self.feed_forward(at, x, c["decoder_ffn_dim"]))
        return states

    def logits(self, h):
        return h @ self.shared().T + self.tensor("final_logits_bias", 1, self.config["vocab_size"], scale=0.3)


class T5(Model):
    def norm(self, name, x):
        y = x / ((x ** 2).mean(-1, keepdim=True) + self.config["layer_norm_epsilon"]).sqrt()
        return y * self.tensor(name + ".weight", self.d, scale=0.2, mean=1.0)

    def bucket(self, relative, both_ways):
        """Raffel et al. 2020, sec. 2.1, of key - query."""
        buckets = self.config["relative_attention_num_buckets"] // (2 if both_ways else 1)
        first = buckets if both_ways and relative > 0 else 0
        distance = abs(relative) if both_ways else max(0, -relative)
        exact = buckets // 2
        if distance < exact:
            return first + distance
        share = math.log(distance / exact) / math.log(self.config["relative_attention_max_distance"] / exact)
        return first + min(buckets - 1, exact + int(share * (buckets - exact)))

    def bias(self, stack, length, both_ways):
        c = self.config
        table = self.tensor(f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                            c["relative_attention_num_buckets"], c["num_heads"], scale=0.7)
        places = torch.tensor([[self.bucket(k - q, both_ways) for k in range(length)] for q in range(length)])
        return table[places].permute(2, 0, 1)

    def attention(self, layer, kind, x, memory, mask, bias=0.0):
        at, inner = f"{layer}.{kind}", self.config["num_heads"] * self.config["d_kv"]
        n = self.norm(layer + ".layer_norm", x)
        memory = n if memory is None else memory
        q, k, v = (self.linear(f"{at}.{p}", y, inner, False) for p, y in (("q", n), ("k", memory), ("v", memory)))
        return x + self.linear(at + ".o", self.attend(q, k, v, self.config["num_heads"], mask, 1.0, bias), self.d, False)

    def feed_forward(self, layer, x):
        at, n, inner = layer + ".DenseReluDense.", self.norm(layer + ".layer_norm", x), self.config["d_ff"]
        if self.config["feed_forward_proj"] == "gated-gelu":
            gate = self.linear(at + "wi_0", n, inner, False)
            gate = 0.5 * gate * (1 + torch.tanh(math.sqrt(2 / math.pi) * (gate + 0.044715 * gate ** 3)))
            h = gate * self.linear(at + "wi_1", n, inner, False)
        else:
            h = self.linear(at + "wi", n, inner, False).relu()
        return x + self.linear(at + "wo", h, self.d, False)

    def shared(self):
        return self.tensor("shared.weight", self.config["vocab_size"], self.d, scale=1.0)

    def encoder(self, ids, mask):
        states, bias = [self.shared()[ids]], self.bias("encoder", ids.shape[1], True)
        for i in range(self.config["num_layers"]):
            at = f"encoder.block.{i}.layer."
            states.append(self.feed_forward(at + "1", self.attention(at + "0", "SelfAttention", states[-1], None, mask, bias)))
        return states[:-1] + [self.norm("encoder.final_layer_norm", states[-1])]

    def decoder(self, ids, causal, memory, mask):
        states, bias = [self.shared()[ids]], self.bias("decoder", ids.shape[1], False)
        for i in range(self.config["num_decoder_layers"]):
            at = f"decoder.block.{i}.layer."
            x = self.attention(at + "0", "SelfAttention", states[-1], None, causal, bias)
            states.append(self.feed_forward(at + "2", self.attention(at + "1", "EncDecAttention", x, memory, mask)))
        return states[:-1] + [self.norm("decoder.final_layer_norm", states[-1])]

    def logits(self, h):
        if self.config["tie_word_embeddings"]:
            return h * self.d ** -0.5 @ self.shared().T
        return self.linear("lm_head", h, self.config["vocab_size"], False)


def batch(generator, vocabulary):
    """Rows of different lengths, padded on the right with id 1; labels are ignored after a row's end, and once within."""
    def rows(lengths, padding):
        ids = torch.randint(3, vocabulary, (len(lengths), max(lengths)), generator=generator)
        mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
        return ids.masked_fill(~mask, padding), mask.long()

    ids, mask = rows(SOURCE_LENGTHS, 1)
    labels, _ = rows(TARGET_LENGTHS, IGNORED)
    labels[1, 2] = IGNORED
    return {"in.input_ids": ids, "in.attention_mask": mask, "in.labels": labels}


def golden(model, inputs):
    """Inputs, results and the gradients of all weights but the bias on the logits, which nobody trains."""
    with torch.no_grad():
        model(inputs)
    trained = {name: tensor.requires_grad_(True) for name, tensor in model.w.items() if name != "final_logits_bias"}
    results = model(inputs)
    results["out.loss"].backward()
    gradients = {"d_" + name: tensor.grad.float() for name, tensor in trained.items()}
    for tensor in trained.values():
        tensor.requires_grad_(False)
    return inputs | gradients | {n: x.detach() if n == "out.loss" else x.detach().float() for n, x in results.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(SEED)
    bart = {"model_type": "bart", "vocab_size": 31, "d_model": 18, "encoder_layers": 1, "decoder_layers": 2,
            "encoder_attention_heads": 3, "decoder_attention_heads": 2, "encoder_ffn_dim": 14, "decoder_ffn_dim": 11,
            "max_position_embeddings": 9, "activation_function": "gelu", "scale_embedding": True, "pad_token_id": 1,
            "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": 2, "dropout": 0.0,
            "activation_dropout": 0.0, "attention_dropout": 0.0, "is_encoder_decoder": True}
    t5 = {"model_type": "t5", "vocab_size": 31, "d_model": 14, "d_kv": 3, "d_ff": 15, "num_layers": 1, "num_decoder_layers": 2,
          "num_heads": 5, "relative_attention_num_buckets": 6, "relative_attention_max_distance": 5, "layer_norm_epsilon": 1e-6,
          "feed_forward_proj": "relu", "tie_word_embeddings": True, "pad_token_id": 0, "eos_token_id": 1,
          "decoder_start_token_id": 0, "dropout_rate": 0.0, "is_encoder_decoder": True}
    gated = t5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
    for name, family, config in (("tiny_bart", Bart, bart), ("tiny_t5", T5, t5), ("tiny_t5_gated", T5, gated)):
        model = family(generator, config)
        results = golden(model, batch(generator, config["vocab_size"]))
        write(out / "models" / name, results, model=floats(model.w), config=config)


if __name__ == "__main__":
    main()
