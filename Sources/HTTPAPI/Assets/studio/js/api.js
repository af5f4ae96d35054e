// Calls the public API: token, language, errors as ApiError, and one place that asks for a token when one is needed.

import { language } from './i18n.js';
import { keep, recall } from './storage.js';

/** Where the API is: two folders above this file, so that the studio also works below a path of a proxy. */
export const base = new URL('../../', import.meta.url);

/** An answer other than 2xx, in the API's own words; status 0: no answer at all. */
export class ApiError extends Error {
    constructor(status, { error, message, detail, advice, request_id: requestID } = {}, retryAfter = null) {
        super(message ?? detail ?? '');
        this.status = status;
        this.code = error ?? null;
        this.advice = advice ?? null;
        this.requestID = requestID ?? null;
        this.retryAfter = retryAfter;
    }
}

export const session = {
    token: recall('token', 'session') ?? recall('token'),
    /** Asks the person for a token; set by main.js. Resolves when there is a new one. */
    ask: null,
    asking: null,
    use(token, remember) {
        this.token = token;
        keep('token', token, 'session');
        keep('token', remember ? token : null);
    },
    forget() {
        this.use(null, false);
    },
    /** One sheet, however many calls wait for it. */
    unlock(isWrong) {
        this.asking ??= this.ask(isWrong).finally(() => { this.asking = null; });
        return this.asking;
    },
};

/** What every call carries: who asks and in which language. A token that is no JWT is an API key. */
export function credentials() {
    const headers = { 'Accept-Language': language() };
    if (session.token && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(session.token)) headers.Authorization = `Bearer ${session.token}`;
    else if (session.token) headers['X-API-Key'] = session.token;
    return headers;
}

/** An address of the API, from a path without leading slash or from a link in an answer. */
export const address = (path) => new URL(String(path).replace(/^\//, ''), base).href;

/** Makes an ApiError from the parts of an answer. */
export function errorFrom(status, text, retryAfter) {
    let body = {};
    try {
        body = JSON.parse(text) ?? {};
    } catch {
        // Not JSON, e.g. a proxy's page: the status alone has to do.
    }
    const seconds = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter)
        : retryAfter && !Number.isNaN(Date.parse(retryAfter)) ? Math.max(0, (Date.parse(retryAfter) - Date.now()) / 1000) : null;
    return new ApiError(status, body, seconds);
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

async function once(path, init) {
    try {
        return await fetch(address(path), { ...init, headers: { ...credentials(), ...init.headers } });
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        throw new ApiError(0);
    }
}

/** Sends a request and hands out the Response if it is good. Reads are tried three times when there is no answer. */
export async function request(method, path, { json, headers = {}, signal, accept = [] } = {}) {
    const init = { method, signal, headers: { ...headers }, cache: 'no-store' };
    if (json !== undefined) {
        init.body = JSON.stringify(json);
        init.headers['Content-Type'] = 'application/json';
    }
    for (let attempt = 0; ; attempt += 1) {
        const used = session.token;
        let answer;
        try {
            answer = await once(path, init);
        } catch (error) {
            if (error.status !== 0 || method !== 'GET' || attempt >= 2 || !navigator.onLine) throw error;
            await pause(300 * 2 ** attempt);
            continue;
        }
        if (answer.ok || accept.includes(answer.status)) return answer;
        if (answer.status === 401 && session.ask) {
            if (used === session.token) await session.unlock(used !== null);
            continue;
        }
        throw errorFrom(answer.status, await answer.text(), answer.headers.get('Retry-After'));
    }
}

/** A call whose answer is JSON (or nothing). */
export async function call(method, path, options) {
    const answer = await request(method, path, options);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
}

/** A file of the API as a Blob and the name the server gives it. */
export async function file(path, options) {
    const answer = await request('GET', path, options);
    const given = answer.headers.get('Content-Disposition') ?? '';
    const [, wide] = given.match(/filename\*=UTF-8''([^;]+)/i) ?? [];
    const [, plain] = given.match(/filename="?([^";]+)"?/i) ?? [];
    return { blob: await answer.blob(), name: wide ? decodeURIComponent(wide) : plain ?? null };
}

/** A key that makes a creation safe to repeat. */
export function newKey() {
    const numbers = crypto.getRandomValues(new Uint8Array(16));
    return `"${Array.from(numbers, (value) => value.toString(16).padStart(2, '0')).join('')}"`;
}
