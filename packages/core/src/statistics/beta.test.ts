import { betaTails } from './beta.ts';
import { goldenTest } from './golden-cases.test.ts';

goldenTest('betaTails', (x: number, a: number, b: number) => betaTails(x, a, b));
