// What is kept of a client's file name.

import Services
import Testing

struct ReceivedFileTests {
    @Test(arguments: [
        ("photo.jpg", "photo.jpg"), ("../../etc/passwd", "passwd"), (#"C:\Users\me\photo.jpg"#, "photo.jpg"),
        ("фото лета.png", "фото лета.png"), ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("exe\u{202E}gpj.x", "exegpj.x"), ("", nil), ("..", nil), ("/", nil),
    ])
    func `a file name keeps its last part without what could mislead`(given: String, kept: String?) {
        let file = ReceivedFile(path: "/x", byteCount: 1, sha256: "", fileName: given, sniffedType: nil)
        #expect(file.cleanName == kept)
    }

    @Test func `a very long name is cut`() {
        let file = ReceivedFile(
            path: "/x", byteCount: 1, sha256: "", fileName: String(repeating: "a", count: 5000), sniffedType: nil)
        #expect(file.cleanName?.count == 150)
    }
}
