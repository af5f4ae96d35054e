// Outputs say what they are, and others can read it.

import Files
import Foundation
import ImageIO
import Pixels
import Testing

private let exiftool = "/usr/bin/exiftool"

@Suite struct ProvenanceTests {
    @Test(arguments: PictureFormat.allCases)
    func `our reader finds what was written`(format: PictureFormat) throws {
        let statement = Provenance(software: "Masque 1.2 <\"beta\"> & söhne", system: "mesh")
        let options = EncodeOptions(iccProfile: try fixture("srgb.icc"), provenance: statement)
        let bytes = try encodePicture(testPicture(channels: 4), as: format, options: options)
        #expect(readProvenance(bytes) == statement)
        let (picture, metadata) = try decodePicture(bytes, name: "a")
        #expect(picture.width == 97)
        #expect(metadata.xmp == statement.xmpPacket)
        #expect(metadata.iccProfile == (try fixture("srgb.icc")))
    }

    @Test func `a picture without a statement has none`() throws {
        for name in ["baseline.jpg", "rgb.png", "lossless.webp"] { #expect(readProvenance(try fixture(name)) == nil) }
        #expect(readProvenance([]) == nil)
        #expect(readProvenance(Array("hello".utf8)) == nil)
    }

    @Test(arguments: [
        "<a Iptc4xmpExt:DigitalSourceType='http://x/y'/>",
        "<e:DigitalSourceType>http://x/y</e:DigitalSourceType>",
        "<e:DigitalSourceType rdf:resource=\"http://x/y\"/>",
    ])
    func `statements of other writers are read`(packet: String) {
        #expect(Provenance(xmpPacket: packet)?.digitalSourceType == "http://x/y")
    }

    @Test func `half a packet is no statement and no crash`() {
        let packet = Provenance(software: "Masque").xmpPacket
        for count in 0..<packet.utf8.count {
            _ = Provenance(xmpPacket: String(decoding: packet.utf8.prefix(count), as: UTF8.self))
        }
        #expect(Provenance(xmpPacket: "<a x:DigitalSourceType=\"never closed") == nil)
        #expect(Provenance(xmpPacket: "x:DigitalSourceType") == nil)
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: exiftool), "exiftool is not installed"),
        arguments: PictureFormat.allCases)
    func `exiftool reads the statement and finds no fault`(format: PictureFormat) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("out.\(format.fileExtension)")
        let options = EncodeOptions(
            iccProfile: try fixture("srgb.icc"), provenance: Provenance(software: "Masque 0.1.0", system: "mesh"))
        try writePicture(testPicture(channels: 4), to: path, options: options, overwrite: false)
        let process = Process()
        process.executableURL = URL(filePath: exiftool)
        process.arguments = ["-j", "-G1", "-n", "-validate", "-warning", "-all", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try #require(try pipe.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        let parsed = try JSONSerialization.jsonObject(with: output) as? [[String: Any]]
        let tags = try #require(parsed?.first)
        #expect(tags["XMP-iptcExt:DigitalSourceType"] as? String == Provenance.composite)
        #expect(tags["XMP-xmp:CreatorTool"] as? String == "Masque 0.1.0")
        #expect(tags["ICC-header:ProfileFileSignature"] as? String == "acsp")
        #expect(tags["ExifTool:Warning"] == nil, "\(tags["ExifTool:Warning"] ?? "")")
    }
}
