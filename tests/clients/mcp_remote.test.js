// mcp-remote as the bridge from a client that only speaks stdio.

import assert from 'node:assert/strict';
import {dirname} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StdioClientTransport} from '@modelcontextprotocol/sdk/client/stdio.js';
import {cleanEnvironment, emptyFolder} from './support/server.js';
import {aliceCalls, callAll} from './support/tools.js';
import {world} from './support/world.js';

const proxy = fileURLToPath(new URL(
  '../node_modules/mcp-remote/dist/proxy.js', import.meta.url));
const it = await world();

test('a stdio client works through mcp-remote', async (t) => {
  const home = emptyFolder();
  t.after(home.remove);
  const env = cleanEnvironment(home.path, {
    AUTH: `Bearer ${it.by.alice.api_key}`,
    MCP_REMOTE_CONFIG_DIR: home.path});
  env.PATH = `${dirname(process.execPath)}:${env.PATH}`;
  const client = new Client({name: 'bridged', version: '1.0.0'});
  await client.connect(new StdioClientTransport({
    command: process.execPath, cwd: home.path, env, stderr: 'ignore',
    args: [proxy, it.url, '--header', 'Authorization:${AUTH}', '--transport',
           'http-only', '--allow-http']}));
  t.after(() => client.close());
  const {tools} = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).sort(),
                   Object.keys(aliceCalls).sort());
  await callAll(tools.map((tool) => tool.name),
                (name, args) => client.callTool({name, arguments: args}),
                it.standin.data);
  const {contents} = await client.readResource({uri: 'wandb://guide'});
  assert.ok(contents[0].text.length > 0);
  const {prompts} = await client.listPrompts();
  assert.ok(prompts.some((p) => p.name === 'wandb_guide'));
  const {completion} = await client.complete({
    ref: {type: 'ref/prompt', name: 'wandb_guide'},
    argument: {name: 'topic', value: 'tra'}});
  assert.deepEqual(completion.values, ['traces']);
});
