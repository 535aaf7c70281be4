import type { Look } from './context.ts';
import { formatCount, plural } from './format.ts';
import { toBroken, toFound, toShare, toWords } from '../report/check/report.ts';
import type { CheckReport } from '../report/check/report.ts';
import { toTable } from './table.ts';
import { paint } from './text.ts';
import type { Style } from './text.ts';

const SAMPLES = 5;
/** Of one argument or sample; reports hold them whole. */
const LONGEST = 60;

/** A verdict for a terminal: one line, then an expectation a row. */
export function toCheckTable(report: CheckReport, look: Look): string {
  const style = (outcome: string): Style => (outcome === 'passed' ? 'good' : 'bad');
  const failed = report.results.filter((one) => one.outcome !== 'passed').length;
  const all = plural(report.results.length, 'expectation');
  const where = report.environment === null ? '' : ` in ${report.environment}`;
  const title = `${report.subject} by ${report.suite}${where}: ${paint(report.verdict, style(report.verdict), look.color)} (${failed === 0 ? all : `${formatCount(failed)} of ${all} not met`})`;
  const table = toTable(
    report.results,
    [
      { title: 'OUTCOME', value: (one) => one.outcome, style: (one) => style(one.outcome) },
      { title: 'EXPECTATION', value: (one) => toWords(one, LONGEST) },
      { title: 'SEVERITY', value: (one) => one.expectation.severity },
      {
        title: 'BROKEN',
        value: (one) => {
          const broken = toBroken(one);
          return broken === null ? null : `${formatCount(broken.unexpected)} of ${formatCount(broken.considered)}`;
        },
        align: 'right',
      },
      {
        title: 'SHARE',
        value: (one) => {
          const broken = toBroken(one);
          return broken === null || broken.unexpected === 0 ? null : toShare(broken.unexpected, broken.considered);
        },
        align: 'right',
      },
      { title: 'FOUND', value: (one) => one.note ?? toFound(one, SAMPLES, LONGEST) },
    ],
    look,
  );
  return `${title}\n${table}`;
}
