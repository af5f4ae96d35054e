// How large a picture may be.

internal import Errors
internal import Files

/// Limits that are checked before anything of a picture's size is allocated.
package struct PictureLimits: Sendable, Hashable {
    /// 50 megapixels, 32,768 pixels a side, files of 256 MB.
    package static let `default` = PictureLimits()

    /// The largest width × height.
    package var maxPixels: Int
    /// The largest width and the largest height.
    package var maxSide: Int
    /// The largest file.
    package var maxBytes: Int

    /// Makes limits.
    package init(maxPixels: Int = 50_000_000, maxSide: Int = 32_768, maxBytes: Int = 256_000_000) {
        self.maxPixels = maxPixels
        self.maxSide = maxSide
        self.maxBytes = maxBytes
    }

    /// Refuses a picture of `width`×`height` pixels that is empty or beyond the limits.
    func check(width: Int, height: Int, name: String) throws(MasqueError) {
        guard width > 0, height > 0 else {
            throw MasqueError(.unsupportedMedia, "\(name) is a picture without any pixels.")
        }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= maxPixels else {
            throw MasqueError(
                .tooLarge,
                "\(name) is a picture of \(width)×\(height) pixels, more than the limit of \(megapixels(maxPixels)).",
                advice: "Make it smaller first.")
        }
        guard width <= maxSide, height <= maxSide else {
            throw MasqueError(
                .tooLarge,
                "\(name) is a picture of \(width)×\(height) pixels; the limit is \(maxSide) pixels a side.",
                advice: "Make it smaller first.")
        }
    }

    /// Refuses a file of `count` bytes that is beyond the limit.
    func check(bytes count: Int, name: String) throws(MasqueError) {
        guard count <= maxBytes else {
            throw MasqueError(
                .tooLarge, "\(name) has \(megabytes(count)), more than the limit of \(megabytes(maxBytes)).")
        }
    }
}

private func megapixels(_ pixels: Int) -> String {
    let tenths = pixels / 100_000
    if tenths == 0 { return "\(pixels) pixels" }
    return tenths % 10 == 0 ? "\(tenths / 10) megapixels" : "\(tenths / 10).\(tenths % 10) megapixels"
}
