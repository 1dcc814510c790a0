// Runs GraphQL documents with the reference engine over our schema file.

import {readFileSync} from 'node:fs';
import {Kind, buildSchema, execute, parse, validate} from 'graphql';
import * as artifacts from './artifacts.js';
import * as automations from './automations.js';
import * as runs from './runs.js';
import * as root from './root.js';
import {Mutation} from './mutations.js';

const file = (name) =>
  readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

/// What W&B's clients use beyond the schema that it publishes.
export const unpublished = file('automations.graphql');

export const schemaText = file('schema.graphql') + unpublished;

/// buildSchema makes a schema without code; this hangs the resolvers into it.
function build() {
  const schema = buildSchema(schemaText);
  const {typeOf, membershipIn, collections, registrySearch, isRegistry,
         projectValue, ...types} = artifacts;
  const {runValue, ...runTypes} = runs;
  const all = Object.entries({...root, ...types, ...runTypes, Mutation});
  for (const [name, fields] of [...all, ...Object.entries(automations)]) {
    const type = schema.getType(name);
    for (const [field, resolve] of Object.entries(fields)) {
      if (field === '__resolveType')
        type.resolveType = resolve;
      else
        type.getFields()[field].resolve = resolve;
    }
  }
  const int64 = schema.getType('Int64');
  int64.parseValue = (v) => {
    if (!Number.isSafeInteger(v))
      throw new TypeError(`Int64 cannot represent ${JSON.stringify(v)}`);
    return v;
  };
  int64.parseLiteral = (ast) => {
    if (ast.kind !== Kind.INT)
      throw new TypeError('Int64 needs an integer');
    return Number(ast.value);
  };
  const text = schema.getType('JSONString');
  text.parseValue = (v) => {
    if (typeof v !== 'string')
      throw new TypeError('JSONString must be a string holding JSON');
    return v;
  };
  text.parseLiteral = (ast) => {
    if (ast.kind !== Kind.STRING)
      throw new TypeError('JSONString must be a string holding JSON');
    return ast.value;
  };
  return schema;
}

export const schema = build();

// Documents repeat: a server sends the same few thousands of times.
const known = new Map();

function checked(query) {
  let entry = known.get(query);
  if (entry)
    return entry;
  try {
    const document = parse(query);
    const errors = validate(schema, document);
    entry = errors.length ? {errors} : {document};
  } catch (error) {
    entry = {errors: [error]};
  }
  if (known.size > 500)
    known.clear();
  known.set(query, entry);
  return entry;
}

/// Gives {status, body}. A document that can't be run is 400; one that fails
/// while running is 200, with errors beside what could be had.
export async function runGraphql(request, context) {
  const {query, variables, operationName} = request ?? {};
  if (typeof query !== 'string')
    return refusal(['no query in the request']);
  if (variables !== undefined && variables !== null
      && (typeof variables !== 'object' || Array.isArray(variables)))
    return refusal(['variables must be an object']);
  const {document, errors} = checked(query);
  if (errors)
    return {status: 400, body: {errors: errors.map((e) => e.toJSON())}};
  const result = await execute({
    schema, document, variableValues: variables, operationName,
    contextValue: context,
  });
  // Without data nothing was run: a variable was missing or of a wrong type.
  const status = 'data' in result ? 200 : 400;
  return {status, body: result};
}

const refusal = (messages) =>
  ({status: 400, body: {errors: messages.map((message) => ({message}))}});
