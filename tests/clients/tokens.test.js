// How much of a model's context an answer takes, counted by a tokenizer of its
// own: whatever is asked for, both forms of the answer stay below the limit,
// and a call that says nothing of size stays far below.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {describe, test} from 'node:test';
import {encode} from 'gpt-tokenizer/encoding/o200k_base';
import {samples} from '../protocol/tokens/samples.js';
import {openSession, request} from './support/mcp.js';
import {binary} from './support/server.js';
import {aliceCalls, structured} from './support/tools.js';
import {world} from './support/world.js';

const most = 22_500; // the default of --max_response_tokens
const look = 6_000;
const count = (text) => encode(text, {disallowedSpecial: new Set()}).length;

const it = await world();
const alice = await openSession(it.url, it.by.alice.api_key);
const {tools} = JSON.parse(
  execFileSync(binary, ['--print_tools', 'json'], {encoding: 'utf8'}));
const vision = {entity_name: 'alice', project_name: 'vision-baselines'};
const bot = {entity_name: 'alice', project_name: 'support-bot'};
const runs = [...it.standin.data.projects.get('alice/vision-baselines').runs
  .keys()];

/// The tokens of an answer's text and of its structured content: clients show
/// their model one or the other.
function tokensOf(result) {
  const text = count(result.content.map((c) => c.text ?? '').join(''));
  const object = result.structuredContent
    ? count(JSON.stringify(result.structuredContent)) : 0;
  return Math.max(text, object);
}

async function ask(name, args) {
  const result = await alice.call(name, args);
  const tokens = tokensOf(result);
  assert.ok(tokens <= most, `${name} ${JSON.stringify(args).slice(0, 200)}: ${
    tokens} tokens`);
  return {result, tokens, answer: structured(result)};
}

test('what the C++ tests take for the tokens of texts is right', () => {
  const counted = JSON.parse(readFileSync(
    new URL('../protocol/tokens/samples.json', import.meta.url), 'utf8'));
  assert.deepEqual(counted.map((c) => c.name), samples.map((s) => s.name),
                   'samples.json is old: see count_samples.js');
  counted.forEach((c, i) => {
    assert.equal(c.text, samples[i].text, c.name);
    assert.equal(c.tokens, count(c.text), c.name);
  });
});

describe('a call with what is required alone gets a first look', () => {
  for (const tool of tools)
    test(tool.name, async () => {
      const all = aliceCalls[tool.name].arguments;
      const args = Object.fromEntries(
        (tool.inputSchema.required ?? []).map((name) => [name, all[name]]));
      const {tokens} = await ask(tool.name, args);
      assert.ok(tokens < look, `${tokens} tokens`);
    });
  test('the history of every run', async () => {
    for (const run of runs) {
      const {tokens, answer} =
        await ask('get_run_history_tool', {...vision, run_id: run});
      assert.ok(tokens < look, `${run}: ${tokens} tokens`);
      if (answer.truncated)
        assert.match(answer.truncation_note, /samples/, run);
    }
  });
});

test('sensible calls of all tools are below the limit', async () => {
  for (const [name, one] of Object.entries(aliceCalls)) {
    await ask(name, one.arguments);
    if (one.job)
      await ask(name, one.job);
  }
});

test('more samples never give fewer rows, and the room is used', async () => {
  for (const run of ['healthy1', 'longrun1', 'sparse01', 'overfit1']) {
    let rows = 0;
    for (const samples of [10, 100, 300, 400, 500, 1000, 2000, 5000]) {
      const {tokens, answer} = await ask('get_run_history_tool',
                                         {...vision, run_id: run, samples});
      const at = `${run}, ${samples} samples`;
      assert.ok(answer.rows.length >= rows * 0.97,
                `${at}: ${answer.rows.length} rows after ${rows}`);
      rows = Math.max(rows, answer.rows.length);
      if (answer.truncated)
        assert.ok(tokens > most * 0.75, `${at}: ${tokens} tokens`);
    }
  }
});

test('a run with hundreds of metrics shows some as curves', async () => {
  const args = {...vision, run_id: 'wide0001'};
  for (const samples of [undefined, 500, 5000]) {
    const {answer} = await ask('get_run_history_tool',
                               {...args, ...(samples && {samples})});
    assert.ok(answer.rows.length >= 20, `${answer.rows.length} rows`);
    assert.ok(answer.keys_omitted > 100);
    assert.ok(answer.keys_omitted_by_limits.length > 10);
    assert.match(answer.truncation_note, /keys: \["/);
    // The loss, and not the first of 250 norms.
    assert.ok('loss' in answer.rows[0]);
    assert.ok(answer.keys_returned.includes('loss'));
  }
  const keys = Array.from({length: 100}, (_, i) => `layers/${i}/grad_norm`);
  const {tokens} = await ask('get_run_history_tool',
                             {...args, keys, samples: 5000});
  assert.ok(tokens > most * 0.7, `${tokens} tokens`);
});

test('more traces never give fewer rows, and the room is used', async () => {
  const forms = [{}, {return_full_data: true}, {detail_level: 'schema'},
                 {columns: ['id', 'inputs', 'output']}];
  for (const form of forms) {
    let rows = 0;
    for (const limit of [5, 20, 35, 50, 75, 100, 150, 200, 500, 10_000]) {
      if (limit > 500 && form.detail_level !== 'schema')
        continue; // refused: metadata or a narrower question does better
      const {tokens, answer} = await ask('query_weave_traces_tool',
                                         {...bot, ...form, limit});
      const at = `${JSON.stringify(form)} ${limit}`;
      assert.ok(answer.traces.length >= Math.min(limit, rows * 0.97), at);
      rows = Math.max(rows, answer.traces.length);
      if (answer.metadata.truncated) {
        assert.ok(tokens > most * 0.75, `${at}: ${tokens} tokens`);
        assert.ok(answer.metadata.truncation_note, at);
      }
      if (answer.traces.length < limit)
        assert.equal(answer.metadata.has_more, true, at);
    }
  }
});

test('the largest requests of the other tools', async () => {
  const traces = it.standin.data.projects.get('alice/support-bot').calls.calls
    .map((c) => c.trace_id);
  const registry = {registry_name: 'model', organization: 'Northwind'};
  const split = 'alice/vision-baselines/cifar-split';
  const keys = Array.from({length: 100}, (_, i) => `layers/${i}/grad_norm`);
  const calls = [
    ['resolve_trace_roots_tool', {...bot, trace_ids: [...new Set(traces)]}],
    ['resolve_trace_roots_tool', {...bot, trace_ids: Array.from(
      {length: 1000}, (_, i) => `no such trace ${i}`)}],
    ['infer_trace_schema_tool', {...bot, sample_size: 500, top_n_values: 20}],
    ['summarize_evaluation_tool', {...bot, max_evals: 50,
                                   include_per_task: true}],
    ['probe_project_tool', {...vision, sample_runs: 50,
                            include_artifacts: true}],
    ['query_wandb_entity_projects', {max_projects: 1000}],
    ['list_wandb_automations_tool', {max_items: 1000}],
    ['list_registry_collections_tool', {...registry, max_items: 1000}],
    ['list_artifact_versions_tool', {...vision, collection_name: 'resnet50',
                                     type_name: 'model', max_items: 200}],
    ['get_artifact_details_tool', {artifact_name: `${split}:v0`,
                                   include_files: true, max_files: 1000}],
    ['compare_artifact_versions_tool', {artifact_name_a: `${split}:v0`,
                                        artifact_name_b: `${split}:latest`}],
    ['compare_runs_tool', {...vision, run_id_a: 'wide0001',
                           run_id_b: 'healthy1', history_samples: 1000,
                           include_history_overlap: true}],
    ['compare_runs_tool', {...vision, run_id_a: 'healthy1',
                           run_id_b: 'overfit1', history_samples: 1000,
                           history_keys: ['loss', 'val_loss', 'accuracy',
                                          'lr', ...keys.slice(0, 20)]}],
    ['diagnose_run_tool', {...vision, run_id: 'wide0001', samples: 5000}],
    ['query_wandb_tool', {...vision, resource: 'runs', limit: 200}],
    ['query_wandb_tool', {...vision, resource: 'runs', limit: 25,
                          include: ['config', 'summary']}],
    ['query_wandb_tool', {...vision, resource: 'run', run_id: 'wide0001',
                          include: ['config', 'summary']}],
    ['query_wandb_tool', {max_items: 1000, query: `{
      project(name: "vision-baselines", entityName: "alice") {
        runs { edges { node { name displayName config summaryMetrics } }
               pageInfo { endCursor hasNextPage } } } }`}],
  ];
  for (const [name, args] of calls) {
    const {result, tokens} = await ask(name, args);
    assert.ok(!result.isError || tokens < 1000,
              `${name}: ${JSON.stringify(result).slice(0, 300)}`);
  }
});

test('resources and prompts are below the limit', async () => {
  const read = async (uri) => (await alice.ask(
    request(1, 'resources/read', {uri}))).messages.at(-1);
  const place = 'wandb://alice/vision-baselines';
  for (const uri of ['wandb://alice', place,
                     ...runs.slice(0, 14).flatMap((run) => [
                       `${place}/runs/${run}`,
                       `${place}/runs/${run}/history`])]) {
    const {result, error} = await read(uri);
    assert.ok(result, `${uri}: ${JSON.stringify(error)}`);
    const tokens = count(result.contents.map((c) => c.text).join(''));
    assert.ok(tokens <= most, `${uri}: ${tokens} tokens`);
  }
  const {prompts} = (await alice.ask(request(2, 'prompts/list'))).messages
    .at(-1).result;
  for (const prompt of prompts)
    for (const text of ['loss', 'ⅷ'.repeat(20_000)]) {
      const args = Object.fromEntries(
        (prompt.arguments ?? []).map((a) => [a.name, text]));
      const {result, error} = (await alice.ask(request(
        3, 'prompts/get', {name: prompt.name, arguments: args})))
        .messages.at(-1);
      const tokens = count(JSON.stringify(result ?? error));
      assert.ok(tokens <= most, `${prompt.name}: ${tokens} tokens`);
    }
});

test('errors that repeat what was asked are below the limit', async () => {
  const long = '\u{1fae0}'.repeat(30_000);
  for (const tool of tools) {
    const args = Object.fromEntries(Object.entries(
      aliceCalls[tool.name].arguments).map(([name, value]) =>
      [name, typeof value === 'string' ? long : value]));
    const {messages} = await alice.ask(request(
      4, 'tools/call', {name: tool.name, arguments: args}));
    const {result, error} = messages.at(-1);
    const tokens = result ? tokensOf(result) : count(JSON.stringify(error));
    assert.ok(tokens <= most, `${tool.name}: ${tokens} tokens`);
  }
});

test('a smaller limit holds as well', async () => {
  const small = await world({args: ['--max_response_tokens', '2000']});
  const session = await openSession(small.url, small.by.alice.api_key);
  for (const [name, one] of Object.entries(aliceCalls)) {
    const tokens = tokensOf(await session.call(name, one.arguments));
    assert.ok(tokens <= 2000, `${name}: ${tokens} tokens`);
  }
  for (const run of ['healthy1', 'wide0001']) {
    const tokens = tokensOf(await session.call(
      'get_run_history_tool', {...vision, run_id: run, samples: 5000}));
    assert.ok(tokens <= 2000, `${run}: ${tokens} tokens`);
    assert.ok(tokens > 1200, `${run}: ${tokens} tokens`);
  }
  const tokens = tokensOf(await session.call(
    'query_weave_traces_tool', {...bot, limit: 100}));
  assert.ok(tokens <= 2000 && tokens > 1400, `${tokens} tokens`);
});
