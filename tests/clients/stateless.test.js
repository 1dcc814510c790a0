// Requests that need no session (2026-07-28), byte for byte: each message that
// comes back is held against the protocol's schema where there is one.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {bearer, exchange} from './support/mcp.js';
import {missingSchema, validator} from './support/schema.js';
import {until} from './support/server.js';
import {aliceCalls} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();
const version = '2026-07-28';
const check = missingSchema(version) ? () => {} : validator(version);
const tasks = {extensions: {'io.modelcontextprotocol/tasks': {}}};

const nameOf = (params) => params.name ?? params.uri ?? params.taskId;

/// One request and its exchange. `headers` are added or, undefined, taken away.
function ask(method, params = {}, {user = 'alice', can = {}, headers = {},
                                   id = 1, meta = {}, signal} = {}) {
  const name = nameOf(params);
  return exchange(it.url, {
    signal,
    body: {jsonrpc: '2.0', id, method, params: {...params, _meta: {
      'io.modelcontextprotocol/protocolVersion': version,
      'io.modelcontextprotocol/clientCapabilities': can,
      'io.modelcontextprotocol/clientInfo': {name: 'raw', version: '1'},
      ...meta}}},
    headers: {...bearer(it.by[user].api_key), 'mcp-protocol-version': version,
              'mcp-method': method, ...(name && {'mcp-name': name}),
              ...headers}});
}

/// The result of a request, which keeps to `definition`.
async function result(definition, method, params, options) {
  const {status, messages, headers} = await ask(method, params, options);
  assert.equal(status, 200);
  assert.equal(headers['mcp-session-id'], undefined);
  messages.forEach((m) => check('JSONRPCMessage', m));
  const answer = messages.at(-1);
  assert.ok(answer.result, JSON.stringify(answer.error));
  check(definition, answer.result);
  assert.equal(answer.result._meta['io.modelcontextprotocol/serverInfo'].name,
               'wandb-mcp-server');
  return answer.result;
}

test('discovery names versions, capabilities and the server', async () => {
  const found = await result('DiscoverResult', 'server/discover');
  assert.deepEqual(found.supportedVersions, [
    '2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26']);
  assert.deepEqual(found.capabilities.extensions, tasks.extensions);
});

test('every list, prompt and resource', async () => {
  await result('ListToolsResult', 'tools/list');
  const {prompts} = await result('ListPromptsResult', 'prompts/list');
  for (const {name} of prompts.filter((p) => !p.arguments?.some(
    (a) => a.required)))
    await result('GetPromptResult', 'prompts/get', {name});
  const {resources} = await result('ListResourcesResult', 'resources/list');
  for (const {uri} of resources)
    await result('ReadResourceResult', 'resources/read', {uri});
  await result('ListResourceTemplatesResult', 'resources/templates/list');
  await result('CompleteResult', 'completion/complete', {
    ref: {type: 'ref/prompt', name: 'wandb_guide'},
    argument: {name: 'topic', value: ''}});
});

test('every tool', async () => {
  for (const [name, {arguments: args}] of Object.entries(aliceCalls)) {
    const got = await result('CallToolResult', 'tools/call',
                             {name, arguments: args});
    assert.ok(!got.isError, `${name}: ${got.content[0].text}`);
    assert.equal(got.resultType, 'complete');
  }
});

test('progress comes on the answer, logs do not without being asked for',
     async () => {
  const {messages} = await ask('tools/call', {
    name: 'query_weave_traces_tool',
    arguments: {entity_name: 'alice', project_name: 'support-bot', limit: 5,
                sort_by: 'total_cost', columns: ['id']}},
    {meta: {progressToken: 'token'}});
  const told = messages.slice(0, -1);
  assert.ok(told.length > 0);
  for (const message of told) {
    check('ProgressNotification', message);
    assert.equal(message.params.progressToken, 'token');
  }
});

describe('what a lone request must carry', () => {
  for (const [what, change, status, code] of [
    ['another method in the header', {headers: {'mcp-method': 'tools/call'}},
     400, -32020],
    ['no method in the header', {headers: {'mcp-method': undefined}}, 400,
     -32020],
    ['another version in the header',
     {headers: {'mcp-protocol-version': '2026-01-01'}}, 400, -32020],
    ['no version in the header',
     {headers: {'mcp-protocol-version': undefined}}, 400, -32020],
    ['an unknown version',
     {headers: {'mcp-protocol-version': '2199-01-01'},
      meta: {'io.modelcontextprotocol/protocolVersion': '2199-01-01'}}, 400,
     -32022],
    ['capabilities that are none',
     {meta: {'io.modelcontextprotocol/clientCapabilities': 5}}, 400, -32602],
    ['a log level that is none',
     {meta: {'io.modelcontextprotocol/logLevel': 'loud'}}, 400, -32602],
  ])
    test(what, async () => {
      const answer = await ask('tools/list', {}, change);
      assert.equal(answer.status, status, answer.text);
      const [message] = answer.messages;
      check('JSONRPCErrorResponse', message);
      assert.equal(message.error.code, code);
      assert.equal(message.id, 1);
    });

  for (const method of ['initialize', 'ping', 'logging/setLevel', 'no/such',
                        'resources/subscribe', 'tasks/list'])
    test(`${method} is no method of this version`, async () => {
      const answer = await ask(method);
      assert.equal(answer.status, 404, answer.text);
      assert.equal(answer.messages[0].error.code, -32601);
    });

  test('the tool in the header is the tool that is called', async () => {
    const call = {name: 'list_entities_tool', arguments: {}};
    for (const name of [undefined, 'query_wandb_tool', '=?base64?!!?='])
      assert.equal((await ask('tools/call', call,
                              {headers: {'mcp-name': name}})).status, 400);
    const encoded = `=?base64?${btoa('list_entities_tool')}?=`;
    assert.equal((await ask('tools/call', call,
                            {headers: {'mcp-name': encoded}})).status, 200);
  });

  test('a key', async () => {
    const answer = await ask('server/discover', {},
                             {headers: {authorization: undefined}});
    assert.equal(answer.status, 401);
  });

  for (const method of ['GET', 'DELETE'])
    test(`POST, for ${method} is answered 405`, async () => {
      const answer = await exchange(it.url, {method, headers: {
        ...bearer(it.by.alice.api_key), accept: 'text/event-stream',
        'mcp-protocol-version': version}});
      assert.equal(answer.status, 405);
      assert.match(answer.headers.allow, /POST/);
    });
});

describe('a call that takes long', () => {
  const slow = {name: 'query_weave_traces_tool',
                arguments: {entity_name: 'carol', project_name: 'none',
                            limit: 1}};
  const delayed = async (t, ms) => {
    t.after(() => it.standin.fault({target: 'traces', fault: 'off'}));
    await it.standin.fault({target: 'traces', fault: 'delay', ms,
                            user: 'carol'});
  };
  const about = (method, taskId, more) => result(
    'Result', method, {taskId, ...more}, {user: 'carol', can: tasks});

  test('becomes a task, which is polled, cancelled, and nobody else\'s',
       async (t) => {
    await delayed(t, 600_000);
    const made = await result('Result', 'tools/call', slow,
                              {user: 'carol', can: tasks});
    assert.equal(made.resultType, 'task');
    assert.equal(made.status, 'working');
    assert.equal((await about('tasks/get', made.taskId)).status, 'working');
    const other = await ask('tasks/get', {taskId: made.taskId}, {can: tasks});
    assert.equal(other.messages[0].error.code, -32602);
    await about('tasks/cancel', made.taskId);
    assert.equal((await about('tasks/get', made.taskId)).status, 'cancelled');
    await it.standin.request((r) => r.user === 'carol' && r.aborted,
                             'the request to be aborted');
  });

  test('has its result when it is done', async (t) => {
    await delayed(t, 4000);
    const made = await result('Result', 'tools/call', slow,
                              {user: 'carol', can: tasks});
    assert.equal(made.resultType, 'task');
    const done = await until(async () => {
      const now = await about('tasks/get', made.taskId);
      return now.status !== 'working' && now;
    }, 'the task to end');
    assert.equal(done.status, 'completed');
    check('CallToolResult', {resultType: 'complete', ...done.result});
  });

  test('is waited for by a client that knows no tasks', async (t) => {
    await delayed(t, 4000);
    const got = await result('CallToolResult', 'tools/call', slow,
                             {user: 'carol'});
    assert.equal(got.resultType, 'complete');
  });
});

test('who hangs up ends the call', async (t) => {
  t.after(() => it.standin.fault({target: 'graphql', fault: 'off'}));
  await it.standin.fault({target: 'graphql', fault: 'delay', ms: 600_000,
                          user: 'erin'});
  const stop = new AbortController();
  const refused = assert.rejects(ask(
    'tools/call', {name: 'query_wandb_entity_projects',
                   arguments: {entity: 'erin'}},
    {user: 'erin', signal: stop.signal}));
  await it.standin.request((r) => r.user === 'erin', 'the request at W&B');
  stop.abort();
  await refused;
  await it.standin.request((r) => r.user === 'erin' && r.aborted,
                           'the request to be aborted');
});
