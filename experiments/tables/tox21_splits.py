"""Writes the two tables of Tox21 with five columns of splits beside them.

    python3 tox21_splits.py DIRECTORY

DIRECTORY holds tox21_descriptors.csv (a column `molecule`, the twelve tasks, the
descriptors) and tox21.npz (`x` and `y` of the same rows, `tasks`). The files
descriptors.csv and bits.csv are written to the working directory; in column `splitS`
the rows of numpy.random.default_rng(S).permutation are 80 % `train`, 10 %
`validation` and 10 % `test`, in this order.
"""

import csv
import sys
from pathlib import Path

import numpy as np

SPLITS = 5


def split(rows, seed):
    order = np.random.default_rng(seed).permutation(rows)
    of = np.full(rows, "train", dtype=object)
    of[order[int(rows * 0.8) : int(rows * 0.9)]] = "validation"
    of[order[int(rows * 0.9) :]] = "test"
    return of


def write(path, header, rows):
    splits = [split(len(rows), seed) for seed in range(SPLITS)]
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(header + [f"split{seed}" for seed in range(SPLITS)])
        for i, row in enumerate(rows):
            table.writerow(row + [of[i] for of in splits])


def main():
    directory = Path(sys.argv[1])
    with open(directory / "tox21_descriptors.csv", newline="") as file:
        header, *rows = csv.reader(file)
    write("descriptors.csv", header, rows)
    arrays = np.load(directory / "tox21.npz")
    header = [str(task) for task in arrays["tasks"]]
    header += [f"bit{i}" for i in range(arrays["x"].shape[1])]
    rows = [
        ["" if np.isnan(label) else int(label) for label in labels] + [int(bit) for bit in bits]
        for labels, bits in zip(arrays["y"], arrays["x"])
    ]
    write("bits.csv", header, rows)


if __name__ == "__main__":
    main()
