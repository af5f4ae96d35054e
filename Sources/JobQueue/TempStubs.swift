package actor EventFeed { package func poke() {}; package func final(of job: JobID, within: Duration) async throws -> Job? { nil } }
package struct WorkEstimator: Sendable { package init(_ s: [PastWork]) {}; package func seconds(for d: JobDescription, target: JobInput) -> Double? { nil } }
