// Placeholder, replaced by the first real file.
internal import AsyncHTTPClient
internal import JWTKit
internal import Configuration
