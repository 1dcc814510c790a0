// The tool list as models of several makers get it: through the converters
// that agents use, into the request that would go out. Each maker refuses a
// whole list for one schema that it does not take, so each request is held
// against what the maker documents of its function declarations.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createGoogle} from '@ai-sdk/google';
import {createOpenAI} from '@ai-sdk/openai';
import {getAllMcpTools, MCPServerStreamableHttp} from '@openai/agents-core';
import {dynamicTool, generateText, jsonSchema} from 'ai';
import {bearer, openSession, request} from './support/mcp.js';
import {world} from './support/world.js';

const it = await world();
const alice = await openSession(it.url, it.by.alice.api_key);
const {tools} = (await alice.ask(request(2, 'tools/list'))).messages[0].result;

/// What of a request to a model reaches its maker; nothing is sent.
async function requestTo(model) {
  const bodies = [];
  const fetch = async (url, {body}) => {
    bodies.push(JSON.parse(body));
    return new Response('{"error": {"message": "seen"}}', {status: 400});
  };
  await assert.rejects(generateText({
    model: model(fetch), prompt: 'hello', maxRetries: 0,
    tools: Object.fromEntries(tools.map((t) => [t.name, dynamicTool({
      description: t.description, inputSchema: jsonSchema(t.inputSchema),
      execute: () => '',
    })]))}));
  assert.equal(bodies.length, 1);
  return bodies[0];
}

/// Calls `check` with each schema inside of one, and its place.
function each(schema, check, place = '') {
  check(schema, place);
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    each(inner, check, `${place}.${name}`);
  if (schema.items)
    each(schema.items, check, `${place}[]`);
  for (const branch of schema.anyOf ?? [])
    each(branch, check, place);
}

const types = ['string', 'integer', 'number', 'boolean', 'array', 'object'];

function checkDeclaration({name, description}) {
  assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/);
  assert.ok(description.length > 20 && description.length <= 1024, name);
}

/// The Schema of Gemini's API: a fixed set of members, one type each.
function checkForGemini(schema, name) {
  const members = new Set([
    'type', 'format', 'title', 'description', 'nullable', 'enum', 'maxItems',
    'minItems', 'properties', 'required', 'minLength', 'maxLength', 'pattern',
    'example', 'anyOf', 'propertyOrdering', 'default', 'items', 'minimum',
    'maximum']);
  each(schema, (s, place) => {
    const where = name + place;
    for (const member of Object.keys(s))
      assert.ok(members.has(member), `${where}: ${member}`);
    assert.ok(types.includes(s.type), `${where}: type ${s.type}`);
    if (s.enum) {
      assert.equal(s.type, 'string', where);
      assert.ok(s.enum.every((v) => typeof v === 'string' && v), where);
    }
    if (s.type === 'array')
      assert.ok(s.items?.type, where);
    for (const required of s.required ?? [])
      assert.ok(required in s.properties, where);
  });
}

/// What the function calls of OpenAI's API refuse a list for.
function checkForOpenai(schema, name) {
  assert.equal(schema.type, 'object', name);
  assert.equal(typeof schema.properties, 'object', name);
  for (const member of ['oneOf', 'anyOf', 'allOf', 'enum', 'not'])
    assert.ok(!(member in schema), `${name}: ${member}`);
  each(schema, (s, place) => {
    const where = name + place;
    // The SDK's own way to say that one may be left out in strict mode.
    if (s.anyOf && place)
      return;
    assert.ok([s.type].flat().every((t) => [...types, 'null'].includes(t)),
              `${where}: type ${s.type}`);
    if ([s.type].flat().includes('array'))
      assert.equal(typeof s.items, 'object', where);
    if (s.enum)
      assert.ok(s.enum.length > 0, where);
  });
}

test('Gemini takes every tool', async () => {
  const body = await requestTo((fetch) =>
    createGoogle({apiKey: 'none', fetch})('gemini-2.5-flash'));
  const sent = body.tools.flatMap((t) => t.functionDeclarations);
  assert.deepEqual(sent.map((t) => t.name), tools.map((t) => t.name));
  for (const declaration of sent) {
    checkDeclaration(declaration);
    const schema = declaration.parameters ?? declaration.parametersJsonSchema;
    if (schema)
      checkForGemini(schema, declaration.name);
  }
});

for (const api of ['responses', 'chat'])
  test(`OpenAI's models take every tool: ${api}`, async () => {
    const body = await requestTo((fetch) =>
      createOpenAI({apiKey: 'none', fetch})[api]('gpt-4.1'));
    const sent = body.tools.map((t) => t.function ?? t);
    assert.deepEqual(sent.map((t) => t.name), tools.map((t) => t.name));
    for (const declaration of sent) {
      checkDeclaration(declaration);
      checkForOpenai(declaration.parameters, declaration.name);
    }
  });

for (const strict of [false, true])
  test(`an agent of OpenAI's SDK gets every tool: strict ${strict}`,
       async (t) => {
    const server = new MCPServerStreamableHttp({
      url: it.url, name: 'wandb',
      requestInit: {headers: bearer(it.by.alice.api_key)}});
    await server.connect();
    t.after(() => server.close());
    const got = await getAllMcpTools({
      mcpServers: [server], convertSchemasToStrict: strict});
    assert.deepEqual(got.map((f) => f.name), tools.map((f) => f.name));
    for (const f of got) {
      checkDeclaration(f);
      checkForOpenai(f.parameters, f.name);
    }
    // And what it calls with is what the server takes.
    const list = got.find((f) => f.name === 'query_wandb_entity_projects');
    const answer = await list.invoke({context: {}},
                                     '{"entity": "alice", "max_projects": 3}');
    assert.match(JSON.stringify(answer), /vision-baselines/);
  });
