// The official TypeScript SDK's client against the server, over both
// transports.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import {StreamableHTTPClientTransport}
  from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {McpError} from '@modelcontextprotocol/sdk/types.js';
import {bearer, exchange, initialize, request} from './support/mcp.js';
import {binary, cleanEnvironment, emptyFolder, launch, until, within}
  from './support/server.js';
import {aliceCalls, callAll, structured} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();

/// A connected client of `user`; `seen` lists the HTTP exchanges it made.
async function connect(t, user = 'alice') {
  const seen = [];
  const transport = new StreamableHTTPClientTransport(new URL(it.url), {
    requestInit: {headers: bearer(it.by[user].api_key)},
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      seen.push({method: init?.method ?? 'GET', status: response.status,
                 type: response.headers.get('content-type')});
      return response;
    },
  });
  const client = new Client({name: 'sdk-test', version: '1.0.0'});
  await client.connect(transport);
  t.after(() => client.close());
  return {client, transport, seen};
}

describe('over Streamable HTTP', () => {
  test('initialize agrees on the newest version and says who answers',
       async (t) => {
    const {client, transport} = await connect(t);
    assert.equal(transport.protocolVersion, '2025-11-25');
    assert.equal(client.getServerVersion().name, 'wandb-mcp-server');
    assert.ok(client.getServerCapabilities().tools);
    assert.match(client.getInstructions(), /list_entities_tool/);
    assert.ok(transport.sessionId);
  });

  test('every listed tool answers with what W&B holds', async (t) => {
    const {client} = await connect(t);
    const {tools} = await client.listTools();
    await callAll(tools.map((tool) => tool.name),
                  (name, args) => client.callTool({name, arguments: args}),
                  it.standin.data);
  });

  test('structured content keeps to the published output schema', async (t) => {
    const {client} = await connect(t);
    const {tools} = await client.listTools();
    const ajv = new Ajv2020({strict: true, strictTypes: false,
                             allowUnionTypes: true});
    for (const tool of tools) {
      const valid = ajv.compile(tool.outputSchema);
      const {structuredContent} = await client.callTool(
        {name: tool.name, arguments: aliceCalls[tool.name].arguments});
      assert.ok(valid(structuredContent),
                `${tool.name}: ${ajv.errorsText(valid.errors)}`);
      const takes = ajv.compile(tool.inputSchema);
      assert.ok(takes(aliceCalls[tool.name].arguments),
                `${tool.name}: ${ajv.errorsText(takes.errors)}`);
    }
  });

  test('every tool says what it needs when its arguments are wrong',
       async (t) => {
    const {client} = await connect(t);
    const {tools} = await client.listTools();
    for (const tool of tools) {
      const required = tool.inputSchema.required ?? [];
      if (required.length === 0)
        continue;
      const result = await client.callTool({name: tool.name, arguments: {}});
      assert.equal(result.isError, true, tool.name);
      assert.equal(structured(result).error, 'invalid_input');
      assert.match(structured(result).message, new RegExp(required[0]));
    }
  });

  test('an unknown tool is a protocol error', async (t) => {
    const {client} = await connect(t);
    await assert.rejects(client.callTool({name: 'no_such_tool'}),
                         (e) => e instanceof McpError && e.code === -32602);
  });

  test('the guide can be picked as a prompt and read as a resource',
       async (t) => {
    const {client} = await connect(t);
    const {prompts} = await client.listPrompts();
    const prompt = await client.getPrompt({
      name: prompts[0].name, arguments: {topic: 'traces'}});
    const {resources} = await client.listResources();
    const traces = resources.find((r) => r.uri.endsWith('/traces'));
    const read = await client.readResource({uri: traces.uri});
    assert.equal(read.contents[0].text, prompt.messages[0].content.text);
    await assert.rejects(client.readResource({uri: 'wandb://nothing'}),
                         {code: -32002});
  });

  test('ping is answered', async (t) => {
    const {client} = await connect(t);
    assert.deepEqual(await client.ping(), {});
  });

  test('progress reaches the callback before the answer', async (t) => {
    const {client} = await connect(t);
    const heard = [];
    const result = await client.callTool({
      name: 'query_weave_traces_tool',
      arguments: {entity_name: 'alice', project_name: 'support-bot', limit: 10,
                  sort_by: 'total_cost', columns: ['id', 'costs']},
    }, undefined, {onprogress: (progress) => heard.push(progress)});
    assert.ok(!result.isError, result.content[0].text);
    assert.ok(heard.length > 0);
    assert.equal(typeof heard[0].progress, 'number');
    assert.match(heard[0].message, /ranked by cost/);
  });

  test('an answer whose stream broke off comes after Last-Event-ID',
       async (t) => {
    t.after(() => it.standin.fault({target: 'traces', fault: 'off'}));
    await it.standin.fault({target: 'traces', fault: 'delay', ms: 1500,
                            user: 'alice'});
    const resumed = [];
    // Cuts the first event stream that answers a POST after its first bytes.
    let cut = false;
    const transport = new StreamableHTTPClientTransport(new URL(it.url), {
      requestInit: {headers: bearer(it.by.alice.api_key)},
      fetch: async (url, init) => {
        const last = new Headers(init?.headers).get('last-event-id');
        if (last)
          resumed.push(last);
        const response = await fetch(url, init);
        const type = response.headers.get('content-type') ?? '';
        if (cut || init?.method !== 'POST'
            || !type.startsWith('text/event-stream'))
          return response;
        cut = true;
        const reader = response.body.getReader();
        const {value} = await reader.read();
        await reader.cancel();
        return new Response(new Blob([value]).stream(), {
          status: 200, headers: response.headers});
      },
    });
    const client = new Client({name: 'sdk-test', version: '1.0.0'});
    await client.connect(transport);
    t.after(() => client.close());
    const result = await client.callTool({
      name: 'query_weave_traces_tool',
      arguments: {entity_name: 'alice', project_name: 'support-bot', limit: 10,
                  sort_by: 'total_cost', columns: ['id', 'costs']},
    }, undefined, {onprogress: () => {}});
    assert.ok(!result.isError, result.content[0].text);
    assert.ok(cut, 'the stream was cut');
    assert.equal(resumed.length, 1);
  });

  test('an aborted call is cancelled up to W&B', async (t) => {
    const {client} = await connect(t, 'carol');
    t.after(() => it.standin.fault({target: 'graphql', fault: 'off'}));
    await it.standin.fault({target: 'graphql', fault: 'delay', ms: 600_000,
                            user: 'carol'});
    const stop = new AbortController();
    const running = client.callTool(
      {name: 'query_wandb_entity_projects', arguments: {entity: 'carol'}},
      undefined, {signal: stop.signal});
    const refused = assert.rejects(running);
    const mine = (r) => r.user === 'carol' && r.path === '/graphql';
    await it.standin.request(mine, 'the request to arrive at W&B');
    stop.abort('changed my mind');
    await refused;
    const gone = await it.standin.request((r) => mine(r) && r.aborted,
                                          'the request to be aborted');
    assert.equal(gone.status, null);
    assert.deepEqual(await client.ping(), {}, 'the session goes on');
  });

  test('the event stream that the SDK opens is there', async (t) => {
    const {seen} = await connect(t);
    const stream = await until(
      () => seen.find((exchange) => exchange.method === 'GET'), 'the GET');
    assert.equal(stream.status, 200);
    assert.equal(stream.type, 'text/event-stream');
  });

  test('a terminated session is gone', async (t) => {
    const {client, transport, seen} = await connect(t);
    const id = transport.sessionId;
    await transport.terminateSession();
    assert.equal(transport.sessionId, undefined);
    assert.ok(seen.some((e) => e.method === 'DELETE' && e.status < 300));
    const {status} = await exchange(it.url, {
      body: request(1, 'ping'),
      headers: {...bearer(it.by.alice.api_key), 'mcp-session-id': id}});
    assert.equal(status, 404);
    await client.close();
  });

  test('a wrong key is refused before there is a session', async () => {
    const transport = new StreamableHTTPClientTransport(new URL(it.url), {
      requestInit: {headers: bearer('short')}});
    const client = new Client({name: 'sdk-test', version: '1.0.0'});
    await assert.rejects(client.connect(transport), /Invalid API key format/);
    await client.close();
  });
});

describe('over stdio', () => {
  const environment = (home) => cleanEnvironment(home, {
    WANDB_API_KEY: it.by.alice.api_key, WANDB_BASE_URL: it.standin.url,
    WF_TRACE_SERVER_URL: `${it.standin.url}/traces`,
    WANDB_DOCS_MCP_URL: `${it.standin.url}/docs`});

  test('every listed tool answers with what W&B holds', async (t) => {
    const home = emptyFolder();
    t.after(home.remove);
    const transport = new StdioClientTransport({
      command: binary, args: ['--transport', 'stdio'], cwd: home.path,
      env: environment(home.path), stderr: 'ignore'});
    const client = new Client({name: 'sdk-test', version: '1.0.0'});
    await client.connect(transport);
    t.after(() => client.close());
    const {tools} = await client.listTools();
    await callAll(tools.map((tool) => tool.name),
                  (name, args) => client.callTool({name, arguments: args}),
                  it.standin.data);
    assert.deepEqual(await client.ping(), {});
  });

  test('stdout carries nothing but JSON-RPC, also in debug mode', async () => {
    const server = launch({
      args: ['--transport', 'stdio', '--log_level', 'debug'],
      env: {WANDB_API_KEY: it.by.alice.api_key, WANDB_BASE_URL: it.standin.url,
            WF_TRACE_SERVER_URL: `${it.standin.url}/traces`,
            WANDB_DOCS_MCP_URL: `${it.standin.url}/docs`}});
    const lines = [
      initialize(), {jsonrpc: '2.0', method: 'notifications/initialized'},
      request(2, 'tools/list'),
      ...Object.entries(aliceCalls).map(([name, {arguments: args}], i) =>
        request(3 + i, 'tools/call', {name, arguments: args})),
      request('last', 'ping'), 'this is no JSON', '{"jsonrpc":"2.0"}'];
    for (const line of lines)
      server.child.stdin.write(
        `${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
    server.child.stdin.end();
    const {code} = await within(server.exited, 'the end after the input');
    assert.equal(code, 0);
    const answers = server.out().split('\n').filter(Boolean)
      .map((line) => JSON.parse(line));
    assert.ok(answers.every((a) => a.jsonrpc === '2.0'));
    const ids = [1, 2, ...Object.keys(aliceCalls).map((_, i) => 3 + i), 'last'];
    for (const id of ids)
      assert.ok(answers.some((a) => a.id === id && a.result), `id ${id}`);
    assert.deepEqual(
      answers.filter((a) => a.error).map((a) => a.error.code).sort(),
      [-32600, -32700]);
    assert.ok(!server.log().includes(it.by.alice.api_key));
  });

  test('a broken line is answered, and the next one is served', async () => {
    const server = launch({
      args: ['--transport', 'stdio'],
      env: {WANDB_API_KEY: it.by.alice.api_key,
            WANDB_BASE_URL: it.standin.url}});
    const lines = [
      JSON.stringify(request(0, 'tools/list')), // before initialize
      JSON.stringify(initialize('2025-03-26')),
      'x'.repeat(5 << 20), '['.repeat(4_000_000),
      Buffer.from([0x7b, 0xff, 0xfe]), '', '\r',
      JSON.stringify([request(2, 'ping'), request(3, 'ping')]),
      JSON.stringify(request(4, 'ping'))];
    for (const line of lines)
      server.child.stdin.write(Buffer.concat([Buffer.from(line),
                                              Buffer.from('\n')]));
    // The last line lacks its end.
    server.child.stdin.end(JSON.stringify(request(5, 'ping')));
    assert.equal((await within(server.exited, 'the end')).code, 0);
    const answers = server.out().split('\n').filter(Boolean)
      .flatMap((line) => JSON.parse(line));
    assert.deepEqual(answers.filter((a) => a.result).map((a) => a.id).sort(),
                     [1, 2, 3, 4, 5]);
    assert.deepEqual(
      answers.filter((a) => a.error).map((a) => [a.id, a.error.code]),
      [[0, -32600], [null, -32600], [null, -32700], [null, -32700]]);
  });
});
