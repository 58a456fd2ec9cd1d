"""PyTorch, eager, on one thread."""

import itertools
import json
import os

import torch

from host import POINTS, Side, serve

torch.set_num_threads(1)
torch.set_num_interop_threads(1)

settings = json.loads(os.environ["BENCH_SETTINGS"])


def train(inputs, data, optimizer, loss):
    """A training step: value and gradient of the loss, then the optimizer's update."""
    fixed = {name: torch.from_numpy(inputs[name]) for name in data}
    params = {
        name: torch.from_numpy(x).requires_grad_() for name, x in inputs.items() if name not in data
    }
    moving = optimizer(list(params.values()))

    def step():
        moving.zero_grad(set_to_none=True)
        loss(**params, **fixed).backward()
        moving.step()

    def results():
        value = loss(**params, **fixed)
        return {name: x.detach().numpy() for name, x in {"loss": value, **params}.items()}

    return Side(step, results)


def adam(params):
    betas = (settings["beta1"], settings["beta2"])
    return torch.optim.Adam(params, lr=settings["adam"], betas=betas, eps=settings["epsilon"])


def descent(params):
    return torch.optim.SGD(params, lr=settings["descent"])


def mlp_small(inputs):
    def loss(X, y, W1, b1, W2, b2, W3, b3):
        first = torch.tanh(X @ W1 + b1)
        second = torch.tanh(first @ W2 + b2)
        return (second @ W3 + b3 - y).square().mean()

    return train(inputs, ["X", "y"], adam, loss)


def mlp_digits(inputs):
    def loss(X, labels, W1, b1, W2, b2):
        logits = torch.relu(X @ W1 + b1) @ W2 + b2
        return torch.nn.functional.cross_entropy(logits, labels)

    return train(inputs, ["X", "labels"], adam, loss)


def mlp_large(inputs):
    def loss(X, labels, W1, b1, W2, b2, W3, b3):
        first = torch.relu(X @ W1 + b1)
        second = torch.relu(first @ W2 + b2)
        return torch.nn.functional.cross_entropy(second @ W3 + b3, labels)

    return train(inputs, ["X", "labels"], adam, loss)


def least_squares(inputs):
    return train(inputs, ["X", "y"], descent, lambda X, y, w: (X @ w - y).square().mean())


def likelihood(inputs):
    """Value and gradient of logdet(X) + tr(X⁻¹·C), at three points in turn."""
    points = itertools.cycle(torch.from_numpy(inputs[x]).requires_grad_() for x in POINTS)
    C = torch.from_numpy(inputs["C"])
    last = {}

    def step():
        X = next(points)
        value = torch.logdet(X) + torch.trace(torch.linalg.inv(X) @ C)
        (gradient,) = torch.autograd.grad(value, X)
        last.update(value=value, gradient=gradient)

    return Side(step, lambda: {name: x.detach().numpy() for name, x in last.items()})


serve(
    {
        "mlpSmall": mlp_small,
        "mlpDigits": mlp_digits,
        "mlpLarge": mlp_large,
        "leastSquares": least_squares,
        "logdet16": likelihood,
        "logdet128": likelihood,
        "logdet512": likelihood,
        "logdetDouble16": likelihood,
        "logdetDouble128": likelihood,
        "logdetDouble512": likelihood,
    }
)
