// In which forms clients ask and are answered, on the wire: probes, compressed
// answers, JSON alone, lines that are too long.

import assert from 'node:assert/strict';
import http from 'node:http';
import {after, describe, test} from 'node:test';
import {gunzipSync} from 'node:zlib';
import {bearer, call, exchange, initialize, openSession, request}
  from './support/mcp.js';
import {format, send} from './support/raw_http.js';
import {launch, startServer, until, within} from './support/server.js';
import {standIn} from './support/world.js';

const standin = await standIn();
after(() => standin.close());
const key = standin.by.alice.api_key;

async function serve(t, how = {}) {
  const server = await startServer({standin, ...how});
  t.after(async () => {
    server.child.kill('SIGKILL');
    await server.exited;
  });
  return server;
}
const get = (server, path, headers = {}) =>
  exchange(`${server.origin}${path}`, {method: 'GET', headers});

describe('probes', () => {
  test('are answered by address, when nothing else is', async (t) => {
    const server = await serve(t, {args: [
      '--allowed_hosts', 'inner.example',
      '--public_url', 'https://mcp.example.com']});
    for (const path of ['/livez', '/readyz', '/health', '/mcp/health']) {
      const answer = await get(server, path);
      assert.equal(answer.status, 200, path);
      assert.equal(JSON.parse(answer.text).status, 'ok');
      assert.match(JSON.parse(answer.text).version, /^\d+\.\d+\.\d+$/);
    }
    assert.equal((await get(server, '/')).status, 403);
    for (const host of ['inner.example', 'mcp.example.com'])
      assert.equal((await get(server, '/', {host})).status, 200, host);
  });

  test('say how the last request to W&B went, and ask it nothing', async (t) => {
    const server = await serve(t);
    const told = async () => JSON.parse((await get(server, '/readyz')).text);
    assert.equal((await told()).wandb, 'unknown');
    const session = await openSession(server.url, key);
    await session.call('list_entities_tool', {});
    const {wandb, weave} = await told();
    assert.equal(wandb, 'reachable');
    assert.equal(weave, 'unknown');
    const text = (await get(server, '/readyz')).text;
    assert.ok(!text.includes(key) && !text.includes('alice'), text);
  });

  test('tell of a W&B that can not be reached', async (t) => {
    const server = await startServer({});
    t.after(() => server.child.kill('SIGKILL'));
    const session = await openSession(server.url, key);
    await session.call('list_entities_tool', {});
    const answer = await get(server, '/readyz');
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.text).wandb, 'unreachable');
  });
});

test('a large answer is compressed for who accepts it', async (t) => {
  const server = await serve(t);
  const session = await openSession(server.url, key);
  const body = JSON.stringify(request(2, 'tools/list'));
  const ask = (encoding) => fetch(server.url, {
    method: 'POST', body, headers: {
      ...bearer(key), ...session.headers, 'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'accept-encoding': encoding}});
  const plain = await ask('identity');
  assert.equal(plain.headers.get('content-encoding'), null);
  const packed = await ask('gzip, deflate');
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.equal(packed.headers.get('vary'), 'Accept-Encoding');
  const text = await plain.text();
  assert.ok(Number(packed.headers.get('content-length')) < text.length / 2);
  assert.deepEqual(await packed.json(), JSON.parse(text));
  assert.equal(gunzipSync(
    await rawBody(server, session, body)).toString('utf8'), text);
});

/// The bytes of a compressed answer as they are.
function rawBody(server, session, body) {
  return new Promise((resolve, reject) => {
    const sent = http.request(server.url, {method: 'POST', headers: {
      ...bearer(key), ...session.headers, 'accept-encoding': 'gzip',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream'}});
    sent.on('error', reject);
    sent.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts)));
    });
    sent.end(body);
  });
}

describe('Accept', () => {
  test('on two lines is one list', async (t) => {
    const server = await serve(t);
    const text = JSON.stringify(initialize());
    const lines = format({headers: {
      Host: server.host, ...bearer(key), 'Content-Type': 'application/json',
      Accept: ['application/json', 'text/event-stream'],
      'Content-Length': text.length}, body: text});
    const answer = await send(server.port, lines);
    assert.equal(answer.status, 200, answer.text);
  });

  test('has two rules, and no third', async () => {
    const ran = launch({args: [], env: {MCP_ACCEPT: 'maybe'}});
    const {code} = await within(ran.exited, 'the end')
      .finally(() => ran.child.kill('SIGKILL'));
    assert.equal(code, 2);
    assert.match(ran.log(), /MCP_ACCEPT.*strict lenient/);
  });

  test('of one form is enough for a lenient server', async (t) => {
    const strict = await serve(t);
    const lenient = await serve(t, {args: ['--accept', 'lenient']});
    for (const accept of ['application/json', 'text/event-stream', undefined]) {
      const ask = (server) => exchange(server.url, {
        body: initialize(), headers: {...bearer(key), accept}});
      assert.equal((await ask(strict)).status, 406, accept);
      const answer = await ask(lenient);
      assert.equal(answer.status, 200, accept);
      assert.ok(answer.headers['content-type'].startsWith(
        accept ?? 'application/json'), answer.headers['content-type']);
      assert.equal(answer.messages[0].result.serverInfo.name,
                   'wandb-mcp-server');
      const tool = await exchange(lenient.url, {
        body: call(2, 'list_entities_tool', {}, {progressToken: 1}),
        headers: {...bearer(key), accept,
                  'mcp-session-id': answer.headers['mcp-session-id']}});
      assert.equal(tool.messages.at(-1).id, 2);
      assert.ok(tool.messages.at(-1).result, tool.text);
    }
  });
});

test('a line beyond 4 MiB is refused under its id, a notification in silence',
     async () => {
  const ran = launch({args: ['--transport', 'stdio'],
                      env: {WANDB_API_KEY: key}});
  try {
    const long = 'x'.repeat(4 * 1024 * 1024);
    const lines = [
      {jsonrpc: '2.0', method: 'notifications/x', params: {long}},
      {jsonrpc: '2.0', params: {long, id: 8}, method: 'ping', id: 7},
      {jsonrpc: '2.0', method: 'notifications/x', params: [1]}];
    ran.child.stdin.write(lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
    ran.child.stdin.write(
      `\uFEFF{"jsonrpc":"2.0","id":9.0,"method":"ping","params":null}\n`);
    await until(() => ran.out().split('\n').length > 2, 'two answers');
    ran.child.stdin.end();
    await within(ran.exited, 'the server to end');
    const said = ran.out().trim().split('\n').map((l) => JSON.parse(l));
    assert.deepEqual(said.map(({id}) => id), [7, 9]);
    assert.equal(said[0].error.code, -32600);
    assert.match(said[0].error.message, /4 MiB/);
    assert.deepEqual(said[1].result, {});
  } finally {
    ran.child.kill('SIGKILL');
  }
});
