import type { ApprovalRule, ModelPolicy } from '@pawl/core';
import { z } from 'zod';
import { nameSchema } from '../schema/name.ts';
import { durationSchema } from './values.ts';

const WEEK_MS = 7 * 86_400_000;

const actorSchema = z
  .string()
  .regex(/^(\*|[a-z]+:[A-Za-z0-9._@*-]{1,64})$/, 'write an actor as it is recorded, such as user:ann or user:lead-*')
  .describe('An actor as it is recorded, such as user:ann; * stands for any characters.');

const approvalSchema = z
  .strictObject({
    by: z.array(actorSchema).min(1).max(100).describe('Who approves.'),
    four_eyes: z.boolean().default(true).describe('Whether somebody else than the requester must.'),
    expires: durationSchema.default(WEEK_MS).describe('A request that nobody has decided on by then is over.'),
  })
  .transform((rule): ApprovalRule => ({ approvers: rule.by, fourEyes: rule.four_eyes, expiresMs: rule.expires }));

/** How versions of a model move, for people and programs. */
export const registryFile = z
  .strictObject({
    model: nameSchema,
    approvals: z
      .strictObject({
        Staging: approvalSchema.optional(),
        Production: approvalSchema.optional(),
        Archived: approvalSchema.optional(),
      })
      .default({})
      .describe('Stages that a version enters only when an approver grants it.'),
    aliases: z
      .array(z.string().regex(/^[\p{L}\p{N}_*-]{1,255}$/u, 'use letters, digits, _, - and *'))
      .max(100)
      .default(['champion', 'production'])
      .describe('Aliases, in any case, that mean what is in Production and follow its rules.'),
    force: z.array(actorSchema).max(100).default([]).describe('Who may overrule the gate, with a reason.'),
    max_in_production: z.number().int().min(1).max(100).default(1).describe('Versions in Production at once.'),
  })
  .superRefine((file, context) => {
    for (const [stage, rule] of Object.entries(file.approvals))
      if (rule !== undefined && rule.expiresMs < 1000)
        context.addIssue({ code: 'custom', path: ['approvals', stage, 'expires'], message: 'leave approvers at least a second' });
  })
  .transform((file): ModelPolicy => {
    const { Staging, Production, Archived } = file.approvals;
    return {
      model: file.model,
      approvals: {
        ...(Staging === undefined ? {} : { Staging }),
        ...(Production === undefined ? {} : { Production }),
        ...(Archived === undefined ? {} : { Archived }),
      },
      aliases: file.aliases,
      force: file.force,
      mostInProduction: file.max_in_production,
    };
  });
