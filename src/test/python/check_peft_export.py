"""Loads adapters that Primer4J exported into Hugging Face's peft and compares logits and gradients.

    python check_peft_export.py CASES

Each folder below CASES holds `adapter/` (our export), `case.json` (`model`, `golden`: where the base model and its inputs are) and
`reference.safetensors`: `logits` [rows, vocabulary], `rows` (their places among the padded rows; none when all are there) and `d_NAME`, the
gradient of the mean loss, for every tensor NAME of the adapter. Prints a JSON object for each case and exits with 1 when an error exceeds 1e-5
(logits) or 1e-4 (gradients), relative to the reference's norm.
"""

import json
import pathlib
import re
import sys
import warnings

import torch
import torch.nn.functional as F
import transformers
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForMaskedLM, AutoModelForSeq2SeqLM, GenerationMixin

# peft 0.21 looks this method, which only generate uses, up under the name that it had before transformers 5.18.
OLD, NEW = "_prepare_encoder_decoder_kwargs_for_generation", "_prepare_text_encoder_decoder_kwargs_for_generation"
if not hasattr(GenerationMixin, OLD) and hasattr(GenerationMixin, NEW):
    setattr(GenerationMixin, OLD, getattr(GenerationMixin, NEW))

LOGITS, GRADIENTS = 1e-5, 1e-4


def error(found, expected):
    return ((found - expected).norm() / expected.norm().clamp_min(1e-30)).item()


def load(case):
    settings = json.loads((case / "case.json").read_text())
    config = AutoConfig.from_pretrained(settings["model"])
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForMaskedLM
    base = kind.from_pretrained(settings["model"], attn_implementation="eager", dtype=torch.float32)
    model = PeftModel.from_pretrained(base, str(case / "adapter"))
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(any(part in name for part in ("lora_", "ia3_l", "prompt_encoder.")))
    return model.eval(), config, load_file(settings["golden"])


def inputs(golden, config):
    """No token types: peft drops them where there are virtual tokens, and the reference has none either."""
    named = {"input_ids": golden["in.input_ids"], "attention_mask": golden["in.attention_mask"]}
    if config.is_encoder_decoder:
        named["labels"] = golden["in.labels"]
    return named


def key(name):
    """The name in adapter_model.safetensors of a parameter of the wrapped model."""
    return "prompt_embeddings" if name.startswith("prompt_encoder.") else re.sub(r"\.default(?=\.|$)", "", name)


def check(case):
    model, config, golden = load(case)
    logits = model(**inputs(golden, config)).logits
    labels = golden["in.labels"]
    labels = F.pad(labels, (logits.shape[1] - labels.shape[1], 0), value=-100)
    F.cross_entropy(logits.flatten(0, 1).double(), labels.flatten(), ignore_index=-100).backward()
    reference = load_file(case / "reference.safetensors")
    rows = logits.flatten(0, 1)
    if "rows" in reference:
        rows = rows[reference["rows"].long()]
    gradients = {key(name): p.grad.flatten() for name, p in model.named_parameters() if p.requires_grad}
    expected = {name[2:]: g.flatten() for name, g in reference.items() if name.startswith("d_")}
    if set(gradients) != set(expected):
        return {"case": case.name, "problem": f"other tensors are trained: {sorted(set(gradients) ^ set(expected))[:4]}"}
    names = sorted(expected)
    return {"case": case.name, "logits": error(rows, reference["logits"]),
            "gradients": error(torch.cat([expected[n] for n in names]), torch.cat([gradients[n] for n in names]))}


def main(folder):
    warnings.simplefilter("ignore")
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    passed = True
    for case in sorted(p for p in pathlib.Path(folder).iterdir() if p.is_dir()):
        result = check(case)
        passed &= result.get("logits", 1) <= LOGITS and result.get("gradients", 1) <= GRADIENTS
        print(json.dumps(result))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
