// What the first page suggests to ask can be answered: each question by the
// calls that a model would make, on the sample data.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openSession} from './support/mcp.js';
import {world} from './support/world.js';

const it = await world();
const session = await openSession(it.url, it.by.alice.api_key);

const vision = {entity_name: 'alice', project_name: 'vision-baselines'};
const support = {entity_name: 'alice', project_name: 'support-bot'};

/// What a tool answers; it must not be an error.
async function ask(name, args) {
  const result = await session.call(name, args);
  assert.notEqual(result.isError, true, JSON.stringify(result).slice(0, 800));
  return result.content.map((part) => part.text).join('\n');
}

const answers = {
  'Which five runs have the best accuracy, and with which settings?':
    async () => assert.match(await ask('query_wandb_tool', {
      ...vision, resource: 'runs', order: '-summary_metrics.accuracy',
      limit: 5, config_keys: ['lr', 'batch_size'],
      summary_keys: ['accuracy']}), /0\.969425/),
  'Is my last run diverging or overfitting?': async () => {
    assert.match(await ask('query_wandb_tool', {
      ...vision, resource: 'runs', order: '-created_at', limit: 1}), /sweep-/);
    assert.match(await ask('diagnose_run_tool', {
      ...vision, run_id: 'diverge1'}), /diverging/);
  },
  'Why is this run so much worse than that one?': async () =>
    assert.match(await ask('compare_runs_tool', {
      ...vision, run_id_a: 'healthy1', run_id_b: 'diverge1'}), /14\.621885/),
  'Which LLM calls failed, and with what error?': async () =>
    assert.match(await ask('query_weave_traces_tool', {
      ...support, filters: {status: 'error'}, limit: 3,
      columns: ['op_name', 'exception']}), /exception/),
  'How did the latest evaluation score against the one before?': async () =>
    assert.match(await ask('summarize_evaluation_tool', support), /score/),
  'What changed between the last two versions of my dataset?': async () =>
    assert.match(await ask('compare_artifact_versions_tool', {
      artifact_name_a: 'alice/vision-baselines/cifar-split:v0',
      artifact_name_b: 'alice/vision-baselines/cifar-split:v1'}), /README\.md/),
};

test('the questions of the first page are answered', async (t) => {
  const page = await (await fetch(new URL('/', it.url))).text();
  const list = /<ul class="questions">([\s\S]*?)<\/ul>/.exec(page)[1];
  const asked = [...list.matchAll(/<li>(.*?)<\/li>/g)].map((m) => m[1]);
  assert.deepEqual(asked.sort(), Object.keys(answers).sort());
  for (const question of asked)
    await t.test(question, answers[question]);
});
