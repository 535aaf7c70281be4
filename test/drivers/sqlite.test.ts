import { describe } from 'node:test';
import { openSqliteForTest } from '../../packages/drivers/conformance/harness.ts';
import { suites } from './suites.ts';

for (const [name, suite] of Object.entries(suites)) describe(`SQLite ${name}`, () => suite(openSqliteForTest));
