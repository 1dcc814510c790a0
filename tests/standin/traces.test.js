import assert from 'node:assert/strict';
import {test} from 'node:test';
import {compile} from './traces/query.js';
import {CallStore} from './traces/store.js';
import {standin} from './testing.js';

const it = standin();
const bot = {project_id: 'alice/support-bot'};
const get = (name) => ({$getField: name});
const is = (value) => ({$literal: value});
const to = (input, type) => ({$convert: {input, to: type}});
const has = (name, substr, rest) =>
  ({$contains: {input: get(name), substr: is(substr), ...rest}});
const not = (inner) => ({$not: [inner]});

test('the query language', async (t) => {
  const store = new CallStore({entityName: 'e', name: 'p'}, [{
    id: 'c1', op_name: 'weave:///e/p/op/Ask:1', trace_id: 't', parent_id: null,
    started_at: Date.parse('2025-02-01T00:00:00Z'),
    ended_at: Date.parse('2025-02-01T00:00:00.250Z'), exception: null,
    attributes: {n: 3, flag: true, text: '7', 'a.b': {c: 'deep'}, none: null},
    inputs: {q: 'Refund, please', list: ['x', 'y']}, output: {a: 'ok'},
    summary: {}, display_name: null,
  }, {
    id: 'c2', op_name: 'weave:///e/p/op/Ask:1', trace_id: 't2',
    parent_id: null, started_at: Date.parse('2025-02-02T00:00:00Z'),
    ended_at: null, exception: 'E: boom', attributes: {}, inputs: {},
    output: null, summary: {}, display_name: 'Named',
  }]);
  const at = 1738368000; // the start of c1
  const latency = get('summary.weave.latency_ms');
  const cases = [
    [{$eq: [get('id'), is('c1')]}, 'c1'],
    [{$eq: [get('summary.weave.status'), is('success')]}, 'c1'],
    [{$eq: [get('summary.weave.status'), is('error')]}, 'c2'],
    [{$gt: [get('attributes.n'), is(2)]}, 'c1'],
    [{$gte: [get('attributes.n'), is(3)]}, 'c1'],
    [{$gt: [get('attributes.n'), is(3)]}, ''],
    [{$eq: [get('attributes.text'), is(7)]}, 'c1'],
    [{$eq: [get('attributes.flag'), is(true)]}, 'c1'],
    [{$eq: [get('attributes.flag'), is(1)]}, ''],
    [{$eq: [get('attributes.a.b.c'), is('deep')]}, 'c1'],
    // A missing value is unknown, and unknown stays so when negated.
    [{$gte: [latency, is(250)]}, 'c1'],
    [not({$gte: [latency, is(251)]}), 'c1'],
    [not({$eq: [get('attributes.n'), is(4)]}), 'c1'],
    [{$or: [{$gt: [latency, is(1e9)]}, {$eq: [get('id'), is('c2')]}]}, 'c2'],
    [{$and: [{$gt: [latency, is(1)]}, {$eq: [get('id'), is('c2')]}]}, ''],
    [{$eq: [get('exception'), is(null)]}, 'c1'],
    [not({$eq: [get('exception'), is(null)]}), 'c2'],
    [{$eq: [get('attributes.none'), is(null)]}, 'c1,c2'],
    [{$eq: [to(get('attributes.n'), 'double'), is(3)]}, 'c1'],
    [{$eq: [to(get('attributes.text'), 'int'), is(7)]}, 'c1'],
    [{$eq: [to(get('attributes.flag'), 'double'), is(1)]}, ''],
    [{$eq: [to(get('attributes.flag'), 'bool'), is(true)]}, 'c1'],
    [{$eq: [to(get('attributes.n'), 'string'), is('3')]}, 'c1'],
    [{$eq: [to(get('attributes.n'), 'exists'), is(false)]}, 'c2'],
    [has('inputs.q', 'refund'), ''],
    [has('inputs.q', 'refund', {case_insensitive: true}), 'c1'],
    [has('inputs', '"y"'), 'c1'],
    [has('display_name', 'Name'), 'c2'],
    [{$in: [get('id'), [is('c2'), is('c9')]]}, 'c2'],
    [{$gte: [get('started_at'), is(at)]}, 'c1,c2'],
    [{$gt: [get('started_at'), is(at)]}, 'c2'],
    [not({$gte: [get('started_at'), is(at + 1)]}), 'c1'],
    [{$gt: [get('started_at'), is('2025-02-01T12:00:00Z')]}, 'c2'],
  ];
  for (const [expr, ids] of cases)
    await t.test(JSON.stringify(expr), () => {
      const passes = compile({$expr: expr});
      assert.equal(store.calls.filter((c) => passes(store.view(c)))
        .map((c) => c.id).join(), ids);
    });
});

test('what the grammar lacks is refused', async (t) => {
  const field = get('inputs.n');
  const cases = [
    {$expr: {$lt: [field, is(1)]}},
    {$expr: {$lte: [field, is(1)]}},
    {$expr: {$ne: [field, is(1)]}},
    {$expr: {$regex: [field, is('a')]}},
    {$expr: {$eq: [field, {}]}},
    {$expr: {$eq: [field]}},
    {$expr: {$eq: [field, is(1)], $gt: [field, is(2)]}},
    {$expr: {$eq: [field, 1]}},
    {$expr: {$not: {$eq: [field, is(1)]}}},
    {$expr: {$not: []}},
    {$expr: {$in: [field, is(1)]}},
    {$expr: {$contains: {input: field}}},
    {$expr: {$contains: {input: field, substr: is('a'), flags: 'i'}}},
    {$expr: {$eq: [{$convert: {input: field, to: 'float'}}, is(1)]}},
    {$expr: {$and: [{$getFeild: 'x'}]}},
    {$expr: {}},
    {$eq: [field, is(1)]},
    {},
  ];
  for (const query of cases)
    await t.test(JSON.stringify(query), async () => {
      for (const answer of [await it.calls({...bot, query}),
                            await it.count({...bot, query})]) {
        assert.equal(answer.status, 422);
        assert.equal(answer.detail[0].loc[0], 'body');
      }
    });
});

test('requests are typed strictly', async (t) => {
  const cases = [
    [{...bot, order: 'asc'}, 422],
    [{}, 422],
    [[], 422],
    ['{', 422],
    [{...bot, limit: '5'}, 422],
    [{...bot, limit: 1.5}, 422],
    [{...bot, offset: -1}, 422],
    [{...bot, include_costs: 'yes'}, 422],
    [{...bot, columns: 'id'}, 422],
    [{...bot, filter: {op_names_prefix: ['x']}}, 422],
    [{...bot, filter: {trace_ids: 'x'}}, 422],
    [{...bot, filter: {call_ids: [7]}}, 422],
    [{...bot, filter: {call_ids: Array(1001).fill('x')}}, 422],
    [{...bot, sort_by: [{field: 'started_at', direction: 'sideways'}]}, 422],
    [{...bot, sort_by: [{field: 'started_at'}]}, 422],
    [{...bot, sort_by: [{field: 'status', direction: 'asc'}]}, 400],
    [{...bot, columns: ['id', 'latency_ms']}, 400],
    [{...bot, query: {$expr: {$eq: [get('costs'), is(1)]}}}, 400],
    [{project_id: 'alice/nothing'}, 404],
  ];
  for (const [body, status] of cases)
    await t.test(JSON.stringify(body).slice(0, 80), async () =>
      assert.equal((await it.calls(body)).status, status));
});

test('a foreign project looks exactly like a missing one', async () => {
  const theirs = await it.calls({project_id: 'carol/support-bot'});
  const none = await it.calls({project_id: 'carol/nothing-here'});
  assert.equal(theirs.status, 404);
  assert.equal(theirs.detail.replace('support-bot', ''),
               none.detail.replace('nothing-here', ''));
});

test('counts agree with rows, by every kind of filter', async (t) => {
  const [root] = await it.calls({...bot, limit: 1, filter: {
    trace_roots_only: true}});
  const cases = [
    {trace_roots_only: true},
    {trace_ids: [root.trace_id]},
    {parent_ids: [root.id]},
    {call_ids: [root.id, 'missing']},
    {op_names: [root.op_name]},
    {op_names: [root.op_name.replace(/:[^:]*$/, ':*')]},
    {thread_ids: [root.thread_id]},
    {wb_run_ids: ['alice/support-bot/agent001'], trace_roots_only: true},
    {trace_roots_only: false},
    {trace_ids: []},
  ];
  for (const filter of cases)
    await t.test(JSON.stringify(filter), async () => {
      const rows = await it.calls({...bot, filter});
      const {count} = await it.count({...bot, filter});
      assert.ok(count > 0);
      assert.equal(rows.length, count);
    });
  assert.equal((await it.count({...bot, limit: 7})).count, 7);
  const {total_storage_size_bytes: bytes} = await it.count(
    {...bot, include_total_storage_size: true});
  assert.ok(bytes > 100_000);
});

test('pages of a sorted query join without gap or repeat', async () => {
  const sort_by = [{field: 'attributes.env', direction: 'desc'},
                   {field: 'started_at', direction: 'asc'}];
  const filter = {trace_roots_only: true};
  const whole = await it.calls({...bot, filter, sort_by});
  const pages = [];
  for (let offset = 0; offset < whole.length; offset += 250)
    pages.push(...await it.calls({...bot, filter, sort_by, offset,
                                  limit: 250}));
  assert.deepEqual(pages.map((c) => c.id), whole.map((c) => c.id));
  assert.equal(whole[0].attributes.env, 'staging');
  assert.ok(whole[0].started_at < whole[1].started_at);
  assert.equal(whole.at(-1).attributes.env, undefined);
});

test('a column brings its whole base, and the required ones come along',
  async () => {
    const [row] = await it.calls({
      ...bot, limit: 1, columns: ['inputs.question', 'summary.weave.status'],
      include_costs: true, include_feedback: true,
      filter: {trace_roots_only: true}});
    assert.ok(row.id && row.trace_id && row.op_name && row.started_at);
    assert.ok('customer' in row.inputs);
    assert.deepEqual(row.attributes, {});
    assert.equal(row.output, null);
    assert.ok(Array.isArray(row.summary.weave.feedback));
  });

test('costs and feedback appear only when asked for', async () => {
  const filter = {trace_roots_only: true};
  const plain = await it.calls({...bot, filter});
  assert.ok(plain.every((c) => !('costs' in c.summary.weave)
                        && !('feedback' in c.summary.weave)));
  const rich = await it.calls({...bot, filter, include_costs: true,
                               include_feedback: true});
  const [costs] = rich.map((c) => c.summary.weave.costs?.['gpt-4o'])
    .filter(Boolean);
  assert.equal(costs.prompt_tokens_total_cost, costs.prompt_tokens * 2.5e-6);
  assert.equal('total_cost' in costs, false);
  assert.ok(rich.some((c) => c.summary.weave.feedback.length > 0));
});

test('all four statuses occur, and latency is absent while running',
  async () => {
    const rows = await it.calls({...bot, filter: {trace_roots_only: true}});
    const seen = new Set(rows.map((c) => c.summary.weave.status));
    assert.deepEqual([...seen].sort(),
                     ['descendant_error', 'error', 'running', 'success']);
    for (const call of rows)
      assert.equal(call.summary.weave.status === 'running',
                   call.summary.weave.latency_ms === undefined);
  });

test('an evaluation has its scores in its output, and rows that failed below',
  async () => {
    const [evaluation] = await it.calls({...bot, limit: 1, query: {
      $expr: has('op_name', 'Evaluation.evaluate')}});
    assert.ok(evaluation.output.correctness.correct.true_fraction > 0);
    assert.ok(evaluation.output.similarity.mean > 0);
    const children = await it.calls({...bot, filter: {
      parent_ids: [evaluation.id]}});
    const rows = children.filter(
      (c) => c.op_name.includes('/Evaluation.predict_and_score:'));
    assert.equal(rows.length, 40);
    assert.equal(children.length, 41);
    assert.ok(children.some((c) => c.op_name.includes('.summarize:')));
    const failed = rows.filter(
      (c) => c.summary.weave.status === 'descendant_error');
    assert.ok(failed.length > 0 && failed.every((c) => c.exception === null));
  });

test('errors below a call count as far as its client counted them',
  async () => {
    const project_id = 'dave/first-steps';
    const call = (id, rest) => [
      {mode: 'start', req: {start: {
        project_id, id, trace_id: 'm0', parent_id: id === 'm0' ? null : 'm0',
        op_name: 'weave:///x/op/g:1', started_at: '2025-07-01T00:00:00Z',
        attributes: {}, inputs: {}}}},
      {mode: 'end', req: {end: {
        project_id, id, ended_at: '2025-07-01T00:00:01Z', output: null,
        ...rest}}}];
    for (const [summary, status] of [
      [{}, 'success'], [{status_counts: {error: 1}}, 'descendant_error']]) {
      await it.post('/traces/call/upsert_batch', {batch: [
        ...call('m0', {summary}),
        ...call('m1', {summary: {}, exception: 'boom'})]}, {as: 'dave'});
      const shown = await it.calls(
        {project_id, filter: {trace_ids: ['m0']}}, 'dave');
      const of = (id) => shown.find((c) => c.id === id).summary.weave.status;
      assert.equal(of('m0'), status);
      assert.equal(of('m1'), 'error');
    }
  });

test('calls that a client writes can be queried', async () => {
  const project_id = 'dave/first-steps';
  const start = {
    project_id, id: 'k1', trace_id: 'k1', op_name: 'weave:///x/op/f:1',
    started_at: '2025-07-01T00:00:00Z', attributes: {}, inputs: {a: 1}};
  const end = {project_id, id: 'k1', ended_at: '2025-07-01T00:00:01Z',
               output: 2, summary: {}};
  const written = await it.post('/traces/call/upsert_batch', {batch: [
    {mode: 'start', req: {start}}, {mode: 'end', req: {end}}]}, {as: 'dave'});
  assert.equal(written.status, 200);
  const noted = await it.post('/traces/feedback/create', {
    project_id, weave_ref: `weave:///${project_id}/call/k1`,
    feedback_type: 'wandb.note.1', payload: {note: 'good'}}, {as: 'dave'});
  assert.equal(noted.status, 200);
  const [call] = await it.calls({project_id, include_feedback: true}, 'dave');
  assert.equal(call.summary.weave.latency_ms, 1000);
  assert.equal(call.summary.weave.feedback[0].payload.note, 'good');
  const foreign = await it.post('/traces/call/start', {start}, {as: 'alice'});
  assert.equal(foreign.status, 404);
});
