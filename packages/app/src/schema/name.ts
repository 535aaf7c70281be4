import { z } from 'zod';

export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'use letters, digits, dot, dash and underscore, at most 128')
  .describe('A name: letters, digits, dot, dash, underscore.');
