// What the endpoint makes of HTTP requests: the documented refusals and the
// rules of the Streamable HTTP transport.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {bearer, call, exchange, initialize, openSession, request, versions}
  from './support/mcp.js';
import {format, open, send} from './support/raw_http.js';
import {until} from './support/server.js';
import {world} from './support/world.js';

const it = await world();
const key = it.by.alice.api_key;
const other = it.by.carol.api_key;
const sessions = {};
for (const version of versions)
  sessions[version] = await openSession(it.url, key, {version});

const ping = request(7, 'ping');
const session = (version = '2025-11-25') => sessions[version].headers;

/// One exchange with alice's key.
const post = ({method = 'POST', path = '/mcp', headers = {}, body} = {}) =>
  exchange(it.server.origin + path,
           {method, headers: {...bearer(key), ...headers}, body});

const codeOf = (answer) => answer.messages[0]?.error?.code;

describe('credentials', () => {
  const good = 'k'.repeat(40);
  const absent = 'Authorization required';
  const malformed = 'Invalid API key format';
  for (const [what, value, error] of [
    ['no header', undefined, absent],
    ['an empty header', '', absent],
    ['another scheme', 'Basic YXBpOmtleQ==', absent],
    ['the scheme alone', 'Bearer', absent],
    ['the scheme and blanks', 'Bearer   ', absent],
    ['a key without its scheme', good, absent],
    ['a key of 39', `Bearer ${good.slice(1)}`, malformed],
    ['a sign that no key has', `Bearer ${good}!`, malformed],
    ['two words', `Bearer ${good} ${good}`, malformed],
    ['an empty prefix', `Bearer -${good}`, malformed],
    ['a prefix and a short key', `Bearer local-${good.slice(1)}`, malformed],
    ['a key of 257', `Bearer ${'k'.repeat(257)}`, malformed],
  ])
    test(`${what} is answered 401 with a hint`, async () => {
      for (const method of ['POST', 'GET', 'DELETE']) {
        const answer = await post({
          method, headers: {authorization: value},
          body: method === 'POST' ? initialize() : undefined});
        assert.equal(answer.status, 401);
        const body = JSON.parse(answer.text);
        assert.equal(body.error, error);
        assert.match(body.hint, /Authorization: Bearer/);
        assert.match(body.hint, /wandb\.ai\/authorize/);
        assert.equal(answer.headers['mcp-session-id'], undefined);
      }
    });

  for (const [what, value] of [
    ['a lower-case scheme', () => `bearer ${key}`],
    ['blanks around the key', () => `  Bearer   ${key}  `],
    ['a key of its own form', () => `Bearer local-${'k'.repeat(60)}_9`],
  ])
    test(`${what} is accepted`, async () => {
      const answer = await post({headers: {authorization: value()},
                                 body: initialize()});
      assert.equal(answer.status, 200);
    });
});

describe('what a POST must carry', () => {
  for (const [what, accept, status] of [
    ['no Accept', undefined, 406], ['JSON alone', 'application/json', 406],
    ['streams alone', 'text/event-stream', 406], ['HTML', 'text/html', 406],
    ['JSON with no weight', 'application/json;q=0, text/event-stream', 406],
    ['both', 'application/json, text/event-stream', 200],
    ['both, the other way', 'TEXT/Event-Stream;q=0.1,application/JSON', 200],
    ['anything', '*/*', 200], ['ranges', 'application/*, text/*', 200],
  ])
    test(`Accept: ${what} gives ${status}`, async () => {
      const answer = await post({headers: {...session(), accept}, body: ping});
      assert.equal(answer.status, status, answer.text);
      if (status === 406)
        assert.match(JSON.parse(answer.text).hint, /text\/event-stream/);
    });

  for (const [what, type, status] of [
    ['none', undefined, 415], ['text', 'text/plain', 415],
    ['a form', 'application/x-www-form-urlencoded', 415],
    ['JSON lines', 'application/jsonl', 415],
    ['JSON', 'application/json', 200],
    ['JSON with a charset', 'Application/JSON; charset=utf-8', 200],
  ])
    test(`Content-Type: ${what} gives ${status}`, async () => {
      const answer = await post({
        headers: {...session(), 'content-type': type}, body: ping});
      assert.equal(answer.status, status, answer.text);
    });

  for (const [what, version, status] of [
    ['unknown', '1999-01-01', 400], ['too old', '2024-11-05', 400],
    ['no version', 'latest', 400], ['none', undefined, 200],
    ['the newest', '2025-11-25', 200],
  ])
    test(`MCP-Protocol-Version: ${what} gives ${status}`, async () => {
      const answer = await post({
        headers: {...session(), 'mcp-protocol-version': version}, body: ping});
      assert.equal(answer.status, status, answer.text);
      if (status === 400)
        assert.match(answer.messages[0].error.message, /2025-11-25/);
    });
});

describe('sessions', () => {
  for (const [what, body] of [
    ['a request', ping], ['a tool call', call(1, 'list_entities_tool')],
    ['a notification', {jsonrpc: '2.0', method: 'notifications/initialized'}],
  ])
    test(`${what} without a session id is answered 400`, async () => {
      const answer = await post({body});
      assert.equal(answer.status, 400);
      assert.match(answer.messages[0].error.message, /Missing session ID/);
    });

  test('unknown and foreign ids get the very same answer', async () => {
    const foreign = await openSession(it.url, other);
    const ended = await openSession(it.url, key);
    await ended.end();
    const ids = {
      foreign: foreign.id, ended: ended.id, unknown: 'nobody-knows-this-one',
      'of a good length': foreign.id.split('').reverse().join(''),
      tampered: `${ended.id.slice(0, -2)}xx`, long: 'a'.repeat(8000),
      'one character': 'x',
    };
    for (const method of ['POST', 'GET', 'DELETE']) {
      const seen = new Set();
      for (const [what, id] of Object.entries(ids)) {
        const answer = await post({
          method, body: method === 'POST' ? ping : undefined,
          headers: {'mcp-session-id': id,
                    ...(method === 'GET' && {accept: 'text/event-stream'})}});
        assert.equal(answer.status, 404, `${method} ${what}: ${answer.text}`);
        const {date, ...headers} = answer.headers;
        seen.add(JSON.stringify([headers, answer.text]));
      }
      assert.equal(seen.size, 1, [...seen].join('\n'));
    }
    const still = await foreign.ask(ping);
    assert.equal(still.status, 200, 'its owner goes on');
  });

  test('DELETE ends a session, once', async () => {
    const mine = await openSession(it.url, key);
    assert.equal((await mine.end()).status, 204);
    assert.equal((await mine.end()).status, 404);
    assert.equal((await mine.ask(ping)).status, 404);
    assert.equal((await post({method: 'DELETE'})).status, 400);
  });

  test('a second initialize in a session is refused', async () => {
    const answer = await post({headers: session(), body: initialize()});
    assert.equal(codeOf(answer), -32600);
  });

  for (const [what, params] of [
    ['no parameters', undefined],
    ['no version', {capabilities: {}, clientInfo: {name: 'a', version: '1'}}],
    ['a number as version', {protocolVersion: 20251125, capabilities: {},
                             clientInfo: {name: 'a', version: '1'}}],
    ['no client', {protocolVersion: '2025-11-25', capabilities: {}}],
    ['no capabilities', {protocolVersion: '2025-11-25',
                         clientInfo: {name: 'a', version: '1'}}],
  ])
    test(`initialize with ${what} opens nothing`, async () => {
      const answer = await post({body: request(1, 'initialize', params)});
      assert.equal(codeOf(answer), -32602, answer.text);
      assert.equal(answer.headers['mcp-session-id'], undefined);
    });

  test('a version of the future is answered with our newest', async () => {
    const answer = await post({body: initialize('2999-01-01')});
    assert.equal(answer.messages[0].result.protocolVersion, '2025-11-25');
  });
});

describe('bodies', () => {
  const nested = (n) => `${'['.repeat(n)}${']'.repeat(n)}`;
  const parameters = (text) =>
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${text}}}`;
  for (const [what, body, code] of [
    ['nothing', '', -32700], ['blanks', '  \n ', -32700],
    ['half an object', '{"jsonrpc":"2.0"', -32700],
    ['no JSON', 'hello', -32700],
    ['two texts', `${JSON.stringify(ping)}${JSON.stringify(ping)}`, -32700],
    ['a comma too many', '{"jsonrpc":"2.0","id":1,"method":"ping",}', -32700],
    ['single quotes', "{'jsonrpc':'2.0'}", -32700],
    ['a comment', `/* */${JSON.stringify(ping)}`, -32700],
    ['bytes that are no UTF-8',
     Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":"'),
                    Buffer.from([0xc3, 0x28]),
                    Buffer.from('","method":"ping"}')]), -32700],
    ['a control character in a text', parameters('"\u0001"'), -32700],
    ['a NaN', parameters('NaN'), -32700],
    ['a number beyond a double', parameters('1e999'), -32700],
    ['a leading zero', parameters('01'), -32700],
    ['depth', parameters(nested(100)), -32700],
    ['a member named twice',
     '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', -32700],
    ['a member named twice, once escaped',
     '{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"x"}', -32700],
    ['a member named twice, deep inside', parameters('{"b":1,"b":2}'), -32700],
    ['an empty batch', '[]', -32600], ['null', 'null', -32600],
    ['a text', '"ping"', -32600], ['a number', '1', -32600],
    ['an empty object', '{}', -32600],
    ['no version', '{"id":1,"method":"ping"}', -32600],
    ['version 1.0', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
    ['a number as version', '{"jsonrpc":2.0,"id":1,"method":"ping"}', -32600],
    ['a number as method', '{"jsonrpc":"2.0","id":1,"method":5}', -32600],
    ['an empty method', '{"jsonrpc":"2.0","id":1,"method":""}', -32600],
    ['a method and a result',
     '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', -32600],
    ['a list as parameters',
     '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32602],
  ])
    test(`${what} is answered ${code}`, async () => {
      const answer = await post({headers: session(), body});
      assert.equal(answer.status, 400, answer.text);
      assert.equal(codeOf(answer), code, answer.text);
      assert.equal(answer.messages[0].jsonrpc, '2.0');
    });

  for (const [what, method, params, code] of [
    ['a method that does not exist', 'tools/destroy', undefined, -32601],
    ['a method in another case', 'Ping', undefined, -32601],
    ['a tool without a name', 'tools/call', {}, -32602],
    ['a number as tool', 'tools/call', {name: 5}, -32602],
    ['an unknown tool', 'tools/call', {name: 'nope'}, -32602],
    ['a list as arguments', 'tools/call',
     {name: 'list_entities_tool', arguments: []}, -32602],
    ['an unknown cursor', 'tools/list', {cursor: 'x'}, -32602],
    ['an object as progress token', 'tools/call',
     {name: 'list_entities_tool', _meta: {progressToken: {}}}, -32602],
  ])
    test(`${what} is answered ${code}`, async () => {
      const answer = await post({headers: session(),
                                 body: request(1, method, params)});
      assert.equal(answer.status, 200);
      assert.equal(codeOf(answer), code);
      assert.equal(answer.messages[0].id, 1);
    });

  for (const [what, method, params, says] of [
    ['a method', 'tool/call', undefined, /"tool\/call"; did you mean tools\/call/],
    ['a method of another version', 'server/discover', undefined,
     /"server\/discover" is of newer protocol versions, not of 20/],
    ['a tool', 'tools/call', {name: 'list_entitys_tool'},
     /"list_entitys_tool"; did you mean list_entities_tool\?/],
    ['a prompt', 'prompts/get', {name: 'wandb_giude'},
     /"wandb_giude"; did you mean wandb_guide\?/],
    ['a resource', 'resources/read', {uri: 'wb://x'},
     /no such resource "wb:\/\/x"; there are: .*wandb:\/\//],
  ])
    test(`${what} that isn't there is named, with what is near`, async () => {
      const answer = await post({headers: session(),
                                 body: request(1, method, params)});
      assert.match(answer.messages[0].error.message, says);
    });

  for (const [what, body, id] of [
    ['half a surrogate pair', parameters('"\\ud800"'), 1],
    ['a byte order mark', `\uFEFF${JSON.stringify(ping)}`, ping.id],
    ['params of null', '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
     1],
    ['an id of 1.0', '{"jsonrpc":"2.0","id":1.0,"method":"ping"}', 1],
    ['a cursor of null', request(1, 'tools/list', {cursor: null}), 1],
  ])
    test(`${what} is no fault`, async () => {
      const answer = await post({headers: session(), body});
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.messages[0].id, id);
      assert.ok(answer.messages[0].result, answer.text);
    });

  for (const text of [
    '0', '-1', '9007199254740993', '9223372036854775807',
    '-9223372036854775808', '18446744073709551615', '""', '"7"', '"\\u00e9"',
    '"a\\"b\\\\c\\n"', JSON.stringify('x'.repeat(4000))])
    test(`the id ${text.slice(0, 24)} comes back unchanged`, async () => {
      const answer = await post({
        headers: session(),
        body: `{"jsonrpc":"2.0","id":${text},"method":"ping"}`});
      assert.equal(answer.status, 200, answer.text);
      const back = /"id":(.*),"result":\{\}\}$/.exec(answer.text)[1];
      // As text, because a number may be beyond what JavaScript can hold.
      if (text.startsWith('"'))
        assert.equal(JSON.parse(back), JSON.parse(text));
      else
        assert.equal(back, text);
    });

  for (const [what, text] of [
    ['null', 'null'], ['a fraction', '1.5'], ['true', 'true'],
    ['an object', '{}'], ['a list', '[1]'],
    ['beyond 64 bits', '18446744073709551616'],
    ['of a million characters', JSON.stringify('x'.repeat(1_000_000))],
    ['of a million digits', '9'.repeat(1_000_000)]])
    test(`an id that is ${what} is refused`, async () => {
      const answer = await post({
        headers: session(),
        body: `{"jsonrpc":"2.0","id":${text},"method":"ping"}`});
      assert.equal(answer.status, 400);
      assert.ok([-32600, -32700].includes(codeOf(answer)), answer.text);
      assert.ok(answer.text.length < 1000);
    });

  for (const [what, body] of [
    ['a notification', {jsonrpc: '2.0', method: 'notifications/initialized'}],
    ['an unknown notification', {jsonrpc: '2.0', method: 'notifications/x'}],
    ['a cancellation of nothing', {jsonrpc: '2.0',
      method: 'notifications/cancelled', params: {requestId: 99}}],
    ['a response', {jsonrpc: '2.0', id: 1, result: {}}],
    ['an error', {jsonrpc: '2.0', id: 1, error: {code: 1, message: 'x'}}],
    ['a notification with a list',
     {jsonrpc: '2.0', method: 'notifications/x', params: [1]}],
    ['a notification of no version', {method: 'notifications/x'}],
    ['a notification that names a member twice',
     '{"jsonrpc":"2.0","method":"notifications/x","params":{"a":1,"a":2}}'],
  ])
    test(`${what} is answered 202 without a body`, async () => {
      const answer = await post({headers: session(), body});
      assert.equal(answer.status, 202);
      assert.equal(answer.text, '');
    });
});

describe('batches', () => {
  test('are answered in 2025-03-26, each request once', async () => {
    const answer = await post({headers: session('2025-03-26'), body: [
      request(1, 'ping'), {jsonrpc: '2.0', method: 'notifications/x'},
      request('two', 'tools/list'), request(3, 'nope'),
      {jsonrpc: '1.0', id: 4, method: 'ping'}]});
    assert.equal(answer.status, 200);
    const by = new Map(answer.messages.map((m) => [m.id, m]));
    assert.equal(answer.messages.length, 4);
    assert.deepEqual(by.get(1).result, {});
    assert.ok(by.get('two').result.tools.length > 0);
    assert.equal(by.get(3).error.code, -32601);
    assert.equal(by.get(4).error.code, -32600);
  });

  test('of notifications are answered 202', async () => {
    const answer = await post({
      headers: session('2025-03-26'),
      body: [{jsonrpc: '2.0', method: 'notifications/x'}]});
    assert.equal(answer.status, 202);
  });

  for (const [what, version, body] of [
    ['in 2025-06-18', '2025-06-18', [ping]],
    ['in 2025-11-25', '2025-11-25', [ping]],
    ['of 101 messages', '2025-03-26', Array(101).fill(ping)],
  ])
    test(`${what} are refused`, async () => {
      const answer = await post({headers: session(version), body});
      assert.equal(answer.status, 400);
      assert.equal(codeOf(answer), -32600);
    });

  test('can not initialize', async () => {
    const answer = await post({body: [initialize('2025-03-26')]});
    assert.equal(answer.status, 400);
    assert.equal(answer.headers['mcp-session-id'], undefined);
  });
});

describe('methods and paths', () => {
  for (const method of ['PUT', 'PATCH', 'TRACE', 'HEAD'])
    test(`${method} is answered 405 with Allow`, async () => {
      const answer = await post({method, headers: session()});
      assert.equal(answer.status, 405);
      assert.match(answer.headers.allow, /POST/);
    });

  test('an unknown method is refused', async () => {
    const answer = await send(it.server.port, format({
      method: 'BREW', headers: {Host: it.server.host, ...bearer(key)}}));
    assert.equal(answer.status, 405);
  });

  for (const [method, path, status] of [
    ['GET', '/', 200], ['GET', '/health', 200], ['GET', '/nope', 404],
    ['POST', '/', 404], ['DELETE', '/health', 404], ['GET', '/mcpx', 404],
    ['GET', '/../etc/passwd', 404], ['GET', '/mcp/../health', 404],
  ])
    test(`${method} ${path} is answered ${status}`, async () => {
      const answer = await send(it.server.port, format({
        method, target: path,
        headers: {Host: it.server.host, 'Content-Length': '0'}}));
      assert.equal(answer.status, status);
    });

  for (const path of ['/', '/health'])
    test(`HEAD ${path} is GET without the body`, async () => {
      const connection = open(it.server.port);
      const ask = (method) => connection.write(
        format({method, target: path, headers: {Host: it.server.host}}));
      ask('HEAD');
      const head = await connection.next({head: true});
      ask('GET');
      const got = await connection.next();
      assert.equal(head.status, 200);
      assert.equal(head.headers['content-length'],
                   String(Buffer.byteLength(got.text)));
      connection.close();
    });

  test('the path may end in a slash and carry a query', async () => {
    for (const path of ['/mcp/', '/mcp?x=1']) {
      const answer = await post({path, headers: session(), body: ping});
      assert.equal(answer.status, 200);
    }
  });

  test('GET without a willing Accept is answered 406', async () => {
    const answer = await post({method: 'GET', headers: {
      ...session(), accept: 'application/json'}});
    assert.equal(answer.status, 406);
  });

  test('GET without a session is answered 400', async () => {
    const answer = await post({method: 'GET',
                               headers: {accept: 'text/event-stream'}});
    assert.equal(answer.status, 400);
  });

  test('a GET stream asks proxies not to hold it back', async () => {
    const connection = open(it.server.port);
    let text = '';
    connection.socket.on('data', (part) => { text += part; });
    connection.write(format({method: 'GET', headers: {
      Host: it.server.host, ...bearer(key), ...session(),
      Accept: 'text/event-stream'}}));
    await until(() => text.includes('\r\n\r\n'), 'the head');
    assert.match(text, /^HTTP\/1\.1 200/);
    assert.match(text, /content-type: text\/event-stream/i);
    assert.match(text, /cache-control: no-cache/i);
    assert.match(text, /x-accel-buffering: no/i);
    connection.close();
  });
});

describe('hosts and origins', () => {
  for (const [host, status] of [
    ['evil.example', 403], ['evil.example:80', 403], ['', 403],
    ['127.0.0.1.evil.example', 403], ['localhost.evil.example', 403],
    ['169.254.169.254', 403], ['127.evil', 403],
    ['localhost:1234', 200], ['LOCALHOST', 200], ['[::1]:80', 200],
    ['127.0.0.1', 200],
  ])
    test(`Host "${host}" is answered ${status}`, async () => {
      const body = JSON.stringify(ping);
      const answer = await send(it.server.port, format({body, headers: {
        Host: host, ...bearer(key), ...session(),
        Accept: 'application/json, text/event-stream',
        'Content-Type': 'application/json',
        'Content-Length': body.length}}));
      assert.equal(answer.status, status);
    });

  test('a request without Host is refused', async () => {
    const answer = await send(it.server.port,
                              format({method: 'GET', target: '/health'}));
    assert.ok([400, 403].includes(answer.status), String(answer.status));
  });

  for (const [origin, status] of [
    ['https://evil.example', 403], ['null', 403], ['http://127.evil', 403],
    ['http://localhost.evil.example', 403], ['localhost', 403],
    ['http://localhost:6274', 200], ['http://127.0.0.1:1', 200],
  ])
    test(`Origin "${origin}" is answered ${status}`, async () => {
      const answer = await post({headers: {...session(), origin}, body: ping});
      assert.equal(answer.status, status);
      const allowed = answer.headers['access-control-allow-origin'];
      assert.equal(allowed, status === 200 ? origin : undefined);
      if (status === 200) {
        assert.match(answer.headers['access-control-expose-headers'],
                     /mcp-session-id/i);
        assert.match(answer.headers.vary, /origin/i);
      }
    });

  test('a preflight needs no key, and allows what clients send', async () => {
    const answer = await post({method: 'OPTIONS', headers: {
      authorization: undefined, origin: 'http://localhost:6274',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, mcp-session-id'}});
    assert.equal(answer.status, 204);
    const allowed = answer.headers['access-control-allow-headers'];
    for (const name of ['authorization', 'content-type', 'mcp-session-id',
                        'mcp-protocol-version', 'last-event-id'])
      assert.match(allowed, new RegExp(name, 'i'));
    assert.match(answer.headers['access-control-allow-methods'], /DELETE/);
  });

  test('a preflight of a foreign page is refused', async () => {
    const answer = await post({method: 'OPTIONS', headers: {
      authorization: undefined, origin: 'https://evil.example',
      'access-control-request-method': 'POST'}});
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  });
});
