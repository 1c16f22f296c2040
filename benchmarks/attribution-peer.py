"""The peer of the suite `attribution`: Integrated Gradients and gradients of the same networks in PyTorch. Reads
`<network> <method> <layer> <steps>` lines, runs each once and answers with its milliseconds."""
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))
ACTIONS = 7
SIZE = 64


def l2_pool(x):
    return torch.sqrt(F.avg_pool2d(x * x, 2) + 1e-8)


class Net(torch.nn.Module):
    def __init__(self, layers, dense, side):
        super().__init__()
        self.names = [name for name, *_ in layers]
        self.pools = [pool for *_, pool in layers]
        channels = [3] + [c for _, _, c, _, _ in layers]
        self.convs = torch.nn.ModuleList(
            torch.nn.Conv2d(channels[i], c, k, s, k // 2) for i, (_, k, c, s, _) in enumerate(layers)
        )
        widths = [channels[-1] * side * side] + dense
        self.dense = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.logits = torch.nn.Linear(widths[-1], ACTIONS)
        self.value = torch.nn.Linear(widths[-1], 1)

    def run(self, x, start=None, stop=None):
        """From the output of `start` (or the input) to the output of `stop` (or the value)."""
        open_ = start is None
        for name, conv, pool in zip(self.names, self.convs, self.pools):
            if open_:
                x = F.relu(conv(x))
                if name == stop:
                    return x
            if open_ or name == start:
                open_ = True
                if pool:
                    x = l2_pool(x)
        x = x.flatten(1)
        for layer in self.dense:
            x = F.relu(layer(x))
        return torch.cat([self.logits(x), self.value(x)], 1)


nets = {
    "clear_cnn": Net(
        [("1a", 7, 16, 1, 1), ("2a", 5, 32, 1, 0), ("2b", 5, 32, 1, 1), ("3a", 5, 32, 1, 1), ("4a", 5, 32, 1, 1)],
        [256, 512],
        4,
    ),
    "compact": Net([("1a", 5, 16, 2, 1), ("2a", 3, 32, 1, 0), ("2b", 3, 32, 1, 1), ("3a", 3, 32, 1, 1)], [256], 4),
}
for net in nets.values():
    for parameter in net.parameters():
        parameter.requires_grad_(False)
frame = torch.rand(1, 3, SIZE, SIZE)


def integrated_gradients(net, layer, steps):
    start = None if layer == "input" else layer
    with torch.no_grad():
        x = frame if start is None else net.run(frame, stop=start)
    nodes = torch.linspace(0.5 / steps, 1 - 0.5 / steps, steps)
    points = torch.cat([nodes[:, None, None, None] * x, torch.zeros_like(x), x]).requires_grad_(True)
    score = net.run(points, start)[:, ACTIONS]
    (g,) = torch.autograd.grad(score.sum(), points)
    attribution = x * g[:steps].mean(0)
    return (attribution.sum() - (score[-1] - score[-2])).item()


def gradient(net, layer, steps):
    start = None if layer == "input" else layer
    with torch.no_grad():
        x = frame if start is None else net.run(frame, stop=start)
    x = x.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(net.run(x, start)[:, ACTIONS].sum(), x)
    return g.abs().max().item()


methods = {"integratedGradients": integrated_gradients, "gradient": gradient}
print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    network, method, layer, steps = line.split()
    begin = time.perf_counter()
    methods[method](nets[network], layer, int(steps))
    print(1000 * (time.perf_counter() - begin), flush=True)
