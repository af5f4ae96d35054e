// Sampling whole frames in a quarter turn as fast as upright.

extension Surface {
    /// As ``sample(_:width:height:outsideIsBlack:)``, but a crop in a quarter turn is sampled upright, for which there
    /// is a kernel that reads each frame pixel once, and turned afterwards.
    package func sampleByQuarters(
        _ transform: Affine, width: Int, height: Int, outsideIsBlack: Bool = false
    ) -> Crop {
        let m = transform
        let isAcross = m.a == 0 && m.d == 0 && m.b != 0 && m.c != 0
        let isAlong = m.b == 0 && m.c == 0 && m.a != 0 && m.d != 0 && (m.a < 0 || m.d < 0)
        guard isAcross || isAlong else {
            return sample(m, width: width, height: height, outsideIsBlack: outsideIsBlack)
        }
        // Steps in the frame's x and y, and how many pixels the upright crop has along them.
        let (stepX, stepY) = isAcross ? (m.b, m.c) : (m.a, m.d)
        let (columns, rows) = isAcross ? (height, width) : (width, height)
        let upright = sample(
            Affine(
                a: abs(stepX), b: 0, tx: stepX > 0 ? m.tx : m.tx + stepX * Float(columns - 1), c: 0, d: abs(stepY),
                ty: stepY > 0 ? m.ty : m.ty + stepY * Float(rows - 1)),
            width: columns, height: rows, outsideIsBlack: outsideIsBlack)
        var turned = Crop(width: width, height: height)
        let plane = width * height
        for channel in 0..<3 {
            for j in 0..<height {
                for i in 0..<width {
                    let (along, down) = isAcross ? (j, i) : (i, j)
                    let x = stepX > 0 ? along : columns - 1 - along
                    let y = stepY > 0 ? down : rows - 1 - down
                    turned.values[channel * plane + j * width + i] = upright.values[channel * plane + y * columns + x]
                }
            }
        }
        return turned
    }
}
