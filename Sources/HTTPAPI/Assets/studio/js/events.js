// Follows a job's Server-Sent Events by fetch, because EventSource cannot send a token; resumes where it broke off.

import { request } from './api.js';
import { waitOnline } from './send.js';

/** Keep-alives come each 15 s; a stream silent for longer than this is dead. */
const SILENCE = 40000;

/** Splits a stream of text into events; exported for its test. */
export function parser(onEvent) {
    let rest = '';
    let event = {};
    const line = (text) => {
        if (text === '') {
            if (event.data !== undefined) onEvent(event);
            event = { id: event.id };
            return;
        }
        const [, field, value] = text.match(/^([^:]*):? ?(.*)$/s);
        if (field === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`;
        else if (field === 'event' || field === 'id') event[field] = value;
    };
    return (text) => {
        rest += text;
        for (let match; (match = rest.match(/\r\n|\n|\r(?!$)/));) {
            line(rest.slice(0, match.index));
            rest = rest.slice(match.index + match[0].length);
        }
    };
}

async function readStream(body, feed, control) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let timer;
    for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => control.abort(), SILENCE);
        const { done, value } = await reader.read().finally(() => clearTimeout(timer));
        if (done) return;
        feed(value);
    }
}

/**
 * Calls `onEvent(data)` for each event until the job has ended or `signal` aborts. `onLink(isUp)`: the connection was
 * lost or is back. Throws what cannot be waited out, such as 404.
 */
export async function follow(path, { onEvent, onLink, signal }) {
    let last = null;
    let failures = 0;
    let isOver = false;
    while (!signal.aborted && !isOver) {
        const control = new AbortController();
        const stop = () => control.abort();
        signal.addEventListener('abort', stop);
        try {
            const headers = { Accept: 'text/event-stream', ...(last === null ? {} : { 'Last-Event-ID': last }) };
            const answer = await request('GET', path, { headers, signal: control.signal });
            if (answer.status === 204) return;
            onLink(true);
            await readStream(answer.body, parser((event) => {
                failures = 0;
                last = event.id ?? last;
                isOver ||= event.event === 'end';
                onEvent(JSON.parse(event.data));
            }), control);
        } catch (error) {
            if (signal.aborted) return;
            if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
        } finally {
            signal.removeEventListener('abort', stop);
        }
        if (isOver || signal.aborted) return;
        failures += 1;
        onLink(false);
        await waitOnline(Math.min(15000, 500 * 2 ** Math.min(failures, 5)), signal).catch(() => {});
    }
}
