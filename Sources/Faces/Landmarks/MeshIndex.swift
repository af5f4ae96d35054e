// The numbers of well-known points in the mesh.

/// Indices into ``FaceMesh/points``. "Left" is the left of the picture when the face is upright.
package enum MeshIndex {
    package static let leftEyeOuter = 33
    package static let leftEyeInner = 133
    package static let rightEyeInner = 362
    package static let rightEyeOuter = 263
    package static let noseTip = 4
    package static let noseBase = 2
    package static let leftMouthCorner = 61
    package static let rightMouthCorner = 291
    package static let forehead = 10
    package static let chin = 152
    package static let leftCheekEdge = 234
    package static let rightCheekEdge = 454

    /// Six contour points of each eye, in the order of the iBUG scheme's 36…41 and 42…47.
    package static let leftEye = [33, 160, 158, 133, 153, 144]
    package static let rightEye = [362, 385, 387, 263, 373, 380]

    /// The mesh points nearest to the 68 points of the iBUG scheme: jaw 0…16, brows 17…26, nose 27…35, eyes 36…47,
    /// outer lips 48…59, inner lips 60…67.
    package static let ibug68 =
        [162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389]
        + [71, 63, 105, 66, 107, 336, 296, 334, 293, 301]
        + [168, 197, 5, 4, 75, 97, 2, 326, 305]
        + leftEye + rightEye
        + [61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181]
        + [78, 82, 13, 312, 308, 317, 14, 87]

    /// The outline of the face, a closed loop clockwise from the forehead's middle.
    package static let faceOval = [
        10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
        150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
    ]
    /// The outer edge of the lips, a closed loop.
    package static let outerLips = [
        61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146,
    ]
    /// The inner edge of the lips (the mouth's opening), a closed loop.
    package static let innerLips = [
        78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
    ]
    /// The eyes' openings, closed loops.
    package static let leftEyeLoop = [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7]
    package static let rightEyeLoop = [
        263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249,
    ]
    /// The brows, closed loops (upper edge outwards in, then lower edge back).
    package static let leftBrow = [70, 63, 105, 66, 107, 55, 65, 52, 53, 46]
    package static let rightBrow = [300, 293, 334, 296, 336, 285, 295, 282, 283, 276]
}
