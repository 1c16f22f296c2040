"""Small policies exported by PyTorch, with what PyTorch computes for them: the reference for importing ONNX.

Run with Debian's python3-torch:  /usr/bin/python3 tests/golden/nn/export_models.py
Writes <name>.onnx and expected.json beside itself. Observations are [height, width, channel] bytes; activations and
gradients of images are written [height, width, channel], whatever the model's own order.
"""

import copy
import json
import os
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
here = os.path.dirname(os.path.abspath(__file__))


def orthogonal(module, gain=1.0):
    for m in module.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            nn.init.orthogonal_(m.weight, gain)
            if m.bias is not None:
                nn.init.uniform_(m.bias, -0.2, 0.2)
        if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d)):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.uniform_(m.bias, -0.3, 0.3)
            nn.init.uniform_(m.running_mean, -0.3, 0.3)
            nn.init.uniform_(m.running_var, 0.5, 1.5)


class NatureActorCritic(nn.Module):
    """Stable-Baselines3's CnnPolicy: NCHW bytes, scaled inside, two heads (Mnih et al. 2015's convolutions)."""

    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(3, 4, 8, 4), nn.ReLU(), nn.Conv2d(4, 6, 4, 2), nn.ReLU(), nn.Conv2d(6, 5, 3, 1), nn.ReLU(),
            nn.Flatten(),
        )
        self.linear = nn.Sequential(nn.Linear(5 * 2 * 2, 16), nn.ReLU())
        self.action_net = nn.Linear(16, 5)
        self.value_net = nn.Linear(16, 1)
        self.watched = {"/cnn/cnn.2/Conv": self.cnn[2], "/cnn/cnn.3/Relu": self.cnn[3]}

    def forward(self, x):
        features = self.linear(self.cnn(x.to(self.value_net.weight.dtype) / 255.0))
        return self.action_net(features), self.value_net(features)


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm0 = nn.BatchNorm2d(channels)
        self.conv0 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        y = self.conv0(F.relu(self.norm0(x)))
        return x + self.conv1(F.relu(self.norm1(y)))


class ImpalaActorCritic(nn.Module):
    """CleanRL's procgen network: NHWC, permuted and scaled inside, overlapping pools; here with batch normalisation,
    and with logits and value joined in one output."""

    def __init__(self):
        super().__init__()
        self.conv0 = nn.Conv2d(3, 4, 3, padding=1)
        self.block0 = Residual(4)
        self.conv1 = nn.Conv2d(4, 6, 3, padding=1)
        self.block1 = Residual(6)
        self.hidden = nn.Linear(6 * 5 * 4, 16)
        self.actor = nn.Linear(16, 4)
        self.critic = nn.Linear(16, 1)
        self.watched = {"/block0/Add": self.block0, "/conv1/Conv": self.conv1}

    def forward(self, x):
        x = x.permute((0, 3, 1, 2)) / 255.0
        x = self.block0(F.max_pool2d(self.conv0(x), 3, 2, 1))
        x = self.block1(F.max_pool2d(self.conv1(x), 3, 2, 1))
        x = F.relu(self.hidden(F.relu(x).reshape(x.shape[0], -1)))
        return torch.cat([self.actor(x), self.critic(x)], 1)


class Perceptron(nn.Module):
    """A vector observation; weights without bias become MatMul, the value loses its last axis."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(7, 8, bias=False)
        self.shift = nn.Parameter(torch.randn(8) * 0.3)
        self.second = nn.Linear(8, 8)
        self.norm = nn.BatchNorm1d(8)
        self.actor = nn.Linear(8, 3)
        self.critic = nn.Linear(8, 1)
        self.watched = {"/second/Gemm": self.second}

    def forward(self, x):
        x = torch.tanh(self.first(x) + self.shift)
        x = torch.tanh(self.second(x))
        x = self.norm(x)
        return self.critic(x).squeeze(-1), self.actor(x)


class Sampler(nn.Module):
    """A walk through the operators: odd pads, groups, dilations, all pools, gates, dueling heads."""

    def __init__(self):
        super().__init__()
        self.conv0 = nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=(2, 1))
        self.grouped = nn.Conv2d(4, 8, 3, padding=2, dilation=2, groups=2, bias=False)
        self.conv1 = nn.Conv2d(8, 6, 3, stride=2, padding=1)
        self.gate = nn.Linear(6, 6)
        self.hidden = nn.Linear(6 + 6 + 4, 12)
        self.advantage = nn.Linear(12, 5)
        self.value = nn.Linear(12, 1)
        self.register_buffer("mean", torch.rand(2, 1, 1))
        self.register_buffer("deviation", torch.rand(1, 2, 1, 1) + 0.5)
        self.watched = {"/conv0/Conv": self.conv0, "/grouped/Conv": self.grouped, "/conv1/Conv": self.conv1}

    def forward(self, x):
        x = (x / 128.0 - self.mean) / self.deviation
        x = F.pad(x, (1, 0, 2, 1), value=0.5)
        x = F.leaky_relu(self.conv0(x), 0.1)
        x = F.max_pool2d(x, 3, 2, 1, ceil_mode=True)
        x = torch.sigmoid(self.grouped(x)) * 2.0 - 0.3
        x = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) + F.avg_pool2d(x, (3, 1), 1, (1, 0))
        x = torch.clamp(self.conv1(x), -0.7, 0.9)
        gate = torch.sigmoid(self.gate(x.mean((2, 3))))
        x = x * gate.unsqueeze(-1).unsqueeze(-1)
        pooled = F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1)
        spread = torch.sqrt(((x - x.mean((2, 3), keepdim=True)) ** 2).mean((2, 3)) + 1e-3)
        share = torch.softmax(x.reshape(x.size(0), -1)[:, :8], 1)
        some = torch.cat([share[:, 1:4], 1.0 / (share[:, 5].unsqueeze(1) + 1.0)], 1)
        x = torch.relu(self.hidden(torch.cat([pooled, spread, some], 1)))
        advantage = self.advantage(x)
        logits = self.value(x) + (advantage - advantage.mean(1, keepdim=True))
        return logits, self.value(x)


def channel_last(tensor):
    array = tensor.detach().numpy()[0]
    return array.transpose(1, 2, 0) if array.ndim == 3 else array


def rounded(array):
    return [float(f"{v:.6g}") for v in np.asarray(array, dtype=np.float64).ravel()]


def gradient_of(model, given, split):
    """Of logit 1 plus twice the value, with respect to the model's input."""
    given = given.detach().clone().requires_grad_()
    logits, value = split(model(given))
    return torch.autograd.grad(logits[0, 1] + 2 * value.sum(), given)[0].detach().numpy()


def on_a_kink(model, given, split):
    """Whether rounding decides the gradient: an activation so close to a ReLU's corner is no reference for anybody."""
    single = gradient_of(model, given, split)
    double = gradient_of(copy.deepcopy(model).double(), given.double(), split)
    return np.abs(single - double).max() > 1e-5 * np.abs(double).max()


def export(name, model, picture, to_input, options, opset=13, dynamic=True, outputs=None, split=None):
    model.eval()
    observation = picture()
    while on_a_kink(model, to_input(observation).float(), split):
        observation = picture()
    example = to_input(observation)
    path = os.path.join(here, f"{name}.onnx")
    names = outputs or ["output"]
    axes = {n: {0: "batch"} for n in ["observation", *names]} if dynamic else None
    keep = torch.onnx.TrainingMode.PRESERVE
    torch.onnx.export(
        model, example, path, opset_version=opset, input_names=["observation"], output_names=names,
        dynamic_axes=axes, training=keep, do_constant_folding=False,
    )
    seen = {}
    hooks = [
        m.register_forward_hook(lambda _, __, out, layer=layer: seen.__setitem__(layer, out))
        for layer, m in model.watched.items()
    ]
    logits, value = split(model(example.float()))
    for hook in hooks:
        hook.remove()
    back = gradient_of(model, example.float(), split)[0]
    if options.get("layout", "nchw") == "nchw" and back.ndim == 3:
        back = back.transpose(1, 2, 0)
    return {
        "file": f"{name}.onnx",
        "observationShape": list(observation.shape),
        "observation": observation.ravel().tolist(),
        "declaration": options.get("declaration", {}),
        "logits": rounded(logits.detach().numpy()),
        "value": rounded(value.detach().numpy()),
        # Of logit 1 plus twice the value, with respect to the graph's input.
        "gradient": rounded(back),
        "layers": {
            layer: {"shape": list(channel_last(out).shape), "activation": rounded(channel_last(out))}
            for layer, out in seen.items()
        },
    }


def main():
    torch.manual_seed(5)
    random = np.random.default_rng(5)
    picture = lambda *shape: lambda: random.integers(0, 256, shape, dtype=np.uint8)
    nchw = lambda o: torch.from_numpy(o.transpose(2, 0, 1)[None].copy())
    same = lambda outputs: outputs
    last = lambda out: (out[:, :-1], out[:, -1])
    models = [NatureActorCritic(), ImpalaActorCritic(), Perceptron(), Sampler()]
    for model in models:
        orthogonal(model)
    nature, impala, perceptron, sampler = models
    cases = [
        export("nature", nature, picture(44, 44, 3), nchw, {}, outputs=["logits", "values"], split=same),
        export("impala", impala, picture(18, 16, 3), lambda o: torch.from_numpy(o[None]).float(),
               {"layout": "nhwc"}, split=last),
        export("perceptron", perceptron, picture(7), lambda o: torch.from_numpy(o[None]).float() / 255 - 0.5,
               {"declaration": {"scale": 1 / 255, "offset": -0.5}}, dynamic=False, outputs=["critic", "actor"],
               split=lambda out: (out[1], out[0])),
    ]
    for opset in (10, 13, 17):
        cases.append(export(f"sampler-{opset}", sampler, picture(13, 11, 2), lambda o: nchw(o).float(), {}, opset=opset,
                            outputs=["logits", "value"], split=same))
    with open(os.path.join(here, "expected.json"), "w") as file:
        json.dump({"torch": torch.__version__, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


main()
