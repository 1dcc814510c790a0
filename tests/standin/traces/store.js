// The calls of one project, and what is computed when they are shown: status,
// latency, costs and feedback are never stored, they appear in summary.weave.

import {order} from './query.js';

/// Prices in dollars per token.
const prices = {
  'gpt-4o': [2.5e-6, 1e-5],
  'gpt-4o-mini': [1.5e-7, 6e-7],
  'claude-sonnet-4': [3e-6, 1.5e-5],
  'text-embedding-3-small': [2e-8, 0],
};

export class CallStore {
  /// `calls` as the seed makes them: fields of a call, times as milliseconds.
  constructor(project, calls) {
    this.projectId = `${project.entityName}/${project.name}`;
    this.calls = [];
    this.byId = new Map();
    this.feedback = new Map(); // call id -> feedback objects
    this.objects = new Map(); // "name:digest" -> object, as written
    this.tables = new Map(); // digest -> rows, as written
    // The seed stands for what the Python client wrote.
    for (const {feedback, ...call} of withStatusCounts(calls)) {
      this.add(call);
      if (feedback)
        this.feedback.set(call.id, feedback);
    }
  }

  add(call) {
    const known = this.byId.get(call.id);
    if (known)
      return Object.assign(known, call);
    this.calls.push(call);
    this.byId.set(call.id, call);
    return call;
  }

  addFeedback(id, entry) {
    this.feedback.set(id, [...(this.feedback.get(id) ?? []), entry]);
  }

  /// What is below a call counts as far as the client that wrote it counted:
  /// the Python client does, the JavaScript client does not.
  status(call) {
    if (call.exception)
      return 'error';
    if (call.summary?.status_counts?.error > 0)
      return 'descendant_error';
    return call.ended_at ? 'success' : 'running';
  }

  /// The computed part of a summary.
  weaveSummary(call, {costs = false, feedback = false} = {}) {
    const shown = {
      status: this.status(call),
      trace_name: call.display_name
        ?? call.op_name.replace(/^weave:\/\/\/.*\/op\//, '')
          .replace(/:[^:]*$/, ''),
    };
    if (call.ended_at)
      shown.latency_ms = Math.round(call.ended_at - call.started_at);
    if (costs && call.summary?.usage)
      shown.costs = costsOf(call.summary.usage);
    if (feedback)
      shown.feedback = this.feedback.get(call.id) ?? [];
    return shown;
  }

  /// The run's id as a query sees it: the trace server keeps ids of its own,
  /// and turns those it is sent into them in the list of run ids alone.
  storedRun(call) {
    if (!call.wb_run_id)
      return null;
    const [entity, project, run] = call.wb_run_id.split('/');
    return `${Buffer.from(`${entity}/${project}`).toString('base64')}:${run}`;
  }

  /// What a query reads: `get` finds a field by its dotted path.
  view(call) {
    return {
      get: (path) => {
        if (path === 'started_at' || path === 'ended_at')
          return call[path] ? new Date(call[path]) : null;
        if (path === 'wb_run_id')
          return this.storedRun(call);
        if (path.startsWith('summary.weave.'))
          return dig(this.weaveSummary(call, {costs: true}), path.slice(14));
        const dot = path.indexOf('.');
        return dot < 0 ? (call[path] ?? null)
          : dig(call[path.slice(0, dot)], path.slice(dot + 1));
      },
    };
  }

  /// Orders by [{field, direction}]; calls that lack a field come last.
  sorted(calls, sortBy) {
    const keyed = calls.map((call) => {
      const view = this.view(call);
      return {call, keys: sortBy.map(({field}) => view.get(field))};
    });
    keyed.sort((a, b) => {
      for (let i = 0; i < sortBy.length; ++i) {
        const x = a.keys[i];
        const y = b.keys[i];
        if (x === null || y === null) {
          if (x !== y)
            return x === null ? 1 : -1;
          continue;
        }
        const sign = order(x, y) ?? 0;
        if (sign)
          return sortBy[i].direction === 'desc' ? -sign : sign;
      }
      return 0;
    });
    return keyed.map(({call}) => call);
  }
}

/// The Python client writes into the summary of a call how many calls there
/// are from it downwards, by how they ended.
function withStatusCounts(calls) {
  const children = new Map(); // parent id -> calls
  for (const call of calls) {
    const siblings = children.get(call.parent_id);
    if (siblings)
      siblings.push(call);
    else
      children.set(call.parent_id, [call]);
  }
  const count = (call, counts) => {
    ++counts[call.exception ? 'error' : 'success'];
    (children.get(call.id) ?? []).forEach((child) => count(child, counts));
    return counts;
  };
  return calls.map((call) => (!call.ended_at ? call : {...call, summary: {
    status_counts: count(call, {success: 0, error: 0}), ...call.summary}}));
}

/// Follows a dotted path; at each level the whole rest may be one key, since
/// keys hold dots themselves.
function dig(value, path) {
  if (value === null || typeof value !== 'object')
    return null;
  if (path in value)
    return value[path] ?? null;
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1))
    if (path.slice(0, dot) in value)
      return dig(value[path.slice(0, dot)], path.slice(dot + 1));
  return null;
}

function costsOf(usage) {
  const out = {};
  for (const [model, u] of Object.entries(usage)) {
    if (!prices[model])
      continue;
    const [prompt, completion] = prices[model];
    out[model] = {
      prompt_tokens: u.prompt_tokens ?? 0,
      completion_tokens: u.completion_tokens ?? 0,
      requests: u.requests ?? 1,
      total_tokens: u.total_tokens ?? 0,
      prompt_token_cost: prompt,
      completion_token_cost: completion,
      prompt_tokens_total_cost: (u.prompt_tokens ?? 0) * prompt,
      completion_tokens_total_cost: (u.completion_tokens ?? 0) * completion,
      prompt_token_cost_unit: 'USD',
      completion_token_cost_unit: 'USD',
      effective_date: '2025-01-01 00:00:00',
      provider_id: 'default',
      pricing_level: 'default',
      pricing_level_id: 'default',
      created_at: '2025-01-01 00:00:00',
      created_by: 'system',
    };
  }
  return out;
}
