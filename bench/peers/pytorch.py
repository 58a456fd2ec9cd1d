"""PyTorch, eager, on one thread."""

import itertools
import json
import os

import torch
from torch.autograd.functional import hessian

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


def quadratic(inputs):
    """A function, the point of its derivatives and a direction; the two below likewise."""
    A, x, v = (torch.from_numpy(inputs[name]) for name in ["A", "x", "v"])
    return lambda x: x @ (A @ x), x, v


def logistic(inputs):
    X, y, w, v = (torch.from_numpy(inputs[name]) for name in ["X", "y", "w", "v"])

    def loss(w):
        z = X @ w
        return (torch.nn.functional.softplus(z) - y * z).mean()

    return loss, w, v


def factors(inputs):
    T, U, V, W = (torch.from_numpy(inputs[name]) for name in ["T", "U", "V", "W"])
    return lambda U: (T - U @ V.T).square().sum(), U, W


def again(name, result):
    """Calculates one thing in each step."""
    return Side(result, lambda: {name: result().numpy()})


def dense(problem, hessian_at=hessian):
    def side(inputs):
        f, x, _ = problem(inputs)
        return again("hessian", lambda: hessian_at(f, x))

    return side


def dense_product(problem, hessian_at=hessian):
    """The Hessian, and its product with a direction."""

    def side(inputs):
        f, x, v = problem(inputs)
        return again("product", lambda: torch.tensordot(hessian_at(f, x), v, v.dim()))

    return side


def hvp(problem):
    """By going backwards through the gradient."""

    def side(inputs):
        f, x, v = problem(inputs)
        x.requires_grad_()

        def result():
            (gradient,) = torch.autograd.grad(f(x), x, create_graph=True)
            return torch.autograd.grad(gradient, x, v)[0]

        return again("product", result)

    return side


def newton(inputs):
    """The Hessian of ‖T − U·Vᵀ‖² by U, found by hand: D becomes 2·D·(VᵀV)."""
    T, U, V = (torch.from_numpy(inputs[name]) for name in ["T", "U", "V"])
    U.requires_grad_()
    last = {}

    def step():
        value = (T - U @ V.T).square().sum()
        (gradient,) = torch.autograd.grad(value, U)
        moved = U.detach() - torch.linalg.solve(2 * (V.T @ V), gradient.T).T
        last.update(value=value, gradient=gradient, U=moved)

    return Side(step, lambda: {name: x.detach().numpy() for name, x in last.items()})


if __name__ == "__main__":
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
            "hessianQuadratic100": dense(quadratic),
            "hessianQuadratic500": dense(quadratic),
            "hessianLogistic": dense(logistic),
            "hessianFactors": dense(factors),
            "operatorFactors": dense_product(factors),
            "hvpQuadratic100": hvp(quadratic),
            "hvpQuadratic500": hvp(quadratic),
            "hvpLogistic": hvp(logistic),
            "hvpFactors": hvp(factors),
            "newtonFactors": newton,
        }
    )
