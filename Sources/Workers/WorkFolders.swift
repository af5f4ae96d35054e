// The scratch folders of jobs: one each, used by one attempt at a time, deleted when the job is over.

internal import Errors
internal import Files
internal import Foundation
internal import Glibc
internal import JobQueue

/// Owns the folder of scratch folders.
actor WorkFolders {
    private let root: String
    private var busy: Set<JobID> = []

    init(root: String) { self.root = root }

    /// Deletes what belongs to no job that can still go on, such as after a crash; makes the folder if it is missing.
    ///
    /// - Throws: ``MasqueError`` when the folder cannot be made.
    func sweep(_ store: any JobStore) async throws {
        try await offPool { [root] in try makeFolder(root, mode: 0o700) }
        for name in (try? await offPool({ [root] in try namesInFolder(root) })) ?? [] {
            guard let job = try? await store.job(JobID(rawValue: name), owner: nil) else {
                // A store that cannot say leaves the folder there.
                if (try? await store.newestEvent()) != nil { await delete(name) }
                continue
            }
            if job.state.isFinal { await delete(name) }
        }
    }

    /// Makes or finds the folder of a job, and waits until an attempt that lost its lease has let go of it.
    func take(_ job: JobID) async throws -> String {
        while busy.contains(job) { try await Task.sleep(for: .milliseconds(20)) }
        busy.insert(job)
        let path = path(job.rawValue)
        do {
            try await offPool { try makeFolder(path, mode: 0o700) }
        } catch {
            busy.remove(job)
            throw error
        }
        return path
    }

    /// Lets go of a folder; it is deleted unless another attempt may go on from what is in it.
    func release(_ job: JobID, keep: Bool) async {
        if !keep { await delete(job.rawValue) }
        busy.remove(job)
    }

    /// Puts an input under its own name where the media process finds it, so that errors speak of “me.jpg”.
    func link(_ file: String, as input: JobInput, in folder: String) async throws -> String {
        let place = "\(folder)/\(input.role.rawValue)"
        let link = "\(place)/\(Self.name(of: input))"
        try await offPool {
            try removeAll(place)
            try makeFolder(place, mode: 0o700)
            guard unsafe symlink(file, link) == 0 else {
                throw MasqueError(.outOfSpace, "The scratch folder of the job cannot be written to.")
            }
        }
        return link
    }

    private func path(_ name: String) -> String { "\(root)/\(name)" }

    private func delete(_ name: String) async {
        let path = path(name)
        try? await offPool { try removeAll(path) }
    }

    /// The client's name for a file, made harmless; the role and kind when it gave none.
    static func name(of input: JobInput) -> String {
        let scalars = (input.fileName ?? "").unicodeScalars.filter {
            $0 != "/" && $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
        }
        var name = String(String.UnicodeScalarView(scalars.drop { $0 == "." || $0 == " " }))
        while name.utf8.count > 120 { name.removeFirst() }
        if !name.isEmpty { return name }
        let kind = input.mediaType.split(separator: "/").last.map(String.init) ?? "file"
        return "\(input.role.rawValue).\(["jpeg": "jpg", "quicktime": "mov"][kind] ?? kind)"
    }
}
