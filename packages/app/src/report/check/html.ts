import { toBroken, toFound, toShare, toSummary, toWords } from './report.ts';
import type { CheckReport, CheckedExpectation } from './report.ts';

const SAMPLES = 20;

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:84rem;padding:0 1rem;color:#1c2733;background:#fff}
h1{font-size:1.3rem;margin:2rem 0 .2rem}p{margin:.2rem 0 1rem;color:#52606d}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #e4e7eb;vertical-align:top}th{color:#52606d;font-weight:600}
th.number,td.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}code{font-size:.9em;overflow-wrap:break-word}
table{table-layout:fixed}td{overflow-wrap:break-word}.outcome{width:4.5rem}.severity{width:4.5rem}.broken{width:11rem}.share{width:4.5rem}.expectation{width:30%}
@media(max-width:50rem){table{table-layout:auto}}
.passed{color:#0a7a4b}.failed{color:#b42318}.error{color:#9a5b00}td:first-child{font-weight:600}tr.met td{color:#52606d}tr td.passed{color:#0a7a4b}
@media(prefers-color-scheme:dark){body{background:#12181f;color:#e4e7eb}th,p,tr.met td{color:#9aa5b1}th,td{border-color:#2b3640}.passed,tr td.passed{color:#4ade9a}.failed{color:#ff8a80}.error{color:#ffc266}}`;

/** One page that needs nothing else; what did not pass stands first. */
export function toHtml(reports: readonly CheckReport[]): string {
  const title = reports.length === 1 && reports[0] !== undefined ? `${reports[0].subject} by ${reports[0].suite}` : 'Checks';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body>
${reports.map(toSection).join('\n')}
</body></html>
`;
}

const RANK: Readonly<Record<string, number>> = { failed: 0, error: 1, passed: 2 };

function toSection(report: CheckReport): string {
  const rows = report.results.toSorted((a, b) => (RANK[a.outcome] ?? 0) - (RANK[b.outcome] ?? 0)).map(toRow);
  const environment = report.environment === null ? '' : ` · environment ${escape(report.environment)}`;
  return `<h1>${escape(report.subject)} by ${escape(report.suite)}</h1>
<p><strong class="${report.verdict}">${escape(toSummary(report))}</strong> · <time>${escape(report.at)}</time>${environment}</p>
<table><thead><tr><th class="outcome">Outcome</th><th class="expectation">Expectation</th><th class="severity">Severity</th><th class="number broken">Broken</th><th class="number share">Share</th><th>Found</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`;
}

function toRow(result: CheckedExpectation): string {
  const broken = toBroken(result);
  const [count, share] =
    broken === null
      ? ['', '']
      : [`${toCount(broken.unexpected)} of ${toCount(broken.considered)}`, toShare(broken.unexpected, broken.considered)];
  return `<tr${result.outcome === 'passed' ? ' class="met"' : ''}><td class="${result.outcome}">${result.outcome}</td><td><code>${escape(toWords(result))}</code></td><td>${result.expectation.severity}</td><td class="number">${count}</td><td class="number">${escape(share)}</td><td>${escape(result.note ?? toFound(result, SAMPLES))}</td></tr>`;
}

function toCount(count: number): string {
  return count.toLocaleString('en-US');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
