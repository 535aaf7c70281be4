import { goldenTest } from './golden-cases.test.ts';
import { mcnemarExact } from './mcnemar.ts';

goldenTest('mcnemarExact', mcnemarExact);
