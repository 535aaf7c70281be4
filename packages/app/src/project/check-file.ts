import { suggest, toAssertion, vocabulary } from '@pawl/core';
import type { CheckEnvironment, CheckSuite, Expectation } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';

const types = vocabulary.map((word) => word.type);

/** Named in full in the JSON Schema, so that editors complete it. */
const typeSchema = z
  .enum(types, {
    error: ({ input }) => {
      const written = typeof input === 'string' ? input : undefined;
      const meant = written === undefined ? undefined : (suggest(written, types) ?? suggest(`expect_${written}`, types));
      const hint = meant === undefined ? '"pawl check words" lists them' : `did you mean "${meant}"?`;
      return written === undefined ? 'name an expectation' : `there is no expectation "${written.slice(0, 100)}"; ${hint}`;
    },
  })
  .describe("Great Expectations' name, such as expect_column_values_to_be_between.");

const expectationSchema = z
  .strictObject({
    type: typeSchema,
    kwargs: z.record(z.string(), z.json()).default({}).describe('Its arguments, such as column, min_value, mostly, row_condition.'),
    severity: z.enum(['critical', 'warning', 'info']).default('critical').describe('Only critical expectations fail the suite.'),
    environments: z.array(nameSchema).min(1).optional().describe('Asked in these environments only.'),
  })
  .transform(({ environments, ...expectation }): Expectation => ({
    ...expectation,
    ...(environments === undefined ? {} : { environments }),
  }));

export const checkFile = z
  .strictObject({
    name: nameSchema,
    dataset: nameSchema.describe('Dataset whose versions it judges.'),
    expectations: z.array(expectationSchema).min(1).max(10_000),
    environments: z
      .record(
        nameSchema,
        z.strictObject({ without: z.array(z.string().min(1)).default([]).describe('Columns that are not there, such as the label.') }),
      )
      .optional()
      .describe('Where the data is used, such as training and serving.'),
    automatic: z.boolean().optional().describe('Judges each new version of the dataset by itself, before anything learns from it.'),
  })
  .superRefine((file, context) => {
    file.expectations.forEach((expectation, index) => {
      const assertion = toAssertion(expectation);
      if (assertion.form === 'broken')
        context.addIssue({ code: 'custom', path: ['expectations', index, 'kwargs', ...assertion.path], message: assertion.problem });
      const stray = expectation.environments?.find((name) => !Object.hasOwn(file.environments ?? {}, name));
      if (stray !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['expectations', index, 'environments'],
          message: `the suite has no environment "${stray}"`,
        });
    });
  })
  .transform(({ environments, automatic = false, ...file }): CheckSuite => ({
    ...file,
    ...(automatic ? { automatic } : {}),
    ...(environments === undefined ? {} : { environments: environments as Readonly<Record<string, CheckEnvironment>> }),
  }));
