// What the writing tools say they stored is what W&B has: reports and runs are
// read back and compared with what was asked for.

import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {after, describe, test} from 'node:test';
import {openSession} from './support/mcp.js';
import {startServer} from './support/server.js';
import {structured} from './support/tools.js';
import {world} from './support/world.js';

const it = await world();
const alice = await openSession(it.url, it.by.alice.api_key);
const project = {entity_name: 'alice', project_name: 'vision-baselines'};
const {internalId} = it.standin.data.projects.get('alice/vision-baselines');

async function graphql(query, variables, user = 'alice') {
  const key = Buffer.from(`api:${it.by[user].api_key}`).toString('base64');
  const answer = await fetch(`${it.standin.url}/graphql`, {
    method: 'POST', headers: {authorization: `Basic ${key}`,
                              'content-type': 'application/json'},
    body: JSON.stringify({query, variables})});
  const {data, errors} = await answer.json();
  assert.equal(errors, undefined);
  return data;
}

const succeed = (result) => {
  assert.ok(!result.isError, result.content[0].text);
  return structured(result);
};

async function written(args) {
  const answer = succeed(await alice.call('create_wandb_report_tool',
                                          {...project, title: 'T', ...args}));
  const {view} = await graphql(`query View($id: ID!) { view(id: $id) {
    type displayName description createdUsing spec
    project { name entityName } } }`, {id: answer.report_id});
  const spec = JSON.parse(view.spec);
  return {answer, view, spec, blocks: spec.blocks};
}

async function runOf(id, user) {
  const data = await graphql(`query Run($run: String!) {
    project(entityName: "alice", name: "vision-baselines") { run(name: $run) {
      displayName state jobType tags notes config summaryMetrics
      historyLineCount history(samples: 20000)
      files { edges { node { name sizeBytes digest } } } } } }`,
                             {run: id}, user);
  const {run} = data.project;
  return run && {...run, rows: run.history.map((line) => JSON.parse(line)),
                 summary: JSON.parse(run.summaryMetrics)};
}

const runCount = async () => (await graphql(
  '{ project(entityName: "alice", name: "vision-baselines") { runCount } }'))
  .project.runCount;

// The blocks as the W&B app's editor stores them.
const paragraph = (text) => ({type: 'paragraph', children: [{text}]});
const heading = (level, ...children) => ({type: 'heading', children, level});
const nothing = [{text: ''}];
const markdown = (content) =>
  ({type: 'markdown-block', children: nothing, content});
const code = (language, text) => ({
  type: 'code-block', language,
  children: [{type: 'code-line', language, children: [{text}]}]});
const leaf = (section, name, op, value) =>
  ({op, key: {section, name}, value, disabled: false});

/// A grid without its ids, which are random.
function grid(block) {
  const {runSets, panelBankSectionConfig, hideRunSets} = block.metadata;
  assert.equal(runSets.length, 1);
  assert.match(runSets[0].id, /^[0-9a-z]{1,12}$/);
  assert.deepEqual(runSets[0].project, {
    name: 'vision-baselines', entityName: 'alice', id: internalId});
  return {
    hideRunSets, search: runSets[0].search.query,
    filters: runSets[0].filters,
    panels: panelBankSectionConfig.panels.map(({__id__, ...panel}) => {
      assert.match(__id__, /^[0-9a-z]{1,12}$/);
      return panel;
    })};
}

const everyRun = {op: 'OR', filters: [{op: 'AND', filters: []}]};
const only = (...leaves) =>
  ({op: 'OR', filters: [{op: 'AND', filters: leaves}]});
const place = (x, y) => ({x, y, w: 8, h: 6});

describe('a report', () => {
  test('holds the text block by block', async () => {
    const {answer, view, spec, blocks} = await written({
      title: 'Wöchentlicher Bericht / 7', description: 'Sub & title',
      markdown_report_text: [
        '[TOC]', '# Top with `code` and [a link](https://wandb.ai/x)', '',
        'Plain words.', '', '## Part', '- one', '- **two**', '', '---', '',
        '| a | b |', '|---|---|', '| 1 | é |', '', '### Sub', '```TypeScript',
        '# no heading', 'let x = "\\n";', '```', 'See [docs](u).', '```',
        'never closed'].join('\r\n'),
      plots_html: {'A plot': '<svg><text>π &lt; 4</text></svg>'}});
    assert.deepEqual(
      {...view, spec: undefined},
      {type: 'runs', displayName: 'Wöchentlicher Bericht / 7',
       description: 'Sub & title', createdUsing: 'WANDB_SDK', spec: undefined,
       project: {name: 'vision-baselines', entityName: 'alice'}});
    const {blocks: _, ...frame} = spec;
    assert.deepEqual(frame, {version: 5, panelSettings: {}, width: 'fluid',
                             authors: [], discussionThreads: []});
    const [first, notice, ...rest] = blocks;
    assert.deepEqual(first, paragraph(''));
    assert.match(notice.content, /^\*.*\*$/);
    const svg = Buffer.from('<svg><text>π &lt; 4</text></svg>');
    assert.deepEqual(rest, [
      {type: 'table-of-contents', children: nothing},
      heading(1, {text: 'Top with '}, {text: 'code', inlineCode: true},
              {text: ' and '}, {type: 'link', url: 'https://wandb.ai/x',
                                children: [{text: 'a link'}]}),
      paragraph('Plain words.'),
      heading(2, {text: 'Part'}),
      markdown('- one\n- **two**'),
      {type: 'horizontal-rule', children: nothing},
      markdown('| a | b |\n|---|---|\n| 1 | é |'),
      heading(3, {text: 'Sub'}),
      code('javascript', '# no heading\nlet x = "\\n";'),
      markdown('See [docs](u).'),
      code('python', 'never closed'),
      {type: 'image', children: [{text: 'A plot'}], hasCaption: true,
       url: `data:image/svg+xml;base64,${svg.toString('base64')}`},
      paragraph(''),
    ]);
    assert.equal(answer.blocks, blocks.length - 2);
    assert.ok(answer.url.endsWith(
      '/alice/vision-baselines/reports/W%C3%B6chentlicher-Bericht-7--'
      + answer.report_id.replace(/=+$/, '')));
  });

  test('holds the charts over the runs that were asked for', async () => {
    const {answer, blocks} = await written({panels: [
      {type: 'line', title: 'Loss', y: ['loss', 'config.lr'], x: 'Step',
       run_ids: ['healthy1', 'overfit1']},
      {type: 'bar', metrics: ['accuracy'], analysis_run_id: 'healthy1'},
      {type: 'scatter', x: 'config.lr', y: 'loss', hide_run_sets: true,
       filters: 'Config("lr") > 0.1 and State == "finished"'},
      {type: 'markdown_panel', markdown: '*x*'},
      {type: 'pie'},
      {type: 'custom_chart_table', table_name: 'rows', title: 'C',
       chart_fields: {x: 'a', y: 'b'}}]});
    assert.deepEqual(answer.panels_skipped.map((s) => s.index), [4]);
    assert.equal(answer.panels_rendered, 5);
    const [, , charts, ...grids] = blocks;
    assert.deepEqual(charts, heading(2, {text: 'Charts'}));
    assert.deepEqual(grids.pop(), paragraph(''));
    assert.deepEqual(grids.map(grid), [
      {hideRunSets: false, search: '',
       filters: only(leaf('run', 'name', 'IN', ['healthy1', 'overfit1'])),
       panels: [{layout: place(0, 0), viewType: 'Run History Line Plot',
                 config: {chartTitle: 'Loss', xAxis: '_step',
                          metrics: ['loss', 'config.lr.value']}}]},
      {hideRunSets: false, search: '',
       filters: only(leaf('run', 'name', 'IN', ['healthy1'])),
       panels: [{layout: place(0, 0), viewType: 'Bar Chart',
                 config: {metrics: ['accuracy'], vertical: false}}]},
      {hideRunSets: true, search: '',
       filters: only(leaf('config', 'lr', '>', 0.1),
                     leaf('run', 'state', '=', 'finished')),
       panels: [{layout: place(0, 0), viewType: 'Scatter Plot',
                 config: {xAxis: 'config:lr.value', yAxis: 'summary:loss'}}]},
      {hideRunSets: false, search: '', filters: everyRun,
       panels: [{layout: place(0, 0), viewType: 'Markdown Panel',
                 config: {value: '*x*'}}]},
      {hideRunSets: false, search: '', filters: everyRun,
       panels: [{layout: place(0, 0), viewType: 'Vega2', config: {
         transform: {name: 'tableWithLeafColNames'},
         userQuery: {queryFields: [{
           name: 'runSets',
           args: [{name: 'runSets', value: '${runSets}'},
                  {name: 'limit', value: 500}],
           fields: [{name: 'id', fields: []}, {name: 'name', fields: []},
                    {name: 'summaryTable', fields: [],
                     args: [{name: 'tableKey', value: 'rows'}]}]}]},
         panelDefId: 'wandb/line/v0', fieldSettings: {x: 'a', y: 'b'},
         stringSettings: {title: 'C'}}}]},
    ]);
  });

  test('keeps the order of a layout', async () => {
    const {blocks} = await written({markdown_report_text: 'Intro', panels: [
      {type: 'heading', text: 'One', level: 1},
      {type: 'panel_grid', run_ids: ['healthy1'], runset_query: 'res',
       panels: ['a', 'b', 'c', 'd'].map((y) => ({type: 'line', y: [y]}))},
      {type: 'markdown', text: 'Between\n\n# Two'},
      {type: 'markdown_table', title: 'T', headers: ['Metric', 'Value'],
       rows: [['a|b', 1], ['c\nd', null]]}]});
    const inner = blocks.slice(2, -1);
    assert.deepEqual(inner.filter((b) => b.type !== 'panel-grid'), [
      paragraph('Intro'), heading(1, {text: 'One'}), paragraph('Between'),
      heading(1, {text: 'Two'}),
      markdown('### T\n\n| Metric | Value |\n| --- | --- |\n'
        + '| a\\|b | 1 |\n| c d |  |')]);
    const {panels, ...runs} = grid(inner[2]);
    assert.deepEqual(runs, {
      hideRunSets: false, search: 'res',
      filters: only(leaf('run', 'name', 'IN', ['healthy1']))});
    assert.deepEqual(panels.map((p) => [p.layout.x, p.layout.y]),
                     [[0, 0], [8, 0], [16, 0], [0, 6]]);
  });

  test('is in the project, for those who may see it', async () => {
    const {answer} = await written({title: 'Only for alice'});
    const query = 'query V($id: ID!) { view(id: $id) { displayName } }';
    const id = {id: answer.report_id};
    assert.equal((await graphql(query, id)).view.displayName,
                 'Only for alice');
    assert.equal((await graphql(query, id, 'carol')).view, null);
  });
});

describe('an analysis', () => {
  const data = [{model: 'a', ms: 100, ok: true, deep: [1]},
                {model: 'é', ms: 300.5, ok: false}, {ms: 200, extra: 'x'}];

  test('is a finished run with its rows, summary and table', async () => {
    const answer = succeed(await alice.call('log_analysis_to_wandb', {
      ...project, analysis_name: 'latency 2025-06-30', data,
      scalars: {p95: 290.5}}));
    const run = await runOf(answer.run_id);
    assert.equal(run.displayName, 'latency 2025-06-30');
    assert.equal(run.state, 'finished');
    assert.equal(run.jobType, 'mcp-analysis');
    assert.deepEqual(run.tags, ['mcp-generated']);
    assert.equal(run.historyLineCount, data.length);

    const content = JSON.stringify({
      columns: ['model', 'ms', 'ok', 'deep', 'extra'],
      data: [['a', 100, true, [1], null], ['é', 300.5, false, null, null],
             [null, 200, null, null, 'x']]});
    const sha256 = createHash('sha256').update(content).digest('hex');
    const path = `media/table/rows_2_${sha256.slice(0, 20)}.table.json`;
    const table = {_type: 'table-file', path, sha256, ncols: 5, nrows: 3,
                   size: Buffer.byteLength(content), log_mode: 'IMMUTABLE'};
    assert.equal(answer.table_path, path);
    assert.deepEqual(run.files.edges.map((e) => e.node), [{
      name: path, sizeBytes: Buffer.byteLength(content),
      digest: createHash('md5').update(content).digest('base64')}]);

    const [{_timestamp}] = run.rows;
    assert.ok(Math.abs(Date.now() / 1000 - _timestamp) < 3600);
    assert.deepEqual(run.rows, [
      {_step: 0, _timestamp, model: 'a', ms: 100, ok: true},
      {_step: 1, _timestamp, model: 'é', ms: 300.5, ok: false},
      {_step: 2, _timestamp, ms: 200, extra: 'x', rows: table}]);
    for (const [key, value] of Object.entries({
      p95: 290.5, _mcp_row_count: 3,
      _mcp_columns: '["model","ms","ok","deep","extra"]',
      ms_min: 100, ms_max: 300.5, ms_median: 200, ok_mean: 0.5,
      rows: table, _step: 2}))
      assert.deepEqual(run.summary[key], value, key);
    assert.ok(Math.abs(run.summary.ms_mean - 600.5 / 3) < 1e-9);
    assert.deepEqual(answer.logged_keys, [
      'p95', '_mcp_row_count', '_mcp_columns', 'ms_mean', 'ms_min', 'ms_max',
      'ms_median', 'ok_mean', 'ok_min', 'ok_max', 'ok_median']);
  });

  test('can be read with the history tool and charted', async () => {
    const answer = succeed(await alice.call('log_analysis_to_wandb', {
      ...project, analysis_name: 'curve',
      data: Array.from({length: 150}, (_, i) => ({error: 1 / (i + 1)}))}));
    assert.equal(answer.row_count, 150);
    const history = succeed(await alice.call('get_run_history_tool', {
      ...project, run_id: answer.run_id, keys: ['error'], samples: 200}));
    assert.deepEqual(history.rows.map((r) => r.error),
                     Array.from({length: 150}, (_, i) => 1 / (i + 1)));
    const {blocks} = await written({panels: [
      {type: 'line', y: ['error'], analysis_run_id: answer.run_id}]});
    assert.deepEqual(grid(blocks.at(-2)).filters,
                     only(leaf('run', 'name', 'IN', [answer.run_id])));
  });

  test('is stored whole when it is large', async () => {
    const rows = Array.from({length: 5000}, (_, i) =>
      ({i, text: 'x'.repeat(500)}));
    const answer = succeed(await alice.call('log_analysis_to_wandb', {
      ...project, analysis_name: 'large', data: rows}));
    const run = await runOf(answer.run_id);
    assert.equal(run.historyLineCount, 5000);
    assert.equal(run.rows[4999].i, 4999);
    assert.equal(run.summary.i_max, 4999);
    assert.equal(run.state, 'finished');
  });

  test('without its table is still a run', async () => {
    await it.standin.fault({target: 'files', fault: 'status', status: 403,
                            match: '/storage/upload'});
    const answer = succeed(await alice.call('log_analysis_to_wandb', {
      ...project, analysis_name: 'no table', data}));
    await it.standin.fault({target: 'files', fault: 'off'});
    assert.equal(answer.table_path, null);
    assert.match(answer.table_error, /403/);
    const run = await runOf(answer.run_id);
    assert.equal(run.state, 'finished');
    assert.equal(run.rows.length, 3);
    assert.deepEqual(run.files.edges, []);
  });
});

describe('a write whose answer is lost', () => {
  const failed = (result, error) => {
    assert.equal(result.isError, true, JSON.stringify(result));
    const body = structured(result);
    assert.equal(body.error, error, JSON.stringify(body));
    return body;
  };
  const unknown = (result) => {
    const body = failed(result, 'outcome_unknown');
    assert.equal(body.retryable, false);
    assert.ok(!('retry_after_ms' in body));
    return body;
  };
  const sent = async (word) => (await it.standin.requests())
    .filter((r) => JSON.stringify([r.path, r.body]).includes(word)).length;

  // A user of its own: trouble makes the server leave a host alone for a while.
  const server = startServer({standin: it.standin});
  after(async () => (await server).stop());
  const fresh = async () => openSession((await server).url,
                                        it.by.alice.api_key);

  for (const [what, fault, status] of [
    ['cut', {fault: 'cut', after_bytes: 0}],
    ['503', {fault: 'status', status: 503}, 503],
    ['500', {fault: 'status', status: 500}, 500],
    ['429', {fault: 'limit', retry_after: 1}, 429],
    ['garbage', {fault: 'garbage'}]])
    test(`${what}: a report is not sent again`, async () => {
      const user = await fresh();
      await it.standin.reset();
      await it.standin.fault({target: 'graphql', match: 'UpsertView', ...fault});
      const body = unknown(await user.call('create_wandb_report_tool',
                                           {...project, title: 'Lost'}));
      assert.equal(body.upstream_status, status);
      assert.equal(await sent('UpsertView'), 1);
      await it.standin.reset();
    });

  test('a report that was saved all the same is there', async () => {
    const user = await fresh();
    await it.standin.reset();
    // The stand-in saves it and breaks off its answer.
    await it.standin.fault({target: 'graphql', match: 'UpsertView',
                            fault: 'cut', after_bytes: 5});
    unknown(await user.call('create_wandb_report_tool',
                            {...project, title: 'Saved after all'}));
    const data = await graphql(`{ project(
      entityName: "alice", name: "vision-baselines") {
        allViews(viewType: "runs", first: 100) {
          edges { node { displayName } } } } }`);
    assert.equal(data.project.allViews.edges.filter(
      (e) => e.node.displayName === 'Saved after all').length, 1);
    await it.standin.reset();
  });

  test('of a run: it is named', async () => {
    const user = await fresh();
    await it.standin.reset();
    await it.standin.fault({target: 'graphql', match: 'UpsertRun',
                            fault: 'cut', after_bytes: 5});
    const body = unknown(await user.call('log_analysis_to_wandb', {
      ...project, analysis_name: 'lost', data: [{a: 1}]}));
    assert.equal(await sent('UpsertRun'), 1);
    assert.ok(body.run_url.endsWith(body.run_id));
    assert.equal((await runOf(body.run_id)).displayName, 'lost');
    await it.standin.reset();
  });

  test('of a run\'s rows: the run is named', async () => {
    const user = await fresh();
    await it.standin.reset();
    await it.standin.fault({target: 'files', match: 'file_stream',
                            fault: 'status', status: 503});
    const body = unknown(await user.call('log_analysis_to_wandb', {
      ...project, analysis_name: 'half', data: [{a: 1}, {a: 3}]}));
    assert.equal(body.upstream_status, 503);
    assert.equal(await sent('file_stream'), 1);
    assert.match(body.message, /The run exists/);
    const run = await runOf(body.run_id);
    assert.equal(run.state, 'running');
    assert.equal(run.summary.a_mean, 2);
    await it.standin.reset();
  });

  test('refused: nothing is there', async () => {
    const user = await fresh();
    await it.standin.reset();
    const before = await runCount();
    await it.standin.fault({target: 'graphql', match: 'Upsert',
                            fault: 'status', status: 400,
                            message: 'what W&B says'});
    for (const [tool, error, args] of [
      ['create_wandb_report_tool', 'report_creation_failed', {title: 'No'}],
      ['log_analysis_to_wandb', 'log_failed',
       {analysis_name: 'no', data: [{a: 1}]}]]) {
      const body = failed(await user.call(tool, {...project, ...args}), error);
      assert.match(body.message, /what W&B says/);
      assert.equal(body.http_status, 400);
    }
    await it.standin.reset();
    assert.equal(await runCount(), before);
  });

  test('and a missing project is not made', async () => {
    const user = await fresh();
    const nowhere = {...project, project_name: 'no-such-project'};
    for (const [tool, args] of [
      ['create_wandb_report_tool', {title: 'No'}],
      ['log_analysis_to_wandb', {analysis_name: 'no', data: [{a: 1}]}]])
      failed(await user.call(tool, {...nowhere, ...args}),
             'project_not_found');
    const data = await graphql(
      '{ project(entityName: "alice", name: "no-such-project") { id } }');
    assert.equal(data.project, null);
  });
});

test('no key is ever in a body, nor goes to the storage', async () => {
  await it.standin.reset();
  const user = await openSession(it.url, it.by.alice.api_key);
  succeed(await user.call('log_analysis_to_wandb', {
    ...project, analysis_name: 'keys', data: [{a: 1}]}));
  const requests = await it.standin.requests();
  assert.ok(requests.every((r) => !r.key_in_body));
  const put = requests.find((r) => r.method === 'PUT');
  assert.equal(put.status, 200);
  assert.equal(put.user, null);
});
