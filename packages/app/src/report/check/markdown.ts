import { toBroken, toFound, toShare, toSummary, toWords } from './report.ts';
import type { CheckReport, CheckedExpectation } from './report.ts';

const SAMPLES = 5;

export function toMarkdown(reports: readonly CheckReport[]): string {
  return reports.map(toSection).join('\n');
}

function toSection(report: CheckReport): string {
  const environment = report.environment === null ? '' : `, environment ${escape(report.environment)}`;
  return [
    `# ${escape(report.subject)} by ${escape(report.suite)}`,
    '',
    `**${escape(toSummary(report))}** (${report.at}${environment})`,
    '',
    '| outcome | expectation | severity | broken | share | found |',
    '|---|---|---|--:|--:|---|',
    ...report.results.map(toRow),
    '',
  ].join('\n');
}

function toRow(result: CheckedExpectation): string {
  const broken = toBroken(result);
  const counts =
    broken === null ? ['', ''] : [`${broken.unexpected} of ${broken.considered}`, toShare(broken.unexpected, broken.considered)];
  const cells = [result.outcome, toWords(result), result.expectation.severity, ...counts, result.note ?? toFound(result, SAMPLES)];
  return `| ${cells.map(escape).join(' | ')} |`;
}

/** A cell holds one line, and nothing in it may be taken for markup. */
function escape(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\`*_{}[\]<>|#~]/g, '\\$&');
}
