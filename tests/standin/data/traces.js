// Seeded Weave calls: a support agent's conversations and its evaluations.
//
// Calls are made in the order a real agent would make them: a root `answer`
// with retrieval, reranking and completion below it.

import {random, round} from './random.js';
import {now} from './world.js';
import * as words from './words.js';

const models = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4'];

/// A maker of calls for `project`, remembering what it made.
function recorder(project, seed) {
  const r = random(`${project.entityName}/${project.name}/${seed}`);
  const calls = [];
  const digests = new Map();
  const opName = (op) => {
    if (!digests.has(op))
      digests.set(op, random(`op/${op}`).hex(40));
    return `weave:///${project.entityName}/${project.name}/op/${op}:`
      + digests.get(op);
  };
  return {
    r, calls,
    add(op, parent, start, ms, rest = {}) {
      const call = {
        id: r.uuid(),
        op_name: opName(op),
        display_name: null,
        trace_id: parent?.trace_id ?? r.uuid(),
        parent_id: parent?.id ?? null,
        started_at: start,
        ended_at: ms === null ? null : start + ms,
        attributes: {weave: {client_version: '0.51.40', source: 'python-sdk',
                             os_name: 'Linux'}},
        inputs: {},
        output: null,
        exception: null,
        summary: {},
        wb_user_id: words.creatorOf(project),
        wb_run_id: null,
        thread_id: parent?.thread_id ?? null,
        ...rest,
      };
      calls.push(call);
      return call;
    },
  };
}

const usage = (model, prompt, completion) => ({
  [model]: {requests: 1, prompt_tokens: prompt, completion_tokens: completion,
            total_tokens: prompt + completion},
});

/// `count` conversations spread over the last 30 days, newest last.
export function conversations(project, {count, canary, runId = null}) {
  const {r, calls, add} = recorder(project, 'conversations');
  const spacing = Math.floor(30 * 86400_000 / count);
  for (let i = 0; i < count; ++i) {
    const start = now - (count - i) * spacing + r.int(0, spacing - 1);
    const running = i >= count - 3;
    const topic = r.pick(words.topics);
    const question = r.pick(topic.questions);
    const model = r.pick(models);
    const total = r.int(400, 2500) + (r.chance(0.04) ? r.int(5000, 20_000) : 0);
    const fails = !running && r.chance(0.06);
    const swallowed = fails && r.chance(0.4);
    const root = add('SupportAgent.answer', null, start,
                     running ? null : total, {
      thread_id: `thread-${1 + (i % Math.ceil(count / 4))}`,
      wb_run_id: runId && i % 5 === 0
        ? `${project.entityName}/${project.name}/${runId}` : null,
      display_name: i % 40 === 7 ? `Escalation ${i}` : null,
      attributes: {
        weave: {client_version: '0.51.40', source: 'python-sdk'},
        env: r.chance(0.8) ? 'production' : 'staging',
        cfg: {model, temperature: round(r.next(), 2), stream: r.chance(0.5)},
        'release.tag': `2025.6.${1 + (i % 4)}`,
        canary,
      },
      inputs: {question, customer: {tier: r.pick(['free', 'pro', 'enterprise']),
                                    id: r.int(1000, 9999)}, canary},
      output: running || (fails && !swallowed) ? null
        : {answer: topic.answer, topic: topic.name,
           confidence: round(r.next(), 3)},
    });
    const prompt = r.int(200, 3000);
    const completion = r.int(30, 700);
    add('Retriever.search', root, start + 5, 120, {
      inputs: {query: question, k: 5},
      output: [1, 2, 3].map((n) => (
        {doc: `${topic.name}-${n}.md`, score: round(1 - n / 7, 3)})),
      summary: {usage: usage('text-embedding-3-small', r.int(8, 40), 0)},
    });
    if (r.chance(0.5))
      add('rerank', root, start + 130, r.int(20, 90), {
        inputs: {documents: 3}, output: {kept: 2}});
    const exception = fails ? r.pick(words.exceptions) : null;
    add('openai.chat.completions.create', root, start + 230,
        running ? null : Math.max(50, total - 260), {
      inputs: {model, messages: [
        {role: 'system', content: words.systemPrompt},
        {role: 'user', content: question}]},
      output: running || fails ? null : {
        model, choices: [{index: 0, finish_reason: 'stop', message: {
          role: 'assistant', content: topic.answer}}]},
      exception,
      summary: running || fails ? {}
        : {usage: usage(model, prompt, completion)},
    });
    if (fails && !swallowed)
      root.exception = exception;
    if (!running && !fails)
      root.summary = {usage: {
        ...usage(model, prompt, completion)}};
    if (r.chance(0.1))
      root.feedback = [{
        id: r.uuid(), feedback_type: 'wandb.reaction.1',
        payload: {emoji: fails ? '👎' : '👍', alias: fails ? ':-1:' : ':+1:'},
        creator: 'support-lead', created_at: new Date(start + 60_000)
          .toISOString(), wb_user_id: words.creatorOf(project)}];
  }
  return calls;
}

/// Evaluation runs: each a root, one child per row and trial, a summary.
/// Scores are in the root's output. A model that fails is caught inside of its
/// row, whose status then is descendant_error.
export function evaluations(project, {count, rows}) {
  const {r, calls, add} = recorder(project, 'evaluations');
  for (let e = 0; e < count; ++e) {
    const start = now - (count - e) * 2 * 86400_000;
    const model = models[e % models.length];
    const digest = random(`dataset/${e}`).hex(40);
    const root = add('Evaluation.evaluate', null, start, rows * 900 + 2000, {
      display_name: `nightly-${e + 1}`,
      inputs: {self: `weave:///${project.entityName}/${project.name}/object/`
                 + `support-eval:${digest}`, model},
    });
    let correct = 0;
    let similarity = 0;
    let scored = 0;
    let latency = 0;
    let prompt = 0;
    let completion = 0;
    for (let i = 0; i < rows; ++i) {
      const at = start + 500 + i * 900;
      const topic = words.topics[i % words.topics.length];
      const failed = r.chance(0.1);
      const ok = !failed && r.chance(0.65 + 0.08 * e);
      const close = failed ? null : round(0.5 + r.next() / 2, 4);
      const seconds = round(0.3 + r.next(), 3);
      const row = add('Evaluation.predict_and_score', root, at, 850, {
        inputs: {example: `weave:///${project.entityName}/${project.name}/`
                   + `object/support-rows:${digest}/attr/rows/id/${i}`, model},
        output: {output: failed ? null : topic.answer,
                 scores: failed ? {} : {correctness: {correct: ok},
                                        similarity: close},
                 model_latency: seconds},
      });
      const tokens = [r.int(150, 900), r.int(20, 200)];
      add('SupportModel.predict', row, at + 10, Math.round(seconds * 1000), {
        inputs: {question: r.pick(topic.questions)},
        output: failed ? null : topic.answer,
        exception: failed ? r.pick(words.exceptions) : null,
        summary: failed ? {} : {usage: usage(model, ...tokens)},
      });
      if (failed)
        continue;
      row.summary = {usage: usage(model, ...tokens)};
      prompt += tokens[0];
      completion += tokens[1];
      add('correctness', row, at + 700, 40, {
        inputs: {output: topic.answer}, output: {correct: ok}});
      add('similarity', row, at + 745, 40, {
        inputs: {output: topic.answer}, output: close});
      ++scored;
      correct += ok;
      similarity += close;
      latency += seconds;
    }
    const results = {
      correctness: {correct: {true_count: correct,
                              true_fraction: round(correct / scored, 4)}},
      similarity: {mean: round(similarity / scored, 4)},
      model_latency: {mean: round(latency / scored, 4)},
    };
    add('Evaluation.summarize', root, start + rows * 900 + 600, 200, {
      inputs: {eval_table: `${rows} rows`}, output: results});
    root.output = results;
    root.summary = {usage: {[model]: {
      requests: scored, prompt_tokens: prompt, completion_tokens: completion,
      total_tokens: prompt + completion}}};
  }
  return calls;
}
