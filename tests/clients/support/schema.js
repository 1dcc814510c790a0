// Messages against the schema that the protocol publishes for each version.
//
// The schemas are no part of the repository: they are read from MCP_SCHEMA_DIR,
// or from a folder `shared/mcp` beside the checkout, as
// schema-2025-11-25.json and so on.

import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Ajv} from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const folder = process.env.MCP_SCHEMA_DIR
  ?? fileURLToPath(new URL('../../../../shared/mcp', import.meta.url));
const fileOf = (version) => join(folder, `schema-${version}.json`);

/// Why there is nothing to check against; false when there is.
export const missingSchema = (version) =>
  !existsSync(fileOf(version)) && `no ${fileOf(version)}`;

/// Gives a function (definition, value) that asserts.
export function validator(version) {
  const schema = JSON.parse(
    readFileSync(fileOf(version), 'utf8'));
  const old = 'definitions' in schema;
  const ajv = new (old ? Ajv : Ajv2020)({strict: false, allErrors: false});
  addFormats.default(ajv);
  ajv.addSchema(schema, 'mcp');
  const kept = new Map();
  return (definition, value) => {
    if (!kept.has(definition))
      kept.set(definition, ajv.getSchema(
        `mcp#/${old ? 'definitions' : '$defs'}/${definition}`));
    const valid = kept.get(definition);
    assert.ok(valid, `${version} has ${definition}`);
    assert.ok(valid(value), `${definition}: ${ajv.errorsText(valid.errors)}\n`
      + JSON.stringify(value).slice(0, 2000));
  };
}
