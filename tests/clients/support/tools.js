// One sensible call of every tool, and what its answer must hold. A tool that
// is listed and missing here fails the tests that call all of them.

import assert from 'node:assert/strict';
import {buildWorld} from '../../standin/data/seed.js';

const close = (got, wanted, what) =>
  assert.ok(Math.abs(got - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)),
            `${what}: ${got}, not ${wanted}`);

/// Traces that the stand-in always has: the world is the same at every start.
const aliceTraces = [...new Set(buildWorld().projects.get('alice/support-bot')
  .calls.calls.filter((c) => c.parent_id !== null).map((c) => c.trace_id))]
  .slice(0, 3);

/// tool name -> {arguments, check(structured, data), job}; all of user `alice`.
/// `job` is the job that the documentation states a price for, where that is
/// not this call.
/// `data` is the world that the stand-in serves.
export const aliceCalls = {
  list_entities_tool: {
    arguments: {},
    check(answer) {
      assert.deepEqual(answer.entities.map((e) => [e.name, e.type]),
                       [['alice', 'user'], ['northwind-ml', 'team']]);
      assert.equal(answer.count, 2);
    },
  },
  query_wandb_entity_projects: {
    arguments: {entity: 'alice', max_projects: 200},
    check(answer, data) {
      const projects = data.entities.get('alice').projects;
      assert.deepEqual(answer.projects.alice.map((p) => p.name).sort(),
                       projects.map((p) => p.name).sort());
      assert.deepEqual(Object.keys(answer.projects), ['alice']);
      assert.equal(answer.truncated, false);
      const vision = answer.projects.alice
        .find((p) => p.name === 'vision-baselines');
      assert.equal(vision.visibility, 'USER_READ');
      assert.match(vision.description, /canary-alice/);
    },
  },
  query_wandb_tool: {
    job: {entity_name: 'alice', project_name: 'vision-baselines',
          resource: 'runs', limit: 5},
    arguments: {
      query: `query Sorted($e: String!, $p: String!, $f: JSONString) {
        project(entityName: $e, name: $p) {
          runCount(filters: $f)
          runs(filters: $f, order: "+created_at") {
            edges { node { name displayName state } }
            pageInfo { endCursor hasNextPage }
          }
        }
      }`,
      variables: {e: 'alice', p: 'vision-baselines',
                  f: JSON.stringify({state: 'finished'})},
      max_items: 200, items_per_page: 10,
    },
    check(answer, data) {
      const {runs: all} = data.projects.get('alice/vision-baselines');
      const runs = [...all.values()].filter((run) => run.state === 'finished');
      assert.equal(answer.project.runCount, runs.length);
      const nodes = answer.project.runs.edges.map((e) => e.node);
      assert.deepEqual(nodes.map((n) => n.name).sort(),
                       runs.map((run) => run.name).sort());
      assert.ok(runs.length > 10, 'there is more than one page');
      assert.equal(answer._pagination.pages, Math.ceil(runs.length / 10));
      assert.equal(answer._pagination.items, runs.length);
      assert.equal(answer._pagination.has_more, false);
    },
  },
  list_wandb_automations_tool: {
    arguments: {entity: 'alice', max_items: 200},
    check(answer, data) {
      const projects = data.entities.get('alice').projects;
      const triggers = projects.flatMap((p) => p.triggers ?? []);
      assert.deepEqual(answer.automations.map((a) => a.name),
                       triggers.map((t) => t.name));
      assert.equal(answer.truncated, false);
      assert.equal(answer.projects_scanned, projects.length);
      const [metric, alias] = answer.automations;
      assert.deepEqual(metric.event.filter, {
        kind: 'threshold', name: 'loss', agg_op: 'AVERAGE', window_size: 5,
        cmp_op: '$gt', threshold: 10, run_filter: {$and: []}});
      assert.equal(metric.action.type, 'NOTIFICATION');
      assert.equal(alias.scope.type, 'ARTIFACT_COLLECTION');
      assert.deepEqual(alias.action.request_payload, {
        artifact: '${artifact_version}', access_token: '[redacted]'});
      assert.ok(!JSON.stringify(answer).includes('made-up-token'));
    },
  },
  list_wandb_integrations_tool: {
    arguments: {entity: 'alice'},
    check(answer, data) {
      const [channel, hook] = data.entities.get('alice').integrations;
      assert.deepEqual(answer.integrations, [
        {type: 'slack', id: channel.id, team_name: 'Example',
         channel_name: '#alerts-alice'},
        {type: 'webhook', id: hook.id, name: 'deploy',
         url_endpoint: 'https://deploy.example.invalid/start'}]);
      assert.equal(answer.truncated, false);
    },
  },
  search_wandb_docs_tool: {
    arguments: {query: 'sweep that searches hyperparameters with a metric'},
    check(answer) {
      const text = answer.result ?? answer.text;
      assert.match(text, /^Title: Sweeps/);
      assert.match(text, /\n\n---\n\n/);
    },
  },
  get_run_history_tool: {
    arguments: {entity_name: 'alice', project_name: 'vision-baselines',
                run_id: 'healthy1', keys: ['loss', 'accuracy'],
                samples: 2000, max_step: 199},
    check(answer, data) {
      const rows = data.projects.get('alice/vision-baselines').runs
        .get('healthy1').rows().slice(0, 200);
      assert.equal(answer.run_name, 'resnet50-steady');
      assert.equal(answer.state, 'finished');
      assert.equal(answer.last_step, 999);
      assert.equal(answer.rows.length, rows.length);
      rows.forEach((row, i) => {
        assert.equal(answer.rows[i]._step, row._step);
        close(answer.rows[i].loss, row.loss, `loss at step ${i}`);
        close(answer.rows[i].accuracy, row.accuracy, `accuracy at step ${i}`);
      });
    },
  },
  compare_runs_tool: {
    arguments: {entity_name: 'alice', project_name: 'vision-baselines',
                run_id_a: 'healthy1', run_id_b: 'diverge1',
                include_history_overlap: true, history_samples: 100},
    job: {entity_name: 'alice', project_name: 'vision-baselines',
          run_id_a: 'healthy1', run_id_b: 'diverge1'},
    check(answer, data) {
      const [a, b] = ['healthy1', 'diverge1'].map(
        (id) => data.projects.get('alice/vision-baselines').runs.get(id));
      assert.deepEqual([answer.run_a.name, answer.run_b.name],
                       [a.displayName, b.displayName]);
      const {changed, only_in_run_a: onlyA} = answer.config_diff;
      assert.deepEqual(changed,
                       {lr: {run_a: 0.1, run_b: 0.9, delta: 0.8}});
      assert.deepEqual(Object.keys(onlyA), ['augment', 'dropout']);
      const loss = answer.summary_diff.changed.loss;
      close(loss.run_a, a.summary().loss, 'loss of a');
      close(loss.run_b, b.summary().loss, 'loss of b');
      // Nested values are compared one by one.
      assert.equal(answer.summary_diff.only_in_run_a['best.epoch'], 9);
      const curves = answer.history_comparison;
      assert.deepEqual(curves.keys, ['loss', 'val_loss', 'lr']);
      close(curves.metrics.loss.run_b.first, b.rows()[0].loss, 'first loss');
      close(curves.metrics.loss.run_b.last, b.rows().at(-1).loss, 'last loss');
    },
  },
  diagnose_run_tool: {
    arguments: {entity_name: 'alice', project_name: 'vision-baselines',
                run_id: 'overfit1'},
    check(answer, data) {
      const rows = data.projects.get('alice/vision-baselines').runs
        .get('overfit1').rows();
      assert.deepEqual(answer.detected_keys,
                       {loss: 'train/loss', val_loss: 'val/loss'});
      assert.equal(answer.overfit_signal.detected, true);
      assert.ok(answer.overfit_signal.gap_late > answer.overfit_signal.gap_early);
      close(answer.loss_stats.first_value, rows[0]['train/loss'], 'first');
      close(answer.loss_stats.last_value, rows.at(-1)['train/loss'], 'last');
      assert.equal(answer.total_history_rows, rows.length);
      assert.deepEqual(answer.step_range, [0, rows.length - 1]);
      assert.equal(answer.nan_warnings, null);
    },
  },
  probe_project_tool: {
    arguments: {entity_name: 'alice', project_name: 'vision-baselines',
                sample_runs: 6, include_artifacts: true},
    check(answer, data) {
      const project = data.projects.get('alice/vision-baselines');
      const runs = [...project.runs.values()]
        .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
      assert.equal(answer.run_count, runs.length);
      for (const [state, count] of Object.entries(answer.state_counts))
        assert.equal(count, runs.filter((run) => run.state === state).length);
      assert.equal(answer.sampled_runs, 6);
      assert.deepEqual(answer.run_samples.map((run) => run.id).sort(),
                       [...runs.slice(0, 3), ...runs.slice(-3)]
                         .map((run) => run.name).sort());
      assert.equal(answer.sweep_count, project.sweeps.length);
      assert.equal(answer.metric_keys.loss, 'float');
      assert.equal(answer.config_keys.model, '{dict, keys=2}');
      assert.ok(answer.config_fields.some((f) => f.path === 'model.name'));
      assert.equal(answer.artifact_inventory.collection_count,
                   project.collections.size);
    },
  },
  count_weave_traces_tool: {
    arguments: {entity_name: 'alice', project_name: 'support-bot'},
    check(answer, data) {
      const calls = callsOf(data, 'alice/support-bot');
      assert.equal(answer.total_count, calls.length);
      assert.equal(answer.root_traces_count,
                   calls.filter((c) => c.parent_id === null).length);
    },
  },
  infer_trace_schema_tool: {
    arguments: {entity_name: 'alice', project_name: 'support-bot',
                sample_size: 60, top_n_values: 3},
    check(answer, data) {
      const calls = callsOf(data, 'alice/support-bot');
      assert.equal(answer.total_traces, calls.length);
      assert.equal(answer.root_traces,
                   calls.filter((c) => c.parent_id === null).length);
      assert.equal(answer.sample_size, 60);
      assert.equal(answer.sample_scope.has_more, true);
      const newest = [...calls].sort((a, b) => b.started_at - a.started_at)
        .slice(0, 60);
      const field = (path) => answer.fields.find((f) => f.path === path);
      assert.equal(field('id').non_null_count, 60);
      assert.equal(field('started_at').type, 'datetime');
      assert.equal(field('ended_at').non_null_count,
                   newest.filter((c) => c.ended_at).length);
      const asked = newest.filter((c) => c.inputs?.question).length;
      assert.ok(asked > 0, 'questions are among the newest calls');
      assert.equal(field('inputs.question').non_null_count, asked);
      assert.ok(field('summary.weave.status').top_values.includes('success'));
    },
  },
  resolve_trace_roots_tool: {
    arguments: {entity_name: 'alice', project_name: 'support-bot',
                trace_ids: [...aliceTraces, 'no-such-trace', aliceTraces[0]]},
    check(answer, data) {
      const roots = callsOf(data, 'alice/support-bot')
        .filter((c) => c.parent_id === null);
      assert.deepEqual(Object.keys(answer.roots), aliceTraces);
      for (const id of aliceTraces) {
        const root = roots.find((c) => c.trace_id === id);
        assert.equal(answer.roots[id].id, root.id);
        assert.equal(answer.roots[id].op_name, root.op_name);
        assert.equal(answer.roots[id].display_name, root.display_name);
        assert.equal(Date.parse(answer.roots[id].started_at), root.started_at);
      }
      assert.equal(answer.resolved, aliceTraces.length);
      assert.equal(answer.total_requested, aliceTraces.length + 1);
      assert.deepEqual(answer.unresolved, ['no-such-trace']);
    },
  },
  summarize_evaluation_tool: {
    arguments: {entity_name: 'alice', project_name: 'support-bot',
                max_evals: 2, include_per_task: true},
    check(answer, data) {
      const calls = callsOf(data, 'alice/support-bot');
      const runs = calls
        .filter((c) => c.op_name.includes('/Evaluation.evaluate:'))
        .sort((a, b) => b.started_at - a.started_at);
      assert.equal(answer.total_count, runs.length);
      assert.equal(answer.has_more, runs.length > 2);
      assert.deepEqual(answer.evaluations.map((e) => e.eval_id),
                       runs.slice(0, 2).map((c) => c.id));
      answer.evaluations.forEach((e, i) => {
        const rows = calls.filter((c) => c.parent_id === runs[i].id
          && c.op_name.includes('predict_and_score'));
        const failed = rows.filter((row) => calls.some(
          (c) => c.parent_id === row.id && c.exception));
        assert.equal(e.total_predictions, rows.length);
        assert.equal(e.errors, failed.length);
        assert.equal(e.successes, rows.length - failed.length);
        assert.equal(e.display_name, runs[i].display_name);
        assert.equal(e.evaluation, 'support-eval');
        assert.deepEqual(e.scores.correctness, runs[i].output.correctness);
        assert.deepEqual(e.scores.similarity, runs[i].output.similarity);
        assert.deepEqual(e.model_latency, runs[i].output.model_latency);
        const [usage] = Object.values(runs[i].summary.usage);
        assert.equal(e.token_usage.total_tokens, usage.total_tokens);
        assert.equal(e.per_task.length, Math.min(rows.length, 50));
        assert.equal(e.per_task.filter((task) => task.failed).length,
                     failed.length);
      });
    },
  },
  query_weave_traces_tool: {
    arguments: {entity_name: 'alice', project_name: 'support-bot', limit: 5,
                filters: {trace_roots_only: true,
                          op_name_contains: 'SupportAgent.answer'},
                sort_by: 'started_at', sort_direction: 'desc'},
    check(answer, data) {
      const roots = callsOf(data, 'alice/support-bot')
        .filter((c) => c.parent_id === null
                && c.op_name.includes('SupportAgent.answer'))
        .sort((a, b) => b.started_at - a.started_at);
      assert.equal(answer.metadata.total_matching_count, roots.length);
      assert.deepEqual(answer.traces.map((t) => t.id),
                       roots.slice(0, 5).map((c) => c.id));
      assert.equal(answer.traces[0].attributes.canary, 'canary-alice');
    },
  },
  create_wandb_report_tool: {
    arguments: {
      entity_name: 'alice', project_name: 'vision-baselines',
      title: 'Résumé: loss & more',
      markdown_report_text: '# Findings\n\nAll well.',
      panels: [{type: 'line', title: 'Loss', y: ['loss', 'val_loss'],
                run_ids: ['healthy1', 'overfit1']}]},
    check(answer) {
      const [, url] = answer.text
        ? /^The report was saved here: (\S+)$/.exec(answer.text)
        : [null, answer.url];
      assert.match(url, new RegExp(
        '/alice/vision-baselines/reports/R%C3%A9sum%C3%A9-loss-more--\\w+$'));
      if (answer.text)
        return;
      // Notice, heading, text, "Charts", the grid.
      assert.equal(answer.blocks, 5);
      assert.equal(answer.panels_rendered, 1);
      assert.deepEqual([answer.panels_skipped, answer.plots_skipped], [[], []]);
    },
  },
  log_analysis_to_wandb: {
    arguments: {
      entity_name: 'alice', project_name: 'empty-project',
      analysis_name: 'latency by model', scalars: {p95: 180},
      data: [{model: 'a', latency: 100}, {model: 'b', latency: 300}]},
    check(answer) {
      assert.match(answer.run_id, /^[0-9a-z]{8}$/);
      assert.ok(answer.run_url.endsWith(
        `/alice/empty-project/runs/${answer.run_id}`));
      assert.deepEqual(answer.logged_keys, [
        'p95', '_mcp_row_count', '_mcp_columns', 'latency_mean', 'latency_min',
        'latency_max', 'latency_median']);
      assert.deepEqual(answer.table_columns, ['model', 'latency']);
      assert.deepEqual([answer.row_count, answer.history_rows, answer.state],
                       [2, 2, 'finished']);
      assert.match(answer.table_path, /^media\/table\/rows_1_\w{20}\./);
    },
  },
  list_registries_tool: {
    arguments: {organization: 'Northwind'},
    check(answer, data) {
      const kept = data.entities.get('northwind-org').projects;
      assert.deepEqual(answer.registries.map((r) => r.full_name),
                       kept.map((p) => p.name));
      assert.deepEqual(answer.registries.map((r) => r.description),
                       kept.map((p) => p.description));
      assert.deepEqual(answer.registries.map((r) => r.visibility),
                       ['organization', 'restricted']);
      assert.deepEqual(answer.registries[0].artifact_types, ['model']);
      assert.equal(answer.truncated, false);
    },
  },
  list_registry_collections_tool: {
    arguments: {registry_name: 'model', organization: 'Northwind',
                filter: {tag: 'odd'}},
    check(answer, data) {
      const {collections} = data.projects
        .get('northwind-org/wandb-registry-model');
      const odd = [...collections.values()].filter(
        (c) => c.tags.includes('odd'));
      assert.ok(odd.length > 10);
      assert.deepEqual(answer.collections.map((c) => c.name),
                       odd.map((c) => c.name));
      assert.equal(answer.total_count, odd.length);
      assert.deepEqual(answer.collections[0].aliases, ['latest', 'v0']);
    },
  },
  list_artifact_versions_tool: {
    arguments: {entity_name: 'alice', project_name: 'vision-baselines',
                collection_name: 'resnet50', type_name: 'model',
                max_items: 3},
    check(answer, data) {
      const {memberships} = data.projects.get('alice/vision-baselines')
        .collections.get('resnet50');
      const kept = memberships.filter((m) => m.artifact.state === 'COMMITTED')
        .reverse();
      assert.equal(answer.total_count, kept.length);
      assert.deepEqual(answer.versions.map((v) => [v.version, v.digest]),
                       kept.slice(0, 3).map((m) => [`v${m.versionIndex}`,
                                                    m.artifact.digest]));
      assert.deepEqual(answer.versions[1].aliases, ['best']);
      assert.equal(answer.has_more, true);
    },
  },
  get_artifact_details_tool: {
    arguments: {artifact_name: 'alice/vision-baselines/cifar-split:v0',
                include_files: true},
    check(answer, data) {
      const {artifact} = data.projects.get('alice/vision-baselines')
        .collections.get('cifar-split').memberships[0];
      assert.equal(answer.artifact.digest, artifact.digest);
      assert.equal(answer.artifact.size, artifact.size);
      assert.deepEqual(answer.artifact.metadata, artifact.metadata);
      assert.deepEqual(answer.lineage.used_by.map((run) => run.run_id),
                       artifact.usedBy.map((run) => run.name));
      assert.deepEqual(answer.files.map((f) => [f.name, f.size, f.digest]),
                       artifact.files.map((f) => [f.name, f.size, f.digest]));
    },
  },
  compare_artifact_versions_tool: {
    arguments: {artifact_name_a: 'alice/vision-baselines/cifar-split:v0',
                artifact_name_b: 'alice/vision-baselines/cifar-split:latest'},
    check(answer, data) {
      const [a, b] = data.projects.get('alice/vision-baselines')
        .collections.get('cifar-split').memberships.map((m) => m.artifact);
      assert.equal(answer.size_diff.delta, b.size - a.size);
      assert.deepEqual(answer.metadata_diff,
                       {added: {relabelled: 312}, removed: {}, changed: {}});
      assert.deepEqual(answer.tags_diff.added, ['clean']);
      const {file_diff: files} = answer;
      assert.deepEqual(files.added.map((f) => f.name), ['README.md']);
      assert.deepEqual(files.removed.map((f) => f.name), ['labels.json']);
      assert.deepEqual(files.modified.map((f) => f.name), ['train.parquet']);
      assert.equal(files.unchanged_count, 1);
    },
  },
};

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return {text}; // what some tools say is for people
  }
};

/// What a tool answered. The oldest clients get it as text alone.
export const structured = (result) =>
  result.structuredContent ?? parsed(result.content[0].text);

export function callsOf(data, path) {
  return data.projects.get(path).calls.calls;
}

/// Calls every tool that `names` lists through `call(name, arguments)`, which
/// gives a tool result, and checks the answers.
export async function callAll(names, call, data) {
  assert.deepEqual([...names].sort(), Object.keys(aliceCalls).sort(),
                   'the listed tools are those that have a call here');
  for (const name of names) {
    const result = await call(name, aliceCalls[name].arguments);
    assert.ok(!result.isError, `${name}: ${result.content?.[0]?.text}`);
    aliceCalls[name].check(structured(result), data);
  }
}
