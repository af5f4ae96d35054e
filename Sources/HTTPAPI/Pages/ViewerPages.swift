// The pages around Swagger UI and ReDoc. Links are relative, so that they work below a path of a proxy.

/// `/docs`.
let swaggerPage = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Masque API</title>
    <link rel="icon" href="docs/assets/favicon-32x32.png">
    <link rel="stylesheet" href="docs/assets/swagger-ui.css">
    <link rel="stylesheet" href="docs/assets/start.css">
    </head>
    <body>
    <div id="swagger"></div>
    <noscript>This page needs JavaScript; the document itself is at <a href="openapi.json">/openapi.json</a>.</noscript>
    <script src="docs/assets/swagger-ui-bundle.js"></script>
    <script src="docs/assets/swagger-ui-standalone-preset.js"></script>
    <script src="docs/assets/start.js"></script>
    </body>
    </html>

    """

/// `/redoc`.
let redocPage = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Masque API</title>
    <link rel="icon" href="docs/assets/favicon-32x32.png">
    <link rel="stylesheet" href="docs/assets/start.css">
    </head>
    <body>
    <div id="redoc"></div>
    <noscript>This page needs JavaScript; the document itself is at <a href="openapi.json">/openapi.json</a>.</noscript>
    <script src="docs/assets/redoc.standalone.js"></script>
    <script src="docs/assets/start.js"></script>
    </body>
    </html>

    """

/// Shown while the scripts are not installed.
let missingPage = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Masque API</title>
    <link rel="stylesheet" href="docs/assets/start.css">
    </head>
    <body>
    <main>
    <h1>The API pages are not installed</h1>
    <p>Run <code>scripts/setup</code> on the server; it fetches Swagger UI and ReDoc once. After that, restart the server.
    The document itself is at <a href="openapi.json">/openapi.json</a> and <a href="openapi.yaml">/openapi.yaml</a>.</p>
    </main>
    </body>
    </html>

    """

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
