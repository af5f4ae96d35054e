# Writes the tiny graphs that InferenceTests run. Needs the packages onnx and numpy: python3 make.py
import os

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h

here = os.path.dirname(os.path.abspath(__file__))


def save(name, nodes, inputs, outputs, constants=()):
    graph = h.make_graph(nodes, name, inputs, outputs, list(constants))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=8, producer_name="masque tests")
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(here, name + ".onnx"))


def info(name, kind, shape):
    return h.make_tensor_value_info(name, kind, shape)


for name, kind in {"float32": T.FLOAT, "float64": T.DOUBLE, "float16": T.FLOAT16, "int64": T.INT64,
                   "int32": T.INT32, "uint8": T.UINT8, "bool": T.BOOL}.items():
    save("identity_" + name, [h.make_node("Identity", ["x"], ["y"])],
         [info("x", kind, ["n", 3])], [info("y", kind, ["n", 3])])

# Two inputs, two outputs: sum and product; a is [2, free], b is [2, 1].
save("add_multiply", [h.make_node("Add", ["a", "b"], ["sum"]), h.make_node("Mul", ["a", "b"], ["product"])],
     [info("a", T.FLOAT, [2, "w"]), info("b", T.FLOAT, [2, 1])],
     [info("sum", T.FLOAT, [2, "w"]), info("product", T.FLOAT, [2, "w"])])

# A mean over all that leaves a scalar, of rank 0.
save("mean", [h.make_node("ReduceMean", ["x"], ["mean"], keepdims=0)],
     [info("x", T.FLOAT, ["n"])], [info("mean", T.FLOAT, [])])

# A text tensor, which Masque does not read.
save("text", [h.make_node("Identity", ["x"], ["y"])], [info("x", T.STRING, [1])], [info("y", T.STRING, [1])])

# Two convolutions with a ReLU between; its weights are seeded.
rng = np.random.default_rng(7)
w1 = rng.standard_normal((8, 3, 3, 3), dtype=np.float32) / 5
w2 = rng.standard_normal((2, 8, 3, 3), dtype=np.float32) / 8
save("convolutions", [
    h.make_node("Conv", ["x", "w1"], ["t"], pads=[1, 1, 1, 1]), h.make_node("Relu", ["t"], ["u"]),
    h.make_node("Conv", ["u", "w2"], ["y"], pads=[1, 1, 1, 1])],
    [info("x", T.FLOAT, [1, 3, "h", "w"])], [info("y", T.FLOAT, [1, 2, "h", "w"])],
    [onnx.numpy_helper.from_array(w1, "w1"), onnx.numpy_helper.from_array(w2, "w2")])


# The first of these, weighted by one float64 number as CodeFormer is.
save("weighted", [
    h.make_node("Cast", ["weight"], ["w"], to=T.FLOAT), h.make_node("Conv", ["input", "w1"], ["t"], pads=[1, 1, 1, 1]),
    h.make_node("Mul", ["t", "w"], ["output"])],
    [info("input", T.FLOAT, [1, 3, 64, 64]), info("weight", T.DOUBLE, [1])], [info("output", T.FLOAT, [1, 8, 64, 64])],
    [onnx.numpy_helper.from_array(w1, "w1")])


# Stand-ins for the content gate's model, with its names and shapes, for tests that need a refusal and must not need
# the imagery that is refused: one is sure of everything, one dislikes red pictures, one gives no number.
def gate(name, nodes, constants):
    save(name, nodes, [info("input:0", T.FLOAT, ["n", 224, 224, 3])], [info("outputs", T.FLOAT, ["n", 2])],
         [onnx.numpy_helper.from_array(np.array(value, dtype=np.float32), key) for key, value in constants.items()])


means = h.make_node("ReduceMean", ["input:0"], ["means"], axes=[1, 2], keepdims=0)
gate("gate_refuses", [means, h.make_node("Gemm", ["means", "w", "b"], ["outputs"])],
     {"w": np.zeros((3, 2)), "b": [0, 1]})
gate("gate_nan", [means, h.make_node("Gemm", ["means", "w", "b"], ["outputs"])],
     {"w": np.zeros((3, 2)), "b": [0, np.nan]})
# Red less half of green and of blue, where 130 of 255 counts as even odds; the inputs are B, G, R less their means.
gate("gate_red", [means, h.make_node("Gemm", ["means", "w", "b"], ["odds"]), h.make_node("Softmax", ["odds"], ["outputs"])],
     {"w": [[0, -0.1], [0, -0.1], [0, 0.2]], "b": [0, 0.2 * (123 - 0.5 * (117 + 104) - 130)]})
# The same for the upper half of the picture alone, which tells whether a picture is seen upright.
save("gate_red_above", [
    h.make_node("Slice", ["input:0", "from", "to", "rows"], ["above"]),
    h.make_node("ReduceMean", ["above"], ["means"], axes=[1, 2], keepdims=0),
    h.make_node("Gemm", ["means", "w", "b"], ["odds"]), h.make_node("Softmax", ["odds"], ["outputs"])],
    [info("input:0", T.FLOAT, ["n", 224, 224, 3])], [info("outputs", T.FLOAT, ["n", 2])],
    [onnx.numpy_helper.from_array(np.array(v, dtype=t), k) for k, v, t in [
        ("from", [0], np.int64), ("to", [112], np.int64), ("rows", [1], np.int64),
        ("w", [[0, -0.1], [0, -0.1], [0, 0.2]], np.float32),
        ("b", [0, 0.2 * (123 - 0.5 * (117 + 104) - 90)], np.float32)]])
