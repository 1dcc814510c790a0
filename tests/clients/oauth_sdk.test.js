// The official TypeScript SDK's client signs in: from a 401 to a token, with a
// person at a real browser, and through the life of the token.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import https from 'node:https';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {UnauthorizedError} from '@modelcontextprotocol/sdk/client/auth.js';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StreamableHTTPClientTransport}
  from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {Client as Client2, StreamableHTTPClientTransport as Transport2}
  from '@modelcontextprotocol/client';
import {MemoryProvider, browser, signIn, signInWorld}
  from './support/oauth.js';
import {bearer, exchange, initialize} from './support/mcp.js';
import {emptyFolder, until} from './support/server.js';

const folder = emptyFolder();
after(folder.remove);
// A client of the operator's own, whose metadata document is at a private
// address, with a certificate of the operator's own.
const [key, certificate] = ['key.pem', 'cert.pem']
  .map((name) => join(folder.path, name));
execFileSync('openssl', [
  'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
  '-subj', '/CN=client.localhost', '-addext',
  'subjectAltName=DNS:client.localhost', '-keyout', key, '-out', certificate],
             {stdio: 'ignore'});

const it = await signInWorld({args: [
  '--private_client_hosts', 'client.localhost', '--ca_file', certificate]});
const person = await browser();
const alice = it.by.alice;

/// A transport and its client, not yet connected.
function pair(provider) {
  const transport = new StreamableHTTPClientTransport(new URL(it.url),
                                                      {authProvider: provider});
  return {transport, client: new Client({name: 'oauth-test', version: '1'})};
}

/// Connects; when the server wants to see a person first, lets them in.
async function connect(t, provider, how = {key: alice.api_key}) {
  const first = pair(provider);
  try {
    await first.client.connect(first.transport);
    t.after(() => first.client.close());
    return first.client;
  } catch (error) {
    assert.ok(error instanceof UnauthorizedError, String(error));
  }
  const answer = await signIn(person, provider.sent.at(-1), how);
  assert.equal(answer.error, undefined, JSON.stringify(answer));
  assert.equal(answer.iss, it.origin);
  assert.equal(answer.state, 'state-of-the-test');
  await first.transport.finishAuth(answer.code);
  const second = pair(provider);
  await second.client.connect(second.transport);
  t.after(() => second.client.close());
  return second.client;
}

const newProvider = (more = {}) =>
  new MemoryProvider({redirectUrl: 'http://127.0.0.1:53682/callback', ...more});

const entities = (client) =>
  client.callTool({name: 'list_entities_tool', arguments: {}});

const report = (client) => client.callTool({
  name: 'create_wandb_report_tool', arguments: {
    entity_name: 'alice', project_name: 'vision-baselines',
    title: 'Signed in', description: '',
    markdown_report_text: '# Signed in'}});

describe('a client that registers itself', () => {
  test('is sent to sign in, gets a token, and calls as that user',
       async (t) => {
    const provider = newProvider();
    const client = await connect(t, provider);
    const answer = await entities(client);
    assert.equal(answer.isError ?? false, false);
    assert.match(JSON.stringify(answer.structuredContent), /alice/);
    assert.match(provider.known.client_id, /^wbc\./);
    assert.match(provider.kept.access_token, /^wba\./);
    assert.equal(provider.kept.expires_in, 3600);
    // The key is nowhere in what the client holds or saw.
    assert.doesNotMatch(JSON.stringify([provider.kept, provider.sent.map(String)]),
                        new RegExp(alice.api_key));
  });

  test('works for a person whose browser runs no script', async (t) => {
    const client = await connect(t, newProvider(),
                                 {key: alice.api_key, script: false});
    assert.ok(await client.ping());
  });

  test('lets two users of one server see their own data alone', async (t) => {
    const [a, b] = [await connect(t, newProvider()),
                    await connect(t, newProvider(),
                                  {key: it.by.bob.api_key})];
    const [of_a, of_b] = [await entities(a), await entities(b)]
      .map((r) => JSON.stringify(r.structuredContent));
    assert.match(of_a, /alice/);
    assert.match(of_b, /bob/);
    assert.notEqual(of_a, of_b);
  });

  test('hears why when the person says no', async () => {
    const provider = newProvider();
    const {client, transport} = pair(provider);
    await assert.rejects(client.connect(transport), UnauthorizedError);
    const answer = await signIn(person, provider.sent.at(-1),
                                {decision: 'Deny'});
    assert.equal(answer.error, 'access_denied');
    assert.equal(answer.state, 'state-of-the-test');
    assert.equal(answer.code, undefined);
  });

  test('goes on when a wrong key was corrected', async (t) => {
    const client = await connect(t, newProvider(), {
      key: `  ${alice.api_key}\t`,
      async look(page) {
        for (const [wrong, says] of [['nonsense', /isn't a whole/],
                                     ['x'.repeat(40), /doesn't accept/]]) {
          await page.fill('#api_key', wrong);
          await page.click('button:has-text("Continue")');
          assert.match(await page.getByRole('alert').textContent(), says);
          assert.equal(await page.inputValue('#api_key'), '');
        }
      }});
    assert.ok(await client.ping());
  });

  test('is still known after the server restarted', async (t) => {
    const provider = newProvider();
    await (await connect(t, provider)).close();
    const before = provider.known.client_id;
    await it.restart();
    // With its old token, and with a new one for its old registration.
    await (await connect(t, provider)).close();
    delete provider.kept;
    assert.ok(await (await connect(t, provider)).ping());
    assert.equal(provider.known.client_id, before);
  });
});

describe('the life of a token', () => {
  test('an access token that is no good is refreshed, without the person',
       async (t) => {
    const provider = newProvider();
    await connect(t, provider);
    const asked = provider.sent.length;
    const old = provider.kept;
    provider.kept = {...old, access_token: `${old.access_token.slice(0, -4)}AAAA`};
    const client = await connect(t, provider);
    assert.ok(await client.ping());
    assert.equal(provider.sent.length, asked);
    assert.notEqual(provider.kept.access_token, old.access_token);
    assert.notEqual(provider.kept.refresh_token, old.refresh_token);
  });

  test('an access token that has expired is refreshed, without the person',
       async (t) => {
    const brief = await signInWorld({args: ['--access_token_ttl_seconds', '3']});
    const provider = newProvider();
    const join = () => {
      const transport = new StreamableHTTPClientTransport(
        new URL(brief.url), {authProvider: provider});
      return {transport, client: new Client({name: 'oauth-test', version: '1'})};
    };
    const first = join();
    await assert.rejects(first.client.connect(first.transport),
                         UnauthorizedError);
    const {code} = await signIn(person, provider.sent[0],
                                {key: brief.by.alice.api_key});
    await first.transport.finishAuth(code);
    const old = provider.kept;
    const refused = await until(async () => {
      const answer = await exchange(brief.url, {
        body: initialize(), headers: bearer(old.access_token)});
      return answer.status === 401 && answer;
    }, 'the token to expire');
    assert.match(refused.text, /Token expired/);
    const second = join();
    await second.client.connect(second.transport);
    t.after(() => second.client.close());
    assert.notEqual(provider.kept.access_token, old.access_token);
    assert.equal(provider.sent.length, 1);
  });

  test('a refresh token that is used again later ends all of its grant',
       async (t) => {
    const provider = newProvider();
    const client = await connect(t, provider);
    // To this instance any time after the first use is later.
    const strict = await it.another('--refresh_grace_seconds', '0');
    t.after(() => strict.stop());
    const refresh = (origin = it.origin) => fetch(`${origin}/token`, {
      method: 'POST', body: new URLSearchParams({
        grant_type: 'refresh_token', client_id: provider.known.client_id,
        refresh_token: provider.kept.refresh_token})});
    const both = await Promise.all([refresh(), refresh()]);
    assert.deepEqual(both.map(({status}) => status), [200, 200]);
    const again = await refresh(strict.origin);
    assert.equal(again.status, 400);
    assert.equal((await again.json()).error, 'invalid_grant');
    const call = await fetch(strict.url, {
      method: 'POST', body: '{}', headers: {
        authorization: `Bearer ${provider.kept.access_token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream'}});
    assert.equal(call.status, 401);
    assert.match(call.headers.get('www-authenticate'), /error="invalid_token"/);
    await client.close();
  });

  test('a tool that writes needs a wider token, which the client steps up to',
       async (t) => {
    // The SDK's 1.x line refreshes the narrow token instead of asking for more.
    const provider = newProvider({scope: 'wandb:read'});
    await (await connect(t, provider)).close();
    assert.equal(provider.kept.scope, 'wandb:read');
    const pair2 = () => ({
      client: new Client2({name: 'oauth-test', version: '2'}),
      transport: new Transport2(new URL(it.url), {authProvider: provider})});
    const first = pair2();
    await first.client.connect(first.transport);
    const asked = provider.sent.length;
    await assert.rejects(report(first.client));
    assert.equal(provider.sent.length, asked + 1);
    const url = provider.sent.at(-1);
    assert.match(url.searchParams.get('scope'), /wandb:write/);
    const answer = await signIn(person, url,
                                {key: alice.api_key, write: true});
    await first.transport.finishAuth(new URLSearchParams(answer));
    await first.client.close();
    assert.equal(provider.kept.scope, 'wandb:read wandb:write');
    const second = pair2();
    await second.client.connect(second.transport);
    t.after(() => second.client.close());
    const made = await report(second.client);
    assert.equal(made.isError ?? false, false, JSON.stringify(made));
  });

  test('a client can give its token back', async (t) => {
    const provider = newProvider();
    await connect(t, provider);
    const answer = await fetch(`${it.origin}/revoke`, {
      method: 'POST', body: new URLSearchParams({
        client_id: provider.known.client_id,
        token: provider.kept.refresh_token})});
    assert.equal(answer.status, 200);
    const asked = provider.sent.length;
    const {client, transport} = pair(provider);
    await assert.rejects(client.connect(transport), UnauthorizedError);
    assert.equal(provider.sent.length, asked + 1);
  });
});

test('a client with a metadata document needs no registration', async (t) => {
  const documents = https.createServer(
    {key: readFileSync(key), cert: readFileSync(certificate)},
    (request, response) => {
      asked.push(request.url);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({
        client_id: url, client_name: 'Documented client',
        redirect_uris: ['http://127.0.0.1/callback'],
        token_endpoint_auth_method: 'none'}));
    });
  const asked = [];
  await new Promise((resolve) => { documents.listen(0, '127.0.0.1', resolve); });
  t.after(() => documents.close());
  const url =
    `https://client.localhost:${documents.address().port}/client.json`;
  const provider = newProvider({clientMetadataUrl: url});
  let title;
  const client = await connect(t, provider, {
    key: alice.api_key,
    look: async (page) => { title = await page.title(); }});
  assert.ok(await client.ping());
  assert.equal(provider.known.client_id, url);
  assert.equal(title, 'Connect Documented client');
  // Kept between the requests of one sign-in.
  assert.deepEqual(asked, ['/client.json']);
});

test('an API key still works beside all this', async (t) => {
  const client = new Client({name: 'key-test', version: '1'});
  await client.connect(new StreamableHTTPClientTransport(new URL(it.url), {
    requestInit: {headers: {authorization: `Bearer ${alice.api_key}`}}}));
  t.after(() => client.close());
  assert.match(JSON.stringify((await entities(client)).structuredContent),
               /alice/);
});

test('no log line of all this holds a key or a token', () => {
  const log = it.server.log();
  assert.doesNotMatch(log, new RegExp(`${alice.api_key}|wb[akrcd]\\.`));
});
