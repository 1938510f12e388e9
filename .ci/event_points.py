"""Compares the points of a run's event file with its metrics.jsonl."""

import collections
import json
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = pathlib.Path(sys.argv[1])
tasks = [task["name"] for task in json.loads((run / "config.json").read_text())["tasks"]]
wanted = collections.defaultdict(list)
for line in (run / "metrics.jsonl").read_text().splitlines():
    line = json.loads(line)
    step = line["global_step"]
    if line["kind"] == "train":
        for task, loss in zip(tasks, line["task_loss"]):
            if loss is not None:
                wanted[f"loss/{task}"].append((step, loss))
        for name in ("auxiliary_loss", "entropy", "temperature"):
            wanted[f"train/{name}"].append((step, line[name]))
    else:
        for split, results in line["results"].items():
            for task, result in zip(tasks, results):
                wanted[f"{split}/{task}"].append((step, result))

events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0, "images": 0})
events.Reload()
assert set(events.Tags()["scalars"]) == set(wanted), events.Tags()
for tag, points in wanted.items():
    found = [(event.step, event.value) for event in events.Scalars(tag)]
    assert [step for step, _ in found] == [step for step, _ in points], tag
    for (_, value), (_, expected) in zip(found, points):
        assert abs(value - expected) <= 1e-6 * max(1.0, abs(expected)), (tag, value, expected)
images = events.Tags()["images"]
assert images and all(events.Images(tag)[0].width > 0 for tag in images), events.Tags()
hparams = events.summary_metadata["_hparams_/session_start_info"].plugin_data
assert hparams.plugin_name == "hparams", hparams
count = sum(len(points) for points in wanted.values())
print(f"{count} points of {len(wanted)} curves and {len(images)} allocations are in the event file")
