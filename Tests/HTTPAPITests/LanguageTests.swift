// The API's sentences in the reader's language.

import Foundation
import HTTPAPI
import JobQueue
import JobQueueSQLite
import Testing

@Suite struct LanguageTests {
    private let russian = ["Accept-Language": "ru-RU,ru;q=0.9,en;q=0.8"]
    private let korean = ["Accept-Language": "fr, ko;q=0.5"]

    @Test func `errors come in the language of the client, codes do not change`() async throws {
        try await TestServer.run { server in
            let plain = try await server.call("GET", "/jobs/none")
            #expect(plain.json["message"]?.string == "There is no such job.")
            #expect(plain["content-language"] == "en")
            #expect(plain["vary"]?.contains("Accept-Language") == true)
            let answer = try await server.call("GET", "/jobs/none", headers: russian)
            #expect(answer.status == 404)
            #expect(answer.json["error"]?.string == "notFound")
            #expect(answer.json["message"]?.string == "Такого задания нет.")
            #expect(answer.json["advice"]?.string?.hasSuffix("см. GET /jobs.") == true)
            #expect(answer["content-language"] == "ru")
            let accepts = korean.merging(["Accept": "application/problem+json"]) { $1 }
            let problem = try await server.call("POST", "/jobs", headers: accepts, json: #"{"mode":"nope"}"#)
            #expect(problem["content-type"] == "application/problem+json")
            #expect(problem.json["message"]?.string == "“nope” 방식은 없습니다.")
            #expect(problem.json["detail"]?.string?.hasPrefix("“nope” 방식은 없습니다. ") == true)
            #expect(problem.json["title"]?.string == "Bad Request")
            let lost = try await server.call("GET", "/no/such/page", as: nil, headers: russian)
            #expect(lost.json["message"]?.string == "По адресу /no/such/page ничего нет.")
        }
    }

    @Test func `a failed job is told in the language of who asks`() async throws {
        try await TestServer.run { server in
            let id = try await server.submitted()
            let failure = JobFailure(
                code: "noFace", message: "No face was found in the source “Ich & du.jpg”.",
                advice: "Use a sharp, well-lit picture in which the face looks roughly at the camera.",
                isRetryable: false)
            #expect(
                try await server.store.fail(
                    server.claim().lease, failure: failure, retryAt: nil, expiresAt: nil, now: Date()) != nil)
            let job = try await server.call("GET", "/jobs/\(id)", headers: russian)
            #expect(job["content-language"] == "ru")
            #expect(
                job.json["error"]?["message"]?.string == "В источнике «Ich & du.jpg» не найдено ни одного лица.")
            let list = try await server.call("GET", "/jobs", headers: korean)
            let message = list.json["jobs"]?[0]?["error"]?["message"]?.string
            #expect(message == "소스 “Ich & du.jpg”에서 얼굴을 찾지 못했습니다.")
            let history = try await server.call("GET", "/jobs/\(id)/history", headers: korean)
            #expect(history.json["events"]?.array?.last?["message"]?.string == message)
            let events = try await server.call("GET", "/jobs/\(id)/events", headers: russian)
            #expect(events["content-language"] == "ru")
            #expect(events.text.contains("не найдено ни одного лица"))
            #expect(events.text.contains("Загрузка источника завершена (image/jpeg, 13 байт)."))
            let result = try await server.call("GET", "/jobs/\(id)/result", headers: russian)
            #expect(
                result.json["message"]?.string
                    == "Задание не удалось: В источнике «Ich & du.jpg» не найдено ни одного лица.")
            let english = try await server.call("GET", "/jobs/\(id)")
            #expect(english.json["error"]?["message"]?.string == failure.message)
        }
    }

    @Test func `notes of a result and of modes are told too`() async throws {
        try await TestServer.run { server in
            _ = try await server.submitted()
            let claimed = try await server.claim()
            try await server.complete(
                claimed.lease, with: jpeg,
                notes: [
                    "The models “a” and “b” are not installed on this server, so the built-in mesh engine made this result.",
                    "One damaged frame was left out.", "By mesh.",
                ])
            let job = try await server.call("GET", "/jobs/\(claimed.job.id)", headers: russian)
            #expect(
                job.json["result"]?["notes"]?.array?.compactMap(\.string) == [
                    "На этом сервере нет: модели «a» и «b». Поэтому результат сделала встроенная сетка.",
                    "Один повреждённый кадр пропущен.", "By mesh.",
                ])
            let modes = try await server.call("GET", "/modes", headers: korean)
            #expect(modes["content-language"] == "ko")
            #expect(modes.text.contains("내장 메시로 처리합니다."))
        }
    }
}
