// Brings a file to a job: small ones in one request, big ones in chunks that go on after a broken connection (tus 1.0).

import { ApiError } from './api.js';
import { send, waitOnline } from './send.js';
import { keep, recall } from './storage.js';

/** Files above this many bytes go in chunks. */
const WHOLE = 8 * 2 ** 20;
const CHUNK = 4 * 2 ** 20;
/** How often in a row a piece is tried before the person is asked. */
const TRIES = 8;

const isPassing = (error) => error instanceof ApiError && (error.status === 0 || error.status >= 500) && error.status !== 507;
const delay = (failures) => Math.min(15000, 500 * 2 ** (failures - 1));

/**
 * Uploads a file as the source or target of a job and answers the job.
 * `onProgress(sent, isWaiting)`: bytes so far, and whether the connection is being waited for.
 */
export async function upload(jobID, role, file, type, { onProgress, signal }) {
    const body = file.size <= WHOLE ? null : await chunks(file, type, { onProgress, signal });
    const path = `jobs/${jobID}/${role}`;
    for (let failures = 0; ;) {
        try {
            const answer = body
                ? await send('POST', path, { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal })
                : await send('POST', path, { headers: named(file, type), body: file, onProgress: (sent) => onProgress(sent, false), signal });
            return JSON.parse(answer.responseText);
        } catch (error) {
            failures += 1;
            if (!isPassing(error) || failures >= 4) throw error;
            onProgress(0, true);
            await waitOnline(delay(failures), signal);
        }
    }
}

function named(file, type) {
    const name = encodeURIComponent(file.name).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
    return { 'Content-Type': type, 'Content-Disposition': `attachment; filename*=UTF-8''${name}` };
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const TUS = { 'Tus-Resumable': '1.0.0' };

async function create(file, type, signal) {
    const headers = { ...TUS, 'Upload-Length': String(file.size), 'Upload-Metadata': `filename ${base64(file.name)},filetype ${base64(type)}` };
    const answer = await send('POST', 'uploads', { headers, signal });
    const location = answer.getResponseHeader('Location') ?? '';
    return location.split(/[?#]/)[0].split('/').filter(Boolean).pop();
}

/** The name under which an unfinished upload is kept, so that the same file goes on after the page was left. */
const mark = (file) => `upload.${file.name}.${file.size}.${file.lastModified}`;

/** An unfinished upload of this file that the server still has, or a new one. */
async function begin(file, type, signal) {
    const known = recall(mark(file));
    if (known) {
        try {
            const answer = await send('HEAD', `uploads/${known}`, { headers: TUS, signal });
            if (Number(answer.getResponseHeader('Upload-Length')) === file.size) return { id: known, offset: Number(answer.getResponseHeader('Upload-Offset')) };
        } catch (error) {
            if (error.name === 'AbortError') throw error;
        }
        keep(mark(file), null);
    }
    const id = await create(file, type, signal);
    keep(mark(file), id);
    return { id, offset: 0 };
}

async function chunks(file, type, { onProgress, signal }) {
    let { id, offset } = await begin(file, type, signal);
    for (let failures = 0; offset < file.size;) {
        try {
            const start = offset;
            const answer = await send('PATCH', `uploads/${id}`, {
                headers: { ...TUS, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(start) },
                body: file.slice(start, start + CHUNK), onProgress: (sent) => onProgress(start + sent, false), signal,
            });
            offset = Number(answer.getResponseHeader('Upload-Offset'));
            failures = 0;
        } catch (error) {
            if (error.name === 'AbortError') await drop(id, file);
            const isLost = [404, 410].includes(error.status);
            if (!isPassing(error) && !isLost && ![409, 423, 460].includes(error.status)) throw error;
            failures += 1;
            if (failures > TRIES) throw error;
            onProgress(offset, true);
            await waitOnline(delay(failures), signal);
            if (isLost) {
                keep(mark(file), null);
                ({ id, offset } = await begin(file, type, signal));
            } else offset = await where(id, offset, signal);
        }
        onProgress(offset, false);
    }
    keep(mark(file), null);
    return { upload_id: id };
}

/** How much of an upload the server has; the last known place while it does not answer. */
async function where(id, last, signal) {
    try {
        const answer = await send('HEAD', `uploads/${id}`, { headers: TUS, signal });
        return Number(answer.getResponseHeader('Upload-Offset') ?? last);
    } catch (error) {
        if (isPassing(error)) return last;
        throw error;
    }
}

async function drop(id, file) {
    keep(mark(file), null);
    try {
        await send('DELETE', `uploads/${id}`, { headers: TUS });
    } catch {
        // It expires by itself.
    }
}
