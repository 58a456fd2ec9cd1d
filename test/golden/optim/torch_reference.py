"""Writes torch.json: what PyTorch's optimizers and schedulers do. Run in this folder: python3 torch_reference.py"""

import json
import math
import random

import torch
from torch.optim import lr_scheduler as schedulers

torch.set_default_dtype(torch.float64)
STEPS = 12


def parameters():
    W = torch.tensor([[0.5, -1.25, 2.0], [-0.75, 0.125, 1.5]], requires_grad=True)
    b = torch.tensor([0.25, -0.5, 3.0], requires_grad=True)
    return [W, b]


def gradients():
    """Of very different sizes from entry to entry; the last entry of W has none, one of b not always."""
    draw = random.Random(6)
    sizes = [1, 0.1, 10, 1e-3, 2, 0, 0.5, 3, 1]
    rows = [[round(size * draw.gauss(0.3, 1), 6) for size in sizes] for _ in range(STEPS)]
    for row in rows[4:7]:
        row[8] = 0.0
    return rows


def walk(make, scheduler=None):
    W, b = params = parameters()
    optimizer = make(params)
    schedule = scheduler(optimizer) if scheduler else None
    places = []
    for row in gradients():
        W.grad = torch.tensor(row[:6]).reshape(2, 3)
        b.grad = torch.tensor(row[6:])
        optimizer.step()
        if schedule:
            schedule.step()
        places.append(torch.cat([W.detach().flatten(), b.detach()]).tolist())
    return places


def rates(make, steps):
    """The learning rate of each step, from an initial one of 0.1."""
    optimizer = torch.optim.SGD(parameters(), lr=0.1)
    schedule = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def case(name, options, optimizer, **given):
    path = walk(lambda params: optimizer(params, **given))
    return {"optimizer": name, "options": options, "torch": f"{optimizer.__name__} {given}", "path": path}


def schedule(name, options, steps, text, make):
    return {"schedule": name, "options": options, "torch": text, "rates": rates(make, steps)}


def warmed(optimizer):
    rise = schedulers.LinearLR(optimizer, start_factor=1 / 4, end_factor=1, total_iters=3)
    fall = schedulers.CosineAnnealingLR(optimizer, T_max=10)
    return schedulers.SequentialLR(optimizer, [rise, fall], milestones=[4])


O = torch.optim
cases = [
    case("sgd", {"learningRate": 0.1}, O.SGD, lr=0.1),
    case("momentum", {"learningRate": 0.1}, O.SGD, lr=0.1, momentum=0.9),
    case("nesterov", {"learningRate": 0.1}, O.SGD, lr=0.1, momentum=0.9, nesterov=True),
    case("nesterov", {"learningRate": 0.05, "momentum": 0.5}, O.SGD, lr=0.05, momentum=0.5, nesterov=True),
    case("rmsprop", {}, O.RMSprop),
    case("rmsprop", {"learningRate": 0.1, "alpha": 0.9, "epsilon": 1e-3}, O.RMSprop, lr=0.1, alpha=0.9, eps=1e-3),
    case("rmsprop", {"momentum": 0.9}, O.RMSprop, momentum=0.9),
    case("rmsprop", {"centered": True}, O.RMSprop, centered=True),
    case(
        "rmsprop",
        {"centered": True, "momentum": 0.7, "alpha": 0.8, "epsilon": 1e-2},
        O.RMSprop, centered=True, momentum=0.7, alpha=0.8, eps=1e-2,
    ),
    case("adagrad", {}, O.Adagrad),
    case(
        "adagrad",
        {"learningRate": 0.5, "initialAccumulator": 0.1, "epsilon": 1e-3},
        O.Adagrad, lr=0.5, initial_accumulator_value=0.1, eps=1e-3,
    ),
    case("adam", {}, O.Adam),
    case(
        "adam",
        {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        O.Adam, lr=0.1, betas=(0.8, 0.95), eps=1e-3,
    ),
    case("adamw", {}, O.AdamW),
    case("adamw", {"learningRate": 0.1, "weightDecay": 0.3}, O.AdamW, lr=0.1, weight_decay=0.3),
]

schedules = [
    schedule("exponentialDecay", {"decayRate": 0.9}, 20, "ExponentialLR gamma=0.9",
             lambda o: schedulers.ExponentialLR(o, gamma=0.9)),
    schedule("stepDecay", {"stepSize": 4, "decayRate": 0.5}, 20, "StepLR step_size=4 gamma=0.5",
             lambda o: schedulers.StepLR(o, step_size=4, gamma=0.5)),
    schedule("stepDecay", {"milestones": [3, 4, 11]}, 20, "MultiStepLR milestones=[3, 4, 11]",
             lambda o: schedulers.MultiStepLR(o, milestones=[3, 4, 11])),
    schedule("linearDecay", {"decaySteps": 8, "end": 0.02}, 20, "LinearLR 1 to 0.2 in 8",
             lambda o: schedulers.LinearLR(o, start_factor=1, end_factor=0.2, total_iters=8)),
    schedule("cosineDecay", {"decaySteps": 15, "end": 0.01}, 16, "CosineAnnealingLR T_max=15 eta_min=0.01",
             lambda o: schedulers.CosineAnnealingLR(o, T_max=15, eta_min=0.01)),
    schedule("cosineDecay", {"decaySteps": 6, "restarts": True}, 20, "CosineAnnealingWarmRestarts T_0=6",
             lambda o: schedulers.CosineAnnealingWarmRestarts(o, T_0=6)),
    schedule("cosineDecay", {"decaySteps": 3, "end": 0.001, "restarts": {"tMul": 2}}, 50,
             "CosineAnnealingWarmRestarts T_0=3 T_mult=2 eta_min=0.001",
             lambda o: schedulers.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2, eta_min=0.001)),
    schedule("warmup", {"steps": 4, "cosineDecay": {"decaySteps": 10}}, 15,
             "SequentialLR of LinearLR 1/4 to 1 in 3 and CosineAnnealingLR T_max=10, milestones=[4]", warmed),
]

# A rate that changes: momentum takes it outside of the velocity, AdamW takes the decay along.
scheduled = [
    {
        "optimizer": name,
        "options": options,
        "schedule": "exponentialDecay",
        "scheduleOptions": {"decayRate": 0.7},
        "path": walk(make, lambda o: schedulers.ExponentialLR(o, gamma=0.7)),
    }
    for name, options, make in [
        ("momentum", {}, lambda ps: O.SGD(ps, lr=0.1, momentum=0.9)),
        ("nesterov", {}, lambda ps: O.SGD(ps, lr=0.1, momentum=0.9, nesterov=True)),
        ("rmsprop", {"momentum": 0.5}, lambda ps: O.RMSprop(ps, lr=0.1, momentum=0.5)),
        ("adagrad", {}, lambda ps: O.Adagrad(ps, lr=0.1)),
        ("adamw", {"weightDecay": 0.5}, lambda ps: O.AdamW(ps, lr=0.1, weight_decay=0.5)),
    ]
]


def finite(value):
    return all(map(finite, value)) if isinstance(value, list) else math.isfinite(value)


assert all(finite(record["path"]) for record in cases + scheduled)
W, b = parameters()
with open("torch.json", "w") as file:
    start = {"W": W.tolist(), "b": b.tolist()}
    text = json.dumps(
        {
            "about": f"PyTorch {torch.__version__}, float64, by torch_reference.py",
            "start": start,
            "gradients": gradients(),
            "cases": cases,
            "scheduled": scheduled,
            "schedules": schedules,
        }
    )
    # A line for each record and each row of numbers.
    file.write(text.replace('{"optimizer"', '\n{"optimizer"').replace('{"schedule"', '\n{"schedule"').replace("], [", "],\n["))
    file.write("\n")
