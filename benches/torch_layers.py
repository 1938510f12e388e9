"""The layers of `measure layers` in PyTorch: the same networks, forward and backward.
Prints the best time of each as a line of JSON.

    python benches/torch_layers.py THREADS
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, ROUNDS, TIME, ROWS = 64, 5, 0.1, 10_000
torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)


class Dropped(nn.Module):
    """Dropout with a given mask, as ours is timed."""

    def __init__(self):
        super().__init__()
        self.mask = (torch.rand(BATCH, 32, 16, 16) < 0.8) / 0.8

    def forward(self, x):
        return x * self.mask


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU())

    def forward(self, x):
        return x + self.layers(x)


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(32, 4)
        self.experts = nn.ModuleList(nn.Conv2d(32, 32, 3, padding=1) for _ in range(4))

    def forward(self, x):
        weights = self.gate(x.mean((2, 3))).softmax(1)
        outputs = torch.stack([expert(x) for expert in self.experts], 1)
        return torch.einsum('bj,bjchw->bchw', weights, outputs)


class Indices(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(ROWS, 32)

    def forward(self, x):
        return self.table(x).transpose(1, 2).unsqueeze(2)


class Signal(nn.Module):
    """A layer for signals, without the row of an image."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.squeeze(2)).unsqueeze(2)


image, small, large, signal, long = (16, 16), (8, 8), (32, 32), (1, 256), (1, 512)
conv = lambda **more: nn.Conv2d(32, 32, 3, padding=more.pop('padding', 1), **more)
LAYERS = {
    'nothing': (image, 1, nn.Identity),
    'Linear': (None, 4, lambda: nn.Linear(256, 256)),
    'Embedding': (None, 1, Indices),
    'Conv2D': (image, 4, conv),
    'RectConv2D': (image, 4, lambda: nn.Conv2d(32, 32, (1, 7), padding=(0, 3))),
    'GroupedConv2D': (image, 4, lambda: conv(groups=4)),
    'DepthwiseConv2D': (image, 4, lambda: conv(groups=32)),
    'DilatedConv2D': (image, 4, lambda: conv(dilation=2, padding=2)),
    'ConvTranspose2D': (small, 1, lambda: nn.ConvTranspose2d(32, 32, 2, 2)),
    'Conv1D': (signal, 4, lambda: Signal(nn.Conv1d(32, 32, 5, padding=2))),
    'MaxPool2D': (large, 1, lambda: nn.MaxPool2d(2)),
    'AvgPool2D': (large, 1, lambda: nn.AvgPool2d(2)),
    'MaxPool1D': (long, 1, lambda: Signal(nn.MaxPool1d(2))),
    'AvgPool1D': (long, 1, lambda: Signal(nn.AvgPool1d(2))),
    'GlobalAvgPool2D': (large, 1, lambda: nn.AdaptiveAvgPool2d(1)),
    'Upsample2D, nearest': (small, 1, lambda: nn.Upsample(scale_factor=2)),
    'Upsample2D, bilinear': (small, 1, lambda: nn.Upsample(scale_factor=2, mode='bilinear')),
    'GroupNorm': (image, 4, lambda: nn.GroupNorm(4, 32)),
    'LayerNorm': (image, 4, lambda: nn.GroupNorm(1, 32)),
    'InstanceNorm': (image, 4, lambda: nn.InstanceNorm2d(32, affine=True)),
    'ReLU': (image, 4, nn.ReLU),
    'SiLU': (image, 4, nn.SiLU),
    "SiLU, one's own": (image, 4, nn.SiLU),
    'GELU': (image, 4, nn.GELU),
    'Tanh': (image, 4, nn.Tanh),
    'Sigmoid': (image, 4, nn.Sigmoid),
    'LeakyReLU': (image, 4, nn.LeakyReLU),
    'Softplus': (image, 4, nn.Softplus),
    'Dropout': (image, 4, Dropped),
    'Residual': (image, 4, Residual),
    'Conv2D, 4 with gates': (image, 1, Gated),
}


def network(name):
    size, count, layer = LAYERS[name]
    layers = [layer() for _ in range(count)]
    if name == 'Linear':
        return nn.Sequential(*layers, nn.Linear(256, 2)), torch.randn(BATCH, 256)
    after = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 2)]
    if name == 'Embedding':
        return nn.Sequential(*layers, *after), torch.randint(0, ROWS, (BATCH, 64))
    stem = nn.Conv2d(32, 32, 1, groups=32)
    return nn.Sequential(stem, *layers, *after), torch.randn(BATCH, 32, *size)


targets = torch.arange(BATCH) % 2


def seconds(network, x):
    start = time.perf_counter()
    for parameter in network.parameters():
        parameter.grad = None
    F.cross_entropy(network(x), targets).backward()
    return time.perf_counter() - start


networks = {name: network(name) for name in LAYERS}
best = dict.fromkeys(LAYERS, float('inf'))
for _ in range(ROUNDS):
    for name, (module, x) in networks.items():
        first = min(seconds(module, x) for _ in range(2))
        times = int(min(max(TIME / first, 3), 1000))
        best[name] = min(best[name], *(seconds(module, x) for _ in range(times)))
for name in LAYERS:
    print(json.dumps({'layer': name, 'best_ms': round(best[name] * 1e3, 3)}))
