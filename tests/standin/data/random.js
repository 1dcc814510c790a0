// Pseudo-random numbers that depend on a name and nothing else, so that adding
// one run to the seed doesn't move the numbers of another.

function hash(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; ++i)
    h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

/// A generator seeded by `name`: `next()` in [0,1), and what builds on it.
export function random(name) {
  let state = hash(name);
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const int = (low, high) => low + Math.floor(next() * (high - low + 1));
  const word = (length, letters) => {
    let out = '';
    while (out.length < length)
      out += letters[int(0, letters.length - 1)];
    return out;
  };
  return {
    next,
    int,
    chance: (p) => next() < p,
    pick: (list) => list[int(0, list.length - 1)],
    /// About normal, mean 0 and deviation 1: a sum of uniforms is enough here.
    noise: () => (next() + next() + next() + next() - 2) * 1.732,
    id: (length = 8) =>
      word(length, 'abcdefghijklmnopqrstuvwxyz0123456789'),
    hex: (length) => word(length, '0123456789abcdef'),
    /// Shaped like a UUID, as Weave's call ids are.
    uuid() {
      const part = (n) => word(n, '0123456789abcdef');
      return `0196${part(4)}-${part(4)}-7${part(3)}-a${part(3)}-${part(12)}`;
    },
  };
}

export const round = (x, digits = 6) =>
  Number.isFinite(x) ? Number(x.toFixed(digits)) : x;
