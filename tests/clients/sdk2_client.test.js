// The official TypeScript SDK's second generation against the server: as a
// client that needs no session, as one that finds out, and as one of old.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {Client, StreamableHTTPClientTransport}
  from '@modelcontextprotocol/client';
import {StdioClientTransport} from '@modelcontextprotocol/client/stdio';
import {bearer} from './support/mcp.js';
import {binary, cleanEnvironment, emptyFolder} from './support/server.js';
import {aliceCalls, callAll} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();
const stateless = '2026-07-28';
const modes = [
  {what: 'pinned to the newest version', mode: {pin: stateless}, era: 'modern'},
  {what: 'that finds out', mode: 'auto', era: 'modern'},
  {what: 'with a session', mode: 'legacy', era: 'legacy'},
];

const clientOf = (mode) => new Client(
  {name: 'sdk2-test', version: '1.0.0'}, {versionNegotiation: {mode}});

async function overHttp(t, mode, user = 'alice') {
  const client = clientOf(mode);
  const transport = new StreamableHTTPClientTransport(new URL(it.url), {
    requestInit: {headers: bearer(it.by[user].api_key)}});
  await client.connect(transport);
  t.after(() => client.close());
  return client;
}

async function overStdio(t, mode, user = 'alice') {
  const home = emptyFolder();
  t.after(home.remove);
  const client = clientOf(mode);
  await client.connect(new StdioClientTransport({
    command: binary, args: ['--transport', 'stdio'], cwd: home.path,
    env: cleanEnvironment(home.path, {
      WANDB_API_KEY: it.by[user].api_key, WANDB_BASE_URL: it.standin.url,
      WF_TRACE_SERVER_URL: `${it.standin.url}/traces`,
      WANDB_DOCS_MCP_URL: `${it.standin.url}/docs`}),
    stderr: 'ignore'}));
  t.after(() => client.close());
  return client;
}

for (const [transport, connect] of Object.entries({overHttp, overStdio}))
  for (const {what, mode, era} of modes)
    describe(`${transport}, a client ${what}`, () => {
      test('agrees on an era and learns who answers', async (t) => {
        const client = await connect(t, mode);
        assert.equal(client.getProtocolEra(), era);
        assert.equal(client.getServerVersion().name, 'wandb-mcp-server');
        assert.match(client.getInstructions(), /list_entities_tool/);
        assert.ok(client.getServerCapabilities().tools);
      });

      test('calls every tool', async (t) => {
        const client = await connect(t, mode);
        const {tools} = await client.listTools();
        assert.deepEqual(tools.map((tool) => tool.name).sort(),
                         Object.keys(aliceCalls).sort());
        await callAll(tools.map((tool) => tool.name),
                      (name, args) => client.callTool({name, arguments: args}),
                      it.standin.data);
      });

      test('hears of progress', async (t) => {
        const client = await connect(t, mode);
        // The SDK drops progress that it reads together with the answer.
        t.after(() => it.standin.fault({target: 'traces', fault: 'off'}));
        await it.standin.fault({target: 'traces', fault: 'delay', ms: 100,
                                user: 'alice'});
        const heard = [];
        const result = await client.callTool({
          name: 'query_weave_traces_tool',
          arguments: {entity_name: 'alice', project_name: 'support-bot',
                      limit: 10, sort_by: 'total_cost',
                      columns: ['id', 'costs']},
        }, {onprogress: (progress) => heard.push(progress)});
        assert.ok(!result.isError, result.content[0].text);
        assert.ok(heard.length > 0);
      });

      test('cancels up to W&B', async (t) => {
        const client = await connect(t, mode, 'carol');
        const before = (await it.standin.requests())
          .filter((r) => r.user === 'carol').length;
        t.after(() => it.standin.fault({target: 'graphql', fault: 'off'}));
        await it.standin.fault({target: 'graphql', fault: 'delay',
                                ms: 600_000, user: 'carol'});
        const stop = new AbortController();
        const refused = assert.rejects(client.callTool(
          {name: 'query_wandb_entity_projects', arguments: {entity: 'carol'}},
          {signal: stop.signal}));
        const mine = async () => (await it.standin.requests())
          .filter((r) => r.user === 'carol').slice(before);
        await it.standin.request(
          (r) => r.user === 'carol' && r.path === '/graphql' && !r.aborted
            && r.status === null, 'the request to arrive at W&B');
        stop.abort('changed my mind');
        await refused;
        await it.standin.request(
          (r) => r.user === 'carol' && r.aborted, 'the request to be aborted');
        assert.ok((await mine()).every((r) => r.aborted));
      });

      test('reads a resource and gets a prompt', async (t) => {
        const client = await connect(t, mode);
        const {prompts} = await client.listPrompts();
        assert.ok(prompts.some((p) => p.name === 'wandb_guide'));
        const prompt = await client.getPrompt({
          name: 'wandb_guide', arguments: {topic: 'traces'}});
        const read = await client.readResource({uri: 'wandb://guide/traces'});
        assert.equal(read.contents[0].text, prompt.messages[0].content.text);
        await assert.rejects(client.readResource({uri: 'test://nothing'}));
      });

      test('is offered completions', async (t) => {
        const client = await connect(t, mode);
        const {completion} = await client.complete({
          ref: {type: 'ref/prompt', name: 'wandb_guide'},
          argument: {name: 'topic', value: 'tra'}});
        assert.deepEqual(completion.values, ['traces']);
      });
    });

test('a subscription of the newest version is acknowledged, and closed',
     async (t) => {
  const client = await overHttp(t, {pin: stateless});
  const subscription = await client.listen({toolsListChanged: true});
  await subscription.close();
  assert.ok((await client.listTools()).tools.length > 0);
});

test('two users of the newest version see each their own', async (t) => {
  const entities = async (user) => {
    const client = await overHttp(t, {pin: stateless}, user);
    const {structuredContent} = await client.callTool(
      {name: 'list_entities_tool', arguments: {}});
    return structuredContent.entities.map((e) => e.name);
  };
  const [alice, carol] = await Promise.all([entities('alice'),
                                            entities('carol')]);
  assert.ok(alice.includes('alice') && !alice.includes('carol'));
  assert.ok(carol.includes('carol') && !carol.includes('alice'));
});
