// Resolvers of runs: fields, histories, filters.

import {GraphQLError} from 'graphql';
import {connection} from './paging.js';
import {fileNode} from './files.js';
import {jsonText, jsonValue} from '../json_text.js';
import {wrappedConfig} from '../data/run.js';
import {base64} from '../data/world.js';

const runFields = {
  createdAt: 'createdAt', created_at: 'createdAt',
  heartbeatAt: 'heartbeatAt', heartbeat_at: 'heartbeatAt',
  displayName: 'displayName', display_name: 'displayName',
  group: 'group', host: 'host', jobType: 'jobType', job_type: 'jobType',
  name: 'name', state: 'state', tags: 'tags', username: 'username',
};

/// A value by its filter or order name. A metric may itself hold dots or
/// slashes, so the whole rest is tried as a key before it is walked.
export function runValue(run, field) {
  if (field in runFields)
    return run[runFields[field]];
  if (field === 'duration')
    return run.summary()._runtime;
  if (field === 'sweep')
    return run.sweep?.name;
  if (field.startsWith('config.'))
    return walk(run.config, field.slice(7).replace(/\.value(?=\.|$)/, ''));
  if (field.startsWith('summary_metrics.'))
    return walk(run.summary(), field.slice(16));
  throw new GraphQLError(`unknown run field ${field}`);
}

function walk(object, path) {
  if (object === null || typeof object !== 'object')
    return undefined;
  if (path in object)
    return object[path];
  const dot = path.indexOf('.');
  return dot < 0 ? undefined
    : walk(object[path.slice(0, dot)], path.slice(dot + 1));
}

function only(object, keys) {
  return keys
    ? Object.fromEntries(keys.filter((k) => k in object)
      .map((k) => [k, object[k]]))
    : object;
}

/// At most `samples` of `rows`, evenly spread, first and last included.
function thinned(rows, samples) {
  if (samples <= 0)
    return [];
  if (rows.length <= samples)
    return rows;
  if (samples === 1)
    return [rows[0]];
  const stride = (rows.length - 1) / (samples - 1);
  return Array.from({length: samples},
                    (_, i) => rows[Math.round(i * stride)]);
}

const within = (rows, from, upTo) =>
  rows.filter((row) => row._step >= from && row._step <= upTo);

function sampled(run, text) {
  let spec;
  try {
    spec = JSON.parse(text);
  } catch {
    throw new GraphQLError('a sampledHistory spec is not JSON');
  }
  if (!Array.isArray(spec?.keys) || spec.keys.length === 0)
    throw new GraphQLError('a sampledHistory spec needs keys');
  // Unlike history(), the upper bound is part of the range.
  const rows = within(run.rows(), spec.minStep ?? -Infinity,
                      spec.maxStep ?? Infinity)
    .filter((row) => spec.keys.every((key) => row[key] !== undefined));
  return thinned(rows, spec.samples ?? 500)
    .map((row) => jsonValue(only(row, spec.keys)));
}

/// Made up on the spot: what a GPU monitor would have sent every 15 seconds.
function systemEvents(run, samples) {
  const seconds = run.summary()._runtime ?? 0;
  const count = Math.min(samples ?? 100, Math.ceil(seconds / 15));
  return Array.from({length: count}, (_, i) => jsonText({
    'system.gpu.0.gpu': 60 + (i * 7) % 35,
    'system.gpu.0.memoryAllocated': 40 + i % 30,
    'system.cpu': 20 + i % 15,
    _runtime: i * 15,
    _wandb: true,
  }));
}

export const Run = {
  sweepName: (run) => run.sweep?.name ?? null,
  projectId: (run) => run.project.numericId,
  user: (run, _, {world}) => world.users.get(run.username) ?? null,
  readOnly: () => false,
  stopped: () => false,
  exitcode: (run) =>
    run.state === 'finished' ? 0 : run.state === 'running' ? null : 1,
  computeSeconds: (run) => Math.round(run.summary()._runtime ?? 0),
  config: (run, {keys}) => jsonText(only(wrappedConfig(run), keys)),
  summaryMetrics: (run, {keys}) => jsonText(only(run.summary(), keys)),
  systemMetrics: () => null,
  history(run, {minStep, maxStep, samples}) {
    const rows = run.rows();
    const from = minStep ?? -Infinity;
    const before = maxStep ?? Infinity;
    return thinned(
      rows.filter((row) => row._step >= from && row._step < before),
      samples ?? 500).map(jsonText);
  },
  sampledHistory: (run, {specs}) => specs.map((spec) => sampled(run, spec)),
  // The exported part of a history; the stand-in exports nothing.
  parquetHistory: () => ({liveData: [], parquetUrls: []}),
  historyKeys: (run) => jsonValue(run.historyKeys()),
  historyLineCount: (run) => run.rows().length,
  historyTail: (run) => jsonText(run.rows().slice(-1).map(jsonText)),
  events: (run, {samples}) => systemEvents(run, samples),
  eventsLineCount: (run) => systemEvents(run).length,
  logLineCount: () => 0,
  fileCount: (run) => run.files.size,
  files(run, {names, pattern, first, after}, {url}) {
    const like = pattern && new RegExp(
      `^${pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replace(/%/g, '.*')}$`);
    const files = [...run.files.values()]
      .filter((f) => !names || names.includes(f.name))
      .filter((f) => !like || like.test(f.name));
    return connection(files.map((f) => fileNode(f, url)), {first, after});
  },
  inputArtifacts: (run, page) =>
    connection(run.inputArtifacts, page, () => ({usedAs: []})),
  outputArtifacts: (run, page) => connection(run.outputArtifacts, page),
};

export const Sweep = {
  id: (sweep) => base64(`Sweep:${sweep.name}`),
  runCount: (sweep) => sweep.runs.length,
  bestLoss: (sweep) => {
    const losses = sweep.runs.map((r) => r.summary().loss)
      .filter(Number.isFinite);
    return losses.length ? Math.min(...losses) : null;
  },
};
