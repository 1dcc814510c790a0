// README.md keeps its word: its examples run as they stand, and the answer that
// it opens with is what the server says.

import assert from 'node:assert/strict';
import {execFile, execFileSync} from 'node:child_process';
import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {promisify} from 'node:util';
import {openSession} from './support/mcp.js';
import {emptyFolder} from './support/server.js';
import {world} from './support/world.js';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
/// The code blocks of a language, as {text, before}: `before` is the text since
/// the block before it.
const blocks = (language) => {
  const out = [];
  let at = 0;
  for (const m of readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
    if (m[1] === language)
      out.push({text: m[2], before: readme.slice(at, m.index)});
    at = m.index + m[0].length;
  }
  return out;
};
const run = promisify(execFile);

const it = await world();
// Python may be one that finds its packages by HOME.
const env = {...process.env, no_proxy: '127.0.0.1', MCP_URL: it.url,
             WANDB_API_KEY: it.by.alice.api_key};

const python = (() => {
  const has = (code) => {
    try {
      execFileSync('python3', ['-c', code], {stdio: 'ignore'});
      return true;
    } catch {
      return false;
    }
  };
  return {here: has(''), mcp: has('from mcp import Client')};
})();

describe('the examples of README.md', () => {
  test('curl: one request, one answer', async () => {
    const found = blocks('sh').filter(({text}) => /^curl /m.test(text));
    assert.equal(found.length, 1);
    const {stdout} = await run('bash', ['-euc', found[0].text],
                               {env});
    assert.match(stdout, /"alice"/);
    assert.equal(JSON.parse(stdout).result.isError, false);
  });

  const [example, ...others] = blocks('python');
  test('Python: there is one, and it is valid',
       {skip: !python.here && 'no python3'}, async (t) => {
    assert.deepEqual(others, []);
    const home = emptyFolder();
    t.after(home.remove);
    const file = join(home.path, 'example.py');
    writeFileSync(file, example.text);
    await run('python3', ['-m', 'py_compile', file], {env});
  });
  test('Python: it runs', {
    skip: !python.mcp && 'python3 has no package mcp with a Client (2.0)',
  }, async () => {
    const {stdout} = await run('python3', ['-c', example.text], {env});
    assert.match(stdout, /alice/);
  });

  test('JSON configurations are JSON', () => {
    const found = blocks('json');
    assert.ok(found.length >= 3);
    for (const {text} of found)
      assert.ok(Object.keys(JSON.parse(text)).length > 0);
  });

  test('the bridge has no blank in an argument, which Windows would split',
       () => {
    const {text} = blocks('json').find((b) => b.text.includes('mcp-remote'));
    const {args, env: given} = JSON.parse(text).mcpServers.wandb;
    for (const arg of args)
      assert.doesNotMatch(arg, /\s/);
    const header = args[args.indexOf('--header') + 1];
    const name = /^Authorization:\$\{(\w+)\}$/.exec(header)[1];
    assert.match(given[name], /^Bearer /);
  });

  test('files that it names are there', () => {
    const here = [...readme.matchAll(/\]\(((?!https?:)[^)#]+)/g)]
      .map((m) => m[1]);
    assert.ok(here.length > 5);
    for (const path of here)
      assert.ok(existsSync(new URL(path, root)), path);
  });
});

describe('the answer that README.md opens with', () => {
  test('has the numbers of the tool', async () => {
    const opening = readme.slice(0, readme.indexOf('\n## '));
    const [, name, args] =
      /`(\w+_tool)` with\s+`(\{[^`]*\})`/.exec(opening);
    const session = await openSession(it.url, it.by.alice.api_key);
    const {structuredContent} = await session.call(name, JSON.parse(args));
    const known = new Map();
    (function collect(value, path) {
      if (typeof value === 'number')
        known.set(path, value);
      else if (value && typeof value === 'object')
        for (const [key, inner] of Object.entries(value))
          collect(inner, path ? `${path}.${key}` : key);
    })(structuredContent, '');
    const rows = [...opening.matchAll(
      /^> \| `([\w.]+)`[^|]* \| ([\d.]+) \| ([\d.]+) \|/gm)];
    assert.ok(rows.length >= 3);
    const rounded = (value, like) =>
      value.toFixed((like.split('.')[1] ?? '').length);
    for (const [, key, a, b] of rows) {
      const of = (which) => [...known].find(
        ([path]) => path.endsWith(`.changed.${key}.run_${which}`))?.[1];
      assert.equal(rounded(of('a'), a), a, key);
      assert.equal(rounded(of('b'), b), b, key);
    }
  });

  test('has a small picture that asks nobody for anything', () => {
    const [, path] = /<img src="([^"]+)"/.exec(readme)
      ?? /!\[[^\]]*\]\(([^)]+)\)/.exec(readme);
    const file = new URL(path, root);
    assert.ok(statSync(file).size < 100_000);
    assert.doesNotMatch(readFileSync(file, 'utf8').replace(
      'http://www.w3.org/2000/svg', ''), /https?:|<script|<image/);
  });
});
