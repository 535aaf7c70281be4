import type { AssessmentService } from '@pawl/engine';
import { assessmentOf, changeOf, toWireAssessment } from './assessment-wire.ts';
import { missingParameter } from './errors.ts';
import { defineMlflowRoute } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';
import { required } from './tracking-wire.ts';

/** What people and judges say of traces. */
export function assessmentRoutes({ assessments }: { readonly assessments: AssessmentService }): readonly MlflowRoute[] {
  const define = (operation: string, method: MlflowRoute['method'], path: string, handle: MlflowRoute['handle']): MlflowRoute =>
    defineMlflowRoute({ operation, method, version: '3.0', path: `/traces/:trace_id/assessments${path}`, handle });
  const traceOf = (input: MlflowInput): string => input.string('trace_id', required);
  const idOf = (input: MlflowInput): string => input.string('assessment_id', required);
  const toldOf = (input: MlflowInput): MlflowInput => {
    const told = input.message('assessment');
    if (told === undefined) throw missingParameter('assessment');
    return told;
  };

  return [
    define('createAssessment', 'POST', '', async (input) => {
      const made = await assessments.create(assessmentOf(toldOf(input), traceOf(input)), input.actor);
      return { assessment: toWireAssessment(made) };
    }),
    define('getAssessment', 'GET', '/:assessment_id', async (input) => ({
      assessment: toWireAssessment(await assessments.get(traceOf(input), idOf(input))),
    })),
    define('updateAssessment', 'PATCH', '/:assessment_id', async (input) => {
      const told = toldOf(input);
      if (!input.has('update_mask')) throw missingParameter('update_mask');
      const changed = await assessments.change(traceOf(input), idOf(input), changeOf(told, input.raw('update_mask')), input.actor);
      return { assessment: toWireAssessment(changed) };
    }),
    define('deleteAssessment', 'DELETE', '/:assessment_id', (input) => assessments.remove(traceOf(input), idOf(input), input.actor)),
  ];
}
