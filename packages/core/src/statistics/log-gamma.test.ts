import { goldenTest } from './golden-cases.test.ts';
import { logGamma } from './log-gamma.ts';

goldenTest('logGamma', logGamma);
