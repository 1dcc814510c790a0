// MCP over HTTP with nothing but fetch or node:http: for tests that look at the
// bytes, or that need thousands of requests.

import assert from 'node:assert/strict';
import http from 'node:http';

export const newest = '2025-11-25';
export const versions = ['2025-03-26', '2025-06-18', '2025-11-25'];

export const bearer = (key) => ({authorization: `Bearer ${key}`});

export const initialize = (version = newest, id = 1) => ({
  jsonrpc: '2.0', id, method: 'initialize',
  params: {protocolVersion: version, capabilities: {},
           clientInfo: {name: 'raw-client', version: '1.0'}}});

export const request = (id, method, params) =>
  ({jsonrpc: '2.0', id, method, ...(params && {params})});

export const call = (id, name, args = {}, meta) =>
  request(id, 'tools/call', {name, arguments: args,
                             ...(meta && {_meta: meta})});

/// Splits an event stream into the messages that it carries.
export const events = (text) => text.split(/\r?\n\r?\n/)
  .map((block) => block.split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim()).join('\n'))
  .filter(Boolean).map((data) => JSON.parse(data));

/// One HTTP exchange. `body` is text, bytes or a value to send as JSON; a
/// header that is undefined is left out. Gives {status, headers, text,
/// messages}; `messages` are those of the body, be it JSON or a stream.
export function exchange(url, {method = 'POST', body, headers = {}, agent,
                               signal} = {}) {
  const bytes = body === undefined ? null
    : typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body)
      : Buffer.from(JSON.stringify(body));
  const all = {
    ...(method === 'POST' && {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json'}),
    ...(bytes && {'content-length': bytes.length}),
    ...headers};
  return new Promise((resolve, reject) => {
    const sent = http.request(url, {
      method, agent, signal,
      headers: Object.fromEntries(Object.entries(all).filter(
        ([, value]) => value !== undefined))});
    sent.on('error', reject);
    sent.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const type = response.headers['content-type'] ?? '';
        let messages = [];
        try {
          messages = type.startsWith('text/event-stream') ? events(text)
            : type.startsWith('application/json') && text
              ? [JSON.parse(text)].flat() : [];
        } catch (error) {
          return reject(new Error(`not JSON: ${text.slice(0, 200)}`,
                                  {cause: error}));
        }
        resolve({status: response.statusCode, headers: response.headers, text,
                 messages});
      });
    });
    sent.end(bytes);
  });
}

/// A session of its own: `ask` sends one message and gives the exchange, `call`
/// gives the result of a tool call.
export async function openSession(url, key, {version = newest, agent} = {}) {
  const post = (body, more = {}) => exchange(url, {
    body, agent, ...more, headers: {...bearer(key), ...more.headers}});
  const opened = await post(initialize(version));
  assert.equal(opened.status, 200, opened.text);
  const id = opened.headers['mcp-session-id'];
  assert.ok(id, 'initialize gives a session id');
  const headers = {
    'mcp-session-id': id,
    ...(version !== '2025-03-26' && {'mcp-protocol-version': version})};
  let last = 1;
  const session = {
    id, key, headers, opened: opened.messages[0],
    ask: (body, more = {}) =>
      post(body, {...more, headers: {...headers, ...more.headers}}),
    async call(name, args, more) {
      const answer = await session.ask(call(++last, name, args), more);
      assert.equal(answer.status, 200, answer.text);
      const {result, error} = answer.messages.at(-1);
      assert.ok(result, `${name}: ${JSON.stringify(error)}`);
      return result;
    },
    end: () => exchange(url, {method: 'DELETE', agent,
                              headers: {...bearer(key), ...headers}}),
  };
  const told = await session.ask({jsonrpc: '2.0',
                                  method: 'notifications/initialized'});
  assert.equal(told.status, 202);
  return session;
}
