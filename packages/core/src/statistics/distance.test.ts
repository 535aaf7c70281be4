import { distances } from './distance.ts';
import { goldenTest } from './golden-cases.test.ts';

goldenTest('distances', distances);
