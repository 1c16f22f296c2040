#!/usr/bin/env python3
"""Golden values of the gradient family, from PyTorch's autograd in double precision.

Networks are written out again here, channels first, so that only the numbers are shared with the library. Weights and
frames come from a generator of a few lines that tests/attribution/golden.ts repeats. Needs python3-torch and
python3-scipy (Debian's); writes gradients.json beside itself.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter

from generator import uniform

ACTIONS = 5
SAMPLES = 64
torch.set_num_threads(1)


class Parameters:
    """Draws each parameter when it is first named, in the order of naming, which is the library's table's."""

    def __init__(self):
        self.known = {}
        self.dtype = torch.float64

    def __call__(self, name, shape):
        if name not in self.known:
            fan_in = int(np.prod(shape[:-1])) if len(shape) > 1 else 1
            scale = np.sqrt(6 / fan_in) if len(shape) > 1 else 0.05
            values = (uniform(len(self.known) + 1, int(np.prod(shape))) * scale).astype(np.float32)
            self.known[name] = torch.tensor(values.astype(np.float64)).reshape(shape)
        return self.known[name].to(self.dtype)


class ReluRule(torch.autograd.Function):
    rule = "plain"

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        if ReluRule.rule == "plain":
            return dy * (x > 0)
        if ReluRule.rule == "guidedBackprop":
            return dy.clamp(min=0) * (x > 0)
        return dy.clamp(min=0)


relu = ReluRule.apply


def same(length, size, stride):
    total = max((-(-length // stride) - 1) * stride + size - length, 0)
    return total // 2, total - total // 2


def pad(x, size, stride, value=0.0):
    top, bottom = same(x.shape[2], size, stride)
    left, right = same(x.shape[3], size, stride)
    return F.pad(x, (left, right, top, bottom), value=value)


class Net:
    """Runs from any layer: `known` maps a layer's name to the tensor that replaces what was computed."""

    def __init__(self, build):
        self.parameters = Parameters()
        self.build = build

    def conv(self, name, x, size, channels, stride=1, padding="same"):
        kernel = self.parameters(f"{name}/kernel", (size, size, x.shape[1], channels))
        bias = self.parameters(f"{name}/bias", (channels,))
        if padding == "same":
            x = pad(x, size, stride)
        return F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, stride)

    def dense(self, name, x, features):
        kernel = self.parameters(f"{name}/kernel", (x.shape[1], features))
        return x @ kernel + self.parameters(f"{name}/bias", (features,))

    def layer(self, name, x):
        x = self.replace.get(name, x)
        self.layers[name] = x
        return x

    def outputs(self, x, replace=None):
        self.layers = {}
        self.replace = replace or {}
        trunk = self.build(self, self.layer("input", x))
        return torch.cat([self.dense("logits", trunk, ACTIONS), self.dense("value", trunk, 1)], 1)


def flatten(x):
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)


def l2_pool(x):
    return torch.sqrt(F.avg_pool2d(x**2, 2) + 1e-8)


def clear_cnn(net, x):
    for name, size, channels, pool in [("1a", 7, 16, 1), ("2a", 5, 32, 0), ("2b", 5, 32, 1), ("3a", 5, 32, 1), ("4a", 5, 32, 1)]:
        x = net.layer(name, relu(net.conv(name, x, size, channels)))
        if pool:
            x = l2_pool(x)
    x = net.layer("dense1", relu(net.dense("dense1", flatten(x), 256)))
    return net.layer("dense2", relu(net.dense("dense2", x, 512)))


def compact(net, x):
    for name, size, channels, stride, pool in [("1a", 5, 16, 2, 1), ("2a", 3, 32, 1, 0), ("2b", 3, 32, 1, 1), ("3a", 3, 32, 1, 1)]:
        x = net.layer(name, relu(net.conv(name, x, size, channels, stride)))
        if pool:
            x = l2_pool(x)
    return net.layer("dense1", relu(net.dense("dense1", flatten(x), 256)))


def nature(net, x):
    for name, size, channels, stride in [("1a", 8, 32, 4), ("2a", 4, 64, 2), ("3a", 3, 64, 1)]:
        x = net.layer(name, relu(net.conv(name, x, size, channels, stride, "valid")))
    return net.layer("dense1", relu(net.dense("dense1", flatten(x), 512)))


def impala(net, x):
    for i, channels in enumerate([16, 32, 32]):
        x = net.conv(str(i + 1), x, 3, channels)
        x = F.max_pool2d(pad(x, 3, 2, -1e30), 3, 2)
        for block in "ab":
            name = f"{i + 1}{block}"
            y = net.conv(f"{name}/a", net.layer(f"{name}/a", relu(x)), 3, channels)
            y = net.conv(f"{name}/b", net.layer(f"{name}/b", relu(y)), 3, channels)
            x = net.layer(name, y + x)
    x = net.layer("final", relu(x))
    return net.layer("dense1", relu(net.dense("dense1", flatten(x), 256)))


def frame(kind):
    """Bytes [64, 64, 3]; `kind` is a name and a seed."""
    name, seed = kind.split("/")
    if name == "noisy":
        return np.floor((uniform(int(seed), 64 * 64 * 3).reshape(64, 64, 3) + 1) * 128).astype(np.uint8)
    colours = np.floor((uniform(int(seed), 6) + 1) * 128).astype(np.uint8)
    flat = np.tile(colours[:3], (64, 64, 1))
    flat[20:40, 10:30] = colours[3:]
    return flat


def determined(net, name, targets, layers):
    """The first frame of that name whose gradients rounding does not change: no unit sits on a kink."""
    nudge = torch.tensor(uniform(5, 3 * 64 * 64).reshape(1, 3, 64, 64) * 5e-7)
    for seed in range(1, 400):
        image = tensor_of(frame(f"{name}/{seed}"))
        worst = 0.0
        for kind in targets:
            grads = []
            for dtype, factor in [(torch.float64, 1), (torch.float32, 1), (torch.float64, 1 + nudge), (torch.float64, 1 - nudge)]:
                net.parameters.dtype = dtype
                point = (factor * image).to(dtype).requires_grad_(True)
                outputs = net.outputs(point)
                grads.append(torch.autograd.grad(target(kind, outputs).sum(), [net.layers[layer] for layer in layers]))
            for other in grads[1:]:
                for exact, near in zip(grads[0], other):
                    worst = max(worst, ((exact - near).norm() / exact.norm()).item())
        net.parameters.dtype = torch.float64
        if worst < 3e-6:
            print(name, seed, worst)
            return f"{name}/{seed}"
    raise SystemExit(f"no {name} frame is determined")


def target(kind, outputs):
    logits = outputs[:, :ACTIONS]
    if kind == "value":
        return outputs[:, ACTIONS]
    if kind == "centred":
        return logits[:, 1] - logits.mean(1)
    if kind == "logProbability":
        return F.log_softmax(logits, 1)[:, 2]
    return -(F.softmax(logits, 1) * F.log_softmax(logits, 1)).sum(1)


def tensor_of(image):
    return torch.tensor(image.astype(np.float32).astype(np.float64) / 255).permute(2, 0, 1)[None]


def gradient(net, layer, point, bypass, kind, rule="plain"):
    """Scores [n] and d score / d point, at `layer`; `bypass` are other layers held fixed (residual networks)."""
    ReluRule.rule = rule
    point = point.detach().clone().requires_grad_(True)
    image = torch.zeros(point.shape[0], 3, 64, 64, dtype=torch.float64) if layer != "input" else point
    known = {name: value.expand(point.shape[0], *value.shape[1:]) for name, value in bypass.items()}
    outputs = net.outputs(image, {**known, layer: point})
    scores = target(kind, outputs)
    scores.sum().backward()
    ReluRule.rule = "plain"
    return scores.detach(), point.grad


def integrate(net, layer, point, bypass, kind, steps=20):
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    nodes, weights = torch.tensor((nodes + 1) / 2), torch.tensor(weights / 2)
    path = nodes[:, None].reshape([-1] + [1] * (point.dim() - 1)) * point
    _, g = gradient(net, layer, path, bypass, kind)
    return point[0] * (weights.reshape([-1] + [1] * (point.dim() - 1)) * g).sum(0)


def grad_cam(net, layer, point, bypass, kind):
    _, g = gradient(net, layer, point, bypass, kind)
    alpha = g.mean((2, 3), keepdim=True)
    return (alpha * point).sum(1).clamp(min=0)[0]


def occlude(net, image, kind, window=16, stride=16):
    x = tensor_of(image)
    score = target(kind, net.outputs(x))
    result = np.zeros((64, 64))
    for top in range(0, 64, stride):
        for left in range(0, 64, stride):
            covered = x.clone()
            covered[:, :, top : top + window, left : left + window] = 0
            result[top : top + window, left : left + window] = (score - target(kind, net.outputs(covered))).item()
    return result


def blur(net, image, kind, sarfa):
    """Spots of radius 5 every 8 pixels, blur 3; the values of the spots, not resized."""
    x = tensor_of(image).numpy()[0].transpose(1, 2, 0)
    blurred = gaussian_filter(x, (3, 3, 0), mode="nearest", truncate=4.0)
    y, z = np.mgrid[0:64, 0:64]
    with torch.no_grad():
        original = net.outputs(tensor_of(image))
        values = np.zeros((8, 8))
        for i in range(8):
            for j in range(8):
                mask = np.exp(-((y - (8 * i + 3.5)) ** 2 + (z - (8 * j + 3.5)) ** 2) / 50)[..., None]
                mixed = torch.tensor((x * (1 - mask) + blurred * mask).transpose(2, 0, 1)[None])
                outputs = net.outputs(mixed)
                if not sarfa:
                    values[i, j] = 0.5 * (target(kind, outputs) - target(kind, original)).item() ** 2
                    continue
                p = F.softmax(original[0, :ACTIONS], 0).numpy()
                q = F.softmax(outputs[0, :ACTIONS], 0).numpy()
                drop = p[1] - q[1]
                rest_p, rest_q = np.delete(p, 1), np.delete(q, 1)
                rest_p, rest_q = rest_p / rest_p.sum(), rest_q / rest_q.sum()
                k = 1 / (1 + (rest_p * np.log(rest_p / rest_q)).sum())
                values[i, j] = 2 * k * drop / (k + drop) if drop > 0 else 0
    return values


cases = []


def record(network, kind, layer, frame_kind, method, score, values):
    """[c, h, w] or [h, w] or [features] -> channels last, then a seeded sample and the whole norm."""
    values = np.asarray(values)
    if values.ndim == 3:
        values = values.transpose(1, 2, 0)
    flat = values.reshape(-1)
    if flat.size > SAMPLES:
        picks = np.floor((uniform(7, SAMPLES) + 1) / 2 * flat.size).astype(int)
    else:
        picks = np.arange(flat.size)
    cases.append(
        {
            "network": network,
            "target": kind,
            "layer": layer,
            "frame": frame_kind,
            "method": method,
            "score": float(score),
            "length": int(flat.size),
            "norm": float(np.linalg.norm(flat)),
            "values": [float(f"{v:.8g}") for v in flat[picks]],
        }
    )


def run(network, build, layers, frames, targets, extra=False):
    net = Net(build)
    for name in frames:
        frame_kind = determined(net, name, targets, layers)
        image = frame(frame_kind)
        x = tensor_of(image)
        with torch.no_grad():
            net.outputs(x)
        computed = dict(net.layers)
        for layer, beside in layers.items():
            point = computed[layer]
            bypass = {name: computed[name] for name in beside}
            for kind in targets:
                score, g = gradient(net, layer, point, bypass, kind)
                add = lambda method, values: record(network, kind, layer, frame_kind, method, score[0], values)
                add("gradient", g[0])
                add("gradientTimesInput", (g * point)[0])
                add("integratedGradients", integrate(net, layer, point, bypass, kind))
                for rule in ("guidedBackprop", "deconvnet"):
                    add(rule, gradient(net, layer, point, bypass, kind, rule)[1][0])
                if point.dim() == 4:
                    add("gradCam", grad_cam(net, layer, point, bypass, kind))
        if extra:
            score = target("centred", net.outputs(x)).item()
            record(network, "centred", "input", frame_kind, "occlusion", score, occlude(net, image, "centred"))
            record(network, "centred", "input", frame_kind, "blurSpots", score, blur(net, image, "centred", False))
            record(network, "centred", "input", frame_kind, "sarfaSpots", score, blur(net, image, "centred", True))
    return net


targets = ["value", "centred", "logProbability"]
run("compact", compact, {"input": [], "2b": [], "dense1": []}, ["noisy", "flat"], targets + ["entropy"], True)
run("clear_cnn", clear_cnn, {"input": [], "2b": []}, ["noisy", "flat"], targets)
run("nature", nature, {"input": [], "2a": []}, ["noisy", "flat"], targets)
run("impala", impala, {"input": [], "2b": []}, ["noisy"], targets)
# On a flat frame whole windows of the first max pools are ties, and which of them gets the gradient is anybody's choice:
# at the input only what needs none, and gradients from a layer on to which the frame's edges have broken them.
run("impala", impala, {"2b": []}, ["flat"], targets, True)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gradients.json")
with open(path, "w") as file:
    file.write('{"actions":%d,"samples":%d,"cases":[\n' % (ACTIONS, SAMPLES))
    file.write(",\n".join(json.dumps(case) for case in cases))
    file.write("\n]}\n")
print(len(cases), "cases", os.path.getsize(path), "bytes")
