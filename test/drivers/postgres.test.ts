import { describe } from 'node:test';
import { openPostgresForTest } from '../../packages/drivers/conformance/harness.ts';
import { freshDatabase } from '../support/postgres.ts';
import { suites } from './suites.ts';

for (const [name, suite] of Object.entries(suites)) describe(`PostgreSQL ${name}`, () => suite(() => openPostgresForTest(freshDatabase)));
