"""The process of a Python peer: answers the questions of src/player.ts, each in a line of JSON."""

import base64
import contextlib
import json
import os
import sys
import time

import numpy

# Answers go where standard output went; what a library prints goes to standard error.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


# The matrices that the likelihood is calculated at.
POINTS = ["X1", "X2", "X3"]


class Side:
    """A workload as one peer does it: `step` is timed, `results` gives named arrays."""

    def __init__(self, step, results):
        self.step = step
        self.results = results


CLOCKS = {"wall": time.perf_counter_ns, "processor": time.process_time_ns}


def time_of(step, repeats, clock):
    """Nanoseconds of all repeats."""
    start = clock()
    for _ in range(repeats):
        step()
    return clock() - start


@contextlib.contextmanager
def one_processor():
    """
    What starts in here sees one processor, and so makes pools of one thread; on Linux. JAX's flags
    alone do not: on two processors it kept both busy with a product.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_of_them)})
    yield
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), all_of_them)


def serve(sides):
    """Answers until there are no more questions; `sides` are functions of the inputs, by workload."""
    side = None
    for line in sys.stdin:
        question = json.loads(line, object_hook=unpack)
        answer = None
        try:
            ask = question["ask"]
            if ask == "start":
                answer = list(sides)
            elif ask == "open":
                side = None
                side = sides[question["workload"]](load(question["inputs"]))
            elif ask == "time":
                answer = time_of(side.step, question["repeats"], CLOCKS[question["clock"]])
            elif ask == "results":
                answer = {name: pack(x) for name, x in side.results().items()}
            reply = {"answer": answer}
        except Exception as error:
            reply = {"error": repr(error)}
        print(json.dumps(reply), file=answers, flush=True)


def load(inputs):
    return {name: x["data"].reshape(x["shape"]) for name, x in inputs.items()}


def unpack(value):
    if "bytes" not in value:
        return value
    return numpy.frombuffer(base64.b64decode(value["bytes"]), value["dtype"]).copy()


def pack(x):
    x = numpy.ascontiguousarray(x)
    return {"dtype": x.dtype.name, "bytes": base64.b64encode(x.tobytes()).decode()}
