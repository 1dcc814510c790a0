// Where an SDK streams a run's history to, and uploads its files.

import {createHash} from 'node:crypto';
import {json} from './http.js';
import {parseJsonText} from './json_text.js';

const linesOf = (part) =>
  (part?.content ?? []).flatMap((text) => text.split('\n'))
    .filter((line) => line.trim() !== '').map(parseJsonText);

/// POST /files/{entity}/{project}/{run}/file_stream
export function filestream({world, user, request, path, raw}) {
  const [entity, project, id, action] = path.split('/').slice(2)
    .map(decodeURIComponent);
  const run = world.projectFor(user, entity, project)?.runs.get(id);
  if (request.method !== 'POST' || action !== 'file_stream' || !run)
    return json(404, {error: 'run not found'});
  let body;
  let history;
  let summary;
  try {
    body = JSON.parse(raw.toString('utf8'));
    history = linesOf(body.files?.['wandb-history.jsonl']);
    summary = linesOf(body.files?.['wandb-summary.json']);
  } catch {
    return json(400, {error: 'a line is not JSON'});
  }
  if (history.length) {
    const {offset = 0} = body.files['wandb-history.jsonl'];
    const rows = run.rows().slice(0, offset);
    if (rows.length < offset)
      return json(400, {error: `no line ${offset}: there are ${rows.length}`});
    run.setRows([...rows, ...history.map(
      (row, i) => ({_step: offset + i, ...row}))]);
  }
  if (summary.length) {
    run.extraSummary = summary.at(-1);
    run.resetSummary();
  }
  for (const name of body.uploaded ?? [])
    if (!run.files.has(name))
      return json(400, {error: `${name} was not uploaded`});
  if (body.complete)
    run.state = body.exitcode ? 'failed' : 'finished';
  run.heartbeatAt = new Date().toISOString();
  return json(200, {exitcode: null, limits: {}});
}

/// PUT /storage/upload/{token}: the signed URL, with the headers it came with.
export function storage({world, request, path, raw}) {
  const [, , action, token] = path.split('/');
  const upload = action === 'upload' ? world.uploads.get(token) : undefined;
  if (!upload || request.method !== 'PUT')
    return json(404, {error: 'no such upload'});
  if (request.headers.authorization)
    return json(400, {error: 'a signed URL takes no other credentials'});
  if (request.headers['x-standin-upload'] !== 'accepted')
    return json(403, {error: 'the upload headers are missing'});
  world.uploads.delete(token);
  upload.run.files.set(upload.name, {
    name: upload.name,
    size: raw.length,
    digest: createHash('md5').update(raw).digest('base64'),
    mimetype: request.headers['content-type'],
    updatedAt: new Date().toISOString(),
  });
  return json(200, {});
}
