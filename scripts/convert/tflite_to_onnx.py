# Converts the float TFLite graphs that Masque uses to ONNX: NHWC at the border as in the original, NCHW inside.
"""Usage: tflite_to_onnx.py IN.tflite OUT.onnx [--input NAME] [--outputs NAME,NAME…]

Only the two dozen plain operators of MediaPipe's face and segmentation graphs are known; any other operator ends the
conversion with a sentence. The batch dimension of the result is free (`n`). Float16 constants are widened to float32.
Needs the packages `flatbuffers`, `tflite`, `numpy` and `onnx`.
"""

import argparse
import struct
import sys

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

OPERATORS = {value: name for name, value in vars(tflite.BuiltinOperator).items() if isinstance(value, int)}
CONSTANT_TYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}
NHWC_TO_NCHW = [0, 3, 1, 2]
NCHW_TO_NHWC = [0, 2, 3, 1]


def options(operator, kind):
    """The typed option table of a built-in operator."""
    table = kind()
    raw = operator.BuiltinOptions()
    table.Init(raw.Bytes, raw.Pos)
    return table


def same_padding(size, kernel, stride, dilation=1):
    """TensorFlow's SAME padding of one axis: (before, after); the odd pixel goes after."""
    reach = (kernel - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


class Converter:
    """Walks one TFLite subgraph and emits ONNX nodes. Every 4-D activation is NCHW in the emitted graph."""

    def __init__(self, data, input_name, output_names):
        self.model = tflite.Model.GetRootAs(data, 0)
        if self.model.SubgraphsLength() != 1:
            sys.exit("tflite_to_onnx: the file holds several graphs; only files with one are handled")
        self.graph = self.model.Subgraphs(0)
        self.nodes, self.initializers = [], []
        self.constants = {}  # tensor index -> array, as stored in the file
        self.values = {}  # tensor index -> ONNX name
        self.flat = set()  # tensor indices whose ONNX value already has the file's own layout
        self.input_name, self.output_names = input_name, output_names
        self.read_constants()

    # Tensors

    def shape(self, index):
        return [int(size) for size in self.graph.Tensors(index).ShapeAsNumpy()]

    def read_constants(self):
        for index in range(self.graph.TensorsLength()):
            tensor = self.graph.Tensors(index)
            buffer = self.model.Buffers(tensor.Buffer())
            if buffer.DataLength() == 0:
                continue
            kind = CONSTANT_TYPES.get(tensor.Type())
            if kind is None:
                sys.exit(f"tflite_to_onnx: constant {tensor.Name().decode()} has an unsupported type {tensor.Type()}")
            array = np.frombuffer(buffer.DataAsNumpy().tobytes(), kind).reshape(self.shape(index))
            self.constants[index] = array.astype(np.float32) if kind == np.float16 else array

    def constant(self, array, hint):
        name = f"{hint}_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def emit(self, kind, inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def operand(self, index):
        """An elementwise operand: an activation, or a constant brought to NCHW."""
        if index not in self.constants:
            return self.values[index]
        array = self.constants[index]
        if array.ndim:
            array = array.reshape([1] * (4 - array.ndim) + list(array.shape)).transpose(NHWC_TO_NCHW)
        return self.constant(array, "k")

    def activated(self, name, activation):
        kinds = tflite.ActivationFunctionType
        if activation == kinds.NONE:
            return name
        if activation == kinds.RELU:
            return self.emit("Relu", [name])
        if activation == kinds.RELU6:
            limits = [self.constant(np.array(limit, np.float32), "limit") for limit in (0, 6)]
            return self.emit("Clip", [name, *limits])
        sys.exit(f"tflite_to_onnx: fused activation {activation} is not supported")

    def natural(self, index):
        """The value in the file's own layout (NHWC for 4-D), for reshapes and outputs."""
        name, shape = self.values[index], self.shape(index)
        if index in self.flat or len(shape) != 4 or shape[3] == 1 or shape[1] == shape[2] == 1:
            return name  # with one channel or one pixel both layouts have the same order of values
        return self.emit("Transpose", [name], perm=NCHW_TO_NHWC)

    # Operators

    def pads(self, padding, source, kernel, stride, dilation=(1, 1)):
        if padding == tflite.Padding.VALID:
            return [0, 0, 0, 0]
        _, height, width, _ = self.shape(source)
        top, bottom = same_padding(height, kernel[0], stride[0], dilation[0])
        left, right = same_padding(width, kernel[1], stride[1], dilation[1])
        return [top, left, bottom, right]

    def conv(self, operator, inputs, depthwise):
        option = options(operator, tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions)
        weights = self.constants[inputs[1]]  # OHWI, or 1HWC for depthwise
        weights = weights.transpose([3, 0, 1, 2] if depthwise else [0, 3, 1, 2])
        stride = [option.StrideH(), option.StrideW()]
        dilation = [option.DilationHFactor(), option.DilationWFactor()]
        kernel = list(weights.shape[2:])
        operands = [self.values[inputs[0]], self.constant(weights, "w")]
        if len(inputs) > 2 and inputs[2] >= 0:
            operands.append(self.constant(self.constants[inputs[2]], "b"))
        name = self.emit(
            "Conv", operands, kernel_shape=kernel, strides=stride, dilations=dilation,
            pads=self.pads(option.Padding(), inputs[0], kernel, stride, dilation),
            group=self.shape(inputs[0])[3] if depthwise else 1)
        return self.activated(name, option.FusedActivationFunction())

    def prelu(self, inputs):
        """A leak per channel, a·x + (1 − a)·max(x, 0), as two 1×1 depthwise convolutions.

        ONNX Runtime keeps convolutions and Relu in its blocked layout but not PRelu, which moreover it does not
        vectorise: this form runs MediaPipe's face mesh in a quarter of the time, equal to 2e-7 of the range."""
        slope = self.constants[inputs[1]]
        channels = self.shape(inputs[0])[3]
        if slope.size != channels:
            sys.exit("tflite_to_onnx: PRELU is only handled with one slope a channel")
        slope = slope.reshape(channels, 1, 1, 1)
        source = self.values[inputs[0]]
        parts = [(source, slope), (self.emit("Relu", [source]), 1 - slope)]
        scaled = [
            self.emit("Conv", [value, self.constant(weights, "slope")], kernel_shape=[1, 1], group=channels)
            for value, weights in parts
        ]
        return self.emit("Add", scaled)

    def pool(self, operator, inputs, kind):
        option = options(operator, tflite.Pool2DOptions)
        kernel = [option.FilterHeight(), option.FilterWidth()]
        stride = [option.StrideH(), option.StrideW()]
        source = self.values[inputs[0]]
        if kind == "AveragePool" and kernel == self.shape(inputs[0])[1:3]:
            name = self.emit("GlobalAveragePool", [source])
        else:
            pads = self.pads(option.Padding(), inputs[0], kernel, stride)
            name = self.emit(kind, [source], kernel_shape=kernel, strides=stride, pads=pads)
        return self.activated(name, option.FusedActivationFunction())

    def pad(self, inputs):
        pairs = self.constants[inputs[1]][NHWC_TO_NCHW]
        pads = np.concatenate([pairs[:, 0], pairs[:, 1]]).astype(np.int64)
        return self.emit("Pad", [self.values[inputs[0]], self.constant(pads, "pads")], mode="constant")

    def resize(self, operator, inputs):
        option = options(operator, tflite.ResizeBilinearOptions)
        _, height, width, _ = self.shape(inputs[0])
        to_height, to_width = (int(size) for size in self.constants[inputs[1]])
        mode = "asymmetric"
        if option.AlignCorners():
            mode = "align_corners"
        elif option.HalfPixelCenters():
            mode = "half_pixel"
        scales = np.array([1, 1, to_height / height, to_width / width], np.float32)
        return self.emit(
            "Resize", [self.values[inputs[0]], "", self.constant(scales, "scales")], mode="linear",
            coordinate_transformation_mode=mode)

    def transpose_conv_bias(self, operator, inputs):
        """MediaPipe's Convolution2DTransposeBias: weights OHWI, options {padding, stride_w, stride_h} as int32."""
        padding, stride_w, stride_h = struct.unpack_from("<3i", operator.CustomOptionsAsNumpy().tobytes())
        weights = self.constants[inputs[1]]
        kernel = list(weights.shape[1:3])
        # kTfLitePaddingSame is 1; with kernel = stride, SAME and VALID agree and nothing overlaps.
        if kernel != [stride_h, stride_w] or padding not in (0, 1, 2):
            sys.exit("tflite_to_onnx: Convolution2DTransposeBias is only handled where kernel and stride are equal")
        return self.emit(
            "ConvTranspose",
            [
                self.values[inputs[0]], self.constant(weights.transpose([3, 0, 1, 2]), "w"),
                self.constant(self.constants[inputs[2]], "b"),
            ],
            kernel_shape=kernel, strides=[stride_h, stride_w])

    def reshape(self, inputs, output):
        shape = self.shape(output)
        target = np.array([0, *shape[1:]], np.int64)
        self.flat.add(output)
        return self.emit("Reshape", [self.natural(inputs[0]), self.constant(target, "shape")])

    def concat(self, operator, inputs, output):
        axis = options(operator, tflite.ConcatenationOptions).Axis() % len(self.shape(output))
        if all(index in self.flat for index in inputs):
            self.flat.add(output)
        elif len(self.shape(output)) == 4:
            axis = NHWC_TO_NCHW.index(axis)
        return self.emit("Concat", [self.values[index] for index in inputs], axis=axis)

    def convert_operator(self, operator):
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        kind = OPERATORS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        if kind == "CUSTOM":
            kind = code.CustomCode().decode()
        inputs = [int(index) for index in operator.InputsAsNumpy()]
        output = int(operator.Outputs(0))
        if kind == "DEQUANTIZE":  # float16 weights, widened when they were read
            self.constants[output] = self.constants[inputs[0]]
            return
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            name = self.conv(operator, inputs, depthwise=kind == "DEPTHWISE_CONV_2D")
        elif kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            name = self.pool(operator, inputs, "MaxPool" if kind == "MAX_POOL_2D" else "AveragePool")
        elif kind in ("ADD", "MUL"):
            option = options(operator, tflite.AddOptions if kind == "ADD" else tflite.MulOptions)
            name = self.emit("Add" if kind == "ADD" else "Mul", [self.operand(index) for index in inputs])
            name = self.activated(name, option.FusedActivationFunction())
        elif kind == "PRELU":
            name = self.prelu(inputs)
        elif kind == "RELU":
            name = self.emit("Relu", [self.values[inputs[0]]])
        elif kind == "LOGISTIC":
            name = self.emit("Sigmoid", [self.values[inputs[0]]])
        elif kind == "HARD_SWISH":
            gate = self.emit("HardSigmoid", [self.values[inputs[0]]], alpha=1 / 6, beta=0.5)
            name = self.emit("Mul", [self.values[inputs[0]], gate])
        elif kind == "PAD":
            name = self.pad(inputs)
        elif kind == "RESIZE_BILINEAR":
            name = self.resize(operator, inputs)
        elif kind == "RESHAPE":
            name = self.reshape(inputs, output)
        elif kind == "CONCATENATION":
            name = self.concat(operator, inputs, output)
        elif kind == "Convolution2DTransposeBias":
            name = self.transpose_conv_bias(operator, inputs)
        else:
            sys.exit(f"tflite_to_onnx: operator {kind} is not supported")
        self.values[output] = name


    # The whole

    def convert(self, name):
        source = int(self.graph.Inputs(0))
        shape = self.shape(source)
        self.values[source] = self.emit("Transpose", [self.input_name], perm=NHWC_TO_NCHW)
        for index in range(self.graph.OperatorsLength()):
            self.convert_operator(self.graph.Operators(index))
        outputs = []
        names = self.output_names or [
            self.graph.Tensors(int(index)).Name().decode() for index in self.graph.OutputsAsNumpy()
        ]
        if len(names) != self.graph.OutputsLength():
            sys.exit(f"tflite_to_onnx: the graph has {self.graph.OutputsLength()} outputs, {len(names)} names given")
        for index, output_name in zip(self.graph.OutputsAsNumpy(), names):
            outputs.append(self.output(int(index), output_name))
        graph = helper.make_graph(
            self.nodes, name,
            [helper.make_tensor_value_info(self.input_name, TensorProto.FLOAT, ["n", *shape[1:]])],
            outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        model.producer_name = "masque tflite_to_onnx"
        onnx.checker.check_model(model, full_check=True)
        return model

    def output(self, index, name):
        """Binds one graph output; a 1×1 map [n,1,1,C] becomes [n,C]."""
        shape = self.shape(index)
        value = self.natural(index)
        if len(shape) == 4:
            if shape[1] == shape[2] == 1:
                shape = [shape[0], shape[3]]
            target = np.array([0, *shape[1:]], np.int64)
            value = self.emit("Reshape", [value, self.constant(target, "shape")])
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape[1:]])


def convert(data, name, input_name="input", output_names=None):
    """Converts the bytes of a .tflite file; returns the ONNX model."""
    return Converter(data, input_name, output_names).convert(name)


def main():
    parser = argparse.ArgumentParser(description="Convert a float TFLite graph to ONNX.")
    parser.add_argument("source")
    parser.add_argument("destination")
    parser.add_argument("--input", default="input")
    parser.add_argument("--outputs", type=lambda text: text.split(","))
    arguments = parser.parse_args()
    with open(arguments.source, "rb") as file:
        model = convert(file.read(), arguments.destination.split("/")[-1].split(".")[0], arguments.input, arguments.outputs)
    onnx.save(model, arguments.destination)


if __name__ == "__main__":
    main()
