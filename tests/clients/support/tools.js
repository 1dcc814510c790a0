// One sensible call of every tool, and what its answer must hold. A tool that
// is listed and missing here fails the tests that call all of them.

import assert from 'node:assert/strict';

const close = (got, wanted, what) =>
  assert.ok(Math.abs(got - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)),
            `${what}: ${got}, not ${wanted}`);

/// tool name -> {arguments, check(structured, data)}; all of user `alice`.
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
  count_weave_traces_tool: {
    arguments: {entity_name: 'alice', project_name: 'support-bot'},
    check(answer, data) {
      const calls = callsOf(data, 'alice/support-bot');
      assert.equal(answer.total_count, calls.length);
      assert.equal(answer.root_traces_count,
                   calls.filter((c) => c.parent_id === null).length);
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
};

/// What a tool answered. The oldest clients get it as text alone.
export const structured = (result) =>
  result.structuredContent ?? JSON.parse(result.content[0].text);

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
