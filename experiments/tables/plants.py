"""Writes plants.csv and plants-new.csv, the small example tables: made-up plants whose
height, flowering and pest follow formulas of what is known of their place, with noise,
gaps and a column of text. `python3 plants.py` in this directory writes them anew."""
import csv
import math
import random

SOILS = {'clay': 0.4, 'loam': 1.0, 'sand': -0.6}
KNOWN = ['id', 'light', 'water', 'acidity', 'soil', 'spacing']
TARGETS = ['height', 'flowers', 'pest']


def plant(draw, number):
    light, water = draw.uniform(2, 14), draw.uniform(5, 60)
    acidity, spacing = draw.gauss(6.4, 0.7), draw.choice([10, 15, 20, 30])
    soil = draw.choice(sorted(SOILS))
    growth = math.log(light) + 0.03 * water - (acidity - 6.2) ** 2 + SOILS[soil]
    height = max(4, 18 + 9 * growth + draw.gauss(0, 3))
    flowers = growth + 0.05 * spacing + draw.gauss(0, 0.6) > 3.4
    damp = 0.08 * water - 0.1 * spacing - 0.2 * light + draw.gauss(0, 0.5)
    pest = 'mildew' if damp > 0.2 else 'aphids' if damp < -2.2 else 'none'
    known = [f'p{number:04}', f'{light:.1f}', f'{water:.0f}', f'{acidity:.2f}', soil, spacing]
    targets = [f'{height:.1f}', int(flowers), pest]
    # Not everything was looked at.
    return known, ['' if draw.random() < 0.15 else target for target in targets]


def main():
    draw = random.Random(1)
    for name, first, count, columns in [
        ('plants.csv', 1, 600, KNOWN + TARGETS),
        ('plants-new.csv', 601, 20, KNOWN),
    ]:
        with open(name, 'w', newline='') as file:
            lines = csv.writer(file, lineterminator='\n')
            lines.writerow(columns)
            for number in range(first, first + count):
                known, targets = plant(draw, number)
                lines.writerow((known + targets)[:len(columns)])


main()
