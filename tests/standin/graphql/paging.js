// Connections as W&B pages them: opaque cursors, a default and a highest page.

import {GraphQLError} from 'graphql';

const defaultPage = 50;
const largestPage = 1000;

const cursorOf = (index) => Buffer.from(`cursor:${index}`).toString('base64');

function indexOf(cursor) {
  const match = /^cursor:(\d+)$/.exec(
    Buffer.from(cursor, 'base64').toString('latin1'));
  if (!match)
    throw new GraphQLError(`invalid cursor: ${cursor}`);
  return Number(match[1]);
}

/// A page of `items`. `edge` adds members to an edge beside node and cursor.
/// An item that is hidden from the caller is null: it takes its place on the
/// page but gives no edge, so a page may be empty and yet have a successor.
export function connection(items, {first, after} = {}, edge = () => ({})) {
  if (first !== undefined && first !== null && first < 0)
    throw new GraphQLError('first must not be negative');
  const start = after ? indexOf(after) + 1 : 0;
  const end = Math.min(items.length,
                       start + Math.min(first ?? defaultPage, largestPage));
  const edges = [];
  for (let i = start; i < end; ++i)
    if (items[i] !== null)
      edges.push({node: items[i], cursor: cursorOf(i), ...edge(items[i])});
  return {
    totalCount: items.filter((item) => item !== null).length,
    edges,
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: end > start ? cursorOf(start) : null,
      endCursor: end > start ? cursorOf(end - 1) : null,
    },
  };
}
