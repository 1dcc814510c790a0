// The official JavaScript client of Weave, as npm has it, writes into the
// stand-in: ops in ops, failures, scores as feedback, and evaluations in both
// of its ways. What the trace tools then report must be what it wrote.

import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import {before, describe, mock, test} from 'node:test';
import {openSession} from './support/mcp.js';
import {within} from './support/server.js';
import {structured} from './support/tools.js';
import {world} from './support/world.js';

const entity = 'alice';
const project = 'empty-project';
const args = (more = {}) => ({entity_name: entity, project_name: project,
                              ...more});

const it = await world();
const session = await openSession(it.url, it.by.alice.api_key);
async function ask(name, more) {
  const result = await session.call(name, args(more));
  assert.ok(!result.isError, result.content[0].text);
  return structured(result);
}

/// What was written, in our own bookkeeping.
const written = {
  calls: 0, // all of them
  answers: [], // {call, trace, fails, question}: roots
  lookups: [], // {call, trace}: below them
  tokens: {prompt_tokens: 0, completion_tokens: 0, total_tokens: 0},
  hosts: new Set(), // whom the client looked for or connected to
};

const cities = ['Paris', 'Rome', 'Oslo', 'Bern', 'Lima', 'Cairo', 'Quito'];
const rows = cities.map((city, i) => ({question: `Which city is ${i}?`,
                                       expected: city}));
/// Of the rows, the model fails at one and is wrong at two.
const fails = (question) => question.includes(' 3?');
const answerTo = ({question, expected}) =>
  (/ [15]\?/.test(question) ? 'Atlantis' : expected);

async function writeAnswers(weave) {
  const here = () => {
    ++written.calls;
    const {callId: call, traceId: trace} = weave.requireCurrentCallStackEntry();
    return {call, trace};
  };
  const lookUp = weave.op(async function lookUp({question}) {
    written.lookups.push(here());
    if (question.endsWith('5?'))
      throw new RangeError(`nothing known of ${question}`);
    return {documents: ['atlas.md', 'gazetteer.md'].slice(question.length % 2),
            score: question.length / 100};
  }, {parameterNames: 'useParam0Object'});
  const complete = weave.op(async function complete({question}) {
    here();
    return {text: `About ${question}`, tokens: question.length};
  }, {
    parameterNames: 'useParam0Object',
    summarize: ({tokens}) => {
      const usage = {prompt_tokens: tokens, completion_tokens: 7,
                     total_tokens: tokens + 7};
      for (const [name, n] of Object.entries(usage))
        written.tokens[name] += n;
      return {usage: {'gpt-4o-mini': usage}};
    },
  });
  const answer = weave.op(async function answer({question, city}) {
    written.answers.push({...here(), question,
                          fails: question.endsWith('5?')});
    await lookUp({question});
    return complete({question, city: {name: city, known: true}});
  }, {parameterNames: 'useParam0Object'});
  for (let i = 0; i < 12; ++i)
    await weave.withAttributes({env: i % 3 ? 'production' : 'staging'},
      () => answer({question: `Is it number ${i}?`, city: cities[i % 7]})
        .catch((error) => assert.ok(error instanceof RangeError)));
}

async function writeEvaluation(weave) {
  const model = weave.op(async function atlas({datasetRow}) {
    ++written.calls;
    if (fails(datasetRow.question))
      throw new Error('the atlas is closed');
    return answerTo(datasetRow);
  }, {summarize: () => ({usage: {'gpt-4o': {
    prompt_tokens: 20, completion_tokens: 4, total_tokens: 24}}})});
  const exact = weave.op(function exact({datasetRow, modelOutput}) {
    ++written.calls;
    return modelOutput === datasetRow.expected;
  });
  const judge = weave.op(function judge({modelOutput}) {
    ++written.calls;
    return {plausible: modelOutput !== 'Atlantis', length: modelOutput.length};
  });
  const evaluation = new weave.Evaluation({
    name: 'capital-cities', scorers: [exact, judge],
    dataset: new weave.Dataset({name: 'capital-questions', rows})});
  const results = await evaluation.evaluate({model, maxConcurrency: 2});
  written.calls += 1 + rows.length; // evaluate, and predictAndScore by row
  return results;
}

async function writeLoggedEvaluation(weave) {
  const log = new weave.EvaluationLogger({
    name: 'hand-logged', model: {name: 'by-hand'}, dataset: 'three-rows'});
  written.calls += 2; // evaluate and summarize
  for (const [i, good] of [true, false, true].entries()) {
    const prediction = await log.logPredictionAsync({row: i}, `output ${i}`);
    await prediction.logScore('good', good);
    await prediction.logScore('quality', i / 4);
    await prediction.finish();
    written.calls += 4; // predict_and_score, predict, and a call by score
  }
  await log.logSummary();
}

before(async () => {
  const noise = ['log', 'warn', 'error'].map(
    (name) => mock.method(console, name, () => {}));
  const connecting = ({socket}) => socket
    .on('lookup', (error, address, family, host) => written.hosts.add(host))
    .once('connect', () => written.hosts.add(socket.remoteAddress));
  diagnostics.subscribe('net.client.socket', connecting);
  process.env.WANDB_API_KEY = it.by.alice.api_key;
  process.env.WF_TRACE_SERVER_URL = `${it.standin.url}/traces`;
  const {default: weave} = await import('weave');
  const client = await weave.init(`${entity}/${project}`,
                                  {printCallLink: false});
  await writeAnswers(weave);
  written.results = await writeEvaluation(weave);
  await writeLoggedEvaluation(weave);
  await within(client.waitForBatchProcessing(), 'the last batch');
  diagnostics.unsubscribe('net.client.socket', connecting);
  noise.forEach((muted) => muted.mock.restore());
});

test('the client spoke to the stand-in alone, and was never refused',
     async () => {
  assert.deepEqual([...written.hosts], ['127.0.0.1']);
  const writes = (await it.standin.requests()).filter(
    (r) => r.path.startsWith('/traces/') && !r.path.startsWith('/traces/calls/'));
  assert.ok(writes.length > 5);
  assert.deepEqual([...new Set(writes.map((r) => r.status))], [200]);
});

test('the counts are those of the calls written', async () => {
  const answer = await ask('count_weave_traces_tool');
  assert.equal(answer.total_count, written.calls);
  // The answers, and two evaluations.
  assert.equal(answer.root_traces_count, written.answers.length + 2);
  const failed = await ask('count_weave_traces_tool', {
    filters: {op_name_contains: '/op/answer:', has_exception: true}});
  assert.equal(failed.total_count, written.answers.filter((a) => a.fails).length);
  const staging = await ask('count_weave_traces_tool', {
    filters: {attributes: {env: 'staging'}, trace_roots_only: true}});
  assert.equal(staging.total_count, 4);
});

test('a trace reads as it was written', async () => {
  const {answers} = written;
  const good = answers.find((a) => !a.fails);
  const {metadata, traces} = await ask('query_weave_traces_tool', {
    filters: {trace_id: good.trace}, sort_by: 'started_at',
    sort_direction: 'asc', include_costs: true});
  assert.equal(metadata.total_matching_count, 3);
  const [root] = traces.filter((c) => c.parent_id === null);
  assert.equal(root.id, good.call);
  assert.deepEqual(new Set(traces.map((c) => c.parent_id)),
                   new Set([null, good.call]));
  assert.equal(root.inputs.question, good.question);
  assert.equal(root.output.text, `About ${good.question}`);
  assert.equal(root.attributes.weave.source, 'js-sdk');
  assert.equal(root.summary.usage['gpt-4o-mini'].prompt_tokens,
               good.question.length);
  assert.equal(root.summary.weave.status, 'success');

  const bad = answers.find((a) => a.fails);
  const failed = await ask('query_weave_traces_tool', {
    filters: {trace_id: bad.trace}, columns: ['op_name', 'status', 'exception']});
  assert.equal(failed.traces.length, 2);
  for (const call of failed.traces) {
    assert.equal(call.status, 'error');
    assert.equal(call.exception, `nothing known of ${bad.question}`);
  }
});

test('statistics count every answer', async () => {
  const {metadata} = await ask('query_weave_traces_tool', {
    filters: {op_name_contains: '/op/answer:'}, metadata_only: true});
  const bad = written.answers.filter((a) => a.fails).length;
  assert.equal(metadata.total_traces, 12);
  assert.deepEqual(metadata.op_distribution, {answer: 12});
  assert.equal(metadata.status_summary.error, bad);
  assert.equal(metadata.status_summary.success, 12 - bad);
});

test('scores come back as feedback', async () => {
  const {traces} = await ask('query_weave_traces_tool', {
    filters: {op_name_contains: 'Model.predict'}, columns: ['output', 'feedback'],
    sort_direction: 'asc'});
  assert.equal(traces.length, 3);
  traces.forEach((call, i) => {
    assert.equal(call.output, `output ${i}`);
    assert.deepEqual(
      call.feedback.map((f) => [f.feedback_type, f.payload.output]).sort(),
      [['wandb.runnable.good', i !== 1], ['wandb.runnable.quality', i / 4]]);
  });
});

test('the children\'s traces resolve to the roots that called them',
     async () => {
  const ids = written.lookups.map((c) => c.trace);
  assert.equal(ids.length, 12);
  const answer = await ask('resolve_trace_roots_tool',
                           {trace_ids: [...ids, 'nowhere']});
  assert.equal(answer.resolved, 12);
  assert.deepEqual(answer.unresolved, ['nowhere']);
  for (const {trace, call} of written.answers) {
    assert.equal(answer.roots[trace].id, call);
    assert.match(answer.roots[trace].op_name,
                 /^weave:\/\/\/alice\/empty-project\/op\/answer:/);
  }
});

test('the schema has the paths, types and values that were written',
     async () => {
  const answer = await ask('infer_trace_schema_tool',
                           {sample_size: 500, top_n_values: 20});
  assert.equal(answer.total_traces, written.calls);
  assert.equal(answer.sample_size, written.calls);
  assert.equal(answer.sample_scope.project_exhaustive, true);
  const field = (path) => {
    const found = answer.fields.find((f) => f.path === path);
    assert.ok(found, `${path} is among ${answer.fields.map((f) => f.path)}`);
    return found;
  };
  assert.equal(field('id').non_null_count, written.calls);
  assert.equal(field('started_at').type, 'datetime');
  const good = written.answers.filter((a) => !a.fails).length;
  assert.equal(field('inputs.question').non_null_count, 12 + 12 + good);
  assert.equal(field('output.documents').type, 'array');
  assert.deepEqual([...field('output.documents[]').top_values].sort(),
                   ['atlas.md', 'gazetteer.md']);
  assert.equal(field('inputs.city.known').type, 'boolean');
  assert.deepEqual(field('inputs.city.known').top_values, ['true']);
  assert.deepEqual([...field('attributes.env').top_values].sort(),
                   ['production', 'staging']);
  assert.equal(field('exception').non_null_count,
               2 * (12 - good) + rows.filter((r) => fails(r.question)).length);
});

describe('evaluations', () => {
  test('one that the client ran is summed up as it reported it', async () => {
    const answer = await ask('summarize_evaluation_tool',
                             {eval_name: 'capital-cities',
                              include_per_task: true});
    assert.equal(answer.count, 1);
    const [e] = answer.evaluations;
    const bad = rows.filter((r) => fails(r.question)).length;
    assert.equal(e.evaluation, 'capital-cities');
    assert.match(e.display_name, /capital-cities_atlas/);
    assert.equal(e.total_predictions, rows.length);
    assert.equal(e.errors, bad);
    assert.equal(e.successes, rows.length - bad);
    assert.equal(e.error_rate, Math.round(bad / rows.length * 1e4) / 1e4);
    assert.equal(e.aggregate_scope, 'exhaustive');
    const {model_success, model_latency, model_output, ...scores} =
      written.results;
    assert.equal(model_output, undefined, 'texts have no summary');
    assert.deepEqual(e.scores, scores);
    assert.equal(e.scores.exact.true_count,
                 rows.filter((r) => !fails(r.question)
                             && answerTo(r) === r.expected).length);
    assert.deepEqual(e.model_success, model_success);
    assert.deepEqual(e.model_latency, model_latency);
    assert.deepEqual(e.token_usage, {
      prompt_tokens: 20 * (rows.length - bad),
      completion_tokens: 4 * (rows.length - bad),
      total_tokens: 24 * (rows.length - bad)});
    assert.equal(e.per_task.length, rows.length);
    assert.equal(e.per_task.filter((task) => task.failed).length, bad);
    assert.equal(
      e.per_task.filter((task) => task.scores?.exact).length,
      e.scores.exact.true_count);
  });

  test('one that a program logged by hand is summed up as well', async () => {
    const {evaluations: [e]} = await ask('summarize_evaluation_tool',
                                         {eval_name: 'hand-logged'});
    assert.equal(e.evaluation, 'hand-logged');
    assert.equal(e.model, 'by-hand');
    assert.equal(e.total_predictions, 3);
    assert.equal(e.successes, 3);
    assert.deepEqual(e.scores, {
      good: {true_count: 2, true_fraction: 2 / 3}, quality: {mean: 0.25}});
  });

  test('both are found without a name, the newest first', async () => {
    const answer = await ask('summarize_evaluation_tool');
    assert.deepEqual(answer.evaluations.map((e) => e.evaluation),
                     ['hand-logged', 'capital-cities']);
    assert.equal(answer.total_count, 2);
    assert.equal(answer.project_exhaustive, true);
  });
});
