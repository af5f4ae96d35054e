// Owners are told apart by their bytes, and names that only look alike are no owners.

import Errors
import JobQueue
import Services
import Testing

struct OwnerNameTests {
    @Test func `owners whose names look alike are two`() {
        let (plain, kelvin) = (OwnerID(rawValue: "Kate"), OwnerID(rawValue: "\u{212A}ate"))
        #expect(plain.rawValue == kelvin.rawValue)
        #expect(!(plain == kelvin) && plain != kelvin)
        #expect(Set([plain, kelvin]).count == 2)
        #expect(plain == OwnerID(rawValue: "Kate") && !(plain != OwnerID(rawValue: "Kate")))
    }

    @Test(arguments: ["\u{212A}ate", "Zoe\u{308}", "anonymous"])
    func `such a name is refused`(name: String) {
        #expect(throws: MasqueError.self) { try ownerID(name) }
    }

    @Test(arguments: ["Kate", "Zo\u{EB}", "auth0|12"])
    func `others are taken`(name: String) throws {
        #expect(try ownerID(name).rawValue == name)
    }
}
