// POST /calls/stream_query and /calls/query_stats. Requests are typed strictly:
// an unknown member anywhere is refused, as the trace server does.

import {callFields, checkField, compile} from './query.js';
import {invalid, Rejected} from './rejected.js';

const isText = (v) => typeof v === 'string';
const isFlag = (v) => typeof v === 'boolean';
const isCount = (v) => Number.isInteger(v) && v >= 0;
const isObject = (v) =>
  v !== null && typeof v === 'object' && !Array.isArray(v);
const isTexts = (v) => Array.isArray(v) && v.every(isText);

const streamKeys = {
  project_id: isText, filter: isObject, limit: isCount, offset: isCount,
  sort_by: Array.isArray, query: isObject, include_costs: isFlag,
  include_feedback: isFlag, include_storage_size: isFlag,
  include_total_storage_size: isFlag, columns: isTexts,
  expand_columns: isTexts, return_expanded_column_values: isFlag,
};
const statsKeys = {
  project_id: isText, filter: isObject, query: isObject, limit: isCount,
  include_total_storage_size: isFlag, expand_columns: isTexts,
};
// Filter member -> the field it tests, for those that are plain lists.
const listFilters = {
  parent_ids: 'parent_id', trace_ids: 'trace_id', call_ids: 'id',
  thread_ids: 'thread_id', turn_ids: 'turn_id', wb_user_ids: 'wb_user_id',
  wb_run_ids: 'wb_run_id',
};
const required = ['id', 'project_id', 'trace_id', 'op_name', 'started_at'];
const largestList = 1000;

function checkKeys(object, known, loc) {
  for (const [key, value] of Object.entries(object)) {
    if (!(key in known))
      throw invalid([...loc, key], 'Extra inputs are not permitted',
                    'extra_forbidden');
    if (value !== null && !known[key](value))
      throw invalid([...loc, key], 'Input should be of another type',
                    'type_error');
  }
}

function checkRequest(body, known) {
  if (!isObject(body))
    throw invalid([], 'Input should be an object', 'model_attributes_type');
  checkKeys(body, known, []);
  if (!isText(body.project_id))
    throw invalid(['project_id'], 'Field required', 'missing');
}

/// The project's calls; another's project and a missing one look the same.
export function storeFor(world, user, projectId) {
  const [entity, name, ...more] = projectId.split('/');
  const project = more.length ? null : world.projectFor(user, entity, name);
  if (!project)
    throw new Rejected(404, `Project ${projectId} not found`);
  return project.calls;
}

function passes(filter) {
  const known = {
    op_names: isTexts, input_refs: isTexts, output_refs: isTexts,
    trace_roots_only: isFlag,
    ...Object.fromEntries(Object.keys(listFilters).map((k) => [k, isTexts])),
  };
  checkKeys(filter, known, ['filter']);
  const tests = [];
  for (const [key, value] of Object.entries(filter)) {
    // An empty list means the same as none at all.
    if (value === null || value.length === 0)
      continue;
    if (Array.isArray(value) && value.length > largestList)
      throw invalid(['filter', key],
                    `List should have at most ${largestList} items`,
                    'too_long');
    if (key in listFilters) {
      const set = new Set(value);
      tests.push((call) => set.has(call[listFilters[key]]));
    } else if (key === 'trace_roots_only') {
      if (value)
        tests.push((call) => !call.parent_id);
    } else if (key === 'op_names') {
      const exact = new Set(value.filter((v) => !v.endsWith(':*')));
      const any = value.filter((v) => v.endsWith(':*'))
        .map((v) => v.slice(0, -1));
      tests.push((call) => exact.has(call.op_name)
                 || any.some((prefix) => call.op_name.startsWith(prefix)));
    } else {
      const side = key === 'input_refs' ? 'inputs' : 'output';
      tests.push((call) => {
        const held = JSON.stringify(call[side] ?? null);
        return value.some((ref) => held.includes(JSON.stringify(ref)));
      });
    }
  }
  return (call) => tests.every((test) => test(call));
}

function matching(store, {filter, query}) {
  const first = filter ? passes(filter) : () => true;
  const second = query ? compile(query) : () => true;
  // A call whose end came before its start isn't one yet.
  return store.calls.filter((call) => call.started_at && !call.deleted_at
                            && first(call) && second(store.view(call)));
}

function checkSort(sortBy) {
  return sortBy.map((entry, i) => {
    const loc = ['sort_by', i];
    if (!isObject(entry))
      throw invalid(loc, 'Input should be an object', 'model_type');
    checkKeys(entry, {field: isText, direction: isText}, loc);
    if (!isText(entry.field))
      throw invalid([...loc, 'field'], 'Field required', 'missing');
    if (entry.direction !== 'asc' && entry.direction !== 'desc')
      throw invalid([...loc, 'direction'], "Input should be 'asc' or 'desc'",
                    'literal_error');
    checkField(entry.field);
    return entry;
  });
}

const time = (ms) => (ms ? new Date(ms).toISOString().replace(
  /\.(\d{3})Z$/, '.$1000Z') : null);

/// A call as the wire shows it. A dotted column brings its whole base: the
/// server selects stored columns and leaves the digging to the client. What
/// wasn't selected comes back empty, not absent.
function shown(store, call, request, wanted) {
  const has = (name) => !wanted || wanted.has(name);
  const out = {
    id: call.id,
    project_id: store.projectId,
    op_name: call.op_name,
    display_name: has('display_name') ? (call.display_name ?? null) : null,
    trace_id: call.trace_id,
    parent_id: has('parent_id') ? (call.parent_id ?? null) : null,
    thread_id: has('thread_id') ? (call.thread_id ?? null) : null,
    turn_id: has('turn_id') ? (call.turn_id ?? null) : null,
    started_at: time(call.started_at),
    ended_at: has('ended_at') ? time(call.ended_at) : null,
    attributes: has('attributes') ? (call.attributes ?? {}) : {},
    inputs: has('inputs') ? (call.inputs ?? {}) : {},
    output: has('output') ? (call.output ?? null) : null,
    exception: has('exception') ? (call.exception ?? null) : null,
    summary: has('summary') ? {
      ...call.summary,
      weave: store.weaveSummary(call, {costs: request.include_costs,
                                       feedback: request.include_feedback}),
    } : {weave: store.weaveSummary({
      // The computed part comes always, made of the columns that were selected:
      // of a call without its end it says that it runs.
      ...call, summary: {},
      ended_at: has('ended_at') ? call.ended_at : null,
      exception: has('exception') ? call.exception : null,
    })},
    wb_user_id: has('wb_user_id') ? (call.wb_user_id ?? null) : null,
    wb_run_id: has('wb_run_id') ? (call.wb_run_id ?? null) : null,
    wb_run_step: has('wb_run_step') ? (call.wb_run_step ?? null) : null,
    wb_run_step_end: null,
    deleted_at: null,
  };
  if (request.include_storage_size || request.include_total_storage_size) {
    const size = sizeOf(call);
    out.storage_size_bytes = request.include_storage_size ? size : null;
    out.total_storage_size_bytes =
      request.include_total_storage_size && !call.parent_id ? size : null;
  }
  return out;
}

const sizeOf = (call) => JSON.stringify(call).length;

/// The lines of the answer, made one by one while they are read.
export function streamQuery(world, user, body) {
  checkRequest(body, streamKeys);
  const store = storeFor(world, user, body.project_id);
  const sortBy = checkSort(body.sort_by ?? [
    {field: 'started_at', direction: 'asc'}]);
  let wanted = null;
  if (body.columns?.length) {
    wanted = new Set([...required, ...body.columns.map(
      (path) => checkField(path).split('.')[0])]);
    for (const name of wanted)
      if (!(name in callFields))
        throw new Rejected(400, `Field ${name} is not allowed`);
  }
  const from = body.offset ?? 0;
  const rows = store.sorted(matching(store, body), sortBy)
    .slice(from, body.limit === null || body.limit === undefined
      ? undefined : from + body.limit);
  return (function* () {
    for (const call of rows)
      yield `${JSON.stringify(shown(store, call, body, wanted))}\n`;
  })();
}

export function queryStats(world, user, body) {
  checkRequest(body, statsKeys);
  const store = storeFor(world, user, body.project_id);
  let rows = matching(store, body);
  if (body.limit !== null && body.limit !== undefined)
    rows = rows.slice(0, body.limit);
  return {
    count: rows.length,
    total_storage_size_bytes: body.include_total_storage_size
      ? rows.reduce((sum, call) => sum + sizeOf(call), 0) : null,
  };
}
