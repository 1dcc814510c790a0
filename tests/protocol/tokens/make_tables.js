// Makes protocol/json/token_tables.hpp: what pairs of letters and of
// punctuation cost in tokens of o200k_base. Learned from the pieces of this
// repository's texts and from random ones.
//
//   node tests/protocol/tokens/make_tables.js >protocol/json/token_tables.hpp

import {readFileSync, readdirSync} from 'node:fs';
import {encode} from 'gpt-tokenizer/encoding/o200k_base';

const root = new URL('../../../', import.meta.url).pathname;
const count = (text) => encode(text, {disallowedSpecial: new Set()}).length;
const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const marks = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

let state = 20250601; // the tables come out the same each time
function random() {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) / 16777216;
}
const some = (length, alphabet) => Array.from(
  {length}, () => alphabet[Math.floor(random() * alphabet.length)]).join('');

const texts = ['docs', 'tools', 'protocol/json', 'tests/clients',
               'tests/node_modules/ajv/lib/types',
               'tests/node_modules/ajv/lib/compile']
  .flatMap((folder) => readdirSync(root + folder)
    .filter((name) => /\.(md|cpp|js|ts)$/.test(name))
    .map((name) => readFileSync(`${root}${folder}/${name}`, 'utf8')));
const structures = texts.map((text) => JSON.stringify(
  text.split('\n').slice(0, 80).map((line, i) => ({line: i, text: line}))));

/// Least squares with costs from 0 to 1, too little weighing twice as much as
/// too much. An example is {at: indexes of pairs, tokens, weight}.
function learn(examples, size) {
  const costs = new Float64Array(size).fill(0.4);
  const uses = Array.from({length: size}, () => []);
  for (const e of examples) {
    e.left = e.tokens - e.at.length * 0.4;
    e.at.forEach((pair) => uses[pair].push(e));
  }
  for (let round = 0; round < 40; ++round)
    for (let pair = 0; pair < size; ++pair) {
      let sum = 0;
      let weight = 1e-12;
      for (const e of uses[pair]) {
        const w = e.left > 0 ? 2 * e.weight : e.weight;
        sum += w * e.left;
        weight += w;
      }
      const next = Math.min(1, Math.max(0, costs[pair] + 0.7 * sum / weight));
      const change = next - costs[pair];
      costs[pair] = next;
      uses[pair].forEach((e) => { e.left -= change; });
    }
  return costs;
}

/// Made examples weigh 1 in sum, real ones `realWeight`.
function mixed(real, made, pairsOf, realWeight = 1) {
  const seen = new Map();
  real.forEach((piece) => seen.set(piece, (seen.get(piece) ?? 0) + 1));
  // The square root: a few words are half of each text.
  const lists = [[...seen].map(([piece, n]) => [piece, Math.sqrt(n)]),
                 made.map((piece) => [piece, 1])];
  return lists.flatMap((list, i) => {
    const all = list.reduce((n, [piece, w]) => n + w * piece.length, 0);
    return list.map(([piece, w]) => ({
      at: pairsOf(piece), tokens: count(piece) - 1,
      weight: w / all * (i === 0 ? realWeight : 1)}));
  });
}

const pairs = (piece, index) =>
  Array.from({length: piece.length - 1},
             (_, i) => index(piece[i], piece[i + 1])).filter((at) => at >= 0);

const isUpper = (c) => c >= 'A' && c <= 'Z';
const letter = (c) => c.toLowerCase().charCodeAt(0) - 97;
const letterPair = (a, b) => a === ' ' ? -1
  : (isUpper(a) || isUpper(b) ? 676 : 0) + letter(a) * 26 + letter(b);
const words = texts.flatMap((text) => text.match(
  / ?(?:[A-Z]*[a-z]+|[A-Z]+[a-z]*)/g));
const madeWords = [];
for (let i = 0; i < 20000; ++i) {
  const length = 1 + Math.floor(random() * 12);
  madeWords.push(some(length, lower));
  if (i % 2 === 0)
    madeWords.push(some(length, upper));
  if (i % 3 === 0)
    madeWords.push(some(1 + length % 4, upper) + some(length, lower),
                   some(1 + length % 4, 'abcdef'));
  if (i % 4 === 0)
    madeWords.push(' ' + some(length, lower));
}
const letters = learn(
  mixed(words, madeWords, (piece) => pairs(piece, letterPair), 3), 1352);

const markPair = (a, b) => marks.indexOf(a) * 32 + marks.indexOf(b);
const runs = [...texts, ...structures].flatMap(
  (text) => text.match(/[!-/:-@[-`{-~]{2,}/g));
const madeRuns = Array.from({length: 40000},
                            () => some(2 + Math.floor(random() * 6), marks));
const punctuation = learn(
  mixed(runs, madeRuns, (piece) => pairs(piece, markPair)), 1024);
// Whoever repeats one mark must not get it for less than it takes.
for (const mark of marks) {
  const at = markPair(mark, mark);
  punctuation[at] = Math.max(punctuation[at], count(mark.repeat(64)) / 64);
}

// A mark before a word may be one token with it.
const plain = words.filter((w) => w[0] !== ' ').slice(0, 20000);
const inFront = [...marks].map((mark) => {
  const extra = (list) => list.reduce(
    (n, w) => n + count(mark + w) - count(w), 0) / list.length;
  const found = texts.join('\n').match(new RegExp(
    `(?<=[A-Za-z0-9])\\${mark}(?:[A-Z]*[a-z]+|[A-Z]+[a-z]*)`, 'g')) ?? [];
  return Math.max(0, Math.min(1, Math.max(
    found.length > 50 ? extra(found.map((w) => w.slice(1))) : 0,
    extra(plain.filter((_, i) => i % 7 === 0)))));
});

const eighths = (cost) => Math.min(8, Math.round(cost * 8));
const table = (costs, width) => Array.from(
  {length: costs.length / width}, (_, row) =>
    `  "${Array.from(costs.slice(row * width, (row + 1) * width), eighths)
      .join('')}"`).join('\n');
const single = (from, to) => {
  let out = '';
  for (let c = from; c < to; ++c)
    if (count(String.fromCodePoint(c)) === 1)
      out += String.fromCodePoint(c);
  return [...out].reduce((lines, c, i) => {
    if (i % 36 === 0)
      lines.push('');
    lines[lines.length - 1] += c;
    return lines;
  }, []).map((line) => `  "${line}"`).join('\n');
};

console.log(`#pragma once

// Written by tests/protocol/tokens/make_tables.js: what o200k_base makes of
// pairs of characters. Costs are eighths of a token.

#include <string_view>

namespace mcp::token_tables {

/// What a letter adds behind another: 26 rows of 26. In lower case.
inline constexpr std::string_view lower_pairs =
${table(letters.slice(0, 676), 26)};

/// The same when one of the two is in upper case.
inline constexpr std::string_view mixed_pairs =
${table(letters.slice(676), 26)};

/// What a mark adds behind another, both in the order of ASCII: 32 rows of 32.
inline constexpr std::string_view mark_pairs =
${table(punctuation, 32)};

/// What a mark adds in front of a word.
inline constexpr std::string_view marks_in_front =
${table(inFront, 32)};

/// Ideographs and syllables that are one token; all others are two or three.
inline constexpr std::string_view common_ideographs =
${single(0x4e00, 0xa000)};
inline constexpr std::string_view common_hangul =
${single(0xac00, 0xd7a4)};

} // namespace mcp::token_tables`);
