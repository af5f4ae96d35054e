// Turns any error into a heading, what happened, and what to do about it.

import { ApiError } from './api.js';
import { bytes, clock } from './format.js';
import { isReadable, t } from './i18n.js';

/** An error of the studio itself, with a text from the catalogue. */
export class StudioError extends Error {
    constructor(key, params = {}) {
        super(key);
        this.key = key;
        this.params = params;
    }
}

const OWN = { 413: 'tooLarge', 429: 'tooMany', 507: 'full', 503: 'busy', 401: 'token', 404: 'gone' };
const BY_CODE = { tooLarge: 'tooLarge', overLimit: 'tooLarge', forbidden: 'refused', noFace: 'noFace', refusedContent: 'content', unsupportedMedia: 'unreadable', outOfSpace: 'full', notFound: 'gone', missingModel: 'server', damagedModel: 'server' };
const shown = { size: bytes, limit: bytes, length: clock, most: clock };

/** `{message, advice}` of a job's error: the server's own, or the studio's by its code where those are in another language. */
export function explainFailure({ code, message, advice }) {
    if (isReadable(message)) return { message, advice: advice ?? t('job.failedAdvice') };
    const own = `error.${BY_CODE[code] ?? 'server'}`;
    return { message: t(`${own}.title`), advice: t(`${own}.text`) };
}

/** `{title, text, advice, retryAfter, canRetry}` of an error; the server's own sentences come first where they are in the reader's language. */
export function explain(error) {
    if (error instanceof StudioError) {
        const params = Object.fromEntries(Object.entries(error.params).map(([key, value]) => [key, shown[key]?.(value) ?? value]));
        return { title: t(`${error.key}.title`), text: t(`${error.key}.text`, params), canRetry: false };
    }
    if (!(error instanceof ApiError)) return { title: t('error.studio.title'), text: t('error.studio.text'), advice: error?.message, canRetry: true };
    if (error.status === 0) {
        const name = navigator.onLine ? 'error.unreachable' : 'error.offline';
        return { title: t(`${name}.title`), text: t(`${name}.text`), canRetry: true };
    }
    const known = BY_CODE[error.code] ?? OWN[error.status];
    const name = `error.${known ?? (error.status >= 500 ? 'server' : 'refused')}`;
    const isTheirs = error.message && (isReadable(error.message) || !known);
    return {
        title: t(`${name}.title`),
        text: isTheirs ? error.message : t(`${name}.text`),
        advice: isTheirs ? error.advice : !known && error.requestID && t('error.reference', { id: error.requestID }),
        retryAfter: error.status === 429 || error.status === 503 ? error.retryAfter : null,
        canRetry: error.status >= 500 || error.status === 429 || error.status === 404,
    };
}
