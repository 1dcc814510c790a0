// Every scenario of mcp-bench once, shortly: whether the answers are right and
// counted, never how fast.

import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {cleanEnvironment, emptyFolder, startServer, until, within}
  from '../clients/support/server.js';

const folder = process.env.MCP_BUILD_DIR
  ?? fileURLToPath(new URL('../../build/release', import.meta.url));
const home = emptyFolder();
after(home.remove);

async function startStub() {
  const child = spawn(join(folder, 'mcp-bench-stub'), ['--latency', '1'],
                      {env: cleanEnvironment(home.path),
                       stdio: ['ignore', 'pipe', 'inherit']});
  process.on('exit', () => child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.on('close', resolve));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
  await until(() => out.includes('\n'), 'the stub to be ready');
  after(async () => {
    child.kill('SIGTERM');
    await within(exited, 'the stub to end');
  });
  return JSON.parse(out).url;
}

/// Runs mcp-bench; gives its exit code and what it measured.
const bench = (words) => new Promise((resolve) => {
  execFile(join(folder, 'mcp-bench'),
           [...words, '--format', 'json', '--quiet', '--warm_up', '0.1'],
           {env: cleanEnvironment(home.path), timeout: 60_000},
           (error, out, err) => resolve({
             code: error ? error.code : 0, err,
             measured: out ? JSON.parse(out) : null}));
});

const server = await startServer({env: {}, standin: {url: await startStub()}});
after(() => server.stop());
const load = ['--url', server.url, '--tenants', '8', '--sessions', '16',
              '--connections', '8', '--duration', '0.5', '--pid',
              String(server.pid)];

for (const words of [
  ['ping'], ['list'], ['call'], ['query'], ['mixed'], ['sessions'],
  ['slow-upstream'], ['connect'], ['call', '--rate', '200'],
  ['list', '--era', 'stateless'], ['call', '--era', 'stateless'],
  ['query', '--era', 'stateless', '--threads', '2']])
  test(words.join(' '), async () => {
    const {code, err, measured} = await bench([...words, ...load]);
    assert.equal(code, 0, `${err}${JSON.stringify(measured?.errors)}`);
    assert.deepEqual(measured.errors, {});
    assert.ok(measured.right > 0);
    assert.ok(measured.latency_ms.p50 <= measured.latency_ms.max);
    assert.ok(measured.rss_after > 0);
  });

test('a number of requests', async () => {
  const {measured} = await bench(['ping', ...load, '--requests', '100']);
  assert.ok(measured.right >= 100 && measured.right <= 108,
            String(measured.right));
});

test('streams', async () => {
  const {code, err, measured} = await bench(['streams', ...load]);
  assert.equal(code, 0, err);
  assert.equal(measured.open, 8);
});

test('what is measured is shown on a page', async () => {
  const page = join(home.path, 'page.html');
  await bench(['ping', ...load, '--html', page]);
  const html = readFileSync(page, 'utf8');
  assert.equal(html.match(/<svg /g).length, 3);
  assert.ok(!/src=|href=/.test(html), 'it needs nothing but itself');
});

test('wrong answers are counted as such', async () => {
  const {code, measured} = await bench([
    'custom', '--method', 'ping', '--expect', 'nothing of the kind', ...load]);
  assert.equal(code, 1);
  assert.ok(measured.errors['wrong content'] > 0);
  assert.equal(measured.right, 0);
});

test('a server that is not there is no success', async () => {
  const {code} = await bench(['ping', '--url', 'http://127.0.0.1:9/mcp',
                              '--duration', '0.2']);
  assert.equal(code, 1);
});
