import type { Form } from './assertion.ts';
import { columnsOfCondition } from './condition/columns.ts';
import type { Expectation } from './types.ts';
import { toAssertion } from './vocabulary.ts';

/** The columns whose values an expectation reads; the names that a list of columns only mentions are not among them. */
export function columnsOf(expectation: Expectation): readonly string[] {
  const assertion = toAssertion(expectation);
  const limiting = assertion.where === null ? [] : columnsOfCondition(assertion.where);
  return [...new Set([...own(assertion), ...limiting])];
}

/** The table that an expectation is compared with: `name`, `name:version` or `previous`; undefined when it stands alone. */
export function referenceOf(expectation: Expectation): string | undefined {
  const assertion = toAssertion(expectation);
  return 'reference' in assertion ? assertion.reference : undefined;
}

function own(form: Form): readonly string[] {
  switch (form.form) {
    case 'pair':
    case 'pair_set':
    case 'association':
      return [form.a, form.b];
    case 'record':
    case 'record_sum':
    case 'unique':
      return form.columns;
    case 'row_count':
    case 'column_count':
    case 'same_row_count':
    case 'columns':
    case 'query':
    case 'broken':
      return [];
    default:
      return [form.column];
  }
}
