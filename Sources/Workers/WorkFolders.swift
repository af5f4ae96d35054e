// The folders of jobs: within the root of the process that works on them, put aside in between, deleted at the end.

internal import Errors
internal import Files
internal import Foundation
internal import Glibc
internal import JobQueue

/// Where one attempt has its files.
struct JobFolder: Sendable {
    /// The job's inputs, which the process may read.
    let inputs: String
    /// The result, previews and finished parts, which the process writes.
    let outputs: String
}

/// Owns the work folder: the roots of media processes, and `kept`, which none of them can reach, with what finished
/// attempts left to the next.
actor WorkFolders {
    private let root: String
    private var busy: Set<JobID> = []

    init(root: String) { self.root = root }

    /// Puts aside what unfinished jobs left in the roots of processes that are gone, and deletes everything else; makes
    /// the folder if it is missing. To be called before any process starts.
    ///
    /// - Throws: ``MasqueError`` when the folder cannot be made.
    func sweep(_ store: any JobStore) async throws {
        try await offPool { [kept] in try makeFolder(kept, mode: 0o700) }
        for name in await names(in: kept) where await !mayGoOn(name, store) { await delete("\(kept)/\(name)") }
        for place in await names(in: root) where place != Self.keptName {
            let outputs = "\(root)/\(place)/out"
            for name in await names(in: outputs) where await mayGoOn(name, store) {
                await move("\(outputs)/\(name)", to: "\(kept)/\(name)")
            }
            await delete("\(root)/\(place)")
        }
    }

    /// Makes the folders of a job within a process's root, with what an attempt before left, also one by another process;
    /// waits until an attempt that lost its lease has let go of them.
    func take(_ job: JobID, for process: ProcessRoot) async throws -> JobFolder {
        while busy.contains(job) { try await Task.sleep(for: .milliseconds(20)) }
        busy.insert(job)
        let folder = Self.folder(job, process)
        do {
            try await offPool { [kept] in
                // Nothing is there, unless a process that was taken over put it there.
                for place in [folder.inputs, folder.outputs] { try removeAll(place) }
                try process.make()
                try makeFolder(folder.inputs, mode: 0o700)
                if unsafe rename("\(kept)/\(job)", folder.outputs) != 0 { try makeFolder(folder.outputs, mode: 0o700) }
            }
        } catch {
            busy.remove(job)
            throw error
        }
        return folder
    }

    /// Takes a job's folders away from a process; what it made is deleted unless another attempt may go on from it.
    func release(_ job: JobID, of process: ProcessRoot, keep: Bool) async {
        let folder = Self.folder(job, process)
        await delete(folder.inputs)
        if keep { await move(folder.outputs, to: "\(kept)/\(job)") } else { await delete(folder.outputs) }
        busy.remove(job)
    }

    /// Empties the root of a process that is gone, before another starts there.
    func clear(_ process: ProcessRoot) async { try? await offPool { try process.clear() } }

    /// Puts an input under its own name where the media process finds it, so that errors speak of “me.jpg”. The name is
    /// a second one of the stored file, which the fence lets nobody write to by it.
    ///
    /// - Parameter number: the input's among those of its role, from 0: two may have one name.
    func link(_ file: String, as input: JobInput, number: Int, in folder: JobFolder) async throws -> String {
        let place = "\(folder.inputs)/\(input.role.rawValue)" + (number > 0 ? "-\(number)" : "")
        let link = "\(place)/\(Self.name(of: input))"
        try await offPool {
            try makeFolder(place, mode: 0o700)
            do throws(MasqueError) { try linkOrCopy(file, to: link) } catch {
                throw MasqueError(
                    error.code == .badInput ? .failed : error.code,
                    "The \(input.role.rawValue) cannot be given to the media process.", advice: error.advice,
                    cause: error)
            }
        }
        return link
    }

    private static let keptName = "kept"
    private var kept: String { "\(root)/\(Self.keptName)" }

    private static func folder(_ job: JobID, _ process: ProcessRoot) -> JobFolder {
        JobFolder(inputs: "\(process.inputs)/\(job)", outputs: "\(process.outputs)/\(job)")
    }

    /// Whether a folder belongs to a job that is not over; a store that cannot say leaves it there.
    private func mayGoOn(_ name: String, _ store: any JobStore) async -> Bool {
        do {
            guard let job = try await store.job(JobID(rawValue: name), owner: nil) else { return false }
            return !job.state.isFinal
        } catch {
            return true
        }
    }

    private func names(in folder: String) async -> [String] {
        (try? await offPool { try namesInFolder(folder) }) ?? []
    }

    private func delete(_ path: String) async { try? await offPool { try removeAll(path) } }

    /// Moves a folder in place of another; when it cannot be moved, it is deleted.
    private func move(_ path: String, to destination: String) async {
        try? await offPool {
            try removeAll(destination)
            if unsafe rename(path, destination) != 0 { try removeAll(path) }
        }
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
        return "\(input.role.rawValue).\(["jpeg": "jpg", "quicktime": "mov", "mpeg": "mp3"][kind] ?? kind)"
    }
}
