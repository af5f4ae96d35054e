// Turns any error into a heading, what happened, and what to do about it.

import { ApiError } from './api.js';
import { bytes } from './format.js';
import { t } from './i18n.js';

/** An error of the studio itself, with a text from the catalogue. */
export class StudioError extends Error {
    constructor(key, params = {}) {
        super(key);
        this.key = key;
        this.params = params;
    }
}

const OWN = { 413: 'tooLarge', 429: 'tooMany', 507: 'full', 503: 'busy', 401: 'token', 404: 'gone' };

/** `{title, text, advice, retryAfter, canRetry}` of an error; the API's own sentences come first. */
export function explain(error) {
    if (error instanceof StudioError) {
        const params = Object.fromEntries(Object.entries(error.params).map(([key, value]) => (
            [key, key === 'size' || key === 'limit' ? bytes(value) : value])));
        return { title: t(`${error.key}.title`), text: t(`${error.key}.text`, params), canRetry: false };
    }
    if (!(error instanceof ApiError)) return { title: t('error.studio.title'), text: t('error.studio.text'), advice: error?.message, canRetry: true };
    if (error.status === 0) {
        const name = navigator.onLine ? 'error.unreachable' : 'error.offline';
        return { title: t(`${name}.title`), text: t(`${name}.text`), canRetry: true };
    }
    const name = `error.${OWN[error.status] ?? (error.status >= 500 ? 'server' : 'refused')}`;
    return {
        title: t(`${name}.title`),
        text: error.message || t(`${name}.text`),
        advice: error.advice || (error.message ? null : error.requestID && t('error.reference', { id: error.requestID })),
        retryAfter: error.status === 429 || error.status === 503 ? error.retryAfter : null,
        canRetry: error.status >= 500 || error.status === 429 || error.status === 404,
    };
}
