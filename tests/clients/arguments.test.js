// Arguments as models write them, at every tool: empty for left out, as text,
// under other names. What is not understood is named, never dropped.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {openSession, request} from './support/mcp.js';
import {aliceCalls, structured} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();
const alice = await openSession(it.url, it.by.alice.api_key);
const {tools} = (await alice.ask(request(2, 'tools/list'))).messages[0].result;
const here = {entity_name: 'alice', project_name: 'vision-baselines'};
const weave = {entity_name: 'alice', project_name: 'support-bot'};

async function ask(name, args) {
  const result = await alice.call(name, args);
  return {isError: result.isError === true, ...structured(result)};
}

describe('an optional argument that is empty is one left out', () => {
  for (const tool of tools) {
    const {arguments: args} = aliceCalls[tool.name];
    const {properties, required = []} = tool.inputSchema;
    test(tool.name, async () => {
      for (const name of Object.keys(properties)) {
        if (required.includes(name) || name in args)
          continue;
        for (const empty of [null, '', [], {}]) {
          const got = await ask(tool.name, {...args, [name]: empty});
          assert.ok(!got.isError, `${name} ${JSON.stringify(empty)}: `
                    + got.message);
        }
      }
    });
  }
});

test('all that is left out at once is what is not there', async () => {
  const args = {...here, resource: 'runs', limit: 3};
  const plain = await ask('query_wandb_tool', args);
  for (const empty of [null, '', [], {}])
    assert.deepEqual(await ask('query_wandb_tool', {
      query: empty, variables: empty, max_items: empty, include: empty,
      filters: empty, summary_keys: empty, cursor: empty, ...args}), plain);
});

test('a filter given beside the filters is one of them', async () => {
  const runs = {...here, resource: 'runs', limit: 3};
  const wanted = await ask('query_wandb_tool',
                           {...runs, filters: {state: 'finished'}});
  const {argument_notes: notes, ...got} = await ask(
    'query_wandb_tool', {...runs, state: 'finished'});
  assert.deepEqual(got, wanted);
  assert.match(notes.join(), /state was taken for filters/);

  const count = await ask('count_weave_traces_tool',
                          {...weave, filters: {status: 'error'}});
  const lifted = await ask('count_weave_traces_tool',
                           {...weave, status: 'error'});
  assert.equal(lifted.total_count, count.total_count);
  assert.match(lifted.argument_notes.join(), /status/);
  const both = await ask('count_weave_traces_tool', {
    ...weave, trace_roots_only: true, filters: '{"status": "error"}'});
  assert.equal(both.total_count, both.root_traces_count);
});

test('an argument under another name is taken, and the answer says so',
     async () => {
  const args = {...here, run_id: 'healthy1', samples: 5};
  const wanted = await ask('get_run_history_tool', {...args, keys: ['loss']});
  const {argument_notes: notes, ...got} = await ask('get_run_history_tool', {
    entity: 'alice', projectName: 'vision-baselines', run: 'healthy1',
    limit: '5', metrics: 'loss'});
  assert.deepEqual(got, wanted);
  assert.equal(notes.length, 5);
  const sorted = await ask('query_weave_traces_tool', {
    ...weave, sort: 'latency_ms', limit: 2, columns: 'latency_ms'});
  assert.ok(!sorted.isError, sorted.message);
  assert.match(sorted.argument_notes.join(), /sort was taken for sort_by/);
});

describe('what is not understood is named with what there is', () => {
  const cases = [
    ['query_weave_traces_tool', {...weave, user: 'alice'},
     /user: .*did you mean entity_name/],
    ['query_weave_traces_tool', {...weave, colour: 'red'},
     /colour: .*arguments there are: entity_name, .*detail_level/],
    ['query_weave_traces_tool', {...weave, sort: 'a', sort_by: 'status'},
     /sort: .*sort_by, which is given/],
    ['compare_runs_tool', {...here, run_id_a: 'a', run_id_b: 'b',
                           metrics: ['loss']},
     /metrics: .*history_keys or summary_keys/],
    ['list_entities_tool', {limit_to: 5}, /takes no arguments/],
    ['get_run_history_tool', {...here, run_id: 'healthy1', x_axis: 'epohc'},
     /x_axis: .*did you mean epoch/],
    ['compare_runs_tool', {...here, run_id_a: 'healthy1', run_id_b: 'overfit1',
                           history_keys: ['loss'], x_axis: 'nope'},
     /x_axis: .*logged no "nope"/],
    ['diagnose_run_tool', {...here, run_id: 'healthy1', x_axis: 'nope'},
     /x_axis: .*logged no "nope"/],
    ['query_wandb_tool', {...here, resource: 'runs', include: ['sumary']},
     /include: .*did you mean summary.*system_metrics/],
    ['query_wandb_tool', {...here, resource: 'artifacts'}, /"sweeps"/],
    ['query_wandb_tool', {...here, resource: 'runs', order: '-loss'},
     /order: .*summary_metrics\.loss/],
    ['query_wandb_tool', {...here, resource: 'runs',
                          filters: {$or: [{stat: 'finished'}]}},
     /filters: .*did you mean state/],
    ['query_weave_traces_tool', {...weave, columns: ['op_nam']},
     /columns: .*did you mean op_name/],
    ['query_weave_traces_tool', {...weave, expand_columns: ['inptus.x']},
     /expand_columns: .*did you mean inputs\.x/],
    ['query_weave_traces_tool', {...weave, sort_by: 'latency'},
     /sort_by: .*did you mean latency_ms/],
    ['query_weave_traces_tool', {...weave, filters: {statuss: 'error'}},
     /filters\.statuss: .*did you mean status/],
    ['list_wandb_integrations_tool', {entity: 'alice', kind: 'slak'},
     /kind: .*did you mean slack/],
  ];
  for (const [name, args, says] of cases)
    test(`${name} ${JSON.stringify(Object.entries(args).at(-1))}`, async () => {
      const got = await ask(name, args);
      assert.equal(got.isError, true, JSON.stringify(got).slice(0, 400));
      assert.match(got.message, says);
    });
});

test('a column that there is not is named beside those there are', async () => {
  const got = await ask('query_weave_traces_tool', {
    ...weave, limit: 2, columns: ['id', 'op_nam']});
  assert.match(got.metadata.warnings.join(), /op_nam \(did you mean op_name\?/);
});

test('a report says which panels and which of their members it could not use',
     async () => {
  const got = await ask('create_wandb_report_tool', {
    ...here, title: 'Slips', panels: [
      {type: 'lines', y: ['loss']},
      {type: 'line', y: ['loss'], titel: 'Loss', run_id: ['healthy1']}]});
  assert.match(got.panels_skipped[0].reason, /did you mean line\?.*There are: .*scatter/);
  assert.equal(got.panels_rendered, 1);
  const notes = got.argument_notes.join('\n');
  assert.match(notes, /panels\[1\]: "titel" .*did you mean title/);
  assert.match(notes, /panels\[1\]: "run_id" .*did you mean run_ids/);
});

test('charts of an analysis are not dropped unsaid', async () => {
  const got = await ask('log_analysis_to_wandb', {
    ...here, analysis_name: 'x', data: [{a: 1}], charts: [{type: 'line'}]});
  assert.ok(!got.isError, got.message);
  assert.match(got.argument_notes.join(), /charts/);
});
