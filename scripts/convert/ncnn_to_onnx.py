# Turns an ncnn graph (.param and .bin) of a super-resolution network into ONNX with free height and width.
"""Handles the layers of Real-ESRGAN's networks and fails on any other. Source: ncnn's wiki, "param and model file
structure" and "operation param weight table". Picture in and out: [n, 3, h, w], R, G, B 0…1."""

import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

MAGIC = 7767517
HALVES = 0x01306B47


def fields(words):
    """{number: value}: whole numbers, floats, or lists (written as -23300 - number = count,values…)."""
    result = {}
    for word in words:
        key, text = word.split("=")
        values = [float(v) if "." in v or "e" in v else int(v) for v in text.split(",")]
        if int(key) <= -23300:
            result[-23300 - int(key)] = values[1:]
        else:
            result[int(key)] = values[0]
    return result


def cubic_half():
    """Weights of halving with OpenCV's bicubic kernel (a = -0.75) without smoothing first: pixels at -1, 0, 1 and 2."""
    def kernel(t, a=-0.75):
        t = abs(t)
        return (a + 2) * t**3 - (a + 3) * t**2 + 1 if t <= 1 else a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a
    row = np.array([kernel(1.5), kernel(0.5), kernel(0.5), kernel(1.5)])
    return np.outer(row, row).astype(np.float32)


class Converter:
    def __init__(self, param, data):
        self.lines = [line.split() for line in param.decode().split("\n") if line.strip()]
        if int(self.lines[0][0]) != MAGIC:
            sys.exit("ncnn_to_onnx: not an ncnn param file")
        self.data, self.offset = data, 0
        self.nodes, self.constants, self.names = [], [], {}

    # Weights

    def take(self, count, flagged):
        """The next values of the file; those of a convolution begin with a flag that says how they are stored."""
        half = False
        if flagged:
            flag, = struct.unpack_from("<I", self.data, self.offset)
            self.offset += 4
            if flag not in (0, HALVES):
                sys.exit(f"ncnn_to_onnx: weights stored as {flag:#x} are not supported")
            half = flag == HALVES
        size = count * (2 if half else 4)
        values = np.frombuffer(self.data, "<f2" if half else "<f4", count, self.offset).astype(np.float32)
        self.offset += (size + 3) // 4 * 4
        return values

    # Nodes

    def constant(self, values, kind=np.float32):
        name = f"w{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(values, kind), name))
        return name

    def emit(self, kind, inputs, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def convolution(self, source, field):
        outputs, kernel, pad = field[0], field[1], field.get(4, 0)
        if field.get(2, 1) != 1 or field.get(3, 1) != 1:
            sys.exit("ncnn_to_onnx: convolutions with steps or holes are not supported")
        weights = self.take(field[6], True).reshape(outputs, -1, kernel, kernel)
        inputs = [source, self.constant(weights)]
        if field.get(5):
            inputs.append(self.constant(self.take(outputs, False)))
        value = self.emit("Conv", inputs, kernel_shape=[kernel, kernel], pads=[pad] * 4)
        activation = field.get(9, 0)
        if activation == 2:
            value = self.emit("LeakyRelu", [value], alpha=field[10][0])
        elif activation != 0:
            sys.exit(f"ncnn_to_onnx: activation {activation} is not supported")
        return value

    def prelu(self, source, field):
        """a·x + (1 − a)·max(x, 0) as two 1×1 convolutions: quicker than PRelu, see tflite_to_onnx."""
        slope = self.take(field[0], False).reshape(-1, 1, 1, 1)
        parts = [(source, slope), (self.emit("Relu", [source]), 1 - slope)]
        return self.emit("Add", [
            self.emit("Conv", [value, self.constant(weights)], kernel_shape=[1, 1], group=len(slope))
            for value, weights in parts])

    def interp(self, source, field):
        scale = field[1]
        if scale != field[2]:
            sys.exit("ncnn_to_onnx: the two scales of a resize differ")
        if field[0] == 1 and scale == int(scale):
            scales = self.constant([1, 1, scale, scale])
            return self.emit("Resize", [source, "", scales], mode="nearest", nearest_mode="floor",
                             coordinate_transformation_mode="asymmetric")
        if field[0] == 3 and scale == 0.5:
            pads = self.constant([0, 0, 1, 1, 0, 0, 1, 1], np.int64)
            padded = self.emit("Pad", [source, pads], mode="edge")
            weights = np.broadcast_to(cubic_half(), (3, 1, 4, 4))
            return self.emit("Conv", [padded, self.constant(weights)], kernel_shape=[4, 4], strides=[2, 2], group=3)
        sys.exit(f"ncnn_to_onnx: resizing in the way {field[0]} by {scale} is not supported")

    def eltwise(self, sources, field):
        if field.get(0) != 1:
            sys.exit("ncnn_to_onnx: only sums are supported")
        weights = field.get(1, [1.0] * len(sources))
        scaled = [source if weight == 1 else self.emit("Mul", [source, self.constant(np.float32(weight))])
                  for source, weight in zip(sources, weights)]
        return self.emit("Add", scaled)

    def layer(self, kind, sources, field):
        if kind == "Convolution":
            return self.convolution(sources[0], field)
        if kind == "PReLU":
            return self.prelu(sources[0], field)
        if kind == "Interp":
            return self.interp(sources[0], field)
        if kind == "Eltwise":
            return self.eltwise(sources, field)
        if kind == "BinaryOp" and field.get(0, 0) == 0 and len(sources) == 2:
            return self.emit("Add", sources)
        if kind == "Concat" and field.get(0, 0) == 0:
            return self.emit("Concat", sources, axis=1)
        if kind == "PixelShuffle" and field.get(1, 0) == 0:
            return self.emit("DepthToSpace", sources, blocksize=field[0], mode="CRD")
        sys.exit(f"ncnn_to_onnx: layer {kind} with {field} is not supported")

    def convert(self, name):
        for line in self.lines[2:]:
            kind, _, inputs, outputs = line[0], line[1], int(line[2]), int(line[3])
            sources = [self.names[value] for value in line[4:4 + inputs]]
            results = line[4 + inputs:4 + inputs + outputs]
            if kind == "Input":
                self.names[results[0]] = "input"
            elif kind == "Split":
                self.names.update((result, sources[0]) for result in results)
            else:
                self.names[results[0]] = self.layer(kind, sources, fields(line[4 + inputs + outputs:]))
        if self.offset != len(self.data):
            sys.exit(f"ncnn_to_onnx: {len(self.data) - self.offset} bytes of weights are left over")
        self.nodes.append(helper.make_node("Identity", [self.names["output"]], ["output"]))
        graph = helper.make_graph(
            self.nodes, name, [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 3, "h", "w"])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", 3, "H", "W"])], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        model.producer_name = "masque ncnn_to_onnx"
        onnx.checker.check_model(model, full_check=True)
        return model


def convert(param, data, name):
    """Converts the bytes of a .param and a .bin file; returns the ONNX model."""
    return Converter(param, data).convert(name)
