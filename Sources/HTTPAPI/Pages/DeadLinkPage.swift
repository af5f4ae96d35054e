// What a person sees in a browser whose share link is wrong, has expired or leads to what was deleted.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Words

/// A small page with the error's sentences; it loads nothing.
func deadLinkPage(_ error: MasqueError, in voice: Voice) -> Response {
    let sentences = ([error.message] + [error.advice].compactMap(\.self)).map { escaped(voice.say($0)) }
    let html = """
        <!doctype html>
        <html lang="\(voice.language.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>Masque</title>
        </head>
        <body>
        <main>
        <h1>\(sentences[0])</h1>
        <p>\(sentences.dropFirst().joined(separator: " "))</p>
        </main>
        </body>
        </html>

        """
    var headers: HTTPFields = [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .vary: "Accept",
        .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    ]
    headers.tell(voice.language)
    return Response(status: .notFound, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
}

private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
}
