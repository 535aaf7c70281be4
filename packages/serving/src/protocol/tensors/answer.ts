import type { InferAnswer, NamedTensor } from '../../endpoint/endpoint.ts';
import type { InferRequest } from './infer-request.ts';
import { classify } from './classification.ts';

/** An output as it was asked for. */
export interface AnsweredTensor extends NamedTensor {
  readonly binary: boolean;
}

/** The outputs of an answer in the forms that the request wants. Throws `request_invalid` where an output cannot be ranked. */
export function toAnswered(request: InferRequest, answer: InferAnswer): readonly AnsweredTensor[] {
  return answer.outputs.map((output) => {
    const wanted = request.outputs.find(({ name }) => name === output.name);
    const tensor = wanted?.classes === undefined ? output.tensor : classify(output, wanted.classes, answer.model.classes);
    return { name: output.name, tensor, binary: wanted?.binary ?? request.binaryOutput };
  });
}
