// The two names of a process call.

import Foundation
import JobQueue
import Services
import Testing

struct ProcessNameTests {
    @Test func `a job's name tells the second it was made, in UTC`() {
        let name = ProcessName(now: Date(timeIntervalSince1970: 1_735_732_800.9))
        #expect(name.job.rawValue.hasPrefix("api_20250101_120000_"))
    }

    @Test func `either name leads to the other`() throws {
        for second in [0, 1, 1_735_732_800, 4_294_967_295] {
            for _ in 0..<200 {
                let name = ProcessName(now: Date(timeIntervalSince1970: Double(second)))
                #expect(ProcessName(job: name.job) == name)
                #expect(ProcessName(fileName: name.uuid + ".jpg") == name)
                #expect(
                    name.uuid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
                        != nil)
            }
        }
    }

    @Test func `two calls of one second have different names`() {
        let now = Date()
        #expect(Set((0..<1000).map { _ in ProcessName(now: now).uuid }).count == 1000)
    }

    @Test(arguments: [
        "", "x.jpg", "../../etc/passwd", "550e8400-e29b-41d4-a716-446655440000.jpg", "550e8400e29b41d4a716446655440000",
        "\r\n\r\n\r\n\r\n-e29b-41d4-a716-446655440000.jpg", "550e8400-e29b-41d4-a716-44665544000é.jpg",
        "ÄÄÄÄÄÄÄÄ-e29b-41d4-a716-446655440000.jpg",
    ])
    func `a file name that was not made here is none`(name: String) {
        #expect(ProcessName(fileName: name) == nil)
    }

    @Test(arguments: ["", "api", "api_20250101_120000_abc123", "api_20251301_120000_0000000000000000", "job_1_2_3"])
    func `a job that is no process call has no such name`(job: String) {
        #expect(ProcessName(job: JobID(rawValue: job)) == nil)
    }
}
