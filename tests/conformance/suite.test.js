// The official conformance suite, against a server that offers one of
// everything, and against the W&B server as far as it has what a scenario asks
// for.

import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {readFileSync, readdirSync} from 'node:fs';
import http from 'node:http';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {bearer} from '../clients/support/mcp.js';
import {binary, cleanEnvironment, emptyFolder, until, within}
  from '../clients/support/server.js';
import {world} from '../clients/support/world.js';

const suite = fileURLToPath(new URL(
  '../node_modules/@modelcontextprotocol/conformance/dist/index.js',
  import.meta.url));
const everything = process.env.MCP_EVERYTHING_BINARY
  ?? fileURLToPath(new URL('../../build/release/mcp-everything',
                           import.meta.url));

/// Runs the suite; gives its checks by scenario.
async function checksOf(url, words) {
  const home = emptyFolder();
  after(home.remove);
  const output = join(home.path, 'results');
  const failed = await new Promise((resolve) => {
    execFile(process.execPath,
             [suite, 'server', '--url', url, '-o', output, ...words],
             {cwd: home.path, env: cleanEnvironment(home.path),
              timeout: 240_000, maxBuffer: 1 << 26},
             (error, out, err) => resolve(error && `${out}\n${err}`));
  });
  const scenarios = {};
  for (const folder of readdirSync(output)) {
    const [, name] = /^server-(.+?)-\d{4}-\d\d-\d\dT.*$/.exec(folder);
    scenarios[name] = JSON.parse(
      readFileSync(join(output, folder, 'checks.json'), 'utf8'));
  }
  return {failed, scenarios};
}

/// What went wrong in a scenario, also where the suite only warns.
const complaints = (checks) => checks
  .filter((c) => !['SUCCESS', 'INFO', 'SKIPPED'].includes(c.status))
  .map((c) => `${c.status} ${c.id}: ${c.errorMessage ?? c.description}`);

async function startEverything() {
  const home = emptyFolder();
  const child = spawn(everything, ['--port', '0'], {
    cwd: home.path, env: cleanEnvironment(home.path),
    stdio: ['ignore', 'ignore', 'pipe']});
  process.on('exit', () => child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.on('close', resolve));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { log += text; });
  after(async () => {
    child.kill('SIGTERM');
    await within(exited, 'the server to stop');
    home.remove();
  });
  const [, url] = await until(
    () => /ready at (http:\S+),/.exec(log), 'the server to be ready');
  return url;
}

/// The suite can not send a key, so this adds it, and changes nothing else.
async function withKey(target, key) {
  const {port} = new URL(target);
  const server = http.createServer((request, response) => {
    // It must see the Host that it would see without us.
    const headers = {...request.headers, ...bearer(key)};
    if (headers.host === `127.0.0.1:${server.address().port}`)
      headers.host = `127.0.0.1:${port}`;
    if (headers.origin === `http://127.0.0.1:${server.address().port}`)
      headers.origin = `http://127.0.0.1:${port}`;
    const passed = http.request(
      {host: '127.0.0.1', port, method: request.method, path: request.url,
       headers}, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/mcp`;
}

// All that is started is started before the first test: what stops it runs
// after the last.
const everythingUrl = await startEverything();
const it = await world();
const url = await withKey(it.url, it.by.alice.api_key);
const revisions = [];
for (const [revision, expected] of [['2025-11-25', 33], ['2026-07-28', 50]])
  revisions.push({revision, expected, ...await checksOf(
    everythingUrl, ['--requirements', revision])});

for (const {revision, expected, failed, scenarios} of revisions)
  describe(`what ${revision} requires`, () => {
    test('every scenario ran, and the suite is content', () => {
      assert.equal(failed, null);
      assert.equal(Object.keys(scenarios).length, expected);
    });
    for (const [name, checks] of Object.entries(scenarios))
      test(name, () => {
        assert.deepEqual(complaints(checks), []);
        // The suite skips the only check of this one.
        if (name !== 'tasks-status-notifications')
          assert.ok(checks.some((c) => c.status === 'SUCCESS'));
      });
  });

describe('the W&B server itself', () => {
  for (const [version, names] of [
    ['2025-11-25', ['server-initialize', 'ping', 'logging-set-level',
                    'tools-list', 'prompts-list', 'resources-list',
                    'dns-rebinding-protection', 'server-session-lifecycle',
                    'server-sse-multiple-streams']],
    ['2026-07-28', ['tools-list', 'prompts-list', 'resources-list', 'caching',
                    'dns-rebinding-protection', 'http-header-validation']]])
    for (const name of names)
      test(`${name}, ${version}`, async () => {
        const {scenarios} = await checksOf(
          url, ['--scenario', name, '--spec-version', version]);
        assert.deepEqual(complaints(scenarios[name]), []);
        assert.ok(scenarios[name].some((c) => c.status === 'SUCCESS'));
      });

  test('server-stateless, but for the tools of the fixture', async () => {
    const {scenarios} = await checksOf(
      url, ['--scenario', 'server-stateless', '--spec-version', '2026-07-28']);
    const wrong = complaints(scenarios['server-stateless'])
      .filter((c) => !/Not testable: server does not list/.test(c));
    assert.deepEqual(wrong, []);
    assert.ok(scenarios['server-stateless'].filter(
      (c) => c.status === 'SUCCESS').length >= 20);
  });
});
