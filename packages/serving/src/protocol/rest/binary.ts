/** The frame of the binary tensor extension: JSON, then the bytes of the tensors that it announces, in its order. */
import { fault } from '@pawl/core';

const invalid = (problem: string) => fault('request_invalid', { problem });

export const LENGTH_HEADER = 'inference-header-content-length';

export interface Framed {
  /** Undefined in a raw request: the body is the only input's bytes. */
  readonly json: Uint8Array | undefined;
  readonly rest: Uint8Array;
}

/** Cuts a body where the header says. Throws `request_invalid`. */
export function cutBody(body: Uint8Array, header: string | undefined): Framed {
  if (header === undefined) return { json: body, rest: body.subarray(body.length) };
  const length = /^\d{1,15}$/.test(header.trim()) ? Number(header) : NaN;
  if (!(length <= body.length))
    throw invalid(`Header Inference-Header-Content-Length must be a whole number of at most the ${body.length} bytes of the body.`);
  return length === 0 ? { json: undefined, rest: body } : { json: body.subarray(0, length), rest: body.subarray(length) };
}

/** Hands out the bytes that follow the JSON, tensor by tensor. */
export interface Tail {
  /** The next bytes, which are input `name`'s. Throws `request_invalid`. */
  take(name: string, size: unknown): Uint8Array;
  /** Throws `request_invalid` when bytes are left. */
  end(): void;
}

export function createTail(bytes: Uint8Array): Tail {
  let at = 0;
  return {
    take(name, size) {
      if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
        throw invalid(`"binary_data_size" of input "${name}" must be a whole number of 0 or more.`);
      const left = bytes.length - at;
      if (size > left) throw invalid(`Input "${name}" announces ${size} bytes of binary data and ${left} are left in the body.`);
      at += size;
      return bytes.subarray(at - size, at);
    },
    end() {
      if (at < bytes.length) throw invalid(`${bytes.length - at} bytes follow the last tensor; no "binary_data_size" announces them.`);
    },
  };
}
