import { describe } from 'node:test';
import { testCheckStore } from '../../packages/drivers/conformance/check.ts';
import { testDatabase } from '../../packages/drivers/conformance/database.ts';
import { testDatasetStore } from '../../packages/drivers/conformance/dataset.ts';
import { testEventStore } from '../../packages/drivers/conformance/event.ts';
import { testExperimentStore } from '../../packages/drivers/conformance/experiment.ts';
import { testFeatureStore } from '../../packages/drivers/conformance/feature.ts';
import { openPostgresForTest, openSqliteForTest } from '../../packages/drivers/conformance/harness.ts';
import { testLeaseStore } from '../../packages/drivers/conformance/lease.ts';
import { testRunStore } from '../../packages/drivers/conformance/run.ts';
import { freshDatabase } from '../support/postgres.ts';

const engines = { SQLite: openSqliteForTest, PostgreSQL: () => openPostgresForTest(freshDatabase) };

for (const [engine, open] of Object.entries(engines)) {
  describe(engine, () => {
    describe('database', () => testDatabase(open));
    describe('event', () => testEventStore(open));
    describe('lease', () => testLeaseStore(open));
    describe('dataset', () => testDatasetStore(open));
    describe('check', () => testCheckStore(open));
    describe('feature', () => testFeatureStore(open));
    describe('experiment', () => testExperimentStore(open));
    describe('run', () => testRunStore(open));
  });
}
