import { toBroken, toFound, toShare, toSummary, toWords } from './report.ts';
import type { CheckReport, CheckedExpectation } from './report.ts';

const SAMPLES = 20;

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2733;background:#fff}
h1{font-size:1.3rem;margin:2rem 0 .2rem}p{margin:.2rem 0 1rem;color:#52606d}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #e4e7eb;vertical-align:top}th{color:#52606d;font-weight:600}
td.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}code{font-size:.9em;overflow-wrap:anywhere}
.passed{color:#0a7a4b}.failed{color:#b42318}.error{color:#9a5b00}td:first-child{font-weight:600}tr.passed td{color:#52606d}tr.passed td:first-child{color:#0a7a4b}
@media(prefers-color-scheme:dark){body{background:#12181f;color:#e4e7eb}th,p,tr.passed td{color:#9aa5b1}th,td{border-color:#2b3640}.passed,tr.passed td:first-child{color:#4ade9a}.failed{color:#ff8a80}.error{color:#ffc266}}`;

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
<table><thead><tr><th>Outcome</th><th>Expectation</th><th>Severity</th><th>Broken</th><th>Share</th><th>Found</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`;
}

function toRow(result: CheckedExpectation): string {
  const broken = toBroken(result);
  const [count, share] =
    broken === null ? ['', ''] : [`${broken.unexpected} of ${broken.considered}`, toShare(broken.unexpected, broken.considered)];
  return `<tr class="${result.outcome}"><td class="${result.outcome}">${result.outcome}</td><td><code>${escape(toWords(result))}</code></td><td>${result.expectation.severity}</td><td class="number">${count}</td><td class="number">${escape(share)}</td><td>${escape(result.note ?? toFound(result, SAMPLES))}</td></tr>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
