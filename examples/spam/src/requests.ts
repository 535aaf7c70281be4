/** One mail as a request to the endpoint `spam`: Open Inference Protocol v2, one tensor a column. */
import { computeFeatures, FEATURES } from './features.ts';
import type { InboxMail } from './inbox.ts';

export interface InferTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: 'FP32' | 'BYTES';
  readonly data: readonly (number | string)[];
}

export interface InferRequest {
  /** The mail's id, echoed by the server; its prediction id is another. */
  readonly id: string;
  readonly inputs: readonly InferTensor[];
}

/** The features of the text, and the sender's domain, by which the endpoint looks up what it knows of the sender (those columns are not sent). */
export function toInferRequest(mail: Pick<InboxMail, 'id' | 'sender_domain' | 'subject' | 'body'>): InferRequest {
  const values = computeFeatures(mail);
  return {
    id: mail.id,
    inputs: [
      ...FEATURES.map((name, index): InferTensor => ({ name, shape: [1, 1], datatype: 'FP32', data: [values[index] ?? 0] })),
      { name: 'sender_domain', shape: [1], datatype: 'BYTES', data: [mail.sender_domain] },
    ],
  };
}
