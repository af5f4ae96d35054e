# Makes the models of the cache from the originals in their packages, and checks each against its original runtime.
"""Usage: make_models.py JOBS.json, a list of {"id", "recipe", "source", "destination"} and, for a model in two files, "beside".

Called by fill_cache.py with the conversion packages on PYTHONPATH. Fails when a converted model differs from what the
original runtime computes by more than a thousandth of the range of its output.
"""

import hashlib
import json
import os
import sys

import dlib_to_onnx
import ncnn_to_onnx
import numpy as np
import onnx
import onnxruntime
import tflite_to_onnx
from ai_edge_litert.interpreter import Interpreter

TOLERANCE = 1e-3
OUTPUTS = {
    "blazeface_short": ["regressors", "classificators"],
    "face_mesh": ["landmarks", "score"],
    "iris": ["contours", "iris"],
    "selfie_segmentation": ["mask"],
}
GOLDEN_IDENTITY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "identity_golden.json")
GOLDEN_UPSCALING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "upscaling_golden.json")


def pattern(height, width):
    """A smooth RGB picture with values 0–255, the same on every machine."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((x * 3 + y * 2 * (c + 1) + ((x * y) >> 3)) & 255).astype(np.float32)


def session(model):
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    settings.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])


def compare(name, against, pairs):
    """Prints and judges the largest difference; `pairs` are (ours, theirs)."""
    worst, text = 0.0, []
    for ours, theirs in pairs:
        if ours.size != theirs.size or not np.isfinite(ours).all():
            sys.exit(f"make_models: {name} gives {ours.shape} where {against} gives {theirs.shape}")
        difference = float(np.abs(ours.reshape(theirs.shape) - theirs).max())
        extent = max(float(np.ptp(theirs)), float(np.abs(theirs).max()), 1e-3)
        worst = max(worst, difference / extent)
        text.append(f"{difference:.1e} of {extent:.4g}")
    print(f"  {name}: differs from {against} by at most {', '.join(text)}", flush=True)
    if worst > TOLERANCE:
        sys.exit(f"make_models: {name} differs from {against} by {worst:.1e} of the range; {TOLERANCE} is allowed")


def from_tflite(name, data):
    model = tflite_to_onnx.convert(data, name, "input", OUTPUTS[name])
    original = Interpreter(model_content=data, num_threads=1)
    original.allocate_tensors()
    described = original.get_input_details()[0]
    shape = list(described["shape"])
    pictures = [pattern(*shape[1:3]) / 255, np.random.default_rng(1).random(shape[1:], np.float32)]
    ours, pairs = session(model), []
    for picture in pictures:
        picture = picture[None].astype(np.float32)
        original.set_tensor(described["index"], picture)
        original.invoke()
        theirs = [original.get_tensor(output["index"]) for output in original.get_output_details()]
        pairs += zip(ours.run(OUTPUTS[name], {"input": picture}), theirs)
    compare(name, "LiteRT", pairs)
    return model


def centerface(name, data):
    """The package's graph with free dimensions; its declared [10,3,32,32] is only what it was exported with."""
    original = onnx.load_from_string(data)
    model = onnx.load_from_string(data)
    graph = model.graph
    used = {value for node in graph.node for value in node.input}
    weights = [value for value in graph.initializer if value.name in used]
    stored = {value.name for value in graph.initializer}
    inputs = [value for value in graph.input if value.name not in stored]
    for field, values in ((graph.initializer, weights), (graph.input, inputs)):
        kept = [type(value).FromString(value.SerializeToString()) for value in values]
        del field[:]
        field.extend(kept)
    for value, names in [(graph.input[0], ("n", None, "h", "w"))] + [(o, ("n", None, "h4", "w4")) for o in graph.output]:
        for dimension, symbol in zip(value.type.tensor_type.shape.dim, names):
            if symbol:
                dimension.dim_param = symbol
    onnx.checker.check_model(model)
    batch = np.stack([pattern(32, 32).transpose(2, 0, 1)[:, :, :] + shift for shift in range(10)])
    feed = {"input.1": batch}
    compare(name, "the package's graph", zip(session(model).run(None, feed), session(original).run(None, feed)))
    session(model).run(None, {"input.1": pattern(96, 160).transpose(2, 0, 1)[None]})
    return model


def identity(name, data):
    """Compared with the embedding that dlib 19.24 (C++) computed of the same pattern, kept as a data file."""
    model = dlib_to_onnx.convert(data)
    with open(GOLDEN_IDENTITY, encoding="utf-8") as file:
        golden = np.array(json.load(file)["embedding"], np.float32)
    picture = pattern(150, 150).transpose(2, 0, 1)[None]
    compare(name, "dlib", [(session(model).run(["embedding"], {"input": picture})[0][0], golden)])
    return model


def from_ncnn(name, data, param):
    """Compared with what ncnn 1.0.20261020's CPU code computed of the same pattern, kept as a data file."""
    model = ncnn_to_onnx.convert(param, data, name)
    with open(GOLDEN_UPSCALING, encoding="utf-8") as file:
        golden = json.load(file)[name]
    ours = session(model).run(["output"], {"input": pattern(20, 28).transpose(2, 0, 1)[None] / 255})[0][0]
    if list(ours.shape) != golden["shape"]:
        sys.exit(f"make_models: {name} gives {ours.shape} where ncnn gives {golden['shape']}")
    compare(name, "ncnn", [(ours.reshape(-1)[::golden["every"]], np.array(golden["values"], np.float32))])
    return model


RECIPES = {"tflite": from_tflite, "centerface": centerface, "identity": identity, "ncnn": from_ncnn}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    for job in jobs:
        parts = []
        for path in [job["source"], job.get("beside")]:
            if path:
                with open(path, "rb") as file:
                    parts.append(file.read())
        model = RECIPES[job["recipe"]](job["id"], *parts)
        data = model.SerializeToString(deterministic=True)
        with open(job["destination"], "wb") as file:
            file.write(data)
        print(f"  {job['id']}: {len(data) / 1e6:.1f} MB, {hashlib.sha256(data).hexdigest()[:12]}", flush=True)


if __name__ == "__main__":
    main()
