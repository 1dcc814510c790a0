// Small requests must not become large work: what one request makes the server
// use stays in proportion to its bytes, whatever is in them.

import assert from 'node:assert/strict';
import {after, describe, test} from 'node:test';
import {bearer, call, exchange, initialize, openSession, request}
  from './support/mcp.js';
import {format, send} from './support/raw_http.js';
import {startServer, usage} from './support/server.js';
import {standIn} from './support/world.js';

const standin = await standIn();
after(() => standin.close());
const {api_key: key} = standin.by.alice;

const mebibyte = 1 << 20;
/// As much as the server takes, with room for what is around it.
const full = 4 * mebibyte - 1000;
const fill = (piece, bytes = full) =>
  piece.repeat(Math.floor(bytes / piece.length));
const numbered = (make, bytes = full) => {
  let out = '';
  for (let i = 0; out.length < bytes; ++i)
    out += make(i);
  return out;
};
const listed = (text) => text.replace(/,$/, '');
const nested = (open, close, n, inside = '') =>
  open.repeat(n) + inside + close.repeat(n);

const ping = (parameters) =>
  `{"jsonrpc":"2.0","id":1,"method":"ping","params":${parameters}}`;
const graphql = (query, variables = {}) =>
  call(1, 'query_wandb_tool', {query, variables});
const weave = (filters, more = {}) =>
  call(1, 'count_weave_traces_tool', {
    entity_name: 'alice', project_name: 'support-bot', filters, ...more});

const manyVariables = () =>
  numbered((i) => `$v${i}:Int,`, 60_000);
const fragments = (n) => {
  // Each one spreads the next one twice: 2^n fields to a naive reader.
  let out = 'query { viewer { ...f0 } } ';
  for (let i = 0; i < n; ++i)
    out += `fragment f${i} on User { ...f${i + 1} ...f${i + 1} } `;
  return `${out} fragment f${n} on User { id }`;
};
const deepFilter = (key, n) => {
  let out = {status: 'error'};
  for (let i = 0; i < n; ++i)
    out = key === '$not' ? {$not: out} : {[key]: [out, {status: 'success'}]};
  return out;
};

/// [what, body]: a body that a session of protocol 2025-03-26 posts, which is
/// the one that takes arrays.
const bodies = [
  ['4 MiB of [', () => fill('[')],
  ['4 MiB of {"a":', () => fill('{"a":')],
  ['a batch of a million empty lists', () => `[${listed(fill('[],'))}]`],
  ['a batch of a million empty objects', () => `[${listed(fill('{},'))}]`],
  ['a batch of a million numbers', () => `[${listed(fill('1,'))}]`],
  ['a batch of a hundred calls of nothing',
   () => JSON.stringify(Array(100).fill(call(1, 'nothing')))],
  ['parameters with a million empty lists',
   () => ping(`{"a":[${listed(fill('[],'))}]}`)],
  ['parameters with a million empty objects',
   () => ping(`{"a":[${listed(fill('{},'))}]}`)],
  ['parameters with a million lists of one',
   () => ping(`{"a":[${listed(fill('[0],'))}]}`)],
  ['parameters with objects of one',
   () => ping(`{"a":[${listed(fill('{"":0},'))}]}`)],
  ['lists at the greatest depth, over and over',
   () => ping(`{"a":[${listed(fill(`${nested('[', ']', 60)},`))}]}`)],
  ['a name given half a million times',
   () => ping(`{${listed(fill('"a":1,'))}}`)],
  ['a quarter million different names',
   () => ping(`{${listed(numbered((i) => `"${i.toString(36)}":0,`))}}`)],
  ['a text of escapes', () => ping(`{"a":"${fill('\\u0041')}"}`)],
  ['a text of backslashes', () => ping(`{"a":"${fill('\\\\')}"}`)],
  ['an unfinished text of quotes', () => ping(`{"a":"${fill('\\"')}`)],
  ['an id of 4 MiB', () => request('x'.repeat(full), 'ping')],
  ['an id of four million digits',
   () => `{"jsonrpc":"2.0","method":"ping","id":${fill('9')}}`],
  ['a fraction of four million digits', () => ping(`{"a":0.${fill('1')}}`)],
  ['a method of 4 MiB', () => request(1, 'm'.repeat(full))],
  ['a tool name of 4 MiB', () => call(1, 't'.repeat(full))],
  ['a progress token of 4 MiB',
   () => call(1, 'list_entities_tool', {}, {progressToken: fill('p')})],
  ['a protocol version of 4 MiB', () => initialize(fill('v'))],
  ['four million blanks', () => fill(' ')],
  ['an unknown argument of 4 MiB',
   () => call(1, 'list_entities_tool', {[fill('a')]: 1})],
  ['a hundred thousand unknown arguments',
   () => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":`
     + `"get_run_history_tool","arguments":{`
     + `${listed(numbered((i) => `"a${i}":null,`))}}}}`],
  ['a GraphQL document of 4 MiB', () => graphql(`{${fill('a ')}}`)],
  ['a GraphQL document with thousands of parameters',
   () => graphql(`query(${manyVariables()}){viewer{id}}`)],
  ['a hundred thousand GraphQL variables',
   () => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":`
     + `"query_wandb_tool","arguments":{"query":"{viewer{id}}","variables":{`
     + `${listed(numbered((i) => `"v${i}":${i},`))}}}}}`],
  ['GraphQL fields nested 10,000 deep',
   () => graphql(nested('{a', '}', 10_000))],
  ['GraphQL lists nested 30,000 deep',
   () => graphql(`{a(b:${nested('[', ']', 30_000)})}`)],
  ['GraphQL types nested 30,000 deep',
   () => graphql(`query($a:${nested('[', ']', 30_000, 'Int')}){viewer{id}}`)],
  ['GraphQL fragments that double 60 times', () => graphql(fragments(60))],
  ['GraphQL fragments that double 1,000 times', () => graphql(fragments(1000))],
  ['GraphQL fragments in a circle', () => graphql(
    'query{viewer{...a}} fragment a on User{...b} fragment b on User{...a}')],
  ['GraphQL aliases by the thousand',
   () => graphql(`{${numbered((i) => `a${i}:viewer{id} `, 60_000)}}`)],
  ['GraphQL connections by the thousand', () => graphql(`{${numbered(
    (i) => `a${i}:models{edges{node{id}}pageInfo{endCursor hasNextPage}} `,
    60_000)}}`)],
  ['a GraphQL text that does not end',
   () => graphql(`{a(b:"${fill('x', 60_000)}`)],
  ['GraphQL block texts of quotes',
   () => graphql(`{a(b:"""${fill('\\"""', 60_000)}""")}`)],
  ['a filter nested in $and', () => weave(deepFilter('$and', 25))],
  ['a filter nested in $not', () => weave(deepFilter('$not', 50))],
  ['a filter nested too deep for anybody', () => JSON.stringify(weave('deep'))
    .replace('"deep"', nested('{"$not":', '}', 5000, '{}'))],
  ['a filter of a hundred thousand alternatives',
   () => weave({$or: Array(100_000).fill({status: 'error'})})],
  ['a filter of a hundred thousand ids',
   () => weave({call_ids: Array.from({length: 100_000}, (_, i) => `id-${i}`)})],
  ['a filter of a hundred thousand conditions', () => weave({
    inputs: Object.fromEntries(
      Array.from({length: 100_000}, (_, i) => [`k${i}`, i]))})],
  ['a pattern of half a million stars',
   () => weave({op_name: fill('*a', mebibyte)})],
  ['a name of 4 MiB', () => weave(null, {entity_name: fill('e')})],
  ['a hundred keys of a thousand characters',
   () => call(1, 'get_run_history_tool', {
     entity_name: 'alice', project_name: 'vision-baselines', run_id: 'healthy1',
     keys: Array.from({length: 100}, (_, i) => `${i}`.padEnd(1024, 'k'))})],
];

/// CPU time of one request of the ordinary kind.
let ordinaryMs;
{
  const server = await startServer({standin});
  const session = await openSession(server.url, key);
  const ask = () => session.call('get_run_history_tool', {
    entity_name: 'alice', project_name: 'vision-baselines', run_id: 'healthy1',
    samples: 200});
  await ask();
  const before = usage(server.pid).cpuMs;
  const times = 50;
  for (let i = 0; i < times; ++i)
    await ask();
  ordinaryMs = (usage(server.pid).cpuMs - before) / times;
  await server.stop();
}

/// Runs `hostile(server, session)`, which sends `bytes` bytes, once against a
/// fresh server and holds what that cost against the limits.
async function measure(t, bytes, hostile, mostMs = 100 * ordinaryMs) {
  const server = await startServer({standin});
  try {
    const session = await openSession(server.url, key, {version: '2025-03-26'});
    // The first call makes what every later one uses.
    await session.call('list_entities_tool', {});
    const before = usage(server.pid);
    await hostile(server, session);
    const after = usage(server.pid);
    const grown = Math.max(0, after.peakBytes - before.bytes);
    const spent = after.cpuMs - before.cpuMs;
    t.diagnostic(`${bytes} bytes: ${(grown / mebibyte).toFixed(1)} MiB, `
      + `${spent.toFixed(1)} ms; ordinary: ${ordinaryMs.toFixed(2)} ms`);
    // Below some size the allocator's and the kernel's steps are what counts.
    assert.ok(grown <= Math.max(100 * bytes, 8 * mebibyte),
              `${bytes} bytes made ${grown}`);
    assert.ok(spent <= Math.max(mostMs, 50),
              `${spent} ms, an ordinary request takes ${ordinaryMs}`);
    // It serves on.
    const {result} = (await session.ask(request(1, 'ping'))).messages[0];
    assert.deepEqual(result, {});
  } finally {
    server.child.kill('SIGKILL');
    await server.exited;
  }
}

describe('a request uses memory and time in proportion:', () => {
  for (const [what, make] of bodies)
    test(what, async (t) => {
      const made = make();
      const body = Buffer.from(typeof made === 'string' ? made
        : JSON.stringify(made));
      assert.ok(body.length <= 4 * mebibyte, `${body.length}`);
      await measure(t, body.length, async (server, session) => {
        const answer = await session.ask(body);
        assert.ok(answer.status < 500, `${answer.status}`);
        assert.ok(answer.text.length < Math.max(128 * 1024, body.length / 4),
                  `an answer of ${answer.text.length}`);
      });
    });

  test('a client name of 4 MiB', async (t) => {
    const body = initialize();
    body.params.clientInfo.name = fill('n');
    await measure(t, full, async (server) => {
      const answer = await exchange(server.url, {body, headers: bearer(key)});
      assert.ok(answer.status < 500);
      assert.ok((answer.headers['mcp-session-id'] ?? '').length < 4096);
    });
  });

  for (const [what, headers] of [
    ['127 headers', {'X-Many': Array(100).fill('x'.repeat(100))}],
    ['too many headers', {'X-Many': Array(5000).fill('x')}],
    ['an Accept of a thousand ranges', {Accept: fill('a/b,', 12_000)}],
    ['an Authorization of blanks',
     {Authorization: `Bearer${fill(' ', 12_000)}`}],
    ['a session id of 12 KB', {'Mcp-Session-Id': fill('s', 12_000)}],
  ])
    test(what, async (t) => {
      const bytes = format({headers: {
        Host: '127.0.0.1', ...bearer(key), 'Content-Length': 2,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream', ...headers},
                            body: '{}'});
      await measure(t, bytes.length, async (server) => {
        const answer = await send(server.port, bytes);
        assert.ok(answer.status >= 400 && answer.status < 500,
                  `${answer.status}`);
      });
    });

  test('a body sent in chunks of one byte', async (t) => {
    const body = fill('1\r\n[\r\n', mebibyte);
    const head = format({headers: {
      Host: '127.0.0.1', ...bearer(key), 'Transfer-Encoding': 'chunked',
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream'}});
    await measure(t, body.length, async (server) => {
      const answer = await send(server.port, Buffer.concat(
        [head, Buffer.from(`${body}0\r\n\r\n`)]));
      assert.equal(answer.status, 400);
    });
  });

  test('a length of 4 MiB that is announced and never comes', async (t) => {
    const head = format({headers: {
      Host: '127.0.0.1', ...bearer(key), 'Content-Length': 4 * mebibyte,
      'Content-Type': 'application/json', Expect: '100-continue',
      Accept: 'application/json, text/event-stream'}});
    await measure(t, 200 * head.length, async (server) => {
      await Promise.all(Array.from({length: 200}, async () => {
        const answer = await send(server.port, head);
        assert.equal(answer.status, 100);
      }));
    });
  });

  test('a gzip bomb of W&B', async (t) => {
    // Its bytes are W&B's, so the bound is what one call may hold of them, and
    // the time that it takes to unpack that.
    const bound = 64 * mebibyte;
    await standin.fault({target: 'graphql', fault: 'gzip_bomb',
                         bytes: 1 << 30, match: 'EntityProjects'});
    await measure(t, bound * 3 / 100, async (server, session) => {
      const answer = await session.call('query_wandb_entity_projects',
                                        {entity: 'alice'});
      assert.equal(answer.isError, true);
    }, 2000);
    await standin.reset();
  });
});
