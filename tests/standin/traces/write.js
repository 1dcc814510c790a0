// What a Weave client writes: calls, and the objects and tables they refer to,
// with as much reading as the client itself does while it writes. Enough for
// the `weave` npm package to log ops and an evaluation.

import {createHash, randomUUID} from 'node:crypto';
import {invalid, Rejected} from './rejected.js';
import {storeFor} from './read.js';

const digestOf = (value) =>
  createHash('sha256').update(value).digest('base64url').slice(0, 43);

const callKeys = ['id', 'op_name', 'display_name', 'trace_id', 'parent_id',
                  'thread_id', 'turn_id', 'attributes', 'inputs', 'wb_user_id',
                  'wb_run_id', 'wb_run_step'];

function need(object, key, loc) {
  if (object?.[key] === undefined || object[key] === null)
    throw invalid([...loc, key], 'Field required', 'missing');
  return object[key];
}

function start({world, user}, record) {
  const call = need(record, 'start', []);
  const store = storeFor(world, user, need(call, 'project_id', ['start']));
  const made = {id: randomUUID(), trace_id: randomUUID()};
  for (const key of callKeys)
    if (call[key] !== undefined && call[key] !== null)
      made[key] = call[key];
  need(made, 'op_name', ['start']);
  made.started_at = Date.parse(need(call, 'started_at', ['start']));
  store.add(made);
  return {id: made.id, trace_id: made.trace_id};
}

function end({world, user}, record) {
  const call = need(record, 'end', []);
  const store = storeFor(world, user, need(call, 'project_id', ['end']));
  // An end may arrive before its start: it waits for it under the same id.
  store.add({
    op_name: '', ...store.byId.get(call.id),
    id: need(call, 'id', ['end']),
    ended_at: Date.parse(need(call, 'ended_at', ['end'])),
    output: call.output ?? null,
    exception: call.exception ?? null,
    summary: call.summary ?? {},
  });
  return {};
}

function update({world, user, body}) {
  const store = storeFor(world, user, need(body, 'project_id', []));
  const call = store.byId.get(need(body, 'call_id', []));
  if (!call)
    throw new Rejected(404, `Call ${body.call_id} not found`);
  call.display_name = body.display_name ?? call.display_name;
  return {};
}

function feedback({world, user, body}) {
  const store = storeFor(world, user, need(body, 'project_id', []));
  const call = /\/call\/([^/]+)$/.exec(need(body, 'weave_ref', []))?.[1];
  const entry = {
    id: randomUUID(),
    feedback_type: need(body, 'feedback_type', []),
    payload: body.payload ?? {},
    creator: body.creator ?? null,
    created_at: new Date().toISOString(),
    wb_user_id: user.id,
  };
  if (call)
    store.addFeedback(call, entry);
  const {id, created_at, wb_user_id, payload} = entry;
  return {id, created_at, wb_user_id, payload};
}

function createObject({world, user, body}) {
  const obj = need(body, 'obj', []);
  const store = storeFor(world, user, need(obj, 'project_id', ['obj']));
  const digest = digestOf(JSON.stringify(obj.val ?? null));
  store.objects.set(`${obj.object_id}:${digest}`, {
    project_id: obj.project_id, object_id: obj.object_id, digest,
    created_at: new Date().toISOString(), deleted_at: null, version_index: 0,
    is_latest: 1, kind: 'object', base_object_class: null, val: obj.val});
  return {digest, object_id: obj.object_id};
}

function readObject({world, user, body}) {
  const store = storeFor(world, user, need(body, 'project_id', []));
  const obj = store.objects.get(`${body.object_id}:${body.digest}`);
  if (!obj)
    throw new Rejected(404, `Object ${body.object_id} not found`);
  return {obj};
}

function createTable({world, user, body}) {
  const table = need(body, 'table', []);
  const store = storeFor(world, user, need(table, 'project_id', ['table']));
  const rows = need(table, 'rows', ['table']).map(
    (val) => ({digest: digestOf(JSON.stringify(val)), val}));
  const digest = digestOf(rows.map((row) => row.digest).join());
  store.tables.set(digest, rows);
  return {digest, row_digests: rows.map((row) => row.digest)};
}

function queryTable({world, user, body}) {
  const store = storeFor(world, user, need(body, 'project_id', []));
  const rows = store.tables.get(need(body, 'digest', []));
  if (!rows)
    throw new Rejected(404, `Table ${body.digest} not found`);
  const from = body.offset ?? 0;
  return {rows: rows.slice(from, from + (body.limit ?? rows.length))};
}

/// The form names its project in a part of its own; the rest isn't kept.
function createFile({world, user, body}) {
  const project = /name="project_id"\r\n\r\n([^\r]*)\r\n/.exec(
    body.toString('latin1'))?.[1];
  storeFor(world, user, project ?? '');
  return {digest: digestOf(body)};
}

export const writes = {
  '/call/start': (context) => start(context, context.body),
  '/call/end': (context) => end(context, context.body),
  '/call/upsert_batch': (context) => ({
    res: need(context.body, 'batch', []).map(({mode, req}) =>
      (mode === 'start' ? start(context, req) : end(context, req)))}),
  '/call/update': update,
  '/feedback/create': feedback,
  '/obj/create': createObject,
  '/obj/read': readObject,
  '/table/create': createTable,
  '/table/query': queryTable,
  '/file/create': createFile,
  '/files/create': createFile,
};
