/** Reads UBJSON (https://ubjson.org, draft 12), as XGBoost writes it: typed arrays and counted objects, numbers big-endian. */

/** What is wrong with the bytes. */
class UbjsonError extends Error {}

export type Ubjson = null | boolean | number | string | readonly Ubjson[] | { readonly [key: string]: Ubjson };

const DEEPEST = 64;

const sizes: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 };

interface Cursor {
  readonly view: DataView;
  at: number;
}

function marker(cursor: Cursor): string {
  if (cursor.at >= cursor.view.byteLength) throw new UbjsonError('the file ends too early');
  const found = String.fromCharCode(cursor.view.getUint8(cursor.at));
  cursor.at += 1;
  return found;
}

function number(cursor: Cursor, type: string): number {
  const size = sizes[type];
  if (size === undefined) throw new UbjsonError(`"${type}" is no type of number`);
  const { view, at } = cursor;
  if (at + size > view.byteLength) throw new UbjsonError('the file ends too early');
  cursor.at += size;
  switch (type) {
    case 'i':
      return view.getInt8(at);
    case 'U':
      return view.getUint8(at);
    case 'I':
      return view.getInt16(at);
    case 'l':
      return view.getInt32(at);
    case 'L':
      return Number(view.getBigInt64(at));
    case 'd':
      return view.getFloat32(at);
    default:
      return view.getFloat64(at);
  }
}

function length(cursor: Cursor): number {
  const found = number(cursor, marker(cursor));
  if (!(found >= 0)) throw new UbjsonError('a length is below zero');
  return found;
}

function text(cursor: Cursor): string {
  const size = length(cursor);
  if (cursor.at + size > cursor.view.byteLength) throw new UbjsonError('a text is longer than the file');
  const bytes = new Uint8Array(cursor.view.buffer, cursor.view.byteOffset + cursor.at, size);
  cursor.at += size;
  return new TextDecoder().decode(bytes);
}

/** `$ type` and `# count` of a container, where they stand. */
function shapeOf(cursor: Cursor): { readonly type: string | undefined; readonly count: number | undefined } {
  let type: string | undefined;
  if (peek(cursor) === '$') {
    cursor.at += 1;
    type = marker(cursor);
  }
  if (peek(cursor) !== '#') {
    if (type !== undefined) throw new UbjsonError('a typed container has no count');
    return { type, count: undefined };
  }
  cursor.at += 1;
  const count = length(cursor);
  const width = type === undefined ? 1 : (sizes[type] ?? 1);
  if (count * width > cursor.view.byteLength - cursor.at) throw new UbjsonError('a container is longer than the file');
  return { type, count };
}

function peek(cursor: Cursor): string {
  return cursor.at < cursor.view.byteLength ? String.fromCharCode(cursor.view.getUint8(cursor.at)) : '';
}

function array(cursor: Cursor, depth: number): readonly Ubjson[] {
  const { type, count } = shapeOf(cursor);
  const items: Ubjson[] = [];
  if (count !== undefined) {
    for (let at = 0; at < count; at++) items.push(value(cursor, type ?? marker(cursor), depth));
    return items;
  }
  while (peek(cursor) !== ']') items.push(value(cursor, marker(cursor), depth));
  cursor.at += 1;
  return items;
}

function object(cursor: Cursor, depth: number): Ubjson {
  const { type, count } = shapeOf(cursor);
  const entries: [string, Ubjson][] = [];
  for (let at = 0; count === undefined ? peek(cursor) !== '}' : at < count; at++) {
    const key = text(cursor);
    entries.push([key, value(cursor, type ?? marker(cursor), depth)]);
  }
  if (count === undefined) cursor.at += 1;
  return Object.fromEntries(entries);
}

function value(cursor: Cursor, type: string, depth: number): Ubjson {
  if (depth > DEEPEST) throw new UbjsonError(`it is nested more than ${DEEPEST} deep`);
  switch (type) {
    case 'Z':
      return null;
    case 'T':
      return true;
    case 'F':
      return false;
    case 'S':
      return text(cursor);
    case 'C':
      return marker(cursor);
    case '[':
      return array(cursor, depth + 1);
    case '{':
      return object(cursor, depth + 1);
    case 'N':
      return value(cursor, marker(cursor), depth);
    default:
      return number(cursor, type);
  }
}

/** Throws `UbjsonError`. */
export function readUbjson(bytes: Uint8Array): Ubjson {
  const cursor: Cursor = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
  return value(cursor, marker(cursor), 0);
}
