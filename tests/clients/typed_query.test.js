// The typed form of query_wandb_tool against the stand-in's engine: what it
// says is what W&B holds, page by page.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openSession} from './support/mcp.js';
import {structured} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();
const alice = await openSession(it.url, it.by.alice.api_key);
const project = it.standin.data.projects.get('alice/vision-baselines');
const here = {entity_name: 'alice', project_name: 'vision-baselines'};

async function ask(args) {
  const result = await alice.call('query_wandb_tool', {...here, ...args});
  return {isError: result.isError, ...structured(result)};
}

test('a cursor walks through all runs that match, once each', async () => {
  const wanted = [...project.runs.values()]
    .filter((run) => run.state === 'finished').map((run) => run.name);
  const seen = [];
  let cursor;
  do {
    const page = await ask({resource: 'runs', limit: 4,
                            filters: {state: 'finished'}, cursor});
    assert.ok(!page.isError, page.message);
    assert.equal(page.total_count, wanted.length);
    seen.push(...page.items.map((run) => run.id));
    cursor = page.next_cursor ?? undefined;
    assert.equal(page.has_more, cursor !== undefined);
  } while (cursor);
  assert.ok(seen.length > 8);
  assert.deepEqual([...seen].sort(), wanted.sort());
});

test('filters that match no run say which values there are', async () => {
  const runs = [...project.runs.values()];
  const values = (field) => [...new Set(runs.flatMap((run) => run[field]))]
    .sort();
  const filters = {$and: [{state: 'done'}, {tags: {$in: ['no-such-tag']}}]};
  for (const more of [{}, {response_mode: 'count'}]) {
    const {nothing_matched: said, ...answer} = await ask(
      {resource: 'runs', filters, ...more});
    assert.equal(answer.total_count, 0);
    assert.equal(said.runs_looked_at, Math.min(runs.length, 200));
    assert.deepEqual([...said.known_values.state].sort(), values('state'));
    assert.deepEqual([...said.known_values.tags].sort(), values('tags'));
    assert.deepEqual(Object.keys(said.known_values), ['state', 'tags']);
  }
  const {nothing_matched: said} = await ask(
    {resource: 'runs', filters: {'config.lr.value': 12345}});
  assert.deepEqual(Object.keys(said), ['note']);
  assert.equal((await ask({resource: 'runs', filters: {state: 'finished'},
                           limit: 1})).nothing_matched, undefined);
});

test('a cursor of one list does not open another', async () => {
  const {next_cursor: cursor} = await ask({resource: 'runs', limit: 2});
  await it.standin.reset();
  for (const other of [{resource: 'sweeps'}, {filters: {state: 'crashed'}},
                       {project_name: 'support-bot'}, {order: '+created_at'}])
    assert.equal((await ask({resource: 'runs', cursor, ...other})).error,
                 'invalid_cursor');
  assert.deepEqual(await it.standin.requests(), []);
});

test('one run has its summary and the keys that were named', async () => {
  const run = project.runs.get('healthy1');
  const {item} = await ask({resource: 'run', run_id: 'healthy1',
                            config_keys: ['lr', 'model.name', 'no.such']});
  assert.equal(item.display_name, 'resnet50-steady');
  assert.deepEqual(item.config, {lr: 0.1, 'model.name': 'resnet50'});
  assert.deepEqual(item.missing_config_keys, ['no.such']);
  assert.equal(item.summary.best.epoch, run.summary().best.epoch);
  assert.equal(item.history_line_count, run.rows().length);
});

test('runs are sorted, and show what was asked for', async () => {
  const {items} = await ask({
    resource: 'runs', filters: {sweep: 'sweepab1'}, include: ['sweep'],
    order: '+summary_metrics.loss', summary_keys: ['loss'], limit: 5});
  const losses = items.map((run) => run.summary.loss);
  assert.deepEqual(losses, [...losses].sort((a, b) => a - b));
  assert.ok(items.every((run) => run.sweep.id === 'sweepab1'));
});

test('runs whose metric is no number are found, and show it', async () => {
  const odd = [NaN, Infinity, -Infinity];
  const wanted = [...project.runs.values()]
    .filter((run) => odd.some((x) => Object.is(run.summary().loss, x)))
    .map((run) => run.name);
  assert.ok(wanted.includes('nanloss1') && wanted.length < project.runs.size);
  const {items} = await ask({
    resource: 'runs', summary_keys: ['loss'], config_keys: ['loss_scale'],
    filters: {'summary_metrics.loss': {$in: odd.map(String)}}});
  assert.deepEqual(items.map((run) => run.id).sort(), wanted.sort());
  assert.equal(items[0].summary.loss, 'NaN');
  assert.equal(items[0].config.loss_scale, 'Infinity');
  const scaled = await ask({
    resource: 'runs', filters: {'config.loss_scale.value': 'Infinity'}});
  assert.deepEqual(scaled.items.map((run) => run.id), ['nanloss1']);
});

test('a count, a project, sweeps and one of them', async () => {
  const count = await ask({resource: 'runs', response_mode: 'count'});
  assert.equal(count.total_count, project.runs.size);
  const {item} = await ask({resource: 'project'});
  assert.equal(item.run_count, project.runs.size);
  const sweeps = await ask({resource: 'sweeps', include: ['config']});
  assert.deepEqual(sweeps.items.map((s) => s.id),
                   project.sweeps.map((s) => s.name));
  const one = await ask({resource: 'sweep', sweep_id: 'sweepab1',
                         include: ['config']});
  assert.deepEqual(one.item, sweeps.items[0]);
});

test('a report is found by name and by title', async () => {
  const all = await ask({resource: 'reports'});
  assert.equal(all.total_count, 3);
  const [view] = project.views;
  for (const name of [view.name, view.displayName]) {
    const found = await ask({resource: 'reports', report_name: name,
                             include: ['spec']});
    assert.deepEqual(found.items.map((r) => r.name), [view.name]);
    assert.equal(found.items[0].spec.version, 5);
  }
});

test('what is not there has a code', async () => {
  const code = async (args) => (await ask(args)).error;
  assert.equal(await code({resource: 'run', run_id: 'nothing'}),
               'resource_not_found');
  assert.equal(await code({resource: 'runs', project_name: 'nothing'}),
               'resource_not_found');
  assert.equal(await code({resource: 'runs', entity_name: 'carol'}),
               'resource_not_found');
  await it.standin.fault({target: 'graphql', fault: 'status', status: 403,
                          message: 'private words'});
  const refused = await ask({resource: 'project'});
  await it.standin.reset();
  assert.equal(refused.error, 'permission_denied');
  assert.ok(!JSON.stringify(refused).includes('private'));
});
