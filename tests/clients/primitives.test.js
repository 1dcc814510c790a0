// Prompts, resource templates and completions as a client uses them, over W&B
// data of two users.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StreamableHTTPClientTransport}
  from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {bearer} from './support/mcp.js';
import {world} from './support/world.js';

const it = await world();
const terse = await world({env: {MAX_RESPONSE_TOKENS: '400'}});
const tracing = await world({args: ['--toolsets', 'weave']});

async function connect(t, user = 'alice', {url, by} = it) {
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: {headers: bearer(by[user].api_key)}});
  const client = new Client({name: 'primitives-test', version: '1.0.0'});
  await client.connect(transport);
  t.after(() => client.close());
  return client;
}

const vision = it.standin.data.projects.get('alice/vision-baselines');
const bot = it.standin.data.projects.get('alice/support-bot');
const [model] = vision.collections.keys();
const root = bot.calls.calls.find((c) => c.parent_id === null);

/// One URI of each template, and what its text must hold.
const readable = {
  'wandb://{entity}': ['wandb://alice', 'vision-baselines'],
  'wandb://{entity}/{project}':
    ['wandb://alice/vision-baselines', 'canary-alice'],
  'wandb://{entity}/{project}/runs/{run}':
    ['wandb://alice/vision-baselines/runs/healthy1', 'resnet50-steady'],
  'wandb://{entity}/{project}/runs/{run}/history':
    ['wandb://alice/vision-baselines/runs/healthy1/history', '"_step"'],
  'wandb://{entity}/{project}/artifacts/{artifact}':
    [`wandb://alice/vision-baselines/artifacts/${model}:latest`, model],
  'wandb://{entity}/{project}/calls/{call}':
    [`wandb://alice/support-bot/calls/${root.id}`, root.trace_id],
  'wandb://{entity}/{project}/reports/{report}':
    ['wandb://alice/vision-baselines/reports/weekly1', 'Accuracy went up.'],
};

const places = {entity: 'alice', project: 'vision-baselines', run: 'healthy1',
                registry: 'model'};

/// What the client is offered for what was typed.
async function offered(client, ref, name, value, known) {
  const {completion} = await client.complete({
    ref, argument: {name, value}, context: {arguments: known}});
  return completion.values;
}

describe('resources', () => {
  test('every template can be read by whoever owns what it names',
       async (t) => {
    const client = await connect(t);
    const {resourceTemplates} = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map((r) => r.uriTemplate).sort(),
                     Object.keys(readable).sort());
    for (const {uriTemplate, mimeType} of resourceTemplates) {
      const [uri, part] = readable[uriTemplate];
      const {contents} = await client.readResource({uri});
      assert.equal(contents.length, 1);
      assert.equal(contents[0].uri, uri);
      assert.equal(contents[0].mimeType, mimeType);
      assert.ok(contents[0].text.includes(part), contents[0].text);
      if (mimeType === 'application/json')
        assert.equal(typeof JSON.parse(contents[0].text), 'object');
    }
  });

  test('a report is found by the ID in its address too', async (t) => {
    const client = await connect(t);
    const id = vision.views[0].id.replace(/=+$/, '');
    const {contents} = await client.readResource({
      uri: `wandb://alice/vision-baselines/reports/Weekly-report-1--${id}`});
    assert.match(contents[0].text, /Accuracy went up/);
  });

  test('a resource that is too long is cut to the budget and says so',
       async (t) => {
    const client = await connect(t, 'alice', terse);
    const cut = [];
    for (const [template, [uri]] of Object.entries(readable)) {
      const {contents: [{text, mimeType}]} = await client.readResource({uri});
      assert.ok(Buffer.byteLength(text) <= 4 * 400, `${uri}: ${text.length}`);
      if (mimeType === 'application/json' && JSON.parse(text).truncated)
        cut.push(template);
    }
    assert.ok(cut.includes('wandb://{entity}/{project}'), cut.join());
    assert.ok(cut.includes('wandb://{entity}/{project}/runs/{run}/history'),
              cut.join());
  });

  test("another user's resources are no different from none", async (t) => {
    const bob = await connect(t, 'bob');
    for (const [uri] of Object.values(readable)) {
      const refused = (of) => bob.readResource({uri: of}).then(
        () => assert.fail(`${of} was read`), (e) => e);
      const theirs = await refused(uri);
      const nobodys = await refused(uri.replace('alice', 'no-such-entity'));
      assert.equal(theirs.code, -32002, uri);
      assert.equal(theirs.code, nobodys.code);
      assert.equal(theirs.message, nobodys.message);
      assert.deepEqual(theirs.data, {uri});
      assert.doesNotMatch(theirs.message, /canary/);
    }
  });
});

describe('prompts', () => {
  test('every prompt is made of its arguments', async (t) => {
    const client = await connect(t);
    const {prompts} = await client.listPrompts();
    assert.ok(prompts.length > 5);
    for (const {name, arguments: wanted = []} of prompts) {
      const given = Object.fromEntries(
        wanted.filter((a) => a.required).map((a) => [a.name, places[a.name]]));
      const {messages} = await client.getPrompt({name, arguments: given});
      assert.equal(messages.length, 1);
      assert.equal(messages[0].role, 'user');
      for (const value of Object.values(given))
        assert.ok(messages[0].content.text.includes(`"${value}"`), name);
    }
  });

  test('prompts name tools that are offered', async (t) => {
    const client = await connect(t);
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    const {prompts} = await client.listPrompts();
    for (const {name, arguments: wanted = []} of prompts) {
      if (name === 'wandb_guide')
        continue; // it quotes more than tools
      const {messages} = await client.getPrompt({
        name, arguments: Object.fromEntries(
          wanted.map((a) => [a.name, places[a.name] ?? 'x']))});
      const named = [...messages[0].content.text.matchAll(/`([^`]+)`/g)]
        .map(([, tool]) => tool);
      assert.ok(named.length > 0);
      for (const tool of named)
        assert.ok(names.includes(tool), `${name}: ${tool}`);
    }
  });

  test('what leads to tools that are switched off is off too', async (t) => {
    const client = await connect(t, 'alice', tracing);
    assert.deepEqual(
      (await client.listPrompts()).prompts.map((p) => p.name),
      ['wandb_guide', 'find_failing_traces', 'summarize_evaluation']);
    const {resourceTemplates} = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map((r) => r.uriTemplate),
                     ['wandb://{entity}/{project}/calls/{call}']);
    await assert.rejects(
      client.readResource({uri: 'wandb://alice/vision-baselines'}),
      {code: -32002});
  });

  test('a missing argument is a protocol error that names it', async (t) => {
    const client = await connect(t);
    await assert.rejects(
      client.getPrompt({name: 'diagnose_run', arguments: {entity: 'alice'}}),
      (e) => e.code === -32602 && /project/.test(e.message));
  });
});

describe('completions', () => {
  const run = {type: 'ref/resource',
               uri: 'wandb://{entity}/{project}/runs/{run}'};
  const artifact = {type: 'ref/resource',
                    uri: 'wandb://{entity}/{project}/artifacts/{artifact}'};
  const diagnose = {type: 'ref/prompt', name: 'diagnose_run'};
  const known = {entity: 'alice', project: 'vision-baselines'};

  test('entity, project and run follow one another', async (t) => {
    const client = await connect(t);
    for (const ref of [run, diagnose]) {
      assert.deepEqual(await offered(client, ref, 'entity', '', {}),
                       ['alice', 'northwind-ml']);
      assert.deepEqual(
        await offered(client, ref, 'project', 'vision', {entity: 'alice'}),
        ['vision-baselines']);
      assert.deepEqual(await offered(client, ref, 'run', 'healthy', known),
                       ['healthy1']);
    }
  });

  test('the other arguments know what the user has', async (t) => {
    const client = await connect(t);
    const of = (name) => ({type: 'ref/prompt', name});
    const metrics = await offered(client, of('compare_best_runs'), 'metric',
                                  'loss', known);
    assert.ok(metrics.length > 0 && metrics.every((m) => /loss/i.test(m)));
    assert.ok((await offered(client, artifact, 'artifact', '', known))
      .includes(`${model}:latest`));
    assert.ok((await offered(client, artifact, 'artifact', `${model}:`, known))
      .includes(`${model}:latest`));
    assert.ok((await offered(client, of('review_registry'), 'registry', '', {}))
      .includes('model'));
    const inBot = {entity: 'alice', project: 'support-bot'};
    assert.notDeepEqual(await offered(client, of('summarize_evaluation'),
                                      'evaluation', '', inBot), []);
    const calls = {type: 'ref/resource',
                   uri: 'wandb://{entity}/{project}/calls/{call}'};
    assert.notDeepEqual(await offered(client, calls, 'call', '', inBot), []);
  });

  test('the same question again costs W&B nothing', async (t) => {
    const client = await connect(t);
    const count = async () => (await it.standin.requests()).filter(
      (r) => /CompleteReport/.test(JSON.stringify(r.body))).length;
    const ref = {type: 'ref/resource',
                 uri: 'wandb://{entity}/{project}/reports/{report}'};
    const first = await offered(client, ref, 'report', 'week', known);
    assert.deepEqual(first.sort(), ['weekly1', 'weekly2', 'weekly3']);
    const asked = await count();
    assert.equal(asked, 1);
    await offered(client, ref, 'report', 'weekly', known);
    assert.equal(await count(), asked);
  });

  test("nothing of another user's is offered", async (t) => {
    const bob = await connect(t, 'bob');
    assert.deepEqual(
      await offered(bob, run, 'project', '', {entity: 'alice'}), []);
    assert.deepEqual(await offered(bob, run, 'run', '', known), []);
    assert.deepEqual(await offered(bob, artifact, 'artifact', '', known), []);
    assert.ok(!(await offered(bob, run, 'entity', '', {})).includes('alice'));
  });
});
