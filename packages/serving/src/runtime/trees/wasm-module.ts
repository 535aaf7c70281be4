/** The part of WebAssembly's JavaScript interface that is used: TypeScript describes it among the browser's types only. */
interface Memory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyInterface {
  readonly Memory: new (descriptor: { readonly initial: number }) => Memory;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: Readonly<Record<string, unknown>> }>;
}

declare const WebAssembly: WebAssemblyInterface;

/** Compiles a module off this thread and gives it a memory of its own, as import `m.m`. */
export async function openModule(
  bytes: Uint8Array<ArrayBuffer>,
  pages: number,
): Promise<{ readonly memory: Memory; readonly exports: Readonly<Record<string, unknown>> }> {
  const module = await WebAssembly.compile(bytes);
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = await WebAssembly.instantiate(module, { m: { m: memory } });
  return { memory, exports };
}
