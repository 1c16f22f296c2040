"""Golden values for PPO's loss and Adam, from PyTorch's autograd in float64. Run: python3 tests/golden/agent_reference.py"""

import json
import pathlib

import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
ROWS, ACTIONS, CLIP = 6, 3, 0.2


def loss_case(clip_value):
    logits = torch.randn(ROWS, ACTIONS, requires_grad=True)
    value = torch.randn(ROWS, requires_grad=True)
    actions = torch.tensor([0, 1, 2, 2, 1, 0])
    old_log = (torch.log_softmax(logits, 1)[range(ROWS), actions] + 0.3 * torch.randn(ROWS)).detach()
    old_value = (value + 0.4 * torch.randn(ROWS)).detach()
    advantages, returns = torch.randn(ROWS), torch.randn(ROWS)
    weights = torch.tensor([1, 1, 1, 1, 1, 0]) / 5
    log_probabilities = torch.log_softmax(logits, 1)
    log_ratio = log_probabilities[range(ROWS), actions] - old_log
    ratio = log_ratio.exp()
    policy = -(torch.min(ratio * advantages, ratio.clamp(1 - CLIP, 1 + CLIP) * advantages) * weights).sum()
    error = (value - returns) ** 2
    if clip_value:
        near = old_value + (value - old_value).clamp(-CLIP, CLIP)
        error = torch.max(error, (near - returns) ** 2)
    value_loss = 0.5 * (error * weights).sum()
    entropy = (-(log_probabilities.exp() * log_probabilities).sum(1) * weights).sum()
    loss = policy + 0.5 * value_loss - 0.01 * entropy
    loss.backward()
    return dict(
        clipValue=clip_value,
        logits=logits.flatten().tolist(),
        value=value.tolist(),
        actions=actions.tolist(),
        oldLogProbabilities=old_log.tolist(),
        oldValues=old_value.tolist(),
        advantages=advantages.tolist(),
        returns=returns.tolist(),
        weights=weights.tolist(),
        loss=loss.item(),
        policyLoss=policy.item(),
        valueLoss=value_loss.item(),
        entropy=entropy.item(),
        approximateKl=((ratio - 1 - log_ratio) * weights).sum().item(),
        clipFraction=(((ratio - 1).abs() > CLIP) * weights).sum().item(),
        logitsGradient=logits.grad.flatten().tolist(),
        valueGradient=value.grad.tolist(),
    )


def adam_case():
    start = torch.randn(4)
    parameter = torch.nn.Parameter(start.clone())
    optimiser = torch.optim.Adam([parameter], lr=0.01, eps=1e-5)
    gradients, trajectory = [], []
    for scale in (1.0, 0.1, 3.0):
        gradient = torch.randn(4) * scale
        gradients.append(gradient.tolist())
        parameter.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_([parameter], 0.5)
        optimiser.step()
        trajectory.append(parameter.detach().tolist())
    return dict(start=start.tolist(), gradients=gradients, trajectory=trajectory, learningRate=0.01, epsilon=1e-5, maxNorm=0.5)


out = pathlib.Path(__file__).with_name("agent.json")
out.write_text(json.dumps(dict(loss=[loss_case(True), loss_case(False)], adam=adam_case()), indent=1) + "\n")
