// A server with sign-in, an OAuth client as the SDK wants it, and the person at
// the browser.

import {createHash, randomBytes} from 'node:crypto';
import {createServer} from 'node:net';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after} from 'node:test';
import {chromium} from 'playwright-core';
import {emptyFolder, startServer} from './server.js';
import {standIn} from './world.js';

export const chromiumPath = '/usr/bin/chromium';

/// A port that was free a moment ago: the server has to know its public URL
/// before it listens.
export const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const {port} = probe.address();
    probe.close(() => resolve(port));
  });
});

/// The stand-in and a server with sign-in, stopped after the file's tests.
export async function signInWorld({args = [], env = {}, auth = 'both',
                                   store} = {}) {
  const standin = await standIn();
  const folder = emptyFolder();
  const key = join(folder.path, 'seal.key');
  writeFileSync(key, '5a'.repeat(32));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const words = ['--auth', auth, '--public_url', origin, '--seal_key_file', key,
                 '--store', store ?? `sqlite:${join(folder.path, 'oauth.sqlite')}`,
                 ...args];
  const start = (at = port, more = []) => startServer({
    standin, args: [...words, '--port', String(at), ...more], env});
  const it = {standin, origin, url: `${origin}/mcp`, by: standin.by,
              server: await start(),
              /// Another instance of the same, at a port of its own.
              another: (...more) => start(0, more),
              /// A new process with the same settings and files.
              async restart() {
                await it.server.stop();
                it.server = await start();
              }};
  after(async () => {
    try {
      await it.server.stop();
    } finally {
      await standin.close();
      folder.remove();
    }
  });
  return it;
}

/// One browser for the tests of a file.
export async function browser() {
  const it = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
           '--disable-component-update', '--no-first-run']});
  after(() => it.close());
  return it;
}

/// What the SDK asks of an application: it keeps what it is given, in memory.
export class MemoryProvider {
  constructor({redirectUrl, scope, clientMetadataUrl, known}) {
    this.redirectUrl = redirectUrl;
    this.clientMetadataUrl = clientMetadataUrl;
    this.known = known;
    this.clientMetadata = {
      client_name: 'Test client', redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'], token_endpoint_auth_method: 'none',
      ...(scope && {scope})};
    this.sent = [];
  }
  state() { return 'state-of-the-test'; }
  clientInformation() { return this.known; }
  saveClientInformation(known) { this.known = known; }
  tokens() { return this.kept; }
  saveTokens(kept) { this.kept = kept; }
  redirectToAuthorization(url) { this.sent.push(url); }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  invalidateCredentials(what) {
    if (what === 'all' || what === 'tokens')
      delete this.kept;
    if (what === 'all' || what === 'client')
      delete this.known;
  }
}

/// The person: opens the page, allows or denies, and is sent back. Gives the
/// parameters that the client's redirect URI got.
export async function signIn(browser, url, {key, write = false,
                                            decision = 'Continue', script = true,
                                            look = async () => {}} = {}) {
  const context = await browser.newContext({javaScriptEnabled: script});
  try {
    const page = await context.newPage();
    const target = new URL(new URL(url).searchParams.get('redirect_uri'));
    let back;
    await page.route((asked) => asked.host === target.host
                                && asked.pathname === target.pathname,
                     (route) => {
                       back = new URL(route.request().url());
                       return route.fulfill({body: 'back at the client'});
                     });
    await page.goto(String(url));
    await look(page);
    if (key !== undefined)
      await page.fill('#api_key', key);
    if (write)
      await page.check('input[name=write]');
    await page.click(`button:has-text("${decision}")`);
    await page.getByText('back at the client').waitFor();
    return Object.fromEntries(back.searchParams);
  } finally {
    await context.close();
  }
}

/// POSTs a form; gives {status, body}.
export async function postForm(url, fields, headers = {}) {
  const answer = await fetch(url, {method: 'POST', headers,
                                   body: new URLSearchParams(fields)});
  return {status: answer.status, body: await answer.json()};
}

/// Registers a client of this name; gives its id.
export async function register(origin, client_name, more = {}) {
  const answer = await fetch(`${origin}/register`, {
    method: 'POST', headers: {'content-type': 'application/json'},
    body: JSON.stringify({client_name, token_endpoint_auth_method: 'none',
                          redirect_uris: ['http://127.0.0.1/callback'],
                          ...more})});
  return (await answer.json()).client_id;
}

/// Signs in for a client of this name, by hand; gives the token answer and the
/// client's id.
export async function connected(it, browser, client_name, how) {
  const client_id = await register(it.origin, client_name);
  const verifier = randomBytes(32).toString('base64url');
  const redirect_uri = 'http://127.0.0.1:53682/callback';
  const url = `${it.origin}/authorize?${new URLSearchParams({
    response_type: 'code', client_id, redirect_uri, state: 'x',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256', scope: 'wandb:read wandb:write'})}`;
  const {code} = await signIn(browser, url, how);
  const {body} = await postForm(`${it.origin}/token`, {
    grant_type: 'authorization_code', client_id, code, redirect_uri,
    code_verifier: verifier});
  return {client_id, ...body};
}
