// Opens a person's own part with their code; ../../survey_own.py seals it, and says how. It takes
// libraries where the browser has its own functions, since it has them only where a page came by
// HTTPS or from a file: a page must open in the same way wherever it lies.

/*! fflate - MIT License (c) 2023 Arjun Barrett */

import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { inflateSync } from 'fflate';

/**
 * @typedef {null | [any] | { [name: string]: any }} Shape
 */

const TAG = 12;
const NONCE = 12;
const LENGTH = 3;

/**
 * The part that a code opens; null where it opens none.
 * @param {string} code as somebody typed it
 * @param {{ size: number, entries: string, shape: Shape }} sealed
 * @returns {any}
 */
export function unseal(code, { size, entries, shape }) {
  const secret = utf8(normalised(code));
  const key = derived(secret, 'key');
  const tag = derived(secret, 'tag').slice(0, TAG);
  const all = Uint8Array.from(atob(entries), (sign) => sign.charCodeAt(0));
  for (let from = 0; from < all.length; from += size) {
    const entry = all.subarray(from, from + size);
    if (tag.some((byte, at) => byte !== entry[at])) continue;
    const nonce = entry.subarray(TAG, TAG + NONCE);
    const text = gcm(key, nonce, tag).decrypt(entry.subarray(TAG + NONCE));
    const length = text.subarray(0, LENGTH).reduce((sum, byte) => sum * 256 + byte, 0);
    const part = inflateSync(text.subarray(LENGTH, LENGTH + length));
    return named(JSON.parse(new TextDecoder().decode(part)), shape);
  }
  return null;
}

/**
 * A code without what people add when they type it, and without what they take for another sign: it
 * has no 0, 1 and 8.
 * @param {string} code
 */
function normalised(code) {
  const signs = code.toLowerCase().replace(/[^a-z0-9]/g, '');
  return signs.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('8', 'b');
}

/**
 * Values with the names of their fields, which the page holds once for all parts.
 * @param {any} values
 * @param {Shape} shape
 * @returns {any}
 */
function named(values, shape) {
  if (values === null || shape === null) return values;
  if (Array.isArray(shape)) return values.map((/** @type {any} */ one) => named(one, shape[0]));
  return Object.fromEntries(
    Object.entries(shape).map(([name, one], at) => [name, named(values[at], one)]),
  );
}

/**
 * @param {Uint8Array} secret
 * @param {string} purpose
 */
function derived(secret, purpose) {
  return hmac(sha256, secret, utf8(`playledger survey ${purpose}`));
}

/** @param {string} text */
function utf8(text) {
  return new TextEncoder().encode(text);
}
