// File names by pattern.

internal import Glibc

/// The regular files that a shell pattern (`*`, `?`, `[a-z]`, `{a,b}`, `~`) matches, sorted by name.
package func filesMatching(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, GLOB_BRACE | GLOB_TILDE, nil, &found) == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
        guard let pointer = unsafe found.gl_pathv[index] else { return nil }
        let path = unsafe String(cString: pointer)
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return path
    }
}
