import { createTables } from '@pawl/drivers';
import { testTableChecks } from '../../packages/drivers/conformance/table-checks.ts';
import { testTables } from '../../packages/drivers/conformance/tables.ts';

testTables('duckdb', () => createTables({ threads: 2, memoryLimit: '1GB' }));
testTables('duckdb, one thread', () => createTables({ threads: 1 }));
testTableChecks('duckdb', () => createTables({ threads: 2, memoryLimit: '1GB' }));
