// HTTP/1.1 at its odd ends: limits, broken requests, chunks, pipelines. What
// MCP makes of well-formed requests is in http_rules.test.js.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {bearer, call, exchange, initialize, openSession, request}
  from './support/mcp.js';
import {format, open, send} from './support/raw_http.js';
import {world} from './support/world.js';

const it = await world();
const key = it.by.alice.api_key;
const other = it.by.carol.api_key;
const {headers: ofSession} = await openSession(it.url, key);
const ping = request(7, 'ping');
const body = JSON.stringify(ping);
const usual = () => ({
  Host: it.server.host, ...bearer(key), ...ofSession,
  Accept: 'application/json, text/event-stream',
  'Content-Type': 'application/json'});
const sized = (more = {}) =>
  ({...usual(), 'Content-Length': body.length, ...more});
const raw = (parts) => send(it.server.port, format(parts));

for (const [what, parts, status] of [
  ['a body of 5 MiB is announced',
   () => ({headers: {...usual(), 'Content-Length': 5 << 20}}), 413],
  ['chunks of more than 4 MiB come',
   () => ({headers: {...usual(), 'Transfer-Encoding': 'chunked'},
           body: `500000\r\n${'x'.repeat(0x500000)}\r\n0\r\n\r\n`}), 413],
  ['one header has 20 KB',
   () => ({headers: sized({'X-Long': 'x'.repeat(20_000)}), body}), 431],
  ['there are 200 headers',
   () => ({headers: sized({'X-Many': Array(200).fill('x')}), body}), 431],
  ['the target has 20 KB',
   () => ({target: `/mcp?${'x'.repeat(20_000)}`, headers: sized(), body}),
   431],
  ['the length is no number',
   () => ({headers: {...usual(), 'Content-Length': 'many'}, body}), 400],
  ['the length is negative',
   () => ({headers: {...usual(), 'Content-Length': -1}, body}), 400],
  ['there are two lengths',
   () => ({headers: {...usual(), 'Content-Length': [body.length, 1]}, body}),
   400],
  ['there is a length and chunks',
   () => ({headers: sized({'Transfer-Encoding': 'chunked'}),
           body: '0\r\n\r\n'}), 400],
  ['the coding is unknown',
   () => ({headers: {...usual(), 'Transfer-Encoding': 'gzip, chunked'},
           body: '0\r\n\r\n'}), 400],
  ['a chunk has no size',
   () => ({headers: {...usual(), 'Transfer-Encoding': 'chunked'},
           body: 'zz\r\n\r\n'}), 400],
  ['a header has a blank before its colon',
   () => ({headers: {'Host ': it.server.host}}), 400],
  ['a header holds a control character',
   () => ({headers: sized({'X-Bad': 'a\u0000b'}), body}), 400],
  ['the version is 2.0', () => ({version: '2.0', headers: sized(), body}),
   505],
  ['the version is 1.0', () => ({version: '1.0', headers: sized(), body}),
   200],
  ['the target is absolute',
   () => ({target: `http://${it.server.host}/mcp`, headers: sized(), body}),
   200],
  ['header names are upper case',
   () => ({headers: Object.fromEntries(Object.entries(sized()).map(
     ([name, value]) => [name.toUpperCase(), value])), body}), 200],
])
  test(`${status} when ${what}`, async () => {
    const answer = await raw(parts());
    assert.equal(answer?.status, status, answer?.text);
    if (status !== 200)
      assert.ok(JSON.parse(answer.text).error, 'it says why');
  });

// A proxy before us may look at one line and we at the other.
for (const name of ['Host', 'Authorization', 'Mcp-Session-Id'])
  test(`400 when there are two ${name} lines`, async () => {
    const lines = {
      Host: [it.server.host, 'evil.example'],
      Authorization: [`Bearer ${key}`, `Bearer ${other}`],
      'Mcp-Session-Id': [ofSession['mcp-session-id'], 'x'],
    };
    const headers = Object.fromEntries(Object.entries(sized()).filter(
      ([given]) => given.toLowerCase() !== name.toLowerCase()));
    const answer = await raw({
      headers: {...headers, [name]: lines[name]}, body});
    assert.equal(answer.status, 400);
  });

// MCP clients take the header for an invitation to OAuth, which is not served.
test('401 carries no WWW-Authenticate', async () => {
  const answer = await exchange(it.url, {body: initialize()});
  assert.equal(answer.status, 401);
  assert.equal(answer.headers['www-authenticate'], undefined);
});

test('what is no HTTP at all is answered 400', async () => {
  for (const text of ['hello\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n',
                      'GET\r\n\r\n', 'GET /mcp\r\n\r\n'])
    assert.equal((await send(it.server.port, text))?.status, 400, text);
});

test('a chunked body with extensions and a trailer is read', async () => {
  const half = body.length >> 1;
  const answer = await raw({
    headers: {...usual(), 'Transfer-Encoding': 'chunked'},
    body: `${half.toString(16)};a=b\r\n${body.slice(0, half)}\r\n`
      + `${(body.length - half).toString(16)}\r\n${body.slice(half)}\r\n`
      + '0\r\nX-Trailer: x\r\n\r\n'});
  assert.equal(answer.status, 200);
});

test('a body that trickles in byte by byte is read', async () => {
  const connection = open(it.server.port);
  for (const byte of format({headers: sized(), body}).toString('latin1'))
    connection.write(byte);
  assert.equal((await connection.next()).status, 200);
  connection.close();
});

test('Expect: 100-continue is answered before the body', async () => {
  const connection = open(it.server.port);
  connection.write(format({headers: sized({Expect: '100-continue'})}));
  assert.equal((await connection.next()).status, 100);
  connection.write(body);
  assert.equal((await connection.next()).status, 200);
  connection.close();
});

test('a body too large is refused instead of continued', async () => {
  const answer = await raw({headers: {
    ...usual(), Expect: '100-continue', 'Content-Length': 5 << 20}});
  assert.equal(answer.status, 413);
});

test('pipelined requests are answered in order', async () => {
  const connection = open(it.server.port);
  const ask = (message) => {
    const text = JSON.stringify(message);
    return format({body: text, headers: {...usual(),
                                         'Content-Length': text.length}});
  };
  // The first takes a trip to W&B, the others don't.
  const messages = [call('a', 'list_entities_tool'), request('b', 'ping'),
                    request('c', 'tools/list'), request('d', 'ping')];
  connection.write(Buffer.concat(messages.map(ask)));
  for (const {id} of messages) {
    const answer = await connection.next();
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.text).id, id);
  }
  assert.equal(connection.left().length, 0);
  connection.close();
});

test('a connection serves on after a refusal of MCP', async () => {
  const connection = open(it.server.port);
  connection.write(format({headers: sized({authorization: 'none'}), body}));
  connection.write(format({headers: sized(), body}));
  assert.equal((await connection.next()).status, 401);
  assert.equal((await connection.next()).status, 200);
  connection.close();
});

test('a connection is closed after broken HTTP', async () => {
  const connection = open(it.server.port);
  connection.write('nonsense\r\n\r\n');
  connection.write(format({headers: sized(), body}));
  assert.equal((await connection.next()).headers.connection, 'close');
  assert.equal(await connection.next(), null);
});

test('HTTP/1.0 and Connection: close end the connection', async () => {
  for (const parts of [{version: '1.0', headers: sized(), body},
                       {headers: sized({Connection: 'close'}), body}]) {
    const connection = open(it.server.port);
    connection.write(format(parts));
    assert.equal((await connection.next()).status, 200);
    assert.equal(await connection.next(), null);
  }
});

test('half a header is answered 408 in the end', async () => {
  const connection = open(it.server.port);
  connection.write('POST /mcp HTTP/1.1\r\nHost: loc');
  assert.equal((await connection.next()).status, 408);
  assert.equal(await connection.next(), null);
});
