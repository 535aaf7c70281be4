/** Bytes of a WebAssembly module (https://webassembly.github.io/spec/core/binary/), as far as compiled trees need it. */

export interface Code {
  byte(...bytes: readonly number[]): void;
  /** LEB128. */
  unsigned(value: number): void;
  signed(value: number): void;
  f32(value: number): void;
  f64(value: number): void;
  append(bytes: Uint8Array): void;
  bytes(): Uint8Array;
}

export function createCode(): Code {
  let buffer = new Uint8Array(1024);
  let view = new DataView(buffer.buffer);
  let length = 0;
  function room(count: number): void {
    if (length + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + count));
    larger.set(buffer);
    buffer = larger;
    view = new DataView(buffer.buffer);
  }
  return {
    byte: (...bytes) => {
      room(bytes.length);
      for (const byte of bytes) buffer[length++] = byte;
    },
    unsigned: (value) => {
      room(5);
      let rest = value;
      while (rest > 127) {
        buffer[length++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      buffer[length++] = rest;
    },
    signed: (value) => {
      room(5);
      let rest = value;
      for (;;) {
        const low = rest & 127;
        rest >>= 7;
        if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) {
          buffer[length++] = low;
          return;
        }
        buffer[length++] = low | 128;
      }
    },
    f32: (value) => {
      room(4);
      view.setFloat32(length, value, true);
      length += 4;
    },
    f64: (value) => {
      room(8);
      view.setFloat64(length, value, true);
      length += 8;
    },
    append: (bytes) => {
      room(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    bytes: () => buffer.subarray(0, length),
  };
}

export const type = { i32: 0x7f, f32: 0x7d, f64: 0x7c, none: 0x40 } as const;

/** Opcodes used. */
export const op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  f32Load: 0x2a,
  f64Load: 0x2b,
  i32Load8U: 0x2d,
  f64Store: 0x39,
  i32Const: 0x41,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32GeS: 0x4e,
  f32Eq: 0x5b,
  f32Ne: 0x5c,
  f32Lt: 0x5d,
  f32Gt: 0x5e,
  f32Le: 0x5f,
  f32Ge: 0x60,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32ShrU: 0x76,
  f32Abs: 0x8b,
  f64Abs: 0x99,
  f64Add: 0xa0,
  f64PromoteF32: 0xbb,
  saturating: 0xfc,
} as const;

/** A section: its id and its contents, a count first where the contents are a vector. */
export function section(id: number, contents: Uint8Array): Uint8Array {
  const code = createCode();
  code.byte(id);
  code.unsigned(contents.length);
  code.append(contents);
  return code.bytes();
}

export function vector(items: readonly Uint8Array[]): Uint8Array {
  const code = createCode();
  code.unsigned(items.length);
  for (const item of items) code.append(item);
  return code.bytes();
}

export function toName(text: string): Uint8Array {
  const code = createCode();
  const bytes = new TextEncoder().encode(text);
  code.unsigned(bytes.length);
  code.append(bytes);
  return code.bytes();
}

/** A function's entry of the code section: locals by type and count, then its instructions (without the closing `end`). */
export function functionBody(locals: readonly (readonly [count: number, type: number])[], instructions: Uint8Array): Uint8Array {
  const inner = createCode();
  inner.unsigned(locals.length);
  for (const [count, valueType] of locals) {
    inner.unsigned(count);
    inner.byte(valueType);
  }
  inner.append(instructions);
  inner.byte(op.end);
  const code = createCode();
  code.unsigned(inner.bytes().length);
  code.append(inner.bytes());
  return code.bytes();
}

export function functionType(parameters: readonly number[], results: readonly number[]): Uint8Array {
  const code = createCode();
  code.byte(0x60);
  code.unsigned(parameters.length);
  code.byte(...parameters);
  code.unsigned(results.length);
  code.byte(...results);
  return code.bytes();
}

/** A whole module out of its sections, in order of their ids. */
export function toModule(sections: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const code = createCode();
  code.byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  for (const one of sections) code.append(one);
  return new Uint8Array(code.bytes());
}
