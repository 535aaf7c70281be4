import { z } from 'zod';
import { projectSchemas } from './schema.ts';

export type ProjectNoun = keyof typeof projectSchemas;

/** The JSON Schema of a project's files of one kind, for editors. */
export function toProjectJsonSchema(noun: ProjectNoun): object {
  return z.toJSONSchema(projectSchemas[noun], { io: 'input', unrepresentable: 'any' });
}

export function isProjectNoun(name: string): name is ProjectNoun {
  return Object.hasOwn(projectSchemas, name);
}
