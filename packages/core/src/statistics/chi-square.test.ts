import { chiSquareLogSf, chiSquareSf } from './chi-square.ts';
import { goldenTest } from './golden-cases.test.ts';

goldenTest('chiSquareSf', chiSquareSf);
goldenTest('chiSquareLogSf', chiSquareLogSf);
