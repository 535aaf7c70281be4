import type { ProjectService } from '@pawl/engine';
import { z } from 'zod';
import { projectBody, toProject } from '../../project/parse.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';

const changeSchema = z.object({
  noun: z.enum(['check', 'feature', 'pipeline', 'trigger', 'gate', 'rollout', 'monitor']),
  name: z.string(),
  change: z.enum(['created', 'changed', 'unchanged']),
});

export function projectRoutes({ projects }: { readonly projects: ProjectService }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/apply',
      operation: 'project.apply',
      summary: "Makes the server match a project's files and says what it changed; a dry run only says it.",
      body: z.object({ project: projectBody, dry_run: z.boolean().default(false) }),
      response: z.object({ changes: z.array(changeSchema) }),
      handle: async ({ body, actor }) => ({ changes: await projects.apply(toProject(body.project), { dryRun: body.dry_run, actor }) }),
    }),
  ];
}
