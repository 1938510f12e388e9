"""`table DIR` writes a table; `compare DIR` runs the program of docs/export.md on the
exported run and compares its outputs with the predictions of `paramalloc predict`."""

import csv
import math
import os
import pathlib
import random
import sys

ROWS = 600


def table():
    chance = random.Random(0)
    with open("new.csv", "w", newline="") as file:
        write = csv.writer(file).writerow
        write(["id", "year", "income", "color", "member", "sick", "kind", "height"])
        for row in range(ROWS):
            year, income = chance.randrange(1950, 2010), chance.lognormvariate(10, 1)
            color, member = chance.choice(["red", "blue", "a, b"]), chance.randrange(2)
            score = (year - 1980) / 17 + math.log(income) - 10 + (color == "red")
            kind = "low" if score < -0.5 else "high" if score > 0.8 else "mid"
            height = 1e3 + 30 * score + chance.gauss(0, 3)
            cells = [year, "" if chance.random() < 0.1 else income, color, member]
            targets = [int(score + member > 0.5), kind, "" if row % 7 == 0 else height]
            write([row, *cells, *targets])


def compare():
    import onnx

    model = onnx.load("network.onnx")
    onnx.checker.check_model(model, full_check=True)
    program = {}
    exec(pathlib.Path("program.py").read_text(), program)
    outputs = program["outputs"]
    rows = list(csv.DictReader(open("predicted.csv")))
    assert len(rows) == ROWS, len(rows)
    worst = {"probabilities": 0.0, "values": 0.0}
    classes = sorted(name for name in rows[0] if name.startswith("kind:"))
    assert len(classes) == 3, rows[0].keys()
    for index, row in enumerate(rows):
        pairs = [("sick.probabilities", 0, "sick")]
        pairs += [("kind.probabilities", number, name) for number, name in enumerate(classes)]
        for output, column, name in pairs:
            difference = abs(float(outputs[output][index, column]) - float(row[name]))
            assert math.isfinite(difference), (index, row)
            worst["probabilities"] = max(worst["probabilities"], difference)
        difference = abs(float(outputs["height.values"][index, 0]) - float(row["height"]))
        assert math.isfinite(difference), (index, row)
        worst["values"] = max(worst["values"], difference / 30)
    print(f"{ROWS} rows, {len(model.graph.node)} nodes, largest differences: {worst}")
    assert worst["probabilities"] <= 1e-5, worst
    assert worst["values"] <= 1e-4, worst


command, directory = sys.argv[1:]
os.chdir(directory)
{"table": table, "compare": compare}[command]()
