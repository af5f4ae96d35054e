// Tensors that go into and come out of a model.

/// The element types that models here use.
package enum ElementType: String, Sendable, Hashable {
    case float32, float64, float16, int64, int32, uint8, bool
}

/// A dense row-major tensor. Values live in exactly one of the typed arrays.
package enum Tensor: Sendable {
    case float32([Float], shape: [Int])
    case float64([Double], shape: [Int])
    case int64([Int64], shape: [Int])

    /// The dimensions, outermost first.
    package var shape: [Int] {
        switch self {
        case .float32(_, let shape), .float64(_, let shape), .int64(_, let shape): shape
        }
    }

    /// The values as floats; `nil` when the tensor holds another type.
    package var floats: [Float]? {
        if case .float32(let values, _) = self { values } else { nil }
    }
}

/// What a model says of one input or output; a dimension of -1 is free.
package struct TensorSpec: Sendable, Hashable {
    package let name: String
    package let elementType: ElementType
    package let shape: [Int]

    /// Makes a description of an input or output.
    package init(name: String, elementType: ElementType, shape: [Int]) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
    }
}
