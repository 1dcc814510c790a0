// Two instances that share a seal key and a Redis: to clients they are one.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {connect} from 'node:net';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {bearer, exchange, initialize} from './support/mcp.js';
import {browser, connected, postForm, signInWorld} from './support/oauth.js';
import {emptyFolder, until} from './support/server.js';

const home = emptyFolder();
after(home.remove);
const socket = join(home.path, 'redis.sock');

const listens = () => new Promise((resolve) => {
  const probe = connect(socket, () => { probe.end(); resolve(true); });
  probe.on('error', () => resolve(false));
});

/// Debian's redis-tools has the server's program under another name; what it
/// does depends on how it is called.
async function startRedis() {
  const child = spawn('/usr/bin/redis-check-rdb', [
    '--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no',
    '--dir', home.path], {argv0: 'redis-server', stdio: 'ignore'});
  process.on('exit', () => child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.on('close', resolve));
  await until(listens, 'Redis to listen');
  return {async stop() {
    child.kill('SIGTERM');
    await exited;
  }};
}

let redis = await startRedis();
const it = await signInWorld({store: `unix:${socket}`});
const other = await it.another();
after(async () => {
  await other.stop();
  await redis.stop();
});
const person = await browser();
const {alice, bob} = it.by;

const calls = async (server, token) => (await exchange(server.url, {
  body: initialize(), headers: bearer(token)})).status;
const refresh = (server, {client_id, refresh_token}) =>
  postForm(`${server.origin}/token`, {grant_type: 'refresh_token', client_id,
                                      refresh_token});

test('a token and a client of one are good at the other', async () => {
  const grant = await connected(it, person, 'A client', {key: alice.api_key});
  assert.equal(await calls(it.server, grant.access_token), 200);
  assert.equal(await calls(other, grant.access_token), 200);
  const {status, body} = await refresh(other, grant);
  assert.equal(status, 200);
  assert.equal(await calls(it.server, body.access_token), 200);
});

test('two refreshes at once, one at each, both go on', async () => {
  const grant = await connected(it, person, 'A client', {key: alice.api_key});
  const both = await Promise.all([refresh(it.server, grant),
                                  refresh(other, grant)]);
  for (const {status, body} of both) {
    assert.equal(status, 200);
    assert.equal(await calls(it.server, body.access_token), 200);
    assert.equal(await calls(other, body.access_token), 200);
    assert.equal((await refresh(other, {...grant, ...body})).status, 200);
  }
});

test('a refresh token used at one is used at the other', async (t) => {
  // To this one any time after the first use is later.
  const strict = await it.another('--refresh_grace_seconds', '0');
  t.after(() => strict.stop());
  const grant = await connected(it, person, 'A client', {key: alice.api_key});
  const unrelated = await connected(it, person, 'A client',
                                    {key: bob.api_key});
  const fresh = (await refresh(it.server, grant)).body;
  assert.equal((await refresh(strict, grant)).body.error, 'invalid_grant');
  // The one that saw it knows at once, the other within seconds.
  assert.equal(await calls(strict, fresh.access_token), 401);
  await until(async () => await calls(it.server, fresh.access_token) === 401,
              'the revocation to be known');
  assert.equal(await calls(it.server, unrelated.access_token), 200);
});

test('while Redis is away keys and tokens go on, and nothing is refreshed',
     async () => {
  const grant = await connected(it, person, 'A client', {key: alice.api_key});
  await redis.stop();
  const closed = await refresh(it.server, grant);
  assert.equal(closed.status, 503);
  assert.equal(closed.body.error, 'temporarily_unavailable');
  assert.equal(await calls(it.server, grant.access_token), 200);
  assert.equal(await calls(it.server, alice.api_key), 200);
  await until(() => /the store is away/.test(it.server.log()),
              'the log to say so');
  redis = await startRedis();
  await until(() => /the store is back/.test(it.server.log()),
              'the log to say so');
  // Nothing was decided in the meantime.
  assert.equal((await refresh(it.server, grant)).status, 200);
});
