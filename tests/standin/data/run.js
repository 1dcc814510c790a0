// One run: its identity, and histories that are computed when first read.

import {base64, iso, now} from './world.js';
import {random, round} from './random.js';

/// Adds a run to `project`.
/// `history` gives [{key: value, ...}, ...] without the underscored members,
/// either one row per step or with `_step` set; it runs at most once.
export function addRun(project, id, details = {}) {
  const {history, indexed = true, secondsPerStep = 0.5, ...rest} = details;
  const createdAt = rest.createdAt ?? now - 3 * 86400_000;
  const run = {
    id: base64(`Run:v1:${id}:${project.name}:${project.entityName}`),
    name: id,
    displayName: id,
    state: 'finished',
    group: null,
    jobType: 'train',
    tags: [],
    notes: null,
    description: null,
    sweep: null,
    host: 'trainer-01',
    commit: '3f1c9ab7d2e4',
    username: null,
    config: {},
    extraSummary: {},
    files: new Map(),
    inputArtifacts: [],
    outputArtifacts: [],
    indexed,
    ...rest,
    createdAt: iso(createdAt),
    project,
  };
  let rows;
  let index;
  run.historyKeys = () => (index ??= historyKeys(run));
  run.rows = () => (rows ??= stamp(history?.(random(run.id)) ?? [], createdAt,
                                   secondsPerStep));
  run.setRows = (next) => {
    rows = next;
    summary = undefined;
    index = undefined;
  };
  let summary;
  run.summary = () => (summary ??= summarize(run));
  run.resetSummary = () => { summary = undefined; };
  run.heartbeatAt ??= iso(createdAt + 600_000);
  project.runs.set(id, run);
  return run;
}

function stamp(rows, createdAt, secondsPerStep) {
  return rows.map((row, i) => {
    const step = row._step ?? i;
    const runtime = round((step + 1) * secondsPerStep, 3);
    return {...row, _step: step, _runtime: runtime,
            _timestamp: round(createdAt / 1000 + runtime, 3)};
  });
}

/// The last value of every metric, as W&B's summary holds it.
function summarize(run) {
  const out = {};
  for (const row of run.rows())
    Object.assign(out, row);
  if (out._runtime !== undefined)
    out._wandb = {runtime: Math.round(out._runtime)};
  return {...out, ...run.extraSummary};
}

/// What W&B indexes of a history. Null for a run it has not indexed. Scanned
/// once per run: 50,000 rows are too many for every request.
function historyKeys(run) {
  if (!run.indexed)
    return null;
  const keys = {};
  let lastStep = -1;
  for (const row of run.rows()) {
    lastStep = Math.max(lastStep, row._step);
    for (const [key, value] of Object.entries(row)) {
      const info = (keys[key] ??= {typeCounts: [], monotonic: true,
                                   previousValue: -Infinity});
      const type = typeof value === 'string' ? 'string'
        : typeof value === 'object' ? 'map' : 'number';
      const count = info.typeCounts.find((t) => t.type === type);
      if (count)
        ++count.count;
      else
        info.typeCounts.push({type, count: 1});
      if (type === 'number') {
        if (value < info.previousValue)
          info.monotonic = false;
        info.previousValue = value;
      }
    }
  }
  return {sets: [], keys, lastStep};
}

/// Config as W&B stores it: each value wrapped, and its own bookkeeping.
export function wrappedConfig(run) {
  const out = {
    _wandb: {value: {cli_version: '0.25.1', python_version: '3.11.9',
                     is_jupyter_run: false, t: {1: [1, 41, 55]}}},
  };
  for (const [key, value] of Object.entries(run.config))
    out[key] = {value, desc: null};
  return out;
}
