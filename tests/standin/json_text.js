// JSON as W&B writes it into text fields: numbers that JSON cannot hold appear
// as bare NaN, Infinity and -Infinity. Readers of such text must cope.

export function jsonText(value) {
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : String(value);
  if (Array.isArray(value))
    return `[${value.map((v) => jsonText(v ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => `${JSON.stringify(k)}:${jsonText(v)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/// The other spelling, for fields of type JSON: a string instead of the number.
export function jsonValue(value) {
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value))
    return value.map(jsonValue);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, jsonValue(v)]));
  return value;
}

/// Reads text that may hold those bare tokens. They are replaced by strings
/// outside of string literals first, and turned into numbers afterwards.
export function parseJsonText(text) {
  const marked = text.replace(
    /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g,
    (token) => (token[0] === '"' ? token : `"\\u0001${token}"`));
  return JSON.parse(marked, (_, v) =>
    typeof v === 'string' && v[0] === '\u0001' ? Number(v.slice(1)) : v);
}
