// The API document as the judge of answers: which statuses an operation may give, and what their bodies look like.

import Foundation

/// The parsed `/openapi.json`.
struct APIDocument: Sendable {
    let root: JSON

    /// All operations as `GET /jobs/{}`.
    var operations: Set<String> {
        var all: Set<String> = []
        for (path, item) in root["paths"]?.object ?? [:] {
            for method in item.object?.keys.map({ $0 }) ?? [] where APIDocument.methods.contains(method) {
                all.insert("\(method.uppercased()) \(APIDocument.shape(path))")
            }
        }
        return all
    }

    static let methods: Set<String> = ["get", "post", "put", "patch", "delete", "head", "options"]

    /// A path with the names of its parameters left out.
    static func shape(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.hasPrefix("{") || part.hasPrefix(":") ? "{}" : String(part)
        }.joined(separator: "/")
    }

    /// What is wrong with an answer; empty when it is as the document says.
    func faults(method: String, path: String, status: Int, mediaType: String?, body: [UInt8]) -> [String] {
        let bare = String(path.prefix { $0 != "?" })
        // Files of pages are no calls.
        if bare.hasPrefix("/studio/") || bare.hasPrefix("/docs/assets/") { return [] }
        guard let item = item(for: bare) else {
            return status == 404 ? [] : ["\(method) \(bare) is not in the document, but was answered with \(status)"]
        }
        // HEAD is answered wherever GET is.
        let names = method == "HEAD" ? ["head", "get"] : [method.lowercased()]
        guard let operation = names.compactMap({ item[$0] }).first else {
            return status == 405 || status == 204 ? [] : ["\(method) \(bare) is not in the document (\(status))"]
        }
        guard let response = operation["responses"]?[String(status)].map(resolved) else {
            return ["\(method) \(bare) was answered with \(status), which the document does not name"]
        }
        guard method != "HEAD", status != 204, status != 304 else { return [] }
        let type = String((mediaType ?? "").prefix { $0 != ";" })
        guard let content = response["content"]?.object, !content.isEmpty else {
            return body.isEmpty ? [] : ["\(method) \(bare) \(status) has a body, the document says none"]
        }
        guard let schema = content[type]?["schema"] else {
            return ["\(method) \(bare) \(status) is \(type), the document says \(content.keys.sorted())"]
        }
        guard type.hasSuffix("json") else { return [] }
        guard let value = try? JSONDecoder().decode(JSON.self, from: Data(body)) else {
            return ["\(method) \(bare) \(status) is no JSON"]
        }
        return faults(of: value, schema: schema, at: "\(method) \(bare) \(status)")
    }

    /// What is wrong with a value of a named schema.
    func faults(of value: JSON, named name: String) -> [String] {
        guard let schema = root["components"]?["schemas"]?[name] else { return ["there is no schema \(name)"] }
        return faults(of: value, schema: schema, at: name)
    }

    private func item(for path: String) -> JSON? {
        let parts = path.split(separator: "/")
        let fitting = (root["paths"]?.object ?? [:]).filter { template, _ in
            let names = template.split(separator: "/")
            return names.count == parts.count && zip(names, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        // The one with the fewest parameters, as in /jobs/quick and /jobs/{job_id}.
        return fitting.min { $0.key.filter { $0 == "{" }.count < $1.key.filter { $0 == "{" }.count }?.value
    }

    private func resolved(_ node: JSON) -> JSON {
        guard let reference = node["$ref"]?.string else { return node }
        var found = root
        for part in reference.dropFirst(2).split(separator: "/") { found = found[String(part)] ?? .null }
        return resolved(found)
    }

    /// The part of JSON Schema that OpenAPI 3.0 has and the document uses; anything else in it is a fault.
    private func faults(of value: JSON, schema raw: JSON, at place: String) -> [String] {
        let schema = resolved(raw)
        if value.isNull {
            return schema["nullable"]?.bool == true ? [] : ["\(place) is null"]
        }
        var faults: [String] = []
        for part in schema["allOf"]?.array ?? [] { faults += self.faults(of: value, schema: part, at: place) }
        if let choices = schema["enum"]?.array, !choices.contains(value) {
            faults.append("\(place) is \(value), not one of \(choices)")
        }
        switch (schema["type"]?.string, value) {
        case ("object", .object(let fields)): faults += objectFaults(fields, schema, place)
        case ("array", .array(let items)):
            for (index, item) in items.enumerated() {
                faults += self.faults(of: item, schema: schema["items"] ?? .object([:]), at: "\(place)[\(index)]")
            }
        case ("string", .string(let text)): faults += stringFaults(text, schema, place)
        case ("integer", .number(let number)) where number == number.rounded(), ("number", .number(let number)):
            if let least = schema["minimum"]?.number, number < least {
                faults.append("\(place) is \(number) < \(least)")
            }
            if let most = schema["maximum"]?.number, number > most { faults.append("\(place) is \(number) > \(most)") }
        case ("boolean", .bool), (nil, _): break
        case (let type, _): faults.append("\(place) is \(value), not of type \(type ?? "any")")
        }
        return faults
    }

    private func objectFaults(_ fields: [String: JSON], _ schema: JSON, _ place: String) -> [String] {
        var faults: [String] = []
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where fields[name] == nil {
            faults.append("\(place).\(name) is missing")
        }
        let known = schema["properties"]?.object ?? [:]
        for (name, value) in fields {
            if let property = known[name] {
                faults += self.faults(of: value, schema: property, at: "\(place).\(name)")
            } else if let others = schema["additionalProperties"] {
                if others == .bool(false) {
                    faults.append("\(place).\(name) is not in the document")
                } else if others.object != nil {
                    faults += self.faults(of: value, schema: others, at: "\(place).\(name)")
                }
            }
        }
        return faults
    }

    private func stringFaults(_ text: String, _ schema: JSON, _ place: String) -> [String] {
        var faults: [String] = []
        if let least = schema["minLength"]?.number, Double(text.count) < least {
            faults.append("\(place) is too short")
        }
        if let most = schema["maxLength"]?.number, Double(text.count) > most { faults.append("\(place) is too long") }
        if let pattern = schema["pattern"]?.string {
            if let expression = try? Regex(pattern) {
                if (try? expression.firstMatch(in: text)) == nil {
                    faults.append("\(place) “\(text)” is not \(pattern)")
                }
            } else {
                faults.append("the pattern \(pattern) is none")
            }
        }
        if schema["format"]?.string == "date-time",
            (try? Date.ISO8601FormatStyle().parse(text)) == nil,
            (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)) == nil
        {
            faults.append("\(place) “\(text)” is no time")
        }
        if schema["format"]?.string == "uri", URL(string: text)?.scheme == nil { faults.append("\(place) is no URI") }
        return faults
    }
}

extension APIDocument {
    /// What is wrong with a value of a schema that stands in the document.
    func check(_ value: JSON, against schema: JSON) -> [String] { faults(of: value, schema: schema, at: "example") }
}
