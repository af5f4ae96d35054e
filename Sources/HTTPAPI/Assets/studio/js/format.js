// Numbers, sizes and times as people write them in their language.

import { language, t } from './i18n.js';

/** A number with its unit, never torn apart at the end of a line. */
const unit = (value, name, digits = 0) => new Intl.NumberFormat(language(), {
    style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits,
}).format(value).replaceAll(' ', '\u00a0');

/** 1234567 → 1.2 MB. */
export function bytes(count) {
    if (count < 1e3) return unit(count, 'byte');
    if (count < 1e6) return unit(count / 1e3, 'kilobyte');
    return count < 1e9 ? unit(count / 1e6, 'megabyte', 1) : unit(count / 1e9, 'gigabyte', 1);
}

/** 95 → about 2 min; rounded so that it promises no more than is known. */
export function roughly(seconds) {
    if (seconds < 1.5) return t('time.moment');
    if (seconds < 10) return t('time.about', { time: unit(Math.round(seconds), 'second') });
    if (seconds < 55) return t('time.about', { time: unit(Math.round(seconds / 5) * 5, 'second') });
    if (seconds < 3300) return t('time.about', { time: unit(Math.max(1, Math.round(seconds / 60)), 'minute') });
    return t('time.about', { time: unit(seconds / 3600, 'hour', 1) });
}

/** 4.2 → 4.2 sec: time that was measured. */
export function exactly(seconds) {
    return seconds < 60 ? unit(seconds, 'second', 1) : `${unit(Math.floor(seconds / 60), 'minute')} ${unit(Math.round(seconds % 60), 'second')}`;
}

/** 75.32 → 1:15.3, the place in a video. */
export function clock(seconds) {
    const whole = Math.max(0, Math.round(seconds * 10) / 10);
    const minutes = Math.floor(whole / 60);
    return `${minutes}:${(whole - minutes * 60).toFixed(1).padStart(4, '0')}`;
}

/** A time as “5 min. ago”, with the full date for hovering. */
export function ago(text) {
    const date = new Date(text);
    const seconds = (date - Date.now()) / 1000;
    const steps = [['day', 86400], ['hour', 3600], ['minute', 60]];
    const [name, length] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
    const value = name === 'second' ? 0 : Math.round(seconds / length);
    const short = new Intl.RelativeTimeFormat(language(), { numeric: 'auto', style: 'short' }).format(value, name);
    return { short, full: date.toLocaleString(language(), { dateStyle: 'long', timeStyle: 'short' }) };
}

/** A date some time ahead. */
export const date = (text) => new Date(text).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' });
