// What the run tools say of the seeded runs, against the rows themselves:
// nothing here is computed by the server's code.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openSession} from './support/mcp.js';
import {structured} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();
const alice = await openSession(it.url, it.by.alice.api_key);
const project = it.standin.data.projects.get('alice/vision-baselines');
const runs = [...project.runs.values()];
const here = {entity_name: 'alice', project_name: 'vision-baselines'};

async function ask(tool, args) {
  const result = await alice.call(tool, {...here, ...args});
  const answer = structured(result);
  assert.ok(!result.isError, answer.message);
  return answer;
}

const logged = (run, key) =>
  run.rows().filter((row) => row[key] !== undefined);

test('every state is counted', async () => {
  const {run_count: total, state_counts: counts} =
    await ask('probe_project_tool');
  const tally = {};
  for (const run of runs)
    tally[run.state] = (tally[run.state] ?? 0) + 1;
  assert.ok(tally.killed);
  for (const [state, count] of Object.entries(tally))
    assert.equal(counts[state], count, state);
  assert.equal(total, runs.length);
  assert.equal(Object.values(counts).reduce((a, b) => a + b), total);
});

test('the recommended metrics were logged over steps', async () => {
  const {recommended_next_calls: calls} =
    await ask('probe_project_tool', {sample_runs: 50});
  const {run_id: id, keys} = calls[0].parameters;
  assert.ok(keys.length > 0);
  for (const key of keys)
    assert.ok(logged(project.runs.get(id), key).length > 0, key);
});

test('a run that is over is not training', async () => {
  for (const run of runs) {
    const {diagnosis, loss_stats: stats} =
      await ask('diagnose_run_tool', {run_id: run.name});
    if (run.state !== 'running')
      assert.notEqual(diagnosis, 'training', run.name);
    if (!stats)
      continue;
    const values = run.rows().map((row) => row[stats.key])
      .filter(Number.isFinite);
    assert.equal(stats.values_judged, values.length, run.name);
    assert.ok(Math.abs(stats.min_value - Math.min(...values)) < 1e-6, run.name);
    assert.equal(stats.total_steps, run.rows().at(-1)._step);
  }
});

test('the first step of what is no number is found, and a spike', async () => {
  const run = project.runs.get('nanloss1');
  const answer = await ask('diagnose_run_tool', {run_id: run.name});
  assert.equal(answer.diagnosis, 'diverging');
  assert.equal(answer.trends.loss.trend, 'non_finite');
  assert.equal(answer.trends.loss.last, 'NaN');
  for (const key of ['loss', 'grad_norm', 'log_prob']) {
    const odd = logged(run, key).filter((row) => !Number.isFinite(row[key]));
    const warning = answer.nan_warnings[key];
    assert.equal(warning.nan_count, odd.length, key);
    assert.equal(warning.total, logged(run, key).length, key);
    assert.equal(warning.first_step, odd[0]._step, key);
    assert.equal(warning.first_value, String(odd[0][key]), key);
    assert.equal(warning.all_values, true);
  }
  const peak = logged(run, 'grad_norm')
    .filter((row) => Number.isFinite(row.grad_norm))
    .reduce((a, b) => (b.grad_norm > a.grad_norm ? b : a));
  assert.deepEqual(answer.spikes.grad_norm.largest,
                   {step: peak._step, value: peak.grad_norm});
  assert.equal(answer.spikes.grad_norm.count, 1);
});

test('extremes of a long run are its own, not its samples\'', async () => {
  const run = project.runs.get('longrun1');
  const answer = await ask('diagnose_run_tool', {run_id: run.name});
  const {lowest, highest, all_values: all} = answer.trends.loss;
  assert.equal(all, true);
  const by = run.rows().toSorted((a, b) => a.loss - b.loss);
  assert.equal(lowest.value, by[0].loss);
  assert.equal(run.rows()[lowest.step].loss, by[0].loss);
  assert.equal(highest.value, by.at(-1).loss);
  assert.equal(answer.rows_covered, run.rows().length);
});

test('overfitting is told from two losses that rise', async () => {
  const judged = async (id) =>
    (await ask('diagnose_run_tool', {run_id: id})).overfit_signal;
  assert.equal((await judged('diverge1')).detected, false);
  const signal = await judged('overfit1');
  assert.equal(signal.detected, true);
  const turn = project.runs.get('overfit1').rows()
    .reduce((a, b) => (b['val/loss'] < a['val/loss'] ? b : a));
  assert.deepEqual(signal.val_loss_lowest,
                   {step: turn._step, value: turn['val/loss']});
});

test('all rows of an epoch are found', async () => {
  const run = project.runs.get('healthy1');
  for (const args of [{}, {keys: ['loss']}]) {
    const answer = await ask('get_run_history_tool', {
      run_id: run.name, x_axis: 'epoch', target_x: 3, ...args});
    const wanted = run.rows().filter((row) => row.epoch === 3);
    assert.equal(wanted.length, 100);
    assert.deepEqual(answer.rows.map((row) => row._step),
                     wanted.map((row) => row._step));
    assert.equal(answer.exact, true);
    assert.equal(answer.matching_rows, 100);
    assert.equal(answer.matching_rows_exact, true);
    assert.equal(answer.truncated, false);
  }
});

test('what is called exact is all there is', async () => {
  for (const run of runs.filter((r) => r.rows().length > 0))
    for (const samples of [20, 1000]) {
      const answer = await ask('get_run_history_tool', {
        run_id: run.name, keys: ['loss'], samples});
      const all = logged(run, 'loss');
      assert.equal(answer.exact,
                   answer.rows.length === all.length && !answer.truncated,
                   `${run.name} ${samples}`);
      if (answer.matching_rows_exact)
        assert.equal(answer.matching_rows, all.length, run.name);
    }
});
