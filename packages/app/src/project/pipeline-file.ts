import { readParameter } from '@pawl/core';
import type { JsonValue, Parameter, PipelineSpec, TriggerSpec } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';
import { stepSchema, toStep, wordSchema } from './step-part.ts';
import { toTriggers, triggerSchema } from './trigger-part.ts';
import { durationSchema, textSchema, valueSchema } from './values.ts';

/** A parameter's text when the run says nothing, and what is known of it beyond that. */
export interface Declared {
  readonly value: string | undefined;
  readonly parameter: Parameter | undefined;
}

const parameterSchema = z
  .union([
    textSchema.transform((value): Declared => ({ value, parameter: undefined })),
    z
      .strictObject({
        type: z.enum(['string', 'int', 'float', 'bool', 'json']).default('string'),
        default: valueSchema.optional().describe('Without one, each run must give a value.'),
        choices: z.array(valueSchema).min(1).max(1000).optional().describe('The only values it may have.'),
        description: z.string().max(1000).optional(),
      })
      .transform((declared, context): Declared => {
        const { type, description } = declared;
        const read = (value: JsonValue, path: readonly (string | number)[]): string => {
          const answer = readParameter({ type }, value);
          if ('text' in answer) return answer.text;
          context.addIssue({ code: 'custom', path: [...path], message: answer.problem });
          return '';
        };
        const value = declared.default === undefined ? undefined : read(declared.default, ['default']);
        const choices = declared.choices?.map((choice, at) => read(choice, ['choices', at]));
        if (value !== undefined && choices?.includes(value) === false)
          context.addIssue({ code: 'custom', path: ['default'], message: 'it is none of the choices' });
        const parameter: Parameter = {
          type,
          ...(choices === undefined ? {} : { choices }),
          ...(description === undefined ? {} : { description }),
        };
        return { value, parameter };
      }),
  ])
  .describe('A value, or what kind of values it has.');

export const pipelineFile = z
  .strictObject({
    name: nameSchema,
    experiment: nameSchema.optional(),
    params: z.record(wordSchema, parameterSchema).default({}),
    steps: z.record(nameSchema, stepSchema),
    timeout: durationSchema.optional().describe('Longest time of a run; then it is stopped and has failed.'),
    triggers: z.array(triggerSchema).default([]),
  })
  .transform((file): { readonly pipeline: PipelineSpec; readonly triggers: readonly TriggerSpec[] } => {
    const declared = Object.entries(file.params);
    const parameters = declared.flatMap(([name, { parameter }]) => (parameter === undefined ? [] : [[name, parameter] as const]));
    return {
      pipeline: {
        name: file.name,
        experiment: file.experiment ?? file.name,
        params: Object.fromEntries(declared.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]))),
        ...(parameters.length === 0 ? {} : { parameters: Object.fromEntries(parameters) }),
        steps: Object.entries(file.steps).map(([name, step]) => toStep(name, step)),
        ...(file.timeout === undefined ? {} : { timeoutMs: file.timeout }),
      },
      triggers: toTriggers(file.name, file.triggers),
    };
  });
