// Every GraphQL document that a tool can send is valid: against the stand-in's
// schema always, against W&B's own where it is at hand (WANDB_SCHEMA_DIR, or a
// folder `shared/wandb` beside the checkout).
//
// The documents are those that the tools' own suite sends. So that none is
// missed, each operation that is named in the sources must be among them.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {buildSchema, parse, print, validate} from 'graphql';
import {schemaText, unpublished} from '../standin/graphql/execute.js';
import {binary, emptyFolder} from './support/server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = process.env.WANDB_SCHEMA_DIR ?? join(root, '../shared/wandb');
const suite = process.env.MCP_TOOLS_TEST_BINARY
  ?? binary.replace(/wandb-mcp-server$/, 'tools_test');

const scratch = emptyFolder();
after(() => scratch.remove());
const record = join(scratch.path, 'documents');
execFileSync(suite, {env: {...process.env, MCP_RECORD_DOCUMENTS: record},
                     stdio: 'ignore'});

/// Names of the operations in the sources of the tools.
const named = new Set();
for (const room of ['tools', 'protocol/wandb'])
  for (const file of readdirSync(join(root, room)))
    if (file.endsWith('.cpp')) {
      const text = readFileSync(join(root, room, file), 'utf8');
      for (const [, name] of
        text.matchAll(/\b(?:query|mutation)\s+([A-Z]\w*)\s*[({]/g))
        named.add(name);
    }
// Examples in guides that a user may copy; no tool sends them.
named.delete('Best');

/// name -> documents, without repeats; those that the tests themselves gave to
/// query_wandb_tool are nobody's.
const sent = new Map();
for (const line of readFileSync(record, 'utf8').split('\n').filter(Boolean)) {
  let document;
  try {
    document = parse(JSON.parse(line).query);
  } catch {
    continue;
  }
  const name = document.definitions[0].name?.value;
  if (named.has(name))
    sent.set(name, (sent.get(name) ?? new Map())
      .set(print(document), document));
}

test('the sources have operations', () => assert.ok(named.size > 5));

const schemas = [['the stand-in', buildSchema(schemaText)]];
const withUnpublished = (text) =>
  (/\btype Trigger\b/.test(text) ? text : text + unpublished);
const larger = join(folder, 'schema.graphql');
if (existsSync(larger))
  schemas.push(['W&B', buildSchema(withUnpublished(
    readFileSync(larger, 'utf8')))]);
else
  test('W&B\'s schema', {skip: 'no schema.graphql: set WANDB_SCHEMA_DIR'},
       () => {});

for (const name of [...named].sort())
  describe(name, () => {
    test('is sent by the suite', () => assert.ok(sent.has(name)));
    for (const [whose, schema] of schemas)
      test(`is valid for ${whose}`, () => {
        for (const document of (sent.get(name) ?? new Map()).values())
          assert.deepEqual(
            validate(schema, document).map((error) => error.message), [],
            print(document));
      });
  });
