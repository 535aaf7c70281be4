import type { FastifyInstance } from 'fastify';
import { fault } from '@pawl/core';
import type { ProjectService } from '@pawl/engine';
import { z } from 'zod';
import { projectBody, toProject } from '../../project/parse.ts';
import { isProjectNoun, toProjectJsonSchema } from '../../project/json-schema.ts';
import { projectSchemas } from '../../project/schema.ts';
import { defineRoute } from './route.ts';
import type { Route } from './route.ts';

const changeSchema = z.object({
  noun: z.enum(['check', 'feature', 'pipeline', 'trigger', 'gate', 'registry', 'rollout', 'monitor']),
  name: z.string(),
  change: z.enum(['created', 'changed', 'unchanged']),
});

export function projectRoutes({ projects }: { readonly projects: ProjectService }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/apply',
      operation: 'project.apply',
      summary: 'Makes the server match the files of a project, and tells what it changed. What they no longer name stays.',
      body: z.object({ project: projectBody, dry_run: z.boolean().default(false).describe('Only tell.') }),
      response: z.object({ changes: z.array(changeSchema) }),
      handle: async ({ body, actor }) => ({ changes: await projects.apply(toProject(body.project), { dryRun: body.dry_run, actor }) }),
    }),
  ];
}

/** JSON Schemas of a project's files, by the folder they lie in, for editors: `/api/schemas/pipelines.json`. */
export function mountProjectSchemas(server: FastifyInstance): void {
  server.get('/schemas/:name', async (request) => {
    const { name } = request.params as { name: string };
    const noun = name.replace(/\.json$/, '');
    if (name === noun || !isProjectNoun(noun))
      throw fault('not_found', {
        what: `schema ${name}; there are ${Object.keys(projectSchemas)
          .map((one) => `${one}.json`)
          .join(', ')}`,
      });
    return toProjectJsonSchema(noun);
  });
}
