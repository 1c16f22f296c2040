"""PyTorch on our networks, as a peer of the benchmarks.

Reads one JSON request a line and answers one a line: {"seconds": ..., "processor": ...} of so many calls of a task, so that the caller can
interleave its own runs with these. The network arrives as sizes: benchmarks/peer.ts makes them from our definition.
"""

import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Network(nn.Module):
    """Convolutions with ReLU and, after some, a 2x2 L2 pool; dense layers with ReLU; logits and a value."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = [layer["name"] for layer in sizes["convolutions"]]
        self.pools = [layer["pool"] for layer in sizes["convolutions"]]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(l["inputs"], l["outputs"], l["kernel"], l["stride"], l["kernel"] // 2)
            for l in sizes["convolutions"]
        )
        self.dense = nn.ModuleList(nn.Linear(l["inputs"], l["outputs"]) for l in sizes["dense"])
        self.logits = nn.Linear(sizes["features"], sizes["actions"])
        self.value = nn.Linear(sizes["features"], 1)

    def to_layer(self, x, layer):
        for i, convolution in enumerate(self.convolutions):
            x = F.relu(convolution(x))
            if self.layers[i] == layer:
                return x
            x = self.pooled(x, i)
        return x

    def from_layer(self, x, layer=None):
        start = 0
        if layer is not None:
            at = self.layers.index(layer)
            x = self.pooled(x, at)
            start = at + 1
        for i in range(start, len(self.convolutions)):
            x = self.pooled(F.relu(self.convolutions[i](x)), i)
        x = x.flatten(1)
        for dense in self.dense:
            x = F.relu(dense(x))
        return self.logits(x), self.value(x)[:, 0]

    def pooled(self, x, i):
        return torch.sqrt(F.avg_pool2d(x * x, 2, 2) + 1e-8) if self.pools[i] else x


def scaled(observations):
    return observations.float() / 255


class Peer:
    def __init__(self, request):
        torch.set_num_threads(request["threads"])
        torch.manual_seed(0)
        self.network = Network(request["network"])
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=5e-4, eps=1e-5)
        self.batch = request["batch"]
        self.rows = request["rows"]
        self.steps = request.get("steps", 0)
        self.layer = request.get("layer")
        side = request["network"]["side"]
        self.observations = torch.randint(0, 256, (max(self.rows, self.batch), 3, side, side), dtype=torch.uint8)
        count = self.rows
        self.actions = torch.randint(0, request["network"]["actions"], (count,))
        self.old_log_probabilities = torch.randn(count) * 0.1 - 2
        self.old_values, self.returns = torch.randn(count), torch.randn(count)
        self.advantages = torch.randn(count)

    def frozen(self, frozen):
        for parameter in self.network.parameters():
            parameter.requires_grad_(not frozen)

    def act(self):
        with torch.no_grad():
            logits, value = self.network.from_layer(scaled(self.observations[: self.batch]))
            return logits.numpy(), value.numpy()

    def input_gradient(self):
        self.frozen(True)
        x = scaled(self.observations[: self.batch]).requires_grad_(True)
        self.network.from_layer(x)[0][:, 2].sum().backward()
        self.frozen(False)
        return x.grad.numpy()

    def update(self):
        """One minibatch of PPO in micro-batches, then clipping and Adam."""
        self.optimiser.zero_grad()
        advantages = (self.advantages - self.advantages.mean()) / (self.advantages.std() + 1e-8)
        for start in range(0, self.rows, self.batch):
            rows = slice(start, start + self.batch)
            logits, values = self.network.from_layer(scaled(self.observations[rows]))
            log_all = F.log_softmax(logits, 1)
            log_probability = log_all.gather(1, self.actions[rows, None])[:, 0]
            ratio = (log_probability - self.old_log_probabilities[rows]).exp()
            advantage, returns, old = advantages[rows], self.returns[rows], self.old_values[rows]
            policy = -torch.min(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage).sum()
            clipped = old + (values - old).clamp(-0.2, 0.2)
            value = 0.5 * torch.max((values - returns) ** 2, (clipped - returns) ** 2).sum()
            entropy = -(log_all.exp() * log_all).sum()
            ((policy + 0.5 * value - 0.01 * entropy) / self.rows).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 0.5)
        self.optimiser.step()

    def integrated_gradients(self):
        """`steps` points and both ends, in batches; from a black baseline at the input, from silence at a layer."""
        self.frozen(True)
        with torch.no_grad():
            start = scaled(self.observations[:1])
            end = start if self.layer is None else self.network.to_layer(start, self.layer)
        nodes = torch.cat([(torch.arange(self.steps) + 0.5) / self.steps, torch.tensor([0.0, 1.0])])
        total = torch.zeros_like(end)
        for part in nodes.split(self.batch):
            points = (part.reshape(-1, 1, 1, 1) * end).requires_grad_(True)
            self.network.from_layer(points, self.layer)[0][:, 2].sum().backward()
            total += points.grad[: max(0, len(part) - 2) if part[-1] == 1.0 else len(part)].sum(0, keepdim=True)
        self.frozen(False)
        return (total / self.steps * end).numpy()


TASKS = {
    "acting": Peer.act,
    "inputGradient": Peer.input_gradient,
    "update": Peer.update,
    "integratedGradients": Peer.integrated_gradients,
}

print(json.dumps({"version": torch.__version__}), flush=True)
peer = None
for line in sys.stdin:
    request = json.loads(line)
    if "network" in request:
        peer = Peer(request)
        print(json.dumps({"ready": True}), flush=True)
        continue
    task = TASKS[request["task"]]
    begun, busy = time.perf_counter(), time.process_time()
    for _ in range(request["repeats"]):
        task(peer)
    times = {"seconds": time.perf_counter() - begun, "processor": time.process_time() - busy}
    print(json.dumps(times), flush=True)
