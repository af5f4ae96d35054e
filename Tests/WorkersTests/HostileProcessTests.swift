// What the server makes of media processes that were taken over by what they decoded, and what it gives them.

import Errors
import Foundation
import Glibc
import JobQueue
import Testing
import WorkerProtocol
import Workers

extension WorkersSerial {
    @Suite struct Hostile {
        /// A program that says it is ready, reads one order and does something with its name.
        private static func answering(_ answer: String) -> String {
            """
            echo '{"ready":{"_0":{"processors":[],"executionProviders":[]}}}'
            read -r line || exit 0
            id=$(printf %s "$line" | sed 's/.*"order":"\\([^"]*\\)".*/\\1/')
            folder=$(printf %s "$line" | sed 's/.*"folder":"\\([^"]*\\)".*/\\1/;s/\\\\//g')
            \(answer)
            sleep 1
            """
        }

        private static func finished(_ path: String) -> String {
            #"printf '{"finished":{"order":"%s","_1":{"path":"%s","mediaType":"image/png","width":5,"height":5,"#
                + #""faceCount":1,"notes":[],"stageSeconds":{}}}}\n' "$id" "\#(path)""#
        }

        @Test(arguments: [
            finished("/etc/hostname"), "ln -s /etc/hostname $folder/result.png; " + finished("$folder/result.png"),
            "echo x > $folder/a; ln $folder/a $folder/result.png; " + finished("$folder/result.png"),
            finished("$folder/../../masque.db"), finished("$folder/target"),
        ])
        func `a result that is not a plain file of the job's own is refused`(answer: String) async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let program = try lab.program("hostile", Self.answering(answer))
            let job = try await lab.run(lab.settings { $0.lanes[0].process.executable = program }) { _ in
                try await lab.job(id)
            }
            #expect(job.state == .failed)
            #expect(job.output == nil)
            #expect(job.failure?.message == "The media process did not leave its result where it belongs.")
            #expect(FileManager.default.fileExists(atPath: "/etc/hostname"))
            #expect(FileManager.default.fileExists(atPath: "\(lab.folder)/masque.db"))
        }

        @Test(arguments: ["echo nonsense", "head -c 3000000 /dev/zero | tr '\\0' a", "exit 0", "printf '\\n'"])
        func `a process that babbles or leaves costs an attempt and is replaced`(answer: String) async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let program = try lab.program("hostile", Self.answering(answer))
            let job = try await lab.run(lab.settings { $0.lanes[0].process.executable = program }) { _ in
                try await lab.job(id)
            }
            #expect(job.state == .failed)
            #expect(job.attempts == 3)
            let expected = answer == "exit 0" ? "ended unexpectedly (exit code 0)" : "does not understand"
            #expect(job.failure?.message.contains(expected) == true)
        }

        @Test func `a process is let to its own two folders, with its inputs and nothing else in them`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let program = try lab.program(
                "spy",
                """
                printf '%s\\n' "$@" > '\(lab.folder)/arguments'
                \(Self.answering("find '\(lab.folder)/work' -type f -printf '%P %n\\n' > '\(lab.folder)/found'; exit 1"))
                """)
            try await lab.run(lab.settings { $0.lanes[0].process.executable = program }) { _ in
                try await lab.job(id)
            }
            let arguments = try String(contentsOfFile: "\(lab.folder)/arguments", encoding: .utf8).split(
                separator: "\n")
            func values(of option: String) -> [Substring] {
                zip(arguments, arguments.dropFirst()).filter { $0.0 == option }.map(\.1)
            }
            #expect(values(of: "--readable") == ["\(lab.folder)/work/image-0/in"])
            #expect(values(of: "--writable") == ["\(lab.folder)/work/image-0/out"])
            // Second names of the stored files.
            let found = try String(contentsOfFile: "\(lab.folder)/found", encoding: .utf8).split(separator: "\n")
                .sorted()
            #expect(
                found == [
                    "image-0/in/\(id)/source/grace_hopper.jpg 2", "image-0/in/\(id)/target/astronaut.png 2",
                ])
            #expect(lab.workNames.isEmpty)
        }

        @Test func `what a process leaves under the name of another job does not reach that job`() async throws {
            let lab = try await Lab()
            let first = try await lab.submit(), second = try await lab.submit()
            let program = try lab.program(
                "planter",
                """
                echo '{"ready":{"_0":{"processors":[],"executionProviders":[]}}}'
                while read -r line; do
                    id=$(printf %s "$line" | sed 's/.*"order":"\\([^"]*\\)".*/\\1/')
                    folder=$(printf %s "$line" | sed 's/.*"folder":"\\([^"]*\\)".*/\\1/;s/\\\\//g')
                    case "$folder" in
                        *\(first)) mkdir -p "$folder/../\(second)/parts"; echo x > "$folder/../\(second)/parts/0" ;;
                        *) ls -A "$folder" "$folder/../../in" > '\(lab.folder)/seen' ;;
                    esac
                    printf '{"failed":{"order":"%s","_1":{"code":"failed","message":"M.","isRetryable":false}}}\\n' "$id"
                done
                """)
            try await lab.run(lab.settings { $0.lanes[0].process.executable = program }) { _ in
                try await lab.job(first)
                try await lab.job(second)
            }
            let seen = try String(contentsOfFile: "\(lab.folder)/seen", encoding: .utf8)
            #expect(seen.contains(second.rawValue) && !seen.contains("parts") && !seen.contains(first.rawValue))
        }

        @Test func `a process gets no secret of the environment and no open file of the server`() async throws {
            let lab = try await Lab()
            setenv("JWT_SECRET", "a-secret-that-nobody-may-see", 1)
            defer { unsetenv("JWT_SECRET") }
            try FileManager.default.createDirectory(atPath: "\(lab.folder)/work", withIntermediateDirectories: true)
            let spy = try lab.program(
                "spy", "env > '\(lab.folder)/env'; ls -l /proc/self/fd > '\(lab.folder)/files'; exit 1")
            try await lab.run(lab.settings { $0.inspection.executable = spy }) { workers in
                let error = await #expect(throws: MasqueError.self) {
                    try await workers.inspect(path: spy, findsFaces: false, time: nil, folder: nil)
                }
                #expect(error?.code == .unavailable)
            }
            let environment = try String(contentsOfFile: "\(lab.folder)/env", encoding: .utf8)
            #expect(!environment.contains("secret"))
            let names = Set(environment.split(separator: "\n").compactMap { $0.split(separator: "=").first })
            #expect(
                names.isSubset(of: [
                    "HOME", "MASQUE_CACHE", "MASQUE_MODELS", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH",
                    "CUDA_VISIBLE_DEVICES", "SWIFT_BACKTRACE", "PWD", "_", "SHLVL", "OLDPWD",
                ]))
            let files = try String(contentsOfFile: "\(lab.folder)/files", encoding: .utf8)
            #expect(!files.contains("masque.db"))
            #expect(!files.contains("socket:"))
        }
    }
}
