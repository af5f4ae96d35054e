// One upload request with progress, which fetch cannot report: XMLHttpRequest as a promise.

import { ApiError, address, credentials, errorFrom, session } from './api.js';

function attempt(method, path, { headers = {}, body = null, onProgress, signal }) {
    return new Promise((done, fail) => {
        const xhr = new XMLHttpRequest();
        xhr.open(method, address(path));
        for (const [name, value] of Object.entries({ ...credentials(), ...headers })) xhr.setRequestHeader(name, value);
        if (onProgress) xhr.upload.onprogress = (event) => onProgress(event.loaded);
        const stop = () => xhr.abort();
        signal?.addEventListener('abort', stop);
        xhr.onloadend = () => signal?.removeEventListener('abort', stop);
        xhr.onload = () => done(xhr);
        xhr.onerror = () => fail(new ApiError(0));
        xhr.onabort = () => fail(new DOMException('Stopped', 'AbortError'));
        xhr.send(body);
    });
}

/** Sends, asks for a token when the server wants one, and throws an ApiError for anything but 2xx. */
export async function send(method, path, options = {}) {
    for (;;) {
        options.signal?.throwIfAborted();
        const used = session.token;
        const xhr = await attempt(method, path, options);
        if (xhr.status >= 200 && xhr.status < 300) return xhr;
        if (xhr.status === 401 && session.ask) {
            if (used === session.token) await session.unlock(used !== null);
            continue;
        }
        throw errorFrom(xhr.status, xhr.responseText, xhr.getResponseHeader('Retry-After'));
    }
}

/** Waits, but no longer than until the connection is back. */
export function waitOnline(ms, signal) {
    return new Promise((done, fail) => {
        const end = (action) => {
            clearTimeout(timer);
            window.removeEventListener('online', good);
            signal?.removeEventListener('abort', bad);
            action();
        };
        const good = () => end(done);
        const bad = () => end(() => fail(new DOMException('Stopped', 'AbortError')));
        const timer = setTimeout(good, ms);
        window.addEventListener('online', good);
        signal?.addEventListener('abort', bad);
    });
}
