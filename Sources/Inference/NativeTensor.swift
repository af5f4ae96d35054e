// A tensor in the element type that a graph wants, and back.
internal import Errors

/// A tensor whose bytes are exactly what a runtime reads. Floats are not copied on the way.
struct NativeTensor {
    enum Values {
        case float32([Float])
        case float64([Double])
        case float16([Float16])
        case int64([Int64])
        case int32([Int32])
        case uint8([UInt8])
    }

    let values: Values
    let elementType: ElementType
    let shape: [Int]

    /// Checks `tensor` against `spec` and converts it where the graph wants a narrower type:
    /// float32 → float16, and int64 → int32, uint8 or bool (which must fit).
    init(_ tensor: Tensor, for spec: TensorSpec) throws {
        try Self.checkShape(tensor, spec)
        shape = tensor.shape
        elementType = spec.elementType
        switch (tensor, spec.elementType) {
        case (.float32(let floats, _), .float32): values = .float32(floats)
        case (.float32(let floats, _), .float16): values = .float16(floats.map { Float16($0) })
        case (.float64(let doubles, _), .float64): values = .float64(doubles)
        case (.int64(let integers, _), .int64): values = .int64(integers)
        case (.int64(let integers, _), .int32): values = .int32(try Self.narrow(integers, spec))
        case (.int64(let integers, _), .uint8): values = .uint8(try Self.narrow(integers, spec))
        case (.int64(let integers, _), .bool): values = .uint8(integers.map { $0 == 0 ? 0 : 1 })
        default:
            throw MasqueError(
                .badInput,
                "The input “\(spec.name)” takes \(spec.elementType.rawValue) values and was given \(tensor.typeName).")
        }
    }

    /// Calls `body` with the bytes; they must not be kept.
    func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        switch values {
        case .float32(let values): unsafe try values.withUnsafeBytes(body)
        case .float64(let values): unsafe try values.withUnsafeBytes(body)
        case .float16(let values): unsafe try values.withUnsafeBytes(body)
        case .int64(let values): unsafe try values.withUnsafeBytes(body)
        case .int32(let values): unsafe try values.withUnsafeBytes(body)
        case .uint8(let values): unsafe try values.withUnsafeBytes(body)
        }
    }

    /// Calls `body` with the bytes of all `tensors` at once.
    static func withUnsafeBytes<R>(
        of tensors: [NativeTensor], _ body: ([UnsafeRawBufferPointer]) throws -> R
    ) rethrows -> R {
        var gathered = unsafe [UnsafeRawBufferPointer]()
        func gather(_ index: Int) throws -> R {
            guard index < tensors.count else { return unsafe try body(gathered) }
            return unsafe try tensors[index].withUnsafeBytes { bytes in
                unsafe gathered.append(bytes)
                return try gather(index + 1)
            }
        }
        return try gather(0)
    }

    private static func checkShape(_ tensor: Tensor, _ spec: TensorSpec) throws {
        let fits =
            tensor.shape.count == spec.shape.count
            && zip(tensor.shape, spec.shape).allSatisfy { $0 >= 0 && ($1 < 0 || $0 == $1) }
        guard fits else {
            throw MasqueError(
                .badInput,
                "The input “\(spec.name)” takes the shape \(spec.shapeText) and was given \(tensor.shape).")
        }
        var count = 1
        for dimension in tensor.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            count = overflow ? -1 : product
            if overflow { break }
        }
        guard count == tensor.count else {
            throw MasqueError(
                .badInput, "The input “\(spec.name)” of shape \(tensor.shape) was given \(tensor.count) values.")
        }
    }

    private static func narrow<T: FixedWidthInteger>(_ integers: [Int64], _ spec: TensorSpec) throws -> [T] {
        try integers.map { value in
            guard let narrowed = T(exactly: value) else {
                throw MasqueError(
                    .badInput,
                    "The input “\(spec.name)” takes \(spec.elementType.rawValue) values; \(value) does not fit.")
            }
            return narrowed
        }
    }
}

extension Tensor {
    /// Copies `count` elements out of a runtime's memory, widening float16 to float32 and small integers to int64.
    init(copying bytes: UnsafeRawPointer?, count: Int, type: ElementType, shape: [Int]) {
        func read<T>(_ type: T.Type) -> [T] {
            guard let bytes = unsafe bytes, count > 0 else { return [] }
            return unsafe Array(
                UnsafeBufferPointer(start: bytes.assumingMemoryBound(to: type), count: count))
        }
        self =
            switch type {
            case .float32: .float32(read(Float.self), shape: shape)
            case .float64: .float64(read(Double.self), shape: shape)
            case .float16: .float32(read(Float16.self).map { Float($0) }, shape: shape)
            case .int64: .int64(read(Int64.self), shape: shape)
            case .int32: .int64(read(Int32.self).map { Int64($0) }, shape: shape)
            case .uint8, .bool: .int64(read(UInt8.self).map { Int64($0) }, shape: shape)
            }
    }

    /// How many values there are.
    var count: Int {
        switch self {
        case .float32(let values, _): values.count
        case .float64(let values, _): values.count
        case .int64(let values, _): values.count
        }
    }

    fileprivate var typeName: String {
        switch self {
        case .float32: ElementType.float32.rawValue
        case .float64: ElementType.float64.rawValue
        case .int64: ElementType.int64.rawValue
        }
    }
}

extension TensorSpec {
    /// The shape as a person reads it, with `?` for free dimensions.
    package var shapeText: String { "[" + shape.map { $0 < 0 ? "?" : "\($0)" }.joined(separator: ", ") + "]" }
}
