# Reads dlib's face recognition network (.dat) directly and writes it as ONNX, normalisation and affines folded in.
"""Usage: dlib_to_onnx.py dlib_face_recognition_resnet_model_v1.dat OUT.onnx

Input `input` [n,3,150,150] RGB 0–255, output `embedding` [n,128]. The network is dlib's dnn_face_recognition_ex: a
7×7 convolution, a pooling and 14 residual blocks; the shortcut of a narrowing block is average-pooled and both sides
of a sum are zero-padded at the end to the larger shape. Needs `numpy` and `onnx`.
"""

import math
import re
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Layers appear innermost first, that is in the order of evaluation, each starting with its name as a dlib string
# (one count byte, the length, the characters).
LAYER = re.compile(
    rb"\x01(?:\x05(con_4)|\x07(affine_)|\x08(relu_110)|\x05(relu_)|\x0a(max_pool_2)|\x0a(avg_pool_2)|\x0b(add_prev_11)"
    rb"|\x09(add_prev_)|\x04(fc_2)|\x15(input_rgb_image_sized))")


class Stream:
    """Reads dlib's portable serialisation: packed integers, floats as mantissa and exponent, version 2 tensors."""

    def __init__(self, data, offset):
        self.data, self.offset = data, offset

    def integer(self):
        control = self.data[self.offset]
        size = control & 0x0F
        value = int.from_bytes(self.data[self.offset + 1:self.offset + 1 + size], "little")
        self.offset += 1 + size
        return -value if control & 0x80 else value

    def real(self):
        mantissa = self.integer()
        return mantissa * 2.0 ** self.integer()

    def tensor(self):
        version, *shape = (self.integer() for _ in range(5))
        if version != 2:
            sys.exit(f"dlib_to_onnx: tensor version {version} is not known, only 2")
        count = int(np.prod(shape))
        values = np.frombuffer(self.data, "<f4", count, self.offset).astype(np.float64)
        self.offset += 4 * count
        return values.reshape(shape)


def read_layers(data):
    """The layers in order of evaluation, as (kind, settings) pairs."""
    layers, offset = [], 0
    while match := LAYER.search(data, offset):
        kind = next(name for name in match.groups() if name).decode().rstrip("_0123456789")
        stream = Stream(data, match.end())
        offset = match.end()
        if kind == "input_rgb_image_sized":
            layers.append((kind, {"mean": [stream.real() for _ in range(3)]}))
        elif kind == "con":
            values = stream.tensor().ravel()
            names = ("filters", "nr", "nc", "stride", "stride_x", "pad", "pad_x")
            layers.append((kind, {"values": values, **{name: stream.integer() for name in names}}))
        elif kind == "affine":
            layers.append((kind, {"values": stream.tensor().ravel()}))
        elif kind == "fc":
            outputs, inputs = stream.integer(), stream.integer()
            layers.append((kind, {"values": stream.tensor().reshape(inputs, outputs)}))
        elif kind.endswith("pool"):
            layers.append((kind, {name: stream.integer() for name in ("nr", "nc", "stride", "stride_x", "pad", "pad_x")}))
        else:
            layers.append((kind, {}))
        if kind in ("con", "affine", "fc"):
            offset = stream.offset
    return layers


class Builder:
    """Emits ONNX nodes while tracking the shape (channels, height, width) of the running value."""

    def __init__(self, layers):
        self.layers, self.position = layers, 0
        self.nodes, self.initializers = [], []
        self.value, self.shape = "input", (3, 150, 150)

    def take(self, kind):
        if self.position >= len(self.layers) or self.layers[self.position][0] != kind:
            found = self.layers[self.position][0] if self.position < len(self.layers) else "the end"
            sys.exit(f"dlib_to_onnx: expected {kind}, found {found}; this is not dlib's face recognition network")
        self.position += 1
        return self.layers[self.position - 1][1]

    def next_is(self, kind):
        return self.position < len(self.layers) and self.layers[self.position][0] == kind

    def constant(self, array, hint):
        name = f"{hint}{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def emit(self, kind, inputs, output=None, **attributes):
        output = output or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def window(self, setting):
        height, width = (1 + (size + 2 * setting["pad"] - setting["nr"]) // setting["stride"] for size in self.shape[1:])
        return height, width

    def conv(self, mean=None):
        """A convolution with the affine layer after it, and before the first one dlib's (x − mean) / 256, folded in."""
        setting, affine = self.take("con"), self.take("affine")["values"]
        channels, filters = self.shape[0], setting["filters"]
        count = filters * channels * setting["nr"] * setting["nc"]
        weights = setting["values"][:count].reshape(filters, channels, setting["nr"], setting["nc"])
        bias = setting["values"][count:]
        gamma, beta = affine[:filters], affine[filters:]
        if bias.size != filters or beta.size != filters or (mean is not None and setting["pad"] != 0):
            sys.exit("dlib_to_onnx: a layer has other sizes than dlib's face recognition network")
        if mean is not None:
            weights = weights / 256
            shifts = weights * np.array(mean)[None, :, None, None]
            bias = bias - np.array([math.fsum(values) for values in shifts.reshape(filters, -1)])  # same on any CPU
        weights, bias = weights * gamma[:, None, None, None], bias * gamma + beta
        self.shape = (filters, *self.window(setting))
        self.value = self.emit(
            "Conv", [self.value, self.constant(weights.astype(np.float32), "w"), self.constant(bias.astype(np.float32), "b")],
            kernel_shape=[setting["nr"], setting["nc"]], strides=[setting["stride"]] * 2, pads=[setting["pad"]] * 4)

    def relu(self):
        self.take("relu")
        self.value = self.emit("Relu", [self.value])

    def pool(self, kind, operator):
        setting = self.take(kind)
        self.shape = (self.shape[0], *self.window(setting))
        self.value = self.emit(
            operator, [self.value], kernel_shape=[setting["nr"], setting["nc"]], strides=[setting["stride"]] * 2,
            pads=[setting["pad"]] * 4)

    def padded(self, value, shape, wanted):
        if shape == wanted:
            return value
        ends = [0] * 5 + [want - have for have, want in zip(shape, wanted)]
        return self.emit("Pad", [value, self.constant(np.array(ends, np.int64), "pads")])

    def residual(self):
        start, start_shape = self.value, self.shape
        self.conv()
        self.relu()
        self.conv()
        branch, branch_shape = self.value, self.shape
        self.value, self.shape = start, start_shape
        if self.next_is("avg_pool"):
            self.pool("avg_pool", "AveragePool")
        self.take("add_prev")
        wanted = tuple(max(a, b) for a, b in zip(branch_shape, self.shape))
        sides = [self.padded(branch, branch_shape, wanted), self.padded(self.value, self.shape, wanted)]
        self.value, self.shape = self.emit("Add", sides), wanted
        self.relu()

    def build(self):
        self.conv(mean=self.take("input_rgb_image_sized")["mean"])
        self.relu()
        self.pool("max_pool", "MaxPool")
        while self.next_is("con"):
            self.residual()
        self.take("avg_pool")
        pooled = self.emit("Flatten", [self.emit("GlobalAveragePool", [self.value])])
        weights = self.take("fc")["values"].astype(np.float32)
        self.emit("MatMul", [pooled, self.constant(weights, "fc")], output="embedding")
        graph = helper.make_graph(
            self.nodes, "identity",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 3, 150, 150])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 128])], self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        model.producer_name = "masque dlib_to_onnx"
        onnx.checker.check_model(model, full_check=True)
        return model


def convert(data):
    """Converts the bytes of dlib_face_recognition_resnet_model_v1.dat; returns the ONNX model."""
    return Builder(read_layers(data)).build()


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: dlib_to_onnx.py dlib_face_recognition_resnet_model_v1.dat OUT.onnx")
    with open(sys.argv[1], "rb") as file:
        onnx.save(convert(file.read()), sys.argv[2])


if __name__ == "__main__":
    main()
