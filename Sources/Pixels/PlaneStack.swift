// Several planes of one size in one piece of memory, as kernels read them.

internal import CPixels

/// Planes of one size lying one after the other.
package struct PlaneStack: Sendable {
    package let width: Int
    package let height: Int
    /// How many planes there are.
    package let count: Int
    /// `count * width * height` values.
    package var values: [Float]

    /// Makes a stack over `values`, whose count must be `count * width * height`.
    package init(width: Int, height: Int, count: Int, values: [Float]) {
        precondition(values.count == count * width * height)
        self.width = width
        self.height = height
        self.count = count
        self.values = values
    }

    /// Stacks planes, which must be of one size and at least one.
    package init(_ planes: [Plane]) {
        var values: [Float] = []
        values.reserveCapacity(planes.reduce(0) { $0 + $1.values.count })
        for plane in planes { values.append(contentsOf: plane.values) }
        self.init(width: planes[0].width, height: planes[0].height, count: planes.count, values: values)
    }

    /// A copy of one plane.
    package subscript(index: Int) -> Plane {
        let size = width * height
        return Plane(width: width, height: height, values: Array(values[index * size..<(index + 1) * size]))
    }
}
