// The pages around Swagger UI and ReDoc. Links are relative, so that they work below a path of a proxy.

/// `/docs`.
let swaggerPage = viewerPage(
    head: """
        <link rel="icon" href="docs/assets/favicon-32x32.png">
        <link rel="stylesheet" href="docs/assets/swagger-ui.css">
        """,
    body: """
        <div id="swagger"></div>
        \(withoutScript)
        <script src="docs/assets/swagger-ui-bundle.js"></script>
        <script src="docs/assets/swagger-ui-standalone-preset.js"></script>
        <script src="docs/assets/start.js"></script>
        """)

/// `/redoc`.
let redocPage = viewerPage(
    head: """
        <link rel="icon" href="docs/assets/favicon-32x32.png">
        """,
    body: """
        <div id="redoc"></div>
        \(withoutScript)
        <script src="docs/assets/redoc.standalone.js"></script>
        <script src="docs/assets/start.js"></script>
        """)

/// Shown while the scripts are not installed.
let missingPage = viewerPage(
    head: "",
    body: """
        <main>
        <h1>The API pages are not installed</h1>
        <p>Run <code>scripts/setup</code> on the server; it fetches Swagger UI and ReDoc once. After that, restart the server.
        The document itself is at <a href="openapi.json">/openapi.json</a> and <a href="openapi.yaml">/openapi.yaml</a>.</p>
        </main>
        """)

private let withoutScript = """
    <noscript>This page needs JavaScript; the document itself is at <a href="openapi.json">/openapi.json</a>.</noscript>
    """

/// What the pages share. Ours is the last style sheet.
private func viewerPage(head: String, body: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Masque API</title>
    \(head)
    <link rel="stylesheet" href="docs/assets/start.css">
    </head>
    <body>
    \(body)
    </body>
    </html>

    """
}

/// Starts whichever of the two is on the page; a file, because the pages' policy allows no script inside them.
let viewerScript = """
    // Starts Swagger UI or ReDoc, whichever the page has.
    const swagger = document.getElementById('swagger');
    if (swagger) {
        const night = window.matchMedia('(prefers-color-scheme: dark)');
        const dress = () => document.documentElement.classList.toggle('dark-mode', night.matches);
        night.addEventListener('change', dress);
        dress();
        SwaggerUIBundle({
            url: 'openapi.json',
            domNode: swagger,
            presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset.slice(1)],
            deepLinking: true,
            persistAuthorization: true,
            tryItOutEnabled: true,
            defaultModelsExpandDepth: 0,
            validatorUrl: null,
        });
    }
    const redoc = document.getElementById('redoc');
    if (redoc) {
        Redoc.init('openapi.json', { disableSearch: false, hideDownloadButton: false, nativeScrollbars: true }, redoc);
    }

    """

let viewerStyle = """
    body { margin: 0; background: #fff; color: #222; font: 16px/1.5 system-ui, sans-serif; }
    main { max-width: 40rem; margin: 4rem auto; padding: 0 1rem; }
    html.dark-mode body { background: #1c2022; color: #e4e6e6; }
    .swagger-ui .topbar { display: none; }

    """
