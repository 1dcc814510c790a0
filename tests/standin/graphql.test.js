import assert from 'node:assert/strict';
import {test} from 'node:test';
import {readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {buildSchema, parse, validate} from 'graphql';
import {schema, schemaText, unpublished} from './graphql/execute.js';
import {parseJsonText} from './json_text.js';
import {standin} from './testing.js';

const it = standin();
const vision = {entity: 'alice', project: 'vision-baselines'};
const inProject = (fields, vars = '') =>
  `query ($entity: String!, $project: String!${vars}) {
     project(name: $project, entityName: $entity) { ${fields} } }`;

test('the viewer knows the user, the home entity and the teams', async () => {
  const viewer = 'query { viewer { id username entity teams { edges { node {'
    + ' name } } } } }';
  const {data} = await it.graphql(viewer, {}, 'bob');
  assert.equal(data.viewer.username, 'bob');
  assert.equal(data.viewer.entity, 'northwind-ml');
  assert.deepEqual(data.viewer.teams.edges, [{node: {name: 'northwind-ml'}}]);
});

test('an unknown field is refused before anything runs', async () => {
  const {status, errors, data} = await it.graphql('{ viewer { shoeSize } }');
  assert.equal(status, 400);
  assert.match(errors[0].message, /Cannot query field "shoeSize"/);
  assert.equal(data, undefined);
});

test('a missing variable and unreadable GraphQL are refused', async () => {
  const {status} = await it.graphql('query ($x: ID!) { view(id: $x) { id } }');
  assert.equal(status, 400);
  assert.equal((await it.graphql('{ viewer ')).status, 400);
  const response = await it.post('/graphql', '{', {as: 'alice'});
  assert.equal(response.status, 400);
});

test('a failure while running keeps the rest of the data', async () => {
  const {status, data, errors} = await it.graphql(inProject(
    'name runs(filters: "{\\"$where\\": 1}") { totalCount }'), vision);
  assert.equal(status, 200);
  assert.equal(data.project.name, 'vision-baselines');
  assert.equal(data.project.runs, null);
  assert.match(errors[0].message, /\$where/);
});

test('introspection works', async () => {
  const {data} = await it.graphql(
    '{ __type(name: "Run") { fields { name } } }');
  assert.ok(data.__type.fields.some((f) => f.name === 'sampledHistory'));
});

test('pages join to the whole list without gap or repeat', async () => {
  const names = [];
  let after = null;
  let pages = 0;
  do {
    const {data} = await it.graphql(
      `query ($after: String) { models(entityName: "alice", first: 20,
         after: $after) { edges { node { name } }
         pageInfo { hasNextPage endCursor } } }`, {after});
    names.push(...data.models.edges.map((e) => e.node.name));
    after = data.models.pageInfo.hasNextPage
      ? data.models.pageInfo.endCursor : null;
    ++pages;
  } while (after);
  assert.equal(pages, 4);
  assert.equal(names.length, 63);
  assert.equal(new Set(names).size, 63);
});

test('a made-up cursor is an error', async () => {
  const {errors} = await it.graphql(
    '{ models(entityName: "alice", after: "abc") { edges { cursor } } }');
  assert.match(errors[0].message, /cursor/);
});

test('a foreign project looks exactly like a missing one', async () => {
  for (const project of ['vision-baselines', 'no-such-project']) {
    const {status, data, errors} = await it.graphql(
      inProject('id'), {entity: 'carol', project});
    assert.deepEqual([status, data.project, errors], [200, null, undefined]);
  }
  const {data} = await it.graphql('{ entity(name: "carol") { id } }');
  assert.equal(data.entity, null);
});

test('run filters', async (t) => {
  const cases = [
    [{displayName: 'same-name'}, 2],
    [{state: {$in: ['crashed', 'failed']}}, 2],
    [{$or: [{name: 'healthy1'}, {name: 'diverge1'}]}, 2],
    [{$and: [{tags: 'baseline'}, {state: 'crashed'}]}, 1],
    [{tags: {$in: ['production', 'oom']}}, 2],
    [{'config.lr': {$gte: 0.9}}, 1],
    [{'config.lr.value': 0.9}, 1],
    [{'config.model.value.name': 'resnet50', state: {$ne: 'finished'}}, 4],
    [{'summary_metrics.best.accuracy': {$exists: true}}, 1],
    [{displayName: {$regex: 'overflow'}}, 1],
    [{displayName: {$regex: '^resnet50'}}, 0],
    [{$nor: [{group: 'baselines'}, {jobType: 'sweep'}]}, 1],
    [{}, 41],
    [null, 41],
  ];
  for (const [filter, count] of cases)
    await t.test(JSON.stringify(filter), async () => {
      const {data} = await it.graphql(
        inProject('runCount(filters: $f) runs(filters: $f, first: 100) {'
                  + ' totalCount edges { node { name } } }',
                  ', $f: JSONString'),
        {...vision, f: JSON.stringify(filter)});
      assert.equal(data.project.runCount, count);
      assert.equal(data.project.runs.edges.length, count);
    });
});

test('runs are ordered, and those without the value come last', async () => {
  const {data} = await it.graphql(
    inProject('runs(order: "-config.lr.value", first: 1000) {'
              + ' edges { node { name config } } }'), vision);
  const rates = data.project.runs.edges.map(
    (e) => parseJsonText(e.node.config).lr?.value);
  const known = rates.filter((r) => r !== undefined);
  assert.equal(known[0], 0.9);
  assert.deepEqual(known, [...known].sort((a, b) => b - a));
});

test('history is half-open, and holds bare NaN and Infinity', async () => {
  const {data} = await it.graphql(
    inProject('run(name: "nanloss1") {'
              + ' history(minStep: 599, maxStep: 601, samples: 10) }'), vision);
  const rows = data.project.run.history;
  assert.equal(rows.length, 2);
  assert.match(rows[0], /"grad_norm":Infinity/);
  assert.match(rows[1], /"loss":NaN/);
  assert.match(rows[1], /"log_prob":-Infinity/);
  assert.throws(() => JSON.parse(rows[1]));
});

test('a sample includes its last step, and spells NaN as text', async () => {
  const {data} = await it.graphql(
    inProject('run(name: "nanloss1") { sampledHistory(specs: $specs) }',
              ', $specs: [JSONString!]!'),
    {...vision, specs: [JSON.stringify({
      keys: ['_step', 'loss', 'grad_norm'], minStep: 599, maxStep: 600})]});
  const [rows] = data.project.run.sampledHistory;
  assert.deepEqual(rows.map((r) => [r._step, r.loss === 'NaN', r.grad_norm]),
                   [[599, false, 'Infinity'], [600, true, 'NaN']]);
});

test('a sample only has rows where every key was logged', async () => {
  const spec = (...keys) => JSON.stringify({keys, samples: 5000});
  const {data} = await it.graphql(
    inProject('run(name: "sparse01") { historyKeys'
              + ' sampledHistory(specs: $specs) }',
              ', $specs: [JSONString!]!'),
    {...vision, specs: [spec('_step', 'eval/accuracy'),
                        spec('_step', 'eval/accuracy', 'eval/loss')]});
  const {sampledHistory, historyKeys} = data.project.run;
  assert.equal(sampledHistory[0].length, 40);
  assert.equal(sampledHistory[1].length, 0);
  assert.equal(historyKeys.lastStep, 2000);
});

test('fifty thousand steps are thinned, ends included', async () => {
  const {data} = await it.graphql(
    inProject('run(name: "longrun1") { historyLineCount'
              + ' history(samples: 100) }'), vision);
  const rows = data.project.run.history.map((row) => JSON.parse(row));
  assert.equal(data.project.run.historyLineCount, 50_000);
  assert.equal(rows.length, 100);
  assert.deepEqual([rows[0]._step, rows.at(-1)._step], [0, 49_999]);
});

test('a run that is not indexed has no historyKeys', async () => {
  const {data} = await it.graphql(
    inProject('run(name: "nokeys01") { historyKeys historyLineCount }'),
    vision);
  assert.deepEqual({...data.project.run},
                   {historyKeys: null, historyLineCount: 40});
});

test('config is wrapped, and can be asked for by key', async () => {
  const {data} = await it.graphql(
    inProject('run(name: "healthy1") { all: config one: config(keys: ["lr"])'
              + ' summaryMetrics(keys: ["loss", "best"]) }'), vision);
  const run = data.project.run;
  assert.ok('_wandb' in JSON.parse(run.all));
  assert.deepEqual(JSON.parse(run.one), {lr: {value: 0.1, desc: null}});
  assert.equal(JSON.parse(run.summaryMetrics).best.epoch, 9);
});

test('a report is stored and read back', async () => {
  const upsert = `mutation ($entity: String!, $project: String!, $t: String!) {
    upsertView(input: {entityName: $entity, projectName: $project, name: "r",
      displayName: $t, type: "runs", spec: "{\\"version\\":5}",
      createdUsing: WANDB_SDK}) { inserted view { id project { id } } } }`;
  const {data} = await it.graphql(upsert, {...vision, t: 'Mine'});
  const {id} = data.upsertView.view;
  assert.match(Buffer.from(id, 'base64').toString(), /^View:\d+$/);
  const read = 'query ($id: ID!) { view(id: $id) { displayName spec } }';
  const mine = await it.graphql(read, {id});
  assert.deepEqual({...mine.data.view},
                   {displayName: 'Mine', spec: '{"version":5}'});
  const theirs = await it.graphql(read, {id}, 'carol');
  assert.equal(theirs.data.view, null);
  const long = await it.graphql(upsert, {...vision, t: 'x'.repeat(129)});
  assert.match(long.errors[0].message, /128/);
  const foreign = await it.graphql(upsert, {...vision, t: 'Mine'}, 'carol');
  assert.match(foreign.errors[0].message, /permission/);
});

test('a run is made, fed, given a file and finished', async () => {
  const run = 'analysis';
  const make = `mutation ($summary: JSONString) {
    upsertBucket(input: {name: "${run}", entityName: "alice",
      modelName: "vision-baselines", displayName: "Analysis", config: "{}",
      summaryMetrics: $summary}) { inserted bucket { id historyLineCount } } }`;
  const first = await it.graphql(make, {summary: '{"x":NaN}'});
  assert.equal(first.data.upsertBucket.inserted, true);
  const again = await it.graphql(make, {summary: '{"x":1}'});
  assert.equal(again.data.upsertBucket.inserted, false);

  const files = await it.graphql(`mutation { createRunFiles(input: {
    entityName: "alice", projectName: "vision-baselines", runName: "${run}",
    files: ["table.json"]}) { files { name uploadUrl } uploadHeaders } }`);
  const {uploadHeaders, files: [file]} = files.data.createRunFiles;
  const put = await fetch(file.uploadUrl, {
    method: 'PUT', body: '{}', headers: Object.fromEntries(uploadHeaders.map(
      (h) => [h.slice(0, h.indexOf(':')), h.slice(h.indexOf(':') + 1)]))});
  assert.equal(put.status, 200);

  const streamed = await it.post(
    `/files/alice/vision-baselines/${run}/file_stream`, {
      files: {'wandb-history.jsonl': {offset: 0, content: [
        '{"_step":0,"loss":NaN}', '{"_step":1,"loss":0.5}']}},
      uploaded: ['table.json'], complete: true, exitcode: 0}, {as: 'alice'});
  assert.equal(streamed.status, 200);
  const {data} = await it.graphql(inProject(`run(name: "${run}") {
    state historyLineCount history files { edges { node { name sizeBytes } } }
    summaryMetrics(keys: ["x"]) }`), vision);
  assert.equal(data.project.run.state, 'finished');
  assert.equal(data.project.run.historyLineCount, 2);
  assert.match(data.project.run.history[0], /NaN/);
  assert.equal(data.project.run.files.edges[0].node.sizeBytes, 2);
  assert.equal(data.project.run.summaryMetrics, '{"x":1}');
});

test('artifacts: versions, aliases, lineage, files', async () => {
  const {data} = await it.graphql(inProject(`
    artifactCollectionMembership(name: "resnet50:best") { versionIndex
      artifact { digest createdBy { __typename ... on Run { name } } } }
    artifactType(name: "model") { artifactCollection(name: "resnet50") {
      artifacts(filters: "{\\"state\\":\\"COMMITTED\\"}") { totalCount
        edges { version } } } }
    artifact(name: "frames:latest") { fileCount files(first: 1000) {
      totalCount pageInfo { hasNextPage } edges { node { name } } } }
    missing: artifact(name: "resnet50:nope") { id }`), vision);
  const p = data.project;
  assert.equal(p.artifactCollectionMembership.versionIndex, 4);
  assert.equal(p.artifactCollectionMembership.artifact.createdBy.name,
               'healthy1');
  assert.deepEqual(p.artifactType.artifactCollection.artifacts.edges
    .map((e) => e.version), ['v5', 'v4', 'v3', 'v2', 'v0']);
  assert.equal(p.artifact.files.edges.length, 1000);
  assert.equal(p.artifact.files.totalCount, 2500);
  assert.equal(p.missing, null);
});

test('registries belong to the organization', async () => {
  const search = `{ organization(name: "Northwind") { orgEntity {
    projects(filters: "{\\"name\\":{\\"$regex\\":\\"model\\"}}") {
      edges { node { name } } }
    artifactCollections(collectionTypes: [PORTFOLIO], first: 10) { totalCount
      pageInfo { hasNextPage } }
    artifactMemberships(
        collectionFilters: "{\\"name\\":\\"demand-forecaster\\"}") {
      edges { node { versionIndex aliases { alias } } } } } } }`;
  const {orgEntity} = (await it.graphql(search)).data.organization;
  assert.deepEqual(orgEntity.projects.edges.map((e) => e.node.name),
                   ['wandb-registry-model']);
  assert.equal(orgEntity.artifactCollections.totalCount, 26);
  assert.deepEqual(
    orgEntity.artifactMemberships.edges.map(
      (e) => e.node.aliases.map((a) => a.alias)),
    [['v0'], ['latest', 'production', 'v1']]);
  assert.equal((await it.graphql(search, {}, 'carol')).data.organization, null);
});

test('a user can belong to several organizations', async () => {
  const {data} = await it.graphql(
    '{ viewer { organizations { name orgEntity { name } } } }', {}, 'erin');
  assert.deepEqual(data.viewer.organizations.map((o) => o.orgEntity.name),
                   ['northwind-org', 'bluefin-org']);
});

// The rest compares our schema with a larger one, where there is one at hand.
test('an entity has integrations, and its projects automations', async () => {
  const {data, errors} = await it.graphql(`query {
    viewer { projects(first: 100) { edges { node { name triggers {
      name enabled
      scope { __typename ... on Project { name }
              ... on ArtifactSequence { name } }
      triggeringCondition { ... on FilterEventTriggeringCondition {
        eventType filter } }
      triggeredAction { __typename ... on GenericWebhookTriggeredAction {
        requestPayload integration { id } } }
    } } } } }
    entity(name: "alice") { integrations(first: 1) {
      pageInfo { hasNextPage endCursor }
      edges { node { __typename ... on SlackIntegration { channelName } } } } }
  }`);
  assert.equal(errors, undefined);
  const {triggers} = data.viewer.projects.edges.map((e) => e.node)
    .find((p) => p.name === 'vision-baselines');
  assert.deepEqual(triggers.map((t) => t.scope.__typename),
                   ['Project', 'ArtifactSequence', 'Project']);
  assert.equal(JSON.parse(triggers[2].triggeringCondition.filter)
    .run_state_filter.states.length, 2);
  assert.equal(data.entity.integrations.edges[0].node.channelName,
               '#alerts-alice');
  assert.ok(data.entity.integrations.pageInfo.hasNextPage);
});

const folder = process.env.WANDB_SCHEMA_DIR;
const skip = folder ? false : 'WANDB_SCHEMA_DIR is not set';

function largerSchema() {
  const text = readFileSync(join(folder, 'schema.graphql'), 'utf8');
  return buildSchema(/\btype Trigger\b/.test(text) ? text
    : text + unpublished);
}

test('our schema is a true subset of the larger one', {skip}, () => {
  const larger = largerSchema();
  const ours = buildSchema(schemaText);
  const args = (field) =>
    (field.args ?? []).map((a) => `${a.name}: ${a.type}`);
  for (const [name, type] of Object.entries(ours.getTypeMap())) {
    if (name.startsWith('__'))
      continue;
    const other = larger.getType(name);
    assert.ok(other, `no type ${name}`);
    assert.equal(other.constructor.name, type.constructor.name, name);
    if (type.getInterfaces)
      for (const i of type.getInterfaces())
        assert.ok(other.getInterfaces().some((o) => o.name === i.name),
                  `${name} implements ${i.name}`);
    const values = (t) => t.getValues?.().map((v) => v.name) ?? [];
    for (const value of values(type))
      assert.ok(values(other).includes(value), `${name}.${value}`);
    for (const [key, field] of Object.entries(type.getFields?.() ?? {})) {
      const twin = other.getFields()[key];
      assert.ok(twin, `no field ${name}.${key}`);
      assert.equal(String(field.type), String(twin.type), `${name}.${key}`);
      for (const arg of args(field))
        assert.ok(args(twin).includes(arg), `${name}.${key}(${arg})`);
    }
  }
});

test('both schemas accept all the operations', {skip}, () => {
  const larger = largerSchema();
  const operations = join(folder, 'operations');
  for (const file of readdirSync(operations)) {
    const document = parse(readFileSync(join(operations, file), 'utf8'));
    assert.deepEqual(validate(larger, document), [], file);
    assert.deepEqual(validate(schema, document), [], file);
  }
});
