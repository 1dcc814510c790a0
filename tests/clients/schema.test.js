// Every message sent and received in a session, against the schema that the
// protocol publishes for its version, where there is one.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {bearer, call, events, initialize, request, versions}
  from './support/mcp.js';
import {missingSchema, validator} from './support/schema.js';
import {within} from './support/server.js';
import {aliceCalls} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();

for (const version of versions)
  describe(`protocol ${version}`, {skip: missingSchema(version)}, () => {
    const check = missingSchema(version) ? null : validator(version);
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

    test('prompts, resources, completion and logging', async () => {
      const {prompts} = await result('ListPromptsRequest', 'ListPromptsResult',
                                     request(10, 'prompts/list'));
      for (const {name} of prompts.filter((p) => !p.arguments?.some(
        (a) => a.required)))
        await result('GetPromptRequest', 'GetPromptResult',
                     request(11, 'prompts/get', {name}));
      const {resources} = await result(
        'ListResourcesRequest', 'ListResourcesResult',
        request(12, 'resources/list'));
      for (const {uri} of resources)
        await result('ReadResourceRequest', 'ReadResourceResult',
                     request(13, 'resources/read', {uri}));
      await result('ListResourceTemplatesRequest',
                   'ListResourceTemplatesResult',
                   request(14, 'resources/templates/list'));
      await result('CompleteRequest', 'CompleteResult',
                   request(15, 'completion/complete', {
                     ref: {type: 'ref/prompt', name: 'wandb_guide'},
                     argument: {name: 'topic', value: ''}}));
      await result('SetLevelRequest', 'EmptyResult',
                   request(16, 'logging/setLevel', {level: 'debug'}));
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
