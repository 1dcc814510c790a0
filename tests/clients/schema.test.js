// Every message sent and received, against the schema that the protocol
// publishes for its version.
//
// The schemas are no part of the repository: they are read from MCP_SCHEMA_DIR,
// or from a folder `shared/mcp` beside the checkout, as
// schema-2025-11-25.json and so on. Without them nothing is checked.

import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Ajv} from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {bearer, call, events, initialize, request, versions}
  from './support/mcp.js';
import {within} from './support/server.js';
import {aliceCalls} from './support/tools.js';
import {world} from './support/world.js';

const folder = process.env.MCP_SCHEMA_DIR
  ?? fileURLToPath(new URL('../../../shared/mcp', import.meta.url));
const it = await world();

/// Gives a function (definition, value) that asserts.
function validator(version) {
  const schema = JSON.parse(
    readFileSync(join(folder, `schema-${version}.json`), 'utf8'));
  const old = 'definitions' in schema;
  const ajv = new (old ? Ajv : Ajv2020)({strict: false, allErrors: false});
  addFormats.default(ajv);
  ajv.addSchema(schema, 'mcp');
  const kept = new Map();
  return (definition, value) => {
    if (!kept.has(definition))
      kept.set(definition, ajv.getSchema(
        `mcp#/${old ? 'definitions' : '$defs'}/${definition}`));
    const valid = kept.get(definition);
    assert.ok(valid, `${version} has ${definition}`);
    assert.ok(valid(value), `${definition}: ${ajv.errorsText(valid.errors)}\n`
      + JSON.stringify(value).slice(0, 2000));
  };
}

for (const version of versions)
  describe(`protocol ${version}`, {
    skip: !existsSync(join(folder, `schema-${version}.json`))
      && `no schema-${version}.json in ${folder}`}, () => {
    const check = existsSync(join(folder, `schema-${version}.json`))
      ? validator(version) : null;
    const errors = version === '2025-11-25' ? 'JSONRPCErrorResponse'
      : 'JSONRPCError';
    const results = version === '2025-11-25' ? 'JSONRPCResultResponse'
      : 'JSONRPCResponse';
    const headers = {
      ...bearer(it.by.alice.api_key),
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json'};

    /// Sends a message of the definition `kind` and gives those of the answer.
    async function ask(kind, message) {
      check(kind, message);
      check('JSONRPCMessage', message);
      const response = await within(fetch(it.url, {
        method: 'POST', headers, body: JSON.stringify(message)}), 'an answer');
      const id = response.headers.get('mcp-session-id');
      if (id)
        Object.assign(headers, {'mcp-session-id': id,
                                'mcp-protocol-version': version});
      const text = await response.text();
      const messages = (response.headers.get('content-type') ?? '')
        .startsWith('text/event-stream') ? events(text)
        : text ? [JSON.parse(text)] : [];
      messages.forEach((m) => check('JSONRPCMessage', m));
      return messages;
    }

    async function result(kind, definition, message) {
      const answer = (await ask(kind, message)).at(-1);
      check(results, answer);
      check(definition, answer.result);
      assert.equal(answer.id, message.id);
      return answer.result;
    }

    test('initialize', async () => {
      const opened = await result('InitializeRequest', 'InitializeResult',
                                  initialize(version));
      assert.equal(opened.protocolVersion, version);
      assert.deepEqual(await ask('InitializedNotification', {
        jsonrpc: '2.0', method: 'notifications/initialized'}), []);
    });

    test('ping', async () => {
      await result('PingRequest', 'EmptyResult', request('p', 'ping'));
    });

    test('tools/list', async () => {
      const {tools} = await result('ListToolsRequest', 'ListToolsResult',
                                   request(2, 'tools/list'));
      for (const tool of tools) {
        check('Tool', tool);
        // What came with 2025-06-18 would be unknown to an older client.
        assert.equal('outputSchema' in tool, version !== '2025-03-26');
        assert.equal('title' in tool, version !== '2025-03-26');
      }
    });

    test('tools/call', async () => {
      for (const [name, {arguments: args}] of Object.entries(aliceCalls)) {
        const got = await result('CallToolRequest', 'CallToolResult',
                                 call(3, name, args));
        assert.ok(!got.isError, name);
        assert.equal('structuredContent' in got, version !== '2025-03-26');
      }
    });

    test('progress', async () => {
      const messages = await ask('CallToolRequest', call(
        4, 'query_weave_traces_tool',
        {entity_name: 'alice', project_name: 'support-bot', limit: 5,
         sort_by: 'total_cost', columns: ['id']}, {progressToken: 'token'}));
      const told = messages.slice(0, -1);
      assert.ok(told.length > 0);
      for (const message of told) {
        check('ProgressNotification', message);
        assert.equal(message.params.progressToken, 'token');
      }
    });

    test('results that say what went wrong', async () => {
      for (const args of [{}, {entity_name: 'alice'},
                          {entity_name: 'alice', project_name: 'none'},
                          {entity_name: 5, project_name: []}]) {
        const got = await result('CallToolRequest', 'CallToolResult',
                                 call(5, 'count_weave_traces_tool', args));
        assert.equal(got.isError, true);
      }
    });

    test('errors', async () => {
      for (const message of [
        request(6, 'no/such/method'), call('6', 'no_such_tool'),
        request(7, 'tools/list', {cursor: 'none'})]) {
        const [answer] = await ask('JSONRPCRequest', message);
        check(errors, answer);
        assert.equal(answer.id, message.id);
      }
    });

    test('cancellation of what is over', async () => {
      assert.deepEqual(await ask('CancelledNotification', {
        jsonrpc: '2.0', method: 'notifications/cancelled',
        params: {requestId: 3, reason: 'too late'}}), []);
    });
  });
