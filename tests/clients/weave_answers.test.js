// What the trace tools claim of a project, held against numbers that are
// computed from the stand-in's own calls, each in another way than the server
// has: usage and costs from the calls that have no children, status from the
// exceptions of a call and all that is below it.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {openSession} from './support/mcp.js';
import {structured} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();
const session = await openSession(it.url, it.by.alice.api_key);
const store = it.standin.data.entities.get('alice').projects
  .find((p) => p.name === 'support-bot').calls;
const calls = store.calls;

async function ask(name, more) {
  const result = await session.call(name, {
    entity_name: 'alice', project_name: 'support-bot', ...more});
  assert.ok(!result.isError, result.content[0].text);
  return structured(result);
}

const childrenOf = Map.groupBy(calls, (c) => c.parent_id);
const below = (call) => [call, ...(childrenOf.get(call.id) ?? [])
  .flatMap(below)];
const leaves = (some) => new Set(some.flatMap(below)
  .filter((c) => !childrenOf.has(c.id)));
const tokensOf = (some) => [...leaves(some)].reduce(
  (sum, c) => sum + Object.values(c.summary.usage ?? {})
    .reduce((n, u) => n + u.prompt_tokens + u.completion_tokens, 0), 0);
const dollars = (c) => Object.values(
  store.weaveSummary(c, {costs: true}).costs ?? {}).reduce(
  (n, u) => n + u.prompt_tokens_total_cost + u.completion_tokens_total_cost, 0);
const costOf = (some) => [...leaves(some)].reduce((n, c) => n + dollars(c), 0);
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

function statusOf(call) {
  if (call.exception)
    return 'error';
  if (call.ended_at && below(call).some((c) => c.exception))
    return 'descendant_error';
  return call.ended_at ? 'success' : 'running';
}

function statuses(some) {
  const out = {success: 0, error: 0, descendant_error: 0, running: 0, other: 0};
  for (const call of some)
    ++out[statusOf(call)];
  return out;
}

test('all tokens and costs of a project, each once', async () => {
  const {metadata} = await ask('query_weave_traces_tool',
                               {metadata_only: true, limit: 10000});
  assert.equal(metadata.total_traces, calls.length);
  assert.equal(metadata.has_more, false);
  assert.equal(metadata.token_counts.total_tokens, tokensOf(calls));
  assert.equal(metadata.token_counts.calls_with_usage,
               calls.filter((c) => c.summary.usage).length);
  assert.ok(!metadata.token_counts.may_overlap);
  near(metadata.costs.total_cost, costOf(calls));
  const byModel = metadata.token_counts.by_model;
  assert.equal(Object.values(byModel).reduce((n, m) => n + m.total_tokens, 0),
               metadata.token_counts.total_tokens);
  assert.deepEqual(metadata.status_summary, statuses(calls));
});

test('a level of calls alone has the usage of what is below it', async () => {
  const runs = calls.filter((c) => c.op_name.includes('/Evaluation.evaluate:'));
  const rows = runs.flatMap((c) => childrenOf.get(c.id))
    .filter((c) => c.op_name.includes('predict_and_score'));
  for (const [name, some] of [['Evaluation.evaluate', runs],
                              ['Evaluation.predict_and_score', rows]]) {
    const {metadata} = await ask('query_weave_traces_tool', {
      metadata_only: true, filters: {op_name_contains: name}});
    assert.equal(metadata.total_traces, some.length);
    assert.equal(metadata.token_counts.total_tokens, tokensOf(some), name);
    near(metadata.costs.total_cost, costOf(some));
  }
});

describe('status, times and ops whatever the columns', () => {
  const newest = [...calls].sort((a, b) => b.started_at - a.started_at)
    .slice(0, 90);
  for (const columns of [['id'], ['op_name'], ['status'], ['inputs.question'],
                         ['exception', 'summary.usage'], null])
    test(JSON.stringify(columns), async () => {
      const {metadata, traces} = await ask('query_weave_traces_tool',
                                           {columns, limit: 90});
      assert.deepEqual(metadata.status_summary, statuses(newest));
      assert.equal(Date.parse(metadata.time_range.latest), Math.max(
        ...newest.map((c) => c.ended_at ?? c.started_at)));
      assert.equal(metadata.token_counts.calls_with_usage,
                   newest.filter((c) => c.summary?.usage).length);
      assert.equal(metadata.has_more, true);
      assert.equal(metadata.total_matching_count, calls.length);
      if (columns?.length === 1 && columns[0] === 'id')
        assert.deepEqual(Object.keys(traces[0]), ['id']);
    });
});

test('a limit that all of them fit is not truncation, and leaves no more',
     async () => {
  const filters = {op_name_contains: 'Evaluation.summarize'};
  const n = calls.filter((c) => c.op_name.includes('.summarize')).length;
  for (const [limit, more] of [[n, false], [n - 1, true], [n + 1, false]]) {
    const {metadata} = await ask('query_weave_traces_tool', {filters, limit});
    assert.equal(metadata.total_matching_count, n);
    assert.equal(metadata.has_more, more);
    assert.equal(metadata.truncated, false);
  }
});

for (const include_per_task of [false, true])
  test(`rates of evaluations say of how many${
    include_per_task ? ', means as well when rows are read' : ''}`, async () => {
    const {evaluations} = await ask('summarize_evaluation_tool',
                                    {max_evals: 10, include_per_task});
    assert.equal(evaluations.length, 4);
    for (const e of evaluations) {
      const rows = childrenOf.get(e.eval_id)
        .filter((c) => c.op_name.includes('predict_and_score'));
      const scored = rows.filter((c) => c.output.scores.correctness);
      const right = scored.filter((c) => c.output.scores.correctness.correct);
      assert.ok(scored.length < rows.length);
      assert.deepEqual(e.score_counts['correctness.correct'], {
        true_count: right.length, scored: scored.length,
        not_scored: rows.length - scored.length});
      assert.equal(e.errors, rows.length - scored.length);
      assert.equal(e.score_counts.similarity.scored,
                   include_per_task ? scored.length : null);
    }
  });

describe('names as people know them find calls', () => {
  const op = calls.find((c) => c.op_name.includes('/SupportAgent.answer:'));
  const ofOp = calls.filter((c) => c.op_name === op.op_name);
  const ofRun = calls.filter((c) => c.wb_run_id?.endsWith('/agent001'));
  const version = op.op_name.split(':').at(-1);
  const name = 'SupportAgent.answer';
  const both = (a, b) => new Set([...a, ...b]).size;
  for (const [filters, expected] of [
    [{op_name: name}, ofOp.length],
    [{op_names: [name]}, ofOp.length],
    [{op_name: `${name}:${version}`}, ofOp.length],
    [{op_name: `${name}:*`}, ofOp.length],
    [{op_name: op.op_name}, ofOp.length],
    [{op_name: op.op_name.replace(/:[^:]*$/, '')}, ofOp.length],
    [{op_name: {$eq: name}}, ofOp.length],
    [{op_name: {$regex: '^SupportAgent\\.answer$'}}, ofOp.length],
    [{op_name: {$ne: name}}, calls.length - ofOp.length],
    [{op_name: [name, 'correctness']}, ofOp.length + calls.filter(
      (c) => c.op_name.includes('/op/correctness:')).length],
    [{$not: {op_name: name}}, calls.length - ofOp.length],
    [{wb_run_id: 'agent001'}, ofRun.length],
    [{wb_run_ids: ['agent001']}, ofRun.length],
    [{wb_run_id: 'alice/support-bot/agent001'}, ofRun.length],
    [{wb_run_id: '*agent*'}, ofRun.length],
    [{wb_run_id: {$in: ['agent001', 'other']}}, ofRun.length],
    [{$or: [{wb_run_id: 'agent001'}, {op_name: name}]}, both(ofRun, ofOp)],
  ])
    test(JSON.stringify(filters), async () => {
      assert.ok(expected > 0);
      const answer = await ask('count_weave_traces_tool', {filters});
      assert.equal(answer.total_count, expected);
    });
});

describe('an empty answer says what there is', () => {
  const newest = [...calls].sort((a, b) => b.started_at - a.started_at)
    .slice(0, 200);
  const short = (c) => /\/op\/([^:]*)/.exec(c.op_name)[1];
  const top = (values) => [...Map.groupBy(
    values.filter((v) => v !== null && v !== undefined), (v) => v)]
    .sort((a, b) => b[1].length - a[1].length).map(([v]) => v).slice(0, 15);
  const none = async (filters) => {
    const {metadata, traces} = await ask('query_weave_traces_tool', {filters});
    assert.deepEqual(traces, []);
    assert.equal(metadata.total_matching_count, 0);
    assert.equal(metadata.has_more, false);
    const counted = await ask('count_weave_traces_tool', {filters});
    assert.deepEqual(counted.nothing_matched, metadata.nothing_matched);
    return metadata.nothing_matched;
  };

  test('op names, as filters take them', async () => {
    const said = await none({op_name: 'SupportAgent.reply'});
    assert.equal(said.calls_looked_at, 200);
    assert.deepEqual([...said.known_values.op_name].sort(),
                     top(newest.map(short)).sort());
  });

  test('states, threads and runs, in any place of the filters', async () => {
    const said = await none({$and: [
      {status: 'error', wb_run_id: 'no-such-run'},
      {$or: [{thread_id: 'no-such-thread'}, {has_exception: true}]}]});
    assert.deepEqual([...said.known_values.status].sort(),
                     top(newest.map(statusOf)).sort());
    assert.equal(said.known_values.thread_id.length, 15);
    for (const id of said.known_values.thread_id)
      assert.ok(newest.some((c) => c.thread_id === id));
    assert.deepEqual(said.known_values.wb_run_id,
                     top(newest.map((c) => c.wb_run_id)));
  });

  test('times and latencies as ranges', async () => {
    const said = await none({time_range: {start: '2001-01-01',
                                          end: '2001-01-02'},
                             latency: {$gt: 1e9}});
    const starts = newest.map((c) => c.started_at);
    assert.equal(Date.parse(said.known_values.started_at.most),
                 Math.max(...starts));
    assert.equal(said.known_values.latency_ms.most, Math.max(...newest
      .filter((c) => c.ended_at).map((c) => c.ended_at - c.started_at)));
  });

  test('values of a path, and the paths where there is none such', async () => {
    const said = await none({attributes: {env: 'test', 'cfg.modell': 'gpt'}});
    assert.deepEqual([...said.known_values['attributes.env'] ?? []].sort(),
                     top(newest.map((c) => c.attributes.env)).sort());
    assert.ok(said.known_paths.attributes.includes('weave.source'));
  });

  test('root calls alone, where the filters ask for roots', async () => {
    const said = await none({trace_roots_only: true, op_name: 'rerank'});
    assert.match(said.note, /trace_roots_only/);
    assert.ok(!said.known_values.op_name.includes('rerank'));
  });

  test('ids have no values to list', async () => {
    assert.deepEqual(await none({call_ids: ['no-such-call']}),
                     {note: 'No call matches all of the filters.'});
  });

  test('a project without calls is said to be one', async () => {
    for (const filters of [null, {status: 'error'}]) {
      const {metadata} = await ask('query_weave_traces_tool', {
        project_name: 'empty-project', filters});
      assert.match(metadata.nothing_matched.note, /no Weave calls/);
    }
  });
});

test('an evaluation that is not there is answered with those that are',
     async () => {
  const {known_names: known, count} = await ask('summarize_evaluation_tool',
                                                {eval_name: 'weekly'});
  assert.equal(count, 0);
  assert.deepEqual([...known].sort(), ['support-eval', ...calls
    .filter((c) => c.op_name.includes('/Evaluation.evaluate:'))
    .map((c) => c.display_name)].sort());
});
