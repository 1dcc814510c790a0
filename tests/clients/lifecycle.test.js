// How the server starts, ends and is configured, as its operator meets it.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import net from 'node:net';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {bearer, call, exchange, initialize, openSession, request}
  from './support/mcp.js';
import {format, open} from './support/raw_http.js';
import {emptyFolder, launch, startServer, until, within}
  from './support/server.js';
import {structured} from './support/tools.js';
import {standIn} from './support/world.js';

const standin = await standIn({extraUsers: 40});
after(() => standin.close());
let lastUser = 0;
const somebody = () =>
  standin.by[`tenant-${String(++lastUser).padStart(5, '0')}`];
const ping = request(7, 'ping');

/// A server for one test; `stop` it or let the test's end do it.
async function serve(t, {env, args} = {}) {
  const server = await startServer({standin, env, args});
  t.after(async () => {
    server.child.kill('SIGKILL');
    await server.exited;
  });
  return server;
}

/// Runs it to its end; gives {code, out, err}.
async function run(args, env) {
  const ran = launch({args, env});
  ran.child.stdin.end();
  const {code} = await within(ran.exited, `${args} to end`)
    .finally(() => ran.child.kill('SIGKILL'));
  return {code, out: ran.out(), err: ran.log()};
}

/// Opens the event stream of a session; `text()` gives what came.
async function openStream(server, session) {
  const connection = net.connect(server.port, '127.0.0.1');
  let text = '';
  connection.setEncoding('utf8').on('data', (part) => { text += part; });
  connection.on('error', () => {});
  connection.write(format({method: 'GET', headers: {
    Host: server.host, ...bearer(session.key), ...session.headers,
    Accept: 'text/event-stream'}}));
  await until(() => text.includes('\r\n\r\n'), 'the stream to open');
  assert.match(text, /^HTTP\/1\.1 200/);
  return {connection, text: () => text, ended: once(connection, 'close')};
}

describe('starting', () => {
  test('--help names every option with its variable', async () => {
    const {code, out} = await run(['--help']);
    assert.equal(code, 0);
    for (const word of [
      '--port', '--host', '--transport', '--seal_key_file', '--wandb_api_key',
      'WANDB_API_KEY', 'WANDB_BASE_URL', 'WF_TRACE_SERVER_URL',
      'WEAVE_TRACE_SERVER_URL', 'MCP_AUTH_DISABLED', 'MCP_SERVER_LOG_LEVEL',
      'MCP_LOG_FORMAT', 'MCP_LOG_PRIVACY_LEVEL', 'SESSION_TTL_SECONDS',
      'SESSION_MAX_AGE_SECONDS', 'MAX_SESSIONS_PER_KEY', 'MAX_RESPONSE_TOKENS',
      'MAX_ACCUMULATED_BYTES', 'WANDB_MCP_PROXY_DOCS'])
      assert.ok(out.includes(word), word);
  });

  test('--version says which', async () => {
    const {code, out} = await run(['--version']);
    assert.equal(code, 0);
    assert.match(out, /^wandb-mcp-server \d+\.\d+\.\d+\n$/);
  });

  for (const [args, env, reason] of [
    [['--port', 'many'], {}, /--port/], [['--port', '65536'], {}, /--port/],
    [['--port', '-1'], {}, /--port/], [['--port'], {}, /--port/],
    [['--transport', 'pigeon'], {}, /http stdio/],
    [['--no_such_option'], {}, /--no_such_option/], [['stray'], {}, /stray/],
    [['--wandb_api_key', 'short'], {}, /--wandb_api_key.*40/],
    [['--host', 'no such host'], {}, /host/],
    [['--seal_key_file', '/no/such/file'], {}, /seal_key_file.*no\/such/],
    [['--wandb_base_url', 'ftp://x'], {}, /--wandb_base_url.*http/],
    [[], {PORT: 'many'}, /PORT/],
    [[], {WANDB_API_KEY: 'short'}, /WANDB_API_KEY/],
    [[], {WANDB_BASE_URL: 'api.wandb.ai'}, /WANDB_BASE_URL/],
    [[], {WANDB_BASE_URL: 'https://user:pw@host'}, /WANDB_BASE_URL/],
    [[], {SESSION_TTL_SECONDS: '0'}, /SESSION_TTL_SECONDS/],
    [[], {SESSION_MAX_AGE_SECONDS: 'soon'}, /SESSION_MAX_AGE_SECONDS/],
    [[], {MAX_SESSIONS_PER_KEY: '0'}, /MAX_SESSIONS_PER_KEY/],
    [[], {MCP_LOG_FORMAT: 'xml'}, /MCP_LOG_FORMAT/],
    [[], {MCP_SERVER_LOG_LEVEL: 'loud'}, /MCP_SERVER_LOG_LEVEL/],
    [[], {MCP_LOG_PRIVACY_LEVEL: 'some'}, /MCP_LOG_PRIVACY_LEVEL/],
    [[], {MCP_AUTH_DISABLED: 'perhaps'}, /MCP_AUTH_DISABLED/],
    [['--transport', 'stdio'], {}, /WANDB_API_KEY/],
    [['--auth_disabled'], {}, /WANDB_API_KEY/],
    [['--auth_disabled', '--host', '0.0.0.0'],
     {WANDB_API_KEY: 'k'.repeat(40)}, /MCP_AUTH_DISABLED.*0\.0\.0\.0/],
  ])
    test(`[${[...args, ...Object.entries(env).map((e) => e.join('='))]
      .join(' ')}] is refused`, async () => {
      const {code, out, err} = await run(args, env);
      assert.equal(code, 2, err);
      assert.match(err, reason);
      assert.equal(out, '');
      assert.ok(err.length < 1000);
    });

  test('a refused value that may be a key is not repeated', async () => {
    const almost = 'secretsecret-secret'.repeat(3);
    for (const [args, env] of [[['--wandb_api_key', almost], {}],
                               [[], {WANDB_API_KEY: almost}]]) {
      const {code, err} = await run(args, env);
      assert.equal(code, 2);
      assert.ok(!err.includes(almost), err);
    }
  });

  test('a port that is taken is an error', async (t) => {
    const server = await serve(t);
    const {code, err} = await run(['--port', String(server.port)]);
    assert.notEqual(code, 0);
    assert.match(err, new RegExp(String(server.port)));
  });

  test('dashes do as well as underscores, and options win', async (t) => {
    const server = await serve(t, {
      args: ['--max-sessions-per-key=3', '--log-format', 'json'],
      env: {MCP_LOG_FORMAT: 'text', MAX_SESSIONS_PER_KEY: '5'}});
    assert.ok(JSON.parse(server.log().split('\n')[0]).message);
  });
});

describe('pages', () => {
  test('/health says that all is well, and the version', async (t) => {
    const server = await serve(t);
    const answer = await exchange(`${server.origin}/health`, {method: 'GET'});
    assert.equal(answer.status, 200);
    const {status, version} = JSON.parse(answer.text);
    assert.equal(status, 'ok');
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(answer.headers['cache-control'], 'no-store');
  });

  test('the landing page tells a person what to do', async (t) => {
    const server = await serve(t);
    const answer = await exchange(`${server.origin}/`, {method: 'GET'});
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^text\/html/);
    assert.ok(answer.headers['content-security-policy']);
    assert.match(answer.text, /\/mcp/);
    assert.match(answer.text, /your W&amp;B API key/);
    assert.match(answer.text, /href="http[^"]*\/authorize"/);
    assert.match(answer.text, /href="\/connect"/);
  });
});

describe('stopping', () => {
  for (const signal of ['SIGTERM', 'SIGINT'])
    test(`${signal} lets a running call finish`, async (t) => {
      const server = await serve(t);
      const user = somebody();
      const session = await openSession(server.url, user.api_key);
      // Long enough for the signal to come first.
      await standin.fault({target: 'graphql', fault: 'delay', ms: 1500,
                           user: user.username, times: 1});
      const asking = session.ask(call(3, 'query_wandb_entity_projects',
                                      {entity: user.username}));
      await standin.request((r) => r.user === user.username,
                            'the call to reach W&B');
      server.child.kill(signal);
      await until(() => /stopping/.test(server.log()), 'the signal to arrive');
      const answer = await asking;
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.connection, 'close');
      const {projects} = structured(answer.messages[0].result);
      assert.equal(projects[user.username][0].name, user.projects[0]);
      assert.deepEqual(await within(server.exited, 'the end'),
                       {code: 0, signal: null});
    });

  test('ends idle streams and connections at once', async (t) => {
    const server = await serve(t, {env: {MCP_SHUTDOWN_GRACE_SECONDS: '600'}});
    const session = await openSession(server.url, somebody().api_key);
    const stream = await openStream(server, session);
    const idle = open(server.port);
    idle.write(format({method: 'GET', target: '/health',
                       headers: {Host: server.host}}));
    await idle.next();
    server.child.kill('SIGTERM');
    await stream.ended;
    assert.ok(stream.text().endsWith('0\r\n\r\n'), 'the stream ends in order');
    await idle.closed();
    assert.deepEqual(await within(server.exited, 'the end'),
                     {code: 0, signal: null});
  });

  test('does not wait for W&B longer than it was told', async (t) => {
    const server = await serve(t, {env: {MCP_SHUTDOWN_GRACE_SECONDS: '1'}});
    const user = somebody();
    const session = await openSession(server.url, user.api_key);
    await standin.fault({target: 'graphql', fault: 'hang', times: 1,
                         user: user.username});
    const asking = session.ask(call(3, 'query_wandb_entity_projects',
                                    {entity: user.username}))
      .then(() => 'answered', () => 'broken off');
    await standin.request((r) => r.user === user.username,
                          'the call to reach W&B');
    server.child.kill('SIGTERM');
    assert.equal((await within(server.exited, 'the end')).code, 0);
    await asking;
    await standin.request((r) => r.user === user.username && r.aborted,
                          'the request to be aborted');
  });

  test('stdio ends with its input, and with SIGTERM', async () => {
    for (const end of [(child) => child.stdin.end(),
                       (child) => child.kill('SIGTERM')]) {
      const user = somebody();
      const server = launch({
        args: ['--transport', 'stdio'],
        env: {WANDB_API_KEY: user.api_key, WANDB_BASE_URL: standin.url}});
      server.child.stdin.write(`${JSON.stringify(initialize())}\n`);
      await until(() => server.out().includes('\n'), 'the first answer');
      end(server.child);
      const {code, signal} = await within(server.exited, 'the end')
        .finally(() => server.child.kill('SIGKILL'));
      assert.ok(code === 0 || signal === 'SIGTERM', `${code} ${signal}`);
    }
  });
});

describe('sessions', () => {
  test('outlive a restart with the same seal key', async (t) => {
    const folder = emptyFolder();
    t.after(folder.remove);
    const file = join(folder.path, 'seal.key');
    writeFileSync(file, `${'0123456789abcdef'.repeat(4)}\n`, {mode: 0o600});
    const args = ['--seal_key_file', file];
    const first = await serve(t, {args});
    const user = somebody();
    const session = await openSession(first.url, user.api_key,
                                      {version: '2025-06-18'});
    await first.stop();

    const second = await serve(t, {args});
    const again = (body, key = user.api_key) => exchange(second.url, {
      body, headers: {...bearer(key), ...session.headers}});
    const answer = await again(call(1, 'list_entities_tool'));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(structured(answer.messages[0].result).entities[0].name,
                 user.username);
    assert.equal((await again(ping, somebody().api_key)).status, 404);
    await second.stop();

    const third = await serve(t);
    const lost = await exchange(third.url, {
      body: ping, headers: {...bearer(user.api_key), ...session.headers}});
    assert.equal(lost.status, 404, 'another key can not open it');
  });

  test('end at their greatest age', async (t) => {
    const server = await serve(t, {env: {SESSION_MAX_AGE_SECONDS: '1'}});
    const session = await openSession(server.url, somebody().api_key);
    await until(async () => {
      // On a connection of its own each time: one that knows a session asks
      // for its age only now and then.
      const {status} = await session.ask(ping, {agent: false});
      assert.ok(status === 200 || status === 404, `${status}`);
      return status === 404;
    }, 'the session to expire');
    const fresh = await openSession(server.url, session.key);
    assert.equal((await fresh.ask(ping)).status, 200);
  });

  test('make room for a new one when none is in use', async (t) => {
    const server = await serve(t, {env: {MAX_SESSIONS_PER_KEY: '2'}});
    const user = somebody();
    const all = [];
    for (let i = 0; i < 5; ++i)
      all.push(await openSession(server.url, user.api_key));
    for (const session of all)
      assert.equal((await session.ask(ping)).status, 200,
                   'an id stays good when its session was freed');
  });

  test('beyond the limit that are all in use are refused', async (t) => {
    const server = await serve(t, {env: {MAX_SESSIONS_PER_KEY: '2'}});
    const user = somebody();
    const streams = [];
    for (let i = 0; i < 2; ++i)
      streams.push(await openStream(
        server, await openSession(server.url, user.api_key)));
    const refused = await exchange(server.url, {
      body: initialize(), headers: bearer(user.api_key)});
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    assert.match(refused.messages[0].error.message, /[Ss]essions/);
    await openSession(server.url, somebody().api_key);
    streams[0].connection.destroy();
    await until(async () => (await exchange(server.url, {
      body: initialize(), headers: bearer(user.api_key)})).status === 200,
                'room for another');
  });
});

describe('without authentication', () => {
  test('everybody uses the key of the server', async (t) => {
    const user = somebody();
    const server = await serve(t, {env: {
      MCP_AUTH_DISABLED: 'true', WANDB_API_KEY: user.api_key}});
    assert.match(server.log(), /AUTHENTICATION IS DISABLED/);
    for (const headers of [{}, {authorization: 'Bearer nonsense'}]) {
      const opened = await exchange(server.url, {body: initialize(), headers});
      assert.equal(opened.status, 200);
      const answer = await exchange(server.url, {
        body: call(2, 'list_entities_tool'),
        headers: {...headers,
                  'mcp-session-id': opened.headers['mcp-session-id']}});
      assert.equal(structured(answer.messages[0].result).entities[0].name,
                   user.username);
      assert.ok(!answer.text.includes(user.api_key));
    }
    const foreign = await exchange(server.url, {
      body: initialize(), headers: {host: 'evil.example'}});
    assert.equal(foreign.status, 403, 'DNS rebinding is no way in');
    await server.stop();
    assert.ok(!server.log().includes(user.api_key));
  });

  test('is off unless asked for, even with a key at hand', async (t) => {
    const server = await serve(t, {env: {
      MCP_AUTH_DISABLED: 'false', WANDB_API_KEY: somebody().api_key}});
    assert.equal((await exchange(server.url, {body: initialize()})).status,
                 401);
  });
});

describe('the log', () => {
  test('is one JSON object a line, and holds no key', async (t) => {
    const server = await serve(t, {env: {
      MCP_LOG_FORMAT: 'json', MCP_SERVER_LOG_LEVEL: 'debug'}});
    const user = somebody();
    const session = await openSession(server.url, user.api_key);
    await session.call('list_entities_tool', {});
    await session.call('query_wandb_tool', {query: user.api_key});
    await session.ask(request(9, user.api_key));
    await exchange(`${server.origin}/${user.api_key}`, {method: 'GET'});
    await session.end();
    await server.stop();
    const lines = server.log().split('\n').filter(Boolean);
    assert.ok(lines.length > 3);
    for (const line of lines) {
      const {time, level, message} = JSON.parse(line);
      assert.ok(Date.parse(time) > 0);
      assert.match(level, /^(debug|info|warning|error)$/);
      assert.equal(typeof message, 'string');
    }
    const [called] = lines.map((line) => JSON.parse(line)).filter(
      ({message, tool}) => message === 'call' && tool === 'list_entities_tool');
    assert.equal(called.outcome, 'ok');
    assert.match(called.request, /^\d+\.\d+$/);
    assert.equal(typeof called.ms, 'number');
    const [refused] = lines.map((line) => JSON.parse(line)).filter(
      ({message}) => message === 'http refused');
    assert.equal(refused.status, 404);
    assert.equal(refused.level, 'info');
    assert.equal(refused.path, '/***');
    assert.equal(refused.reason, 'not_found');
    assert.match(refused.peer, /^127\.0\.0\.1:\d+$/);
    assert.match(refused.request, /^\d+\.\d+$/);
    assert.ok(!server.log().includes(user.api_key));
  });

  test('shows of a session id no more than it was told to', async (t) => {
    for (const [level, shown] of [['standard', true], ['strict', false]]) {
      const server = await serve(t, {env: {MCP_LOG_PRIVACY_LEVEL: level}});
      await exchange(`${server.origin}/nowhere`, {method: 'GET'});
      const session = await openSession(server.url, somebody().api_key);
      await session.call('list_entities_tool', {});
      await server.stop();
      assert.match(server.log(), /tool=list_entities_tool/);
      assert.equal(/status=404 path=\/nowhere .*peer=/.test(server.log()),
                   shown);
      assert.equal(server.log().includes(session.id.slice(0, 8)), shown);
      assert.ok(!server.log().includes(session.id));
    }
  });
});
