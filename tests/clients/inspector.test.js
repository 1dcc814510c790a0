// The official MCP Inspector's command line against the server.

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {dirname} from 'node:path';
import {describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {cleanEnvironment, emptyFolder, patience} from './support/server.js';
import {aliceCalls, callAll} from './support/tools.js';
import {world} from './support/world.js';

const launcher = fileURLToPath(new URL(
  '../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/'
    + 'index.js', import.meta.url));
const it = await world();

/// Runs the Inspector in a home of its own; gives {code, out, err}.
function inspect(words) {
  const home = emptyFolder();
  const env = cleanEnvironment(home.path);
  // It starts `node` itself, and needs the one that runs this test.
  env.PATH = `${dirname(process.execPath)}:${env.PATH}`;
  return new Promise((resolve) => {
    const line = [launcher, '--cli', it.url, '--transport', 'http', ...words];
    execFile(process.execPath, line, {
      cwd: home.path, env, timeout: patience, maxBuffer: 1 << 26,
    }, (error, out, err) => {
      home.remove();
      resolve({code: error ? error.code ?? error.signal : 0, out, err});
    });
  });
}

async function asAlice(words) {
  const {code, out, err} = await inspect([
    '--header', `Authorization: Bearer ${it.by.alice.api_key}`, ...words]);
  assert.equal(code, 0, `${out}\n${err}`);
  return JSON.parse(out);
}

describe('the Inspector', {skip: !existsSync(launcher)
  && 'the Inspector is not installed'}, () => {
  let names;

  test('lists the tools', async () => {
    const {tools} = await asAlice(['--method', 'tools/list']);
    names = tools.map((tool) => tool.name);
    assert.deepEqual([...names].sort(), Object.keys(aliceCalls).sort());
  });

  test('finds nothing in the tool schemas that clients would stumble over',
       async () => {
    const {code, err} = await inspect([
      '--header', `Authorization: Bearer ${it.by.alice.api_key}`,
      '--method', 'tools/list', '--strict']);
    assert.equal(code, 0, err);
  });

  test('calls every tool', async () => {
    await callAll(names, (name, args) => asAlice([
      '--method', 'tools/call', '--tool-name', name,
      ...Object.entries(args).flatMap(([key, value]) =>
        ['--tool-arg', `${key}=${typeof value === 'string' ? value
          : JSON.stringify(value)}`])]), it.standin.data);
  });

  test('reads the guide as a resource and gets it as a prompt', async () => {
    const {resources} = await asAlice(['--method', 'resources/list']);
    assert.ok(resources.some((r) => r.uri === 'wandb://guide'));
    const {contents} = await asAlice([
      '--method', 'resources/read', '--uri', 'wandb://guide/traces']);
    const {messages} = await asAlice([
      '--method', 'prompts/get', '--prompt-name', 'wandb_guide',
      '--prompt-args', 'topic=traces']);
    assert.equal(messages[0].content.text, contents[0].text);
  });

  test('sees that a key is missing', async () => {
    const {code, out, err} = await inspect(['--method', 'tools/list']);
    assert.notEqual(code, 0);
    assert.match(out + err, /auth_required|401|[Uu]nauthorized/);
  });
});
