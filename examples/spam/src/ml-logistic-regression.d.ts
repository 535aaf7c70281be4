/** The part of ml-logistic-regression 2.0.0 that this project uses; the package ships no types. */
declare module 'ml-logistic-regression' {
  import type { Matrix } from 'ml-matrix';

  export interface TwoClasses {
    /** 1 × columns, after training. */
    readonly weights: Matrix;
    train(features: Matrix, target: Matrix): void;
    /** Probability of class 1, a number a row. */
    testScores(features: Matrix): number[];
  }

  export default class LogisticRegression {
    readonly classifiers: readonly TwoClasses[];
    static load(model: {
      readonly name: 'LogisticRegression';
      readonly numSteps: number;
      readonly learningRate: number;
      readonly numberClasses: number;
      readonly classifiers: readonly {
        readonly numSteps: number;
        readonly learningRate: number;
        readonly weights?: readonly (readonly number[])[];
      }[];
    }): LogisticRegression;
  }
}
