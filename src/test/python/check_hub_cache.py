#!/usr/bin/env python3
"""Hugging Face's own code on a cache of ours, and the other way round.

    python check_hub_cache.py read CACHE REPOSITORY COMMIT FILE...     what was written there must be found without a network
    python check_hub_cache.py write CACHE REPOSITORY ENDPOINT FILE...  downloads there

Needs huggingface_hub. Prints the snapshot's folder.
"""
import os
import sys
from pathlib import Path

mode, cache, repository, third, *files = sys.argv[1:]
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_XET"] = "1"
os.environ.pop("HF_TOKEN", None)
if mode == "write":
    os.environ["HF_ENDPOINT"] = third
else:
    os.environ["HF_HUB_OFFLINE"] = "1"

from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache  # noqa: E402


def check_read(commit):
    snapshot = snapshot_download(repository, cache_dir=cache, local_files_only=True)
    assert Path(snapshot).name == commit, snapshot
    assert snapshot == snapshot_download(repository, revision=commit, cache_dir=cache, local_files_only=True)
    for name in files:
        path = hf_hub_download(repository, name, cache_dir=cache, local_files_only=True)
        assert path == try_to_load_from_cache(repository, name, cache_dir=cache) == os.path.join(snapshot, name), path
    cached = scan_cache_dir(cache)
    assert not cached.warnings, cached.warnings
    (model,) = cached.repos
    (revision,) = model.revisions
    assert model.repo_id == repository and model.repo_type == "model" and set(model.refs) == {"main"}, model
    assert revision.commit_hash == commit and {file.file_name for file in revision.files} == set(files), revision
    return snapshot


def write():
    paths = [hf_hub_download(repository, name, cache_dir=cache) for name in files]
    (snapshot,) = {os.path.dirname(path) for path in paths}
    return snapshot


print(check_read(third) if mode == "read" else write())
