// The official conformance suite's scenarios for authorization servers. A person
// at a browser follows the link that it prints.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {browser, freePort, signInWorld} from '../clients/support/oauth.js';
import {cleanEnvironment, emptyFolder, until, within}
  from '../clients/support/server.js';

const suite = fileURLToPath(new URL(
  '../node_modules/@modelcontextprotocol/conformance/dist/index.js',
  import.meta.url));
const home = emptyFolder();
after(home.remove);
const callbackPort = await freePort();
const clients = join(home.path, 'clients.json');
writeFileSync(clients, JSON.stringify([{
  client_id: 'suite', client_name: 'Conformance suite',
  redirect_uris: [`http://127.0.0.1:${callbackPort}/callback`]}]));
const it = await signInWorld({args: ['--oauth_clients_file', clients]});
const person = await browser();

/// Runs the scenarios, with a person for the second; gives their checks. (Where
/// a client may go without a secret, the suite never shows one.)
async function checks() {
  const output = join(home.path, 'results');
  const child = spawn(process.execPath, [
    suite, 'authorization', '--url', it.origin, '--resource', it.url,
    '-p', String(callbackPort), '-o', output, '--client-id', 'suite'],
                      {cwd: home.path, env: cleanEnvironment(home.path),
                       stdio: ['ignore', 'pipe', 'pipe']});
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => { said += text; });
  const exited = new Promise((resolve) => child.on('close', resolve));
  try {
    await letIn(() => said);
    await within(exited, 'the suite to end');
  } finally {
    child.kill('SIGKILL');
  }
  return readdirSync(output).flatMap((folder) => JSON.parse(
    readFileSync(join(output, folder, 'checks.json'), 'utf8')));
}

const statuses = (checks) =>
  checks.map((c) => `${c.status} ${c.id} ${c.errorMessage ?? ''}`.trim());

/// Follows the printed link, and lets the suite in.
async function letIn(said) {
  const url = await until(() => /^http\S+\/authorize\?\S+$/m.exec(said())?.[0],
                          'the suite to print its link');
  const context = await person.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.fill('#api_key', it.by.alice.api_key);
    await page.click('button:has-text("Continue")');
    await page.waitForURL((to) => to.port === String(callbackPort));
  } finally {
    await context.close();
  }
}

test('as an authorization server', async () => {
  assert.deepEqual(statuses(await checks()).sort(), [
    'SUCCESS authorization-code-grant',
    'SUCCESS authorization-server-metadata',
    'SUCCESS authorization-server-metadata-cimd']);
});
