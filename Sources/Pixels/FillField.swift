// Spreading values that are known in places over a whole plane, smoothly.

/// Pull–push interpolation (Gortler et al., "The Lumigraph", 1996): values with weights are averaged down a pyramid
/// and handed up again where weight is missing. Near known places the result equals them; far away it is their
/// smooth continuation, much as a membrane (Laplace's equation) would be.
///
/// - Parameters:
///   - planes: the values, all of one size.
///   - weight: how far each is known, 0…1.
package func filled(_ planes: [Plane], weight: Plane) -> [Plane] {
    if weight.width <= 2 || weight.height <= 2 {
        return planes.map { plane in
            var sum: Float = 0, total: Float = 1e-6
            for i in plane.values.indices {
                sum += plane.values[i] * weight.values[i]
                total += weight.values[i]
            }
            return Plane(width: plane.width, height: plane.height, fill: sum / total)
        }
    }
    let coarseWeight = weight.halved()
    var saturated = coarseWeight
    for i in saturated.values.indices { saturated.values[i] = min(1, saturated.values[i] * 3) }
    let coarse = planes.map { plane in
        var weighted = plane
        for i in weighted.values.indices { weighted.values[i] *= weight.values[i] }
        var half = weighted.halved()
        for i in half.values.indices { half.values[i] /= max(coarseWeight.values[i], 1e-6) }
        return half
    }
    return zip(planes, filled(coarse, weight: saturated)).map { plane, below in
        var result = below.resized(width: plane.width, height: plane.height)
        for i in result.values.indices {
            result.values[i] += weight.values[i] * (plane.values[i] - result.values[i])
        }
        return result
    }
}

/// The mean of each plane's values around every pixel, counting each by its weight: Gaussian with `sigma`.
///
/// Where no weight is near, the mean over the whole plane takes over.
package func smoothed(_ planes: [Plane], weight: Plane, sigma: Float) -> [Plane] {
    let below = weight.blurred(sigma: sigma)
    var total: Float = 1e-6
    for w in weight.values { total += w }
    return planes.map { plane in
        var weighted = plane
        var sum: Float = 0
        for i in weighted.values.indices {
            weighted.values[i] *= weight.values[i]
            sum += weighted.values[i]
        }
        let mean = sum / total
        var result = weighted.blurred(sigma: sigma)
        for i in result.values.indices {
            result.values[i] = (result.values[i] + mean * 0.002) / (below.values[i] + 0.002)
        }
        return result
    }
}
