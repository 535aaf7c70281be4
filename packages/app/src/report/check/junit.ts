import { toBroken, toFound, toWords } from './report.ts';
import type { CheckReport, CheckedExpectation } from './report.ts';

const SAMPLES = 20;

/** JUnit's XML as CI systems read it: a suite a table, a case an expectation. A warning that failed is told, and is no failure. */
export function toJunit(reports: readonly CheckReport[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${reports.map(toSuite).join('\n')}\n</testsuites>\n`;
}

function toSuite(report: CheckReport): string {
  const decisive = report.results.filter((one) => one.expectation.severity === 'critical');
  const count = (outcome: string): number => decisive.filter((one) => one.outcome === outcome).length;
  const name = `${report.subject} by ${report.suite}`;
  return [
    `  <testsuite name="${escape(name)}" tests="${report.results.length}" failures="${count('failed')}" errors="${count('error')}" timestamp="${escape(report.at)}">`,
    ...report.results.map((result) => toCase(result, report.suite)),
    '  </testsuite>',
  ].join('\n');
}

function toCase(result: CheckedExpectation, suite: string): string {
  const open = `    <testcase classname="${escape(suite)}" name="${escape(toWords(result))}"`;
  if (result.outcome === 'passed') return `${open}/>`;
  const broken = toBroken(result);
  const counted = broken === null ? '' : `${broken.unexpected} of ${broken.considered} `;
  const message = result.note ?? (counted === '' ? `found ${toFound(result, SAMPLES)}` : `${counted}rows break it`);
  const details = escape(toFound(result, SAMPLES));
  if (result.expectation.severity !== 'critical')
    return `${open}>\n      <system-out>${escape(`${result.expectation.severity}: ${message}`)} ${details}</system-out>\n    </testcase>`;
  const kind = result.outcome === 'failed' ? 'failure' : 'error';
  return `${open}>\n      <${kind} message="${escape(message)}">${details}</${kind}>\n    </testcase>`;
}

/** XML 1.0 has no place for control characters, not even escaped. */
function escape(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- they are what is taken out
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '�')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
