// Looks at the first bytes of a chosen file, so that a wrong kind is refused at once, and turns other pictures into JPEG.

import { StudioError } from './explain.js';

/** For the file chooser. */
export const accepted = { source: 'image/jpeg,image/png,image/webp', target: 'image/jpeg,image/png,image/webp,video/mp4,video/quicktime,.mp4,.mov' };

const ascii = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));

/** `image/jpeg`, `image/png`, `image/webp`, `video/mp4`, `video/quicktime`, or null for anything else. */
export function sniff(bytes) {
    if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
    if (ascii(bytes, 0, 4) === '\x89PNG') return 'image/png';
    if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'image/webp';
    const box = ascii(bytes, 4, 8);
    if (box === 'ftyp') {
        const brand = ascii(bytes, 8, 12);
        if (/^(heic|heix|heim|heis|hevc|mif1|msf1|avif|avis)$/.test(brand)) return null;
        return brand === 'qt  ' ? 'video/quicktime' : 'video/mp4';
    }
    return /^(moov|mdat|wide|free)$/.test(box) ? 'video/quicktime' : null;
}

/** The file as the server takes it, with its type; throws a StudioError in whole sentences when it cannot be used. */
export async function checked(role, file, limits) {
    if (file.size === 0) throw new StudioError('kind.empty', { name: file.name });
    const type = sniff(new Uint8Array(await file.slice(0, 16).arrayBuffer()));
    if (role === 'source' && (type?.startsWith('video/') || file.type.startsWith('video/'))) throw new StudioError('kind.sourceVideo', { name: file.name });
    const limit = type?.startsWith('video/') ? limits.max_video_bytes : limits.max_photo_bytes;
    if (limit && file.size > limit) throw new StudioError('kind.tooLarge', { name: file.name, size: file.size, limit });
    const most = limits.max_video_seconds;
    const length = most && type?.startsWith('video/') ? await lengthOf(file) : 0;
    if (length > most + 0.5) throw new StudioError('kind.tooLong', { name: file.name, length, most });
    if (type) return { file, type };
    return { file: await asJPEG(file), type: 'image/jpeg' };
}

/** The seconds that a video lasts, as far as the browser can tell soon; else 0, and the server says. */
async function lengthOf(file) {
    const video = document.createElement('video');
    const url = URL.createObjectURL(file);
    try {
        return await new Promise((done) => {
            video.onloadedmetadata = () => done(Number.isFinite(video.duration) ? video.duration : 0);
            video.onerror = () => done(0);
            setTimeout(done, 3000, 0);
            Object.assign(video, { preload: 'metadata', muted: true, src: url });
        });
    } finally {
        video.removeAttribute('src');
        URL.revokeObjectURL(url);
    }
}

/** Pictures that only the browser can read, such as HEIC in Safari, become JPEG. */
async function asJPEG(file) {
    try {
        const bitmap = await createImageBitmap(file);
        const canvas = document.createElement('canvas');
        canvas.width = bitmap.width;
        canvas.height = bitmap.height;
        canvas.getContext('2d').drawImage(bitmap, 0, 0);
        const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', 0.95); });
        return new File([blob], `${file.name.replace(/\.\w+$/, '')}.jpg`, { type: 'image/jpeg' });
    } catch {
        throw new StudioError('kind.wrong', { name: file.name });
    }
}
