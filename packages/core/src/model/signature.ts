/** One column, tensor or parameter of a signature. */
export interface SignatureField {
  /** Empty for the one tensor of a model that names none. */
  readonly name: string;
  /** In words, such as `double`, `float32[-1,4]`, `long (optional)`. */
  readonly type: string;
}

export interface ModelSignature {
  readonly inputs: readonly SignatureField[];
  readonly outputs: readonly SignatureField[];
  readonly params: readonly SignatureField[];
}
