// Small float images that models and the swap work on.

/// An RGB image of floats, planar: all of R, then G, then B, each row by row from the top; values 0…255.
package struct Crop: Sendable {
    package let width: Int
    package let height: Int
    /// `3 * width * height` values.
    package var values: [Float]

    /// Makes a crop over `values`, whose count must be `3 * width * height`.
    package init(width: Int, height: Int, values: [Float]) {
        precondition(values.count == 3 * width * height)
        self.width = width
        self.height = height
        self.values = values
    }

    /// Makes a black crop.
    package init(width: Int, height: Int) {
        self.init(width: width, height: height, values: [Float](repeating: 0, count: 3 * width * height))
    }
}

/// One channel of floats, row by row from the top; a mask when its values are 0…1.
package struct Plane: Sendable {
    package let width: Int
    package let height: Int
    /// `width * height` values.
    package var values: [Float]

    /// Makes a plane over `values`, whose count must be `width * height`.
    package init(width: Int, height: Int, values: [Float]) {
        precondition(values.count == width * height)
        self.width = width
        self.height = height
        self.values = values
    }

    /// Makes a plane of one value.
    package init(width: Int, height: Int, fill: Float = 0) {
        self.init(width: width, height: height, values: [Float](repeating: fill, count: width * height))
    }
}
