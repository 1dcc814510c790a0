// The MongoDB-like filters and the order strings of W&B's lists.

import {GraphQLError} from 'graphql';

const numeric = (v) =>
  typeof v === 'number' ? v
    : typeof v === 'string' && v.trim() !== '' && !Number.isNaN(Number(v))
      ? Number(v) : undefined;

/// Below, equal or above zero; undefined when the two can't be compared.
function compare(a, b) {
  if (a === null || a === undefined || b === null || b === undefined)
    return undefined;
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined && y !== undefined)
    return x - y;
  const since = Date.parse(a);
  const until = Date.parse(b);
  if (typeof a === 'string' && typeof b === 'string'
      && /^\d{4}-/.test(a) && !Number.isNaN(since) && !Number.isNaN(until))
    return since - until;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/// W&B's database holds them as texts, so that is what they are equal to.
const isText = (value, wanted) => typeof value === 'number'
  && !Number.isFinite(value) && String(value) === wanted;

const equal = (value, wanted) =>
  Array.isArray(value) && !Array.isArray(wanted)
    ? value.some((v) => equal(v, wanted))
    : (value ?? null) === wanted || isText(value, wanted)
      || compare(value, wanted) === 0;

const operators = {
  $eq: (v, x) => equal(v, x),
  $ne: (v, x) => !equal(v, x),
  $gt: (v, x) => compare(v, x) > 0,
  $gte: (v, x) => compare(v, x) >= 0,
  $lt: (v, x) => compare(v, x) < 0,
  $lte: (v, x) => compare(v, x) <= 0,
  $in: (v, list) => list.some((x) => equal(v, x)),
  $nin: (v, list) => !list.some((x) => equal(v, x)),
  $exists: (v, wanted) => (v !== undefined && v !== null) === Boolean(wanted),
  // Anchors have no meaning to W&B: they are characters like any other.
  $regex: (v, pattern) => {
    const unanchored = pattern.replace(/^\^/, '\\^').replace(/\$$/, '\\$');
    return (Array.isArray(v) ? v : [v]).some(
      (x) => typeof x === 'string' && new RegExp(unanchored).test(x));
  },
  $not: (v, condition) => !meets(v, condition),
};

function meets(value, condition) {
  if (condition === null || typeof condition !== 'object'
      || Array.isArray(condition))
    return equal(value, condition);
  return Object.entries(condition).every(([name, operand]) => {
    const op = operators[name];
    if (!op)
      throw new GraphQLError(`unknown filter operator ${name}`);
    if ((name === '$in' || name === '$nin') && !Array.isArray(operand))
      throw new GraphQLError(`${name} needs a list`);
    return op(value, operand);
  });
}

function matches(lookup, filter) {
  return Object.entries(filter).every(([name, condition]) => {
    switch (name) {
      case '$and': return condition.every((f) => matches(lookup, f));
      case '$or': return condition.some((f) => matches(lookup, f));
      case '$nor': return !condition.some((f) => matches(lookup, f));
      case '$not': return !matches(lookup, condition);
    }
    if (name.startsWith('$'))
      throw new GraphQLError(`unknown filter operator ${name}`);
    return meets(lookup(name), condition);
  });
}

/// The members of `items` that `text` lets through; all when it is absent.
/// `lookup(item, field)` gives a field's value, or throws for an unknown one.
export function filtered(items, text, lookup) {
  if (text === undefined || text === null || text === '')
    return items;
  let filter;
  try {
    filter = JSON.parse(text);
  } catch {
    throw new GraphQLError('filters is not JSON');
  }
  if (filter === null)
    return items;
  if (typeof filter !== 'object' || Array.isArray(filter))
    throw new GraphQLError('filters must be a JSON object');
  return items.filter(
    (item) => matches((field) => lookup(item, field), filter));
}

/// Sorted by "+field" or "-field", several separated by commas. Items without
/// a value come last in both directions; ties keep their order.
export function ordered(items, order, lookup) {
  if (!order)
    return items;
  const keys = order.split(',').map((part) => part.trim()).filter(Boolean)
    .map((part) => ({
      field: part.replace(/^[+-]/, ''),
      sign: part.startsWith('-') ? -1 : 1,
    }));
  const missing = (v) => v === undefined || v === null || Number.isNaN(v);
  return items
    .map((item) => ({item, values: keys.map((k) => lookup(item, k.field))}))
    .sort((a, b) => {
      for (let i = 0; i < keys.length; ++i) {
        const x = a.values[i];
        const y = b.values[i];
        if (missing(x) || missing(y)) {
          if (missing(x) !== missing(y))
            return missing(x) ? 1 : -1;
          continue;
        }
        const c = compare(x, y);
        if (c)
          return c * keys[i].sign;
      }
      return 0;
    })
    .map(({item}) => item);
}
