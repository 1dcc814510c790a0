// Weave's query language: {"$expr": operation} over the fields of a call.
//
// It is compiled to SQL in production, so a comparison with a missing value is
// neither true nor false but unknown, and stays unknown under $not. `null`
// stands for unknown here. Only $eq with a literal null asks for absence.

import {invalid, Rejected} from './rejected.js';

const operations = new Set(['$and', '$or', '$not', '$eq', '$gt', '$gte', '$in',
                            '$contains']);
const conversions = new Set(['double', 'string', 'int', 'bool', 'exists']);

/// The fields a call can be asked for; a dot leads into those marked true.
export const callFields = {
  id: false, project_id: false, op_name: false, display_name: false,
  trace_id: false, parent_id: false, thread_id: false, turn_id: false,
  started_at: false, ended_at: false, attributes: true, inputs: true,
  output: true, exception: false, summary: true, wb_user_id: false,
  wb_run_id: false, wb_run_step: false, wb_run_step_end: false,
  deleted_at: false, storage_size_bytes: false,
  total_storage_size_bytes: false,
};

export function checkField(path) {
  const [base, ...rest] = path.split('.');
  if (!(base in callFields) || (rest.length > 0 && !callFields[base]))
    throw new Rejected(400, `Field ${path} is not allowed`);
  return path;
}

/// Compiles {"$expr": ...} to a predicate over a view of calls; throws
/// `Rejected` for anything outside of the grammar.
export function compile(query, loc = ['query']) {
  expectKeys(query, ['$expr'], loc);
  const run = operation(query.$expr, [...loc, '$expr']);
  return (view) => run(view) === true;
}

function expectKeys(value, keys, loc) {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw invalid(loc, 'Input should be an object', 'dict_type');
  for (const key of keys)
    if (!(key in value))
      throw invalid([...loc, key], 'Field required', 'missing');
  for (const key of Object.keys(value))
    if (!keys.includes(key))
      throw invalid([...loc, key], 'Extra inputs are not permitted',
                    'extra_forbidden');
}

function list(value, length, loc) {
  if (!Array.isArray(value) || (length !== null && value.length !== length))
    throw invalid(loc, length === null ? 'Input should be a list'
      : `Input should be a list of ${length}`, 'list_type');
  return value;
}

function onlyKey(node, loc) {
  const keys = node !== null && typeof node === 'object'
    && !Array.isArray(node) ? Object.keys(node) : [];
  if (keys.length !== 1)
    throw invalid(loc, 'Input should be one operand or operation');
  return keys[0];
}

function operation(node, loc) {
  const name = onlyKey(node, loc);
  if (!operations.has(name))
    throw invalid([...loc, name], 'Input should be a known operation',
                  'union_tag_invalid');
  const at = [...loc, name];
  const args = node[name];
  switch (name) {
    case '$and':
    case '$or': {
      const parts = list(args, null, at).map((n, i) => operand(n, [...at, i]));
      const decisive = name === '$or';
      return (view) => {
        let unknown = false;
        for (const part of parts) {
          const value = truth(part(view));
          if (value === decisive)
            return decisive;
          unknown ||= value === null;
        }
        return unknown ? null : !decisive;
      };
    }
    case '$not': {
      const inner = operand(list(args, 1, at)[0], [...at, 0]);
      return (view) => {
        const value = truth(inner(view));
        return value === null ? null : !value;
      };
    }
    case '$eq':
    case '$gt':
    case '$gte':
      return comparison(name, list(args, 2, at), at);
    case '$in': {
      const [input, choices] = list(args, 2, at);
      const value = operand(input, [...at, 0]);
      const wanted = list(choices, null, [...at, 1])
        .map((n, i) => operand(n, [...at, 1, i]));
      return (view) => {
        const v = value(view);
        return missing(v) ? null
          : wanted.some((w) => order(v, w(view)) === 0);
      };
    }
    case '$contains':
      return contains(args, at);
  }
}

function comparison(name, [left, right], loc) {
  const a = operand(left, [...loc, 0]);
  const b = operand(right, [...loc, 1]);
  const isNull = (node) => '$literal' in node && node.$literal === null;
  if (name === '$eq' && (isNull(left) || isNull(right)))
    return (view) => missing(a(view)) && missing(b(view));
  return (view) => {
    const x = a(view);
    const y = b(view);
    if (missing(x) || missing(y))
      return null;
    const sign = order(x, y);
    if (sign === undefined)
      return name === '$eq' ? false : null;
    return name === '$eq' ? sign === 0 : name === '$gt' ? sign > 0 : sign >= 0;
  };
}

function contains(args, loc) {
  const {case_insensitive: insensitive = false, ...rest} = args ?? {};
  expectKeys(rest, ['input', 'substr'], loc);
  if (insensitive !== null && typeof insensitive !== 'boolean')
    throw invalid([...loc, 'case_insensitive'],
                  'Input should be a valid boolean', 'bool_type');
  const input = operand(rest.input, [...loc, 'input']);
  const part = operand(rest.substr, [...loc, 'substr']);
  return (view) => {
    const haystack = input(view);
    const needle = part(view);
    if (missing(haystack) || missing(needle))
      return null;
    const fold = (v) => (insensitive ? text(v).toLowerCase() : text(v));
    return fold(haystack).includes(fold(needle));
  };
}

function operand(node, loc) {
  const name = onlyKey(node, loc);
  const value = node[name];
  switch (name) {
    case '$literal':
      if (value !== null && typeof value === 'object')
        return () => JSON.stringify(value);
      return () => value;
    case '$getField':
      if (typeof value !== 'string')
        throw invalid([...loc, name], 'Input should be a valid string',
                      'string_type');
      checkField(value);
      return (view) => view.get(value);
    case '$convert':
      return conversion(value, [...loc, name]);
    default:
      return operation(node, loc);
  }
}

function conversion(args, loc) {
  expectKeys(args, ['input', 'to'], loc);
  if (!conversions.has(args.to))
    throw invalid([...loc, 'to'], 'Input should be a known type',
                  'literal_error');
  const input = operand(args.input, [...loc, 'input']);
  return (view) => convert(input(view), args.to);
}

function convert(value, to) {
  if (to === 'exists')
    return !missing(value);
  if (missing(value))
    return null;
  switch (to) {
    case 'string':
      return text(value);
    case 'bool':
      return value === true || value === 'true' || value === 1;
    default: {
      // A boolean is the word "true" inside of the stored JSON: no number.
      const n = typeof value === 'boolean' ? NaN : number(value);
      return Number.isNaN(n) ? null : to === 'int' ? Math.trunc(n) : n;
    }
  }
}

const missing = (v) => v === null || v === undefined;
const truth = (v) => (missing(v) ? null : v === true || v === 1);
const text = (v) =>
  typeof v === 'string' ? v : v instanceof Date ? v.toISOString()
    : JSON.stringify(v);

/// Below, equal or above zero; undefined when the two don't compare.
export function order(a, b) {
  if (a instanceof Date || b instanceof Date) {
    const x = seconds(a);
    const y = seconds(b);
    return Number.isNaN(x) || Number.isNaN(y) ? undefined : x - y;
  }
  if (typeof a === 'number' || typeof b === 'number') {
    if (typeof a === 'boolean' || typeof b === 'boolean')
      return undefined;
    const x = number(a);
    const y = number(b);
    return Number.isNaN(x) || Number.isNaN(y) ? undefined : x - y;
  }
  const x = text(a);
  const y = text(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

const number = (v) =>
  typeof v === 'number' ? v : text(v).trim() === '' ? NaN : Number(text(v));

/// Times compare with seconds since the epoch or with ISO text.
const seconds = (v) =>
  v instanceof Date ? v.getTime() / 1000
    : typeof v === 'number' ? v : Date.parse(v) / 1000;
