#!/usr/bin/env python3
"""Reads a model's folder with transformers and compares logits with the engine's.

    python check_transformers.py FOLDER CASE.safetensors

CASE holds source_ids and target_ids [1, T] and the engine's logits [T, vocabulary], all as float32. No tensor may be missing,
left over or of another shape.
"""
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, BartForConditionalGeneration, MT5ForConditionalGeneration, T5ForConditionalGeneration

FAMILIES = {"bart": BartForConditionalGeneration, "t5": T5ForConditionalGeneration, "mt5": MT5ForConditionalGeneration}


def main():
    folder, case = sys.argv[1], load_file(sys.argv[2])
    torch.set_num_threads(1)
    family = FAMILIES[AutoConfig.from_pretrained(folder).model_type]
    model, loading = family.from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values()), loading
    model.double().eval()
    with torch.no_grad():
        logits = model(input_ids=case["source_ids"].long(), decoder_input_ids=case["target_ids"].long()).logits[0]
    error = (torch.linalg.norm(logits - case["logits"].double()) / torch.linalg.norm(logits)).item()
    print("relative error", error)
    assert error <= 1e-5, error


if __name__ == "__main__":
    main()
