// Small settings kept in the browser; works, forgetfully, where storage is forbidden.

const PREFIX = 'masque.';
const memory = new Map();

function area(kind) {
    try {
        return kind === 'session' ? window.sessionStorage : window.localStorage;
    } catch {
        return null;
    }
}

/** The text kept under a name, or null. */
export function recall(name, kind = 'local') {
    try {
        return area(kind)?.getItem(PREFIX + name) ?? memory.get(kind + name) ?? null;
    } catch {
        return memory.get(kind + name) ?? null;
    }
}

/** Keeps a text; null forgets it. */
export function keep(name, value, kind = 'local') {
    if (value === null) memory.delete(kind + name);
    else memory.set(kind + name, value);
    try {
        if (value === null) area(kind)?.removeItem(PREFIX + name);
        else area(kind)?.setItem(PREFIX + name, value);
    } catch {
        // Storage is full or forbidden: the value lives until the page is left.
    }
}
