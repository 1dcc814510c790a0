// The seeded world: who there is and what each of them has.
//
//   alice   own entity, and the team that she shares with bob
//   bob     his pages open with that team, not with his own entity
//   carol   shares nothing with the other two
//   dave    new here: one project, nothing in it
//   erin    member of two organizations, nothing of her own
//   tenant-00001...  as many as asked for, each alone with one project

import {World, iso, now} from './world.js';
import {addRun} from './run.js';
import {addVersion, addCollection, link, use} from './artifacts.js';
import {addView, reportSpec} from './reports.js';
import {conversations, evaluations} from './traces.js';
import {automations} from './automations.js';
import {random, round} from './random.js';
import * as recipes from './recipes.js';

const day = 86400_000;

/// Shaped like W&B's classic key, and plainly not one.
export const fakeKey = (name) =>
  `fakekey0${name.replace(/[^a-z0-9]/gi, '')}0`.padEnd(40, '0').slice(0, 40);

export function buildWorld({extraUsers = 0} = {}) {
  const world = new World();
  const northwind = world.addOrganization('Northwind', 'northwind-org');
  const bluefin = world.addOrganization('Bluefin', 'bluefin-org');
  world.addEntity('northwind-ml', {isTeam: true, organization: northwind});
  world.addEntity('bluefin-lab', {isTeam: true, organization: bluefin});

  world.addUser('alice', {
    name: 'Alice Example', apiKey: fakeKey('alice'), canary: 'canary-alice',
    teams: ['northwind-ml'], organizations: [northwind]});
  world.addUser('bob', {
    name: 'Bob Example', apiKey: fakeKey('bob'), canary: 'canary-bob',
    teams: ['northwind-ml'], organizations: [northwind],
    home: 'northwind-ml'});
  world.addUser('carol', {
    name: 'Carol Example', apiKey: fakeKey('carol'), canary: 'canary-carol',
    teams: ['bluefin-lab'], organizations: [bluefin]});
  world.addUser('dave', {
    name: 'Dave Example', apiKey: fakeKey('dave'), canary: 'canary-dave'});
  world.addUser('erin', {
    name: 'Erin Example', apiKey: fakeKey('erin'), canary: 'canary-erin',
    organizations: [northwind, bluefin]});

  visionProject(world, 'alice', 'alice');
  supportProject(world, 'alice', 'alice', {traces: 900, evals: 4});
  world.addProject('alice', 'empty-project',
                   {description: 'Nothing was ever logged here.'});
  for (let i = 1; i <= 60; ++i)
    world.addProject('alice', `archive-${String(i).padStart(2, '0')}`);

  const forecasting = teamProject(world);
  registries(world, northwind, forecasting);
  world.addProject('bob', 'tinkering', {description: 'canary-bob'});

  visionProject(world, 'carol', 'carol');
  supportProject(world, 'carol', 'carol', {traces: 120, evals: 1});
  world.addProject('bluefin-lab', 'sonar');
  world.addProject('dave', 'first-steps', {description: 'canary-dave'});

  for (let i = 1; i <= extraUsers; ++i)
    tenant(world, i);
  return world;
}

/// Runs of every temper, a sweep, artifacts and reports.
function visionProject(world, entity, username) {
  const canary = `canary-${username}`;
  const project = world.addProject(entity, 'vision-baselines', {
    description: `Image classification baselines (${canary})`,
    access: 'USER_READ'});
  let started = now - 20 * day;
  const run = (id, displayName, history, rest = {}) =>
    addRun(project, id, {
      displayName, history, username, createdAt: (started += 3600_000),
      config: {lr: 0.1, batch_size: 128, optimizer: 'sgd', canary,
               model: {name: 'resnet50', layers: [3, 4, 6, 3]},
               augment: true, dropout: null},
      tags: ['baseline'], group: 'baselines', ...rest});

  const healthy = run('healthy1', 'resnet50-steady', recipes.healthy(), {
    tags: ['baseline', 'production'], notes: 'The reference run.',
    extraSummary: {best: {accuracy: 0.9712, epoch: 9}, canary}});
  run('diverge1', 'resnet50-lr-too-high', recipes.diverging(), {
    config: {lr: 0.9, batch_size: 128, optimizer: 'sgd', canary,
             model: {name: 'resnet50', layers: [3, 4, 6, 3]}}});
  run('nanloss1', 'resnet50-fp16-overflow', recipes.withNaN(), {
    state: 'failed', config: {lr: 0.05, batch_size: 512, amp: true,
                              loss_scale: Infinity}});
  run('overfit1', 'vit-small-overfit', recipes.overfitting());
  run('crashed1', 'resnet152-out-of-memory', recipes.crashed(), {
    state: 'crashed', tags: ['baseline', 'oom']});
  run('longrun1', 'pretrain-50k', recipes.long(), {group: 'pretrain'});
  run('sparse01', 'sparse-metrics', recipes.sparse());
  run('nokeys01', 'not-indexed-yet', recipes.short(), {
    indexed: false, state: 'running'});
  run('negloss1', 'flow-likelihood', recipes.negative());
  run('wide0001', 'per-layer-gradients', recipes.wide());
  run('norows01', 'logged-nothing', null, {state: 'killed', tags: []});
  run('running1', 'resnet50-in-progress', recipes.short(), {
    state: 'running', tags: ['baseline', 'live'], heartbeatAt: iso(now)});
  run('twin0001', 'same-name', recipes.short());
  run('twin0002', 'same-name', recipes.short());

  sweep(project, 'sweepab1', username, 24, () => (started += 600_000));
  sweep(project, 'sweepcd2', username, 3, () => (started += 600_000),
        {state: 'RUNNING', method: 'random'});
  vision(world, project, healthy);
  automations(world, entity, project);
  for (let i = 1; i <= 3; ++i)
    addView(world, project, {
      username, name: `weekly${i}`, displayName: `Weekly report ${i}`,
      description: `What happened in week ${i}`,
      spec: reportSpec(`Week ${i}`, `Accuracy went up. ${canary}`)});
  return project;
}

function sweep(project, name, username, count, nextStart, rest = {}) {
  const s = {
    name, displayName: `lr-search-${name}`, method: 'bayes',
    state: 'FINISHED', description: null,
    config: 'method: bayes\nmetric:\n  goal: minimize\n  name: loss\n',
    createdAt: iso(now - 10 * day), updatedAt: iso(now - 9 * day),
    runCountExpected: count, runs: [], ...rest};
  const r = random(`${project.id}/${name}`);
  for (let i = 0; i < count; ++i) {
    const lr = round(10 ** -(1 + 3 * r.next()), 6);
    s.runs.push(addRun(project, r.id(), {
      displayName: `sweep-${name}-${i + 1}`, username, sweep: s,
      createdAt: nextStart(), history: recipes.short(),
      config: {lr, batch_size: r.pick([32, 64, 128])},
      tags: ['sweep'], group: name, jobType: 'sweep',
      extraSummary: {loss: round(0.2 + Math.abs(Math.log10(lr) + 2.5) / 5
                                 + 0.02 * r.noise())}}));
  }
  project.sweeps.push(s);
}

function vision(world, project, healthy) {
  const data = addCollection(world, project, 'cifar-split', 'dataset', {
    description: 'Training and validation split'});
  const first = addVersion(world, data, {
    files: {'train.parquet': 180_000_000, 'val.parquet': 20_000_000,
            'labels.json': 412}, metadata: {rows: 50_000, source: 'cifar'}});
  addVersion(world, data, {
    files: {'train.parquet': [180_000_000, 'relabelled'],
            'val.parquet': 20_000_000, 'README.md': 900},
    metadata: {rows: 50_000, source: 'cifar', relabelled: 312},
    tags: ['clean'], aliases: ['relabelled']});
  use(healthy, first);
  const model = addCollection(world, project, 'resnet50', 'model', {
    description: 'Weights of the baseline', tags: ['vision']});
  for (let i = 0; i < 6; ++i)
    addVersion(world, model, {
      files: {'model.safetensors': [102_400_000, `epoch ${i}`],
              'config.json': 1200}, run: healthy,
      metadata: {epoch: i, accuracy: round(0.8 + i / 40)},
      state: i === 1 ? 'DELETED' : 'COMMITTED',
      aliases: i === 4 ? ['best'] : []});
  const many = addCollection(world, project, 'frames', 'dataset');
  addVersion(world, many, {
    metadata: {frames: 2500, blur: NaN},
    files: Object.fromEntries(Array.from({length: 2500}, (_, i) =>
      [`frames/${String(i).padStart(5, '0')}.png`, 20_000 + i]))});
}

function supportProject(world, entity, username, {traces, evals}) {
  const project = world.addProject(entity, 'support-bot', {
    description: 'Traces of a customer support agent',
    makeCalls: (p) => [
      ...conversations(p, {count: traces, canary: `canary-${username}`,
                           runId: 'agent001'}),
      ...evaluations(p, {count: evals, rows: 40})]});
  addRun(project, 'agent001', {
    displayName: 'agent-deployment', username, history: recipes.short(),
    createdAt: now - 2 * day, config: {canary: `canary-${username}`}});
  return project;
}

function teamProject(world) {
  const project = world.addProject('northwind-ml', 'forecasting', {
    description: 'Demand forecasts', access: 'PRIVATE',
    makeCalls: (p) => conversations(p, {count: 60, canary: 'canary-team'})});
  for (let i = 0; i < 130; ++i)
    addRun(project, `fc${String(i).padStart(6, '0')}`, {
      displayName: `forecast-${i}`, username: i % 2 ? 'alice' : 'bob',
      createdAt: now - (130 - i) * 7200_000, history: recipes.short(30),
      state: ['finished', 'finished', 'crashed', 'failed', 'killed'][i % 5],
      config: {horizon: 7 * (1 + i % 4), lr: round(0.001 * (1 + i % 10), 4)},
      tags: i % 10 === 0 ? ['nightly', 'golden'] : ['nightly'],
      group: `week-${Math.floor(i / 20)}`});
  return project;
}

function registries(world, org, project) {
  const run = project.runs.get('fc000128');
  const source = addCollection(world, project, 'demand-model', 'model');
  const versions = [0, 1, 2, 3].map((i) => addVersion(world, source, {
    run, files: {'weights.bin': [9_000_000, `v${i}`], 'meta.json': 300},
    metadata: {mape: round(0.2 - i / 50)}, tags: i === 3 ? ['approved'] : []}));
  const registry = (short, details) =>
    world.addProject(org.orgEntityName, `wandb-registry-${short}`, details);
  const models = registry('model', {description: 'Models in use'});
  const portfolio = addCollection(world, models, 'demand-forecaster', 'model', {
    kind: 'PORTFOLIO', description: 'What the shop floor runs',
    tags: ['approved', 'demand']});
  link(world, portfolio, versions[1], []);
  link(world, portfolio, versions[3], ['production']);
  use(project.runs.get('fc000120'), versions[3]);
  for (let i = 1; i <= 25; ++i)
    link(world, addCollection(world, models, `candidate-${i}`, 'model', {
      kind: 'PORTFOLIO', tags: i % 2 ? ['odd'] : []}), versions[i % 4]);
  registry('dataset', {description: 'Reviewed data', access: 'RESTRICTED',
                       allowAllArtifactTypes: true});
}

/// One of many: alone with an entity, a project, a few runs and traces.
function tenant(world, number) {
  const username = `tenant-${String(number).padStart(5, '0')}`;
  const canary = `canary-${username}`;
  world.addUser(username, {name: `Tenant ${number}`, canary,
                           apiKey: fakeKey(username)});
  const project = world.addProject(username, `project-${username}`, {
    description: canary,
    makeCalls: (p) => conversations(p, {count: 12, canary})});
  for (const [id, history] of [['healthy1', recipes.healthy(200)],
                               ['diverge1', recipes.diverging(200)],
                               ['sparse01', recipes.sparse(200)]])
    addRun(project, id, {
      displayName: `${id}-of-${username}`, username, history,
      createdAt: now - day, config: {lr: 0.1, canary},
      extraSummary: {canary}});
}
